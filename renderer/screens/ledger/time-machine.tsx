/** The books of another instant: every account then, and what came between then and now for one balance. */
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { useNow } from '../../lib/now.ts';
import { useZone } from '../../lib/preferences.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Outputs } from '../../lib/rpc.ts';
import { absoluteTime } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell, byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Chips, SelectField } from '../../ui/controls.tsx';
import { Id, Time } from '../../ui/marks.tsx';
import { Empty, ErrorBox } from '../../ui/states.tsx';
import { Panel, Sub } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { Accounts } from './accounts.tsx';
import { instantOf, oldSideOf, rangeOf } from './instants.ts';
import type { By, Span } from './instants.ts';
import css from './ledger.module.css';

const route = getRouteApi('/ledger');
const CUSTOMERS = 200;
/** The slider moves by the hand; the books are asked when it rests. */
const REST_MS = 150;

export function TimeMachine() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const zone = useZone();
  const minute = Math.floor(useNow() / 60_000) * 60_000;
  const { by = 'happened', span = 'month' } = search;
  const { fromMs, toMs, stepMs } = rangeOf(span, minute);
  const atMs = Math.min(toMs, Math.max(fromMs, search.at ?? toMs - Math.round((toMs - fromMs) / stepMs / 4) * stepMs));
  const set = (next: Partial<typeof search>): void =>
    void navigate({ to: '/ledger', search: (all) => ({ ...all, ...next }), replace: true });
  const at = instantOf(by, atMs);
  const when = absoluteTime(atMs, zone);
  return (
    <>
      <Panel label="Instant" padded>
        <div className={css['machine']}>
          <Chips<By>
            label="Which books"
            value={by}
            options={[
              { value: 'happened', label: 'What had happened by then' },
              { value: 'known', label: 'What was known then' },
            ]}
            onChange={(next) => set({ by: next })}
          />
          <Chips<Span>
            label="How far back"
            value={span}
            options={[
              { value: 'day', label: '24 hours' },
              { value: 'month', label: '30 days' },
              { value: 'year', label: '12 months' },
            ]}
            onChange={(next) => set({ span: next, at: undefined })}
          />
          <Slider
            key={`${span} ${atMs}`}
            {...{ fromMs, toMs, stepMs, atMs, when }}
            onRest={(next) => set({ at: next })}
          />
        </div>
      </Panel>
      <div className={css['then']}>
        <Difference by={by} atMs={atMs} when={when} />
        <Accounts at={at} title={`Accounts on ${when}`} />
      </div>
    </>
  );
}

type SliderProps = Readonly<{
  fromMs: number;
  toMs: number;
  stepMs: number;
  atMs: number;
  when: string;
  onRest: (atMs: number) => void;
}>;

function Slider({ fromMs, toMs, stepMs, atMs, when, onRest }: SliderProps) {
  const zone = useZone();
  const [held, setHeld] = useState(atMs);
  const [timer, setTimer] = useState<ReturnType<typeof setTimeout>>();
  return (
    <div className={css['slider']}>
      <input
        type="range"
        aria-label="Instant"
        aria-valuetext={held === atMs ? when : absoluteTime(held, zone)}
        min={fromMs}
        max={toMs}
        step={stepMs}
        value={held}
        onChange={(event) => {
          const next = event.target.valueAsNumber;
          setHeld(next);
          clearTimeout(timer);
          setTimer(setTimeout(() => onRest(next), REST_MS));
        }}
      />
      <strong>{absoluteTime(held, zone)}</strong>
    </div>
  );
}

type Item = Outputs['ledger']['diff']['items'][number];

const columnsIn = (asset: string): Column<Item>[] => [
  {
    id: 'happened',
    title: 'Happened',
    width: '112px',
    text: (row) => String(row.happenedMs ?? ''),
    cell: (row) => (row.happenedMs === null ? <Dash /> : <Time ms={row.happenedMs} />),
  },
  {
    id: 'kind',
    title: 'What',
    width: '104px',
    sort: byText((row) => row.kind),
    text: (row) => row.kind,
    cell: (row) => row.kind,
  },
  {
    id: 'memo',
    title: 'Of',
    text: (row) => row.meter ?? row.memo,
    cell: (row) => <span title={row.memo}>{row.meter ?? (row.memo === '' ? (row.id ?? '') : row.memo)}</span>,
  },
  {
    id: 'events',
    title: 'Events',
    end: true,
    width: '72px',
    text: (row) => String(row.events),
    cell: (row) => (row.events === 0 ? <Dash /> : row.events),
  },
  {
    id: 'transaction',
    title: 'Transaction',
    width: '136px',
    text: (row) => row.transaction ?? '',
    cell: (row) => (row.transaction === null ? <Dash /> : <Id id={row.transaction} label="transaction" />),
  },
  {
    id: 'amount',
    title: 'Moved',
    end: true,
    width: '168px',
    text: (row) => amountCell(row.amountMinor, asset),
    cell: (row) => <Amount minor={row.amountMinor} asset={asset} precision="short" signed />,
  },
];

