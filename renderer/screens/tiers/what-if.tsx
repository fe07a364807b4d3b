/**
 * What a past period would have come to had a price been another: a job that goes on when the drawer is closed. Books
 * nothing.
 */
import { useMemo, useState, useSyncExternalStore } from 'react';
import { parseDecimal } from '#core/domain/money.ts';
import { groupDecimal } from '../../lib/money.ts';
import { useNow } from '../../lib/now.ts';
import { perMille } from '../../lib/plot.ts';
import type { Price, WhatIf } from '../../lib/shapes.ts';
import { compareUnder, whatIfJob } from '../../lib/what-if-job.ts';
import { Amount } from '../../ui/amount.tsx';
import { amountCell, byAmount, byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Empty, ErrorBox, Job } from '../../ui/states.tsx';
import { Form, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { dayOf, monthsUpTo, otherDays } from './period.ts';
import css from './tiers.module.css';
import { scaled } from '../../lib/price-words.ts';

/** A signed percentage of at most two decimals as ten thousandths, above −100 %. */
function readChange(typed: string): number | null {
  const value = parseDecimal(typed.trim().replace('−', '-'), 2);
  return typeof value === 'bigint' && value > -10_000n && value <= 1_000_000n ? Number(value) : null;
}

type Props = Readonly<{
  price: Price;
  /** The price is a draft itself: it is compared as it stands, not by a percentage. */
  isDraft?: boolean;
}>;

export function WhatIfPanel({ price, isDraft = false }: Props) {
  const state = useSyncExternalStore(whatIfJob.subscribe, whatIfJob.get);
  const asset = price.chargedIn ?? price.asset;
  const isMine = state.kind !== 'idle' && state.about.price === price.id;
  return (
    <Panel title="What if" padded>
      <div className={css['stack']}>
        <Ask price={price} isDraft={isDraft} isBusy={state.kind === 'running'} />
        {state.kind === 'running' && isMine && (
          <Job
            label={`Comparing ${state.about.words}`}
            perMille={state.step ? perMille(BigInt(state.step.checked), BigInt(state.step.total)) : 0}
            detail={state.step ? `${groupDecimal(state.step.checked)} of ${groupDecimal(state.step.total)} rows` : ''}
            onCancel={() => whatIfJob.cancel()}
          />
        )}
        {state.kind === 'running' && !isMine && <Note>Another price is being compared; this one can follow.</Note>}
        {state.kind === 'cancelled' && isMine && <Note>The comparison was ended. Nothing was booked.</Note>}
        {state.kind === 'failed' && isMine && (
          <ErrorBox error={state.error} money="Nothing was booked: it only compares." />
        )}
        {state.kind === 'done' && isMine && state.step.result && (
          <Compared result={state.step.result} asset={asset} words={state.about.words} />
        )}
      </div>
    </Panel>
  );
}

const OTHER = 'other';

/** Which days, and what the price would have been. */
function Ask({ price, isDraft, isBusy }: Required<Props> & { isBusy: boolean }) {
  const day = Math.floor(useNow() / 86_400_000);
  const months = useMemo(() => monthsUpTo(day * 86_400_000), [day]);
  const [choice, setChoice] = useState(months[0]?.from ?? OTHER);
  const [first, setFirst] = useState(months[0]?.from ?? '');
  const [last, setLast] = useState(dayOf(day * 86_400_000));
  const [typed, setTyped] = useState('10');
  const basisPoints = isDraft ? 0 : readChange(typed);
  const days = choice === OTHER ? otherDays(first, last) : months.find(({ from }) => from === choice);
  const start = (): void => {
    if (basisPoints === null || !days) return;
    const words = isDraft ? `${days.words} under the draft` : `${days.words} with ${typed.trim()} %`;
    const draft = { model: scaled(price.model, basisPoints), rounding: price.rounding };
    void compareUnder(
      { price: price.id, words, href: window.location.pathname },
      { ...price, ...draft, from: days.from, to: days.to },
    );
  };
  return (
    <Form onSubmit={start}>
      <div className={css['ask']}>
        <SelectField
          label="In this time"
          value={choice}
          onChange={setChoice}
          options={[
            ...months.map(({ from, words }) => ({ value: from, label: words })),
            { value: OTHER, label: 'Other days' },
          ]}
        />
        {choice === OTHER && (
          <>
            <TextField label="First day (UTC)" type="date" value={first} onChange={setFirst} />
            <TextField
              label="Last day (UTC)"
              type="date"
              value={last}
              onChange={setLast}
              problem={days ? undefined : 'Choose a day that is not before the first.'}
            />
          </>
        )}
        {!isDraft && (
          <TextField
            label="Per cent more or less"
            inputMode="decimal"
            autoComplete="off"
            value={typed}
            onChange={setTyped}
            problem={basisPoints === null ? 'Write a number such as 10 or -5.' : undefined}
          />
        )}
        <Button submit busy={isBusy} disabled={basisPoints === null || !days}>
          Compare
        </Button>
      </div>
    </Form>
  );
}

type Row = WhatIf['items'][number];

const columnsIn = (asset: string): Column<Row>[] => [
  { id: 'name', title: 'Customer', sort: byText((row) => row.name), text: (row) => row.name, cell: (row) => row.name },
  { id: 'quantity', title: 'Used', end: true, text: (row) => row.quantity, cell: (row) => groupDecimal(row.quantity) },
  {
    id: 'old',
    title: 'Was',
    end: true,
    sort: byAmount((row) => ({ asset, minor: row.oldMinor })),
    text: (row) => amountCell(row.oldMinor, asset),
    cell: (row) => <Amount minor={row.oldMinor} asset={asset} precision="short" hideAsset />,
  },
  {
    id: 'new',
    title: 'Would be',
    end: true,
    sort: byAmount((row) => ({ asset, minor: row.newMinor })),
    text: (row) => amountCell(row.newMinor, asset),
    cell: (row) => <Amount minor={row.newMinor} asset={asset} precision="short" hideAsset />,
  },
  {
    id: 'difference',
    title: 'Difference',
    end: true,
    sort: byAmount((row) => ({ asset, minor: row.differenceMinor })),
    text: (row) => amountCell(row.differenceMinor, asset),
    cell: (row) => <Amount minor={row.differenceMinor} asset={asset} precision="short" signed />,
  },
];

function Compared({ result, asset, words }: { result: WhatIf; asset: string; words: string }) {
  const columns = useMemo(() => columnsIn(asset), [asset]);
  const { customers, more, less, otherAsset } = result;
  return (
    <>
      <Note>
        In {words}, {customers} customers: {more} would pay more, {less} less. Nothing is booked.
        {otherAsset > 0 && ` ${otherAsset} were charged in another asset and cannot be compared.`}
      </Note>
      <Table
        name="what if"
        rows={result.items}
        columns={columns}
        rowKey={(row) => row.customer}
        maxHeight={420}
        totals={{
          name: 'All customers',
          old: <Amount minor={result.oldMinor} asset={asset} precision="short" hideAsset />,
          new: <Amount minor={result.newMinor} asset={asset} precision="short" hideAsset />,
          difference: <Amount minor={result.differenceMinor} asset={asset} precision="short" signed />,
        }}
        empty={<Empty title="Nobody used it then">Choose a time with usage that this price rated.</Empty>}
      />
    </>
  );
}