/** Whose balance: a customer and one of the assets it has. */
function useWhose() {
  const { customer, asset } = route.useSearch();
  const customers = useQuery(orpc.customers.list.queryOptions({ input: { limit: CUSTOMERS } }));
  const rows = customers.data?.items ?? [];
  const chosen = rows.find((row) => row.customer.id === customer) ?? rows.find((row) => row.balances.length > 0);
  const assets = chosen?.balances.map((balance) => balance.asset) ?? [];
  return {
    error: customers.error,
    rows,
    customer: chosen?.customer.id,
    assets,
    asset: assets.find((one) => one === asset) ?? assets[0],
  };
}

function Difference({ by, atMs, when }: { by: By; atMs: number; when: string }) {
  const navigate = route.useNavigate();
  const { rows, customer, assets, asset, error } = useWhose();
  const set = (next: { customer?: string; asset?: string }): void =>
    void navigate({ to: '/ledger', search: (all) => ({ ...all, ...next }), replace: true });
  return (
    <Panel title="What came since" aside={<Sub>Against now; what is not posted yet is in neither.</Sub>}>
      <div className={css['whose']}>
        <SelectField
          label="Balance of"
          value={customer ?? ''}
          onChange={(next) => set({ customer: next })}
          options={rows.map((row) => ({ value: row.customer.id, label: row.customer.name }))}
        />
        <SelectField
          label="In"
          value={asset ?? ''}
          onChange={(next) => set({ asset: next })}
          options={assets.map((one) => ({ value: one, label: one.split('/')[0] ?? one }))}
        />
      </div>
      {error && <ErrorBox error={error} money="This only reads: nothing was charged or changed." />}
      {customer && asset && <Came customer={customer} asset={asset} by={by} atMs={atMs} when={when} />}
      {rows.length > 0 && !asset && (
        <Empty title="Nobody has a balance yet">A grant or some usage opens the first one.</Empty>
      )}
    </Panel>
  );
}

const PARTS = { posted: 'Balance', held: 'Held', receivable: 'Receivable', total: 'Total' } as const;

type CameProps = Readonly<{ customer: string; asset: string; by: By; atMs: number; when: string }>;

function Came({ customer, asset, by, atMs, when }: CameProps) {
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(
    orpc.ledger.diff.infiniteOptions({
      ...paging,
      placeholderData: keepPreviousData,
      input: (cursor: string | undefined) => ({ limit: 100, cursor, customer, asset, ...oldSideOf(by, atMs) }),
    }),
  );
  const parts = query.data?.pages[0]?.parts ?? [];
  return (
    <>
      <dl className={css['parts']}>
        {parts.map(({ part, oldMinor, newMinor, differenceMinor }) => (
          <div key={part}>
            <dt>{PARTS[part]}</dt>
            <dd>
              <Amount minor={oldMinor} asset={asset} precision="short" hideAsset inline /> →{' '}
              <Amount minor={newMinor} asset={asset} precision="short" inline />
            </dd>
            <dd>
              <Amount minor={differenceMinor} asset={asset} precision="short" signed hideAsset inline />
            </dd>
          </div>
        ))}
      </dl>
      <Table
        name="time machine"
        {...listOf(query)}
        columns={columnsIn(asset)}
        fixed
        maxHeight={460}
        rowKey={(row) => `${row.part} ${row.transaction ?? ''} ${row.id ?? ''} ${row.memo} ${row.amountMinor}`}
        onOpen={(row) =>
          row.transaction !== null &&
          void navigate({
            to: '/ledger/$transaction',
            params: { transaction: row.transaction },
            search: (all) => all,
          })
        }
        empty={
          <Empty
            title={`Nothing came since ${when}`}
            command={`npx tollkeeper ledger diff --customer ${customer} --asset ${asset}`}
          >
            The balance is what it was.
          </Empty>
        }
      />
    </>
  );
}
