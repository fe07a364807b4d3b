/** One price: what it says, the versions around it, and what a past month would have come to had it been another. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { parseDecimal } from '#core/domain/money.ts';
import { groupDecimal } from '../../lib/money.ts';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Price, WhatIf } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { amountCell, byAmount, byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, SelectField, TextField } from '../../ui/controls.tsx';
import { Id, Time } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { Empty, ErrorBox, Loading } from '../../ui/states.tsx';
import { Facts, Form, Note, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { useNames } from './names.ts';
import css from './tiers.module.css';
import { priceWords, scaled, whose } from './words.ts';

const route = getRouteApi('/tiers');
const MONTHS_BACK = 12;

export function PriceDrawer() {
  const { price: id } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const query = useQuery(orpc.prices.list.queryOptions({ input: {} }));
  const price = query.data?.items.find((one) => one.id === id);
  const close = (): void => void navigate({ to: '/tiers', search: (all) => all });
  return (
    <Drawer name="price" title={price ? `Price of ${price.meter}` : 'Price'} onClose={close} wide>
      {query.error && !query.data && <ErrorBox error={query.error} money="This only reads: nothing was changed." />}
      {query.isPending && <Loading label="Reading the price" />}
      {query.data && !price && (
        <Empty title="No price has this id">It may be of another workspace. Nothing was changed.</Empty>
      )}
      {price && <Detail price={price} versions={query.data?.items ?? []} />}
    </Drawer>
  );
}

function Detail({ price, versions }: { price: Price; versions: readonly Price[] }) {
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const names = useNames();
  const meter = meters.data?.items.find(({ key }) => key === price.meter);
  const others = versions.filter(
    (one) =>
      one.id !== price.id && one.meter === price.meter && one.plan === price.plan && one.customer === price.customer,
  );
  return (
    <div className={css['stack']}>
      <Facts
        left
        rows={[
          ['For', whose(price, names)],
          ['Price', priceWords(price, meter)],
          ['Rounding', price.rounding],
          [
            'Minimum a month',
            price.minimumMinor === '0' ? 'none' : <Amount minor={price.minimumMinor} asset={price.asset} inline />,
          ],
          ['In force from', price.effectiveFromMs === 0 ? 'the beginning' : <Time ms={price.effectiveFromMs} />],
          ['Version', `${price.version}, by ${price.createdBy}`],
          ['Id', <Id key="id" id={price.id} />],
        ]}
      />
      {others.length > 0 && (
        <Panel title="Other versions" padded>
          <Facts left rows={others.map((one) => [`Version ${one.version}`, priceWords(one, meter)] as const)} />
        </Panel>
      )}
      <WhatIfPanel price={price} />
    </div>
  );
}

/** Calendar months in UTC up to the present one, the newest first. */
function monthsUpTo(nowMs: number): string[] {
  const now = new Date(nowMs);
  return Array.from({ length: MONTHS_BACK }, (_, back) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1)).toISOString().slice(0, 7),
  );
}

/** A signed percentage of at most two decimals as ten thousandths, above −100 %. */
function readChange(typed: string): number | null {
  const value = parseDecimal(typed.trim().replace('−', '-'), 2);
  return typeof value === 'bigint' && value > -10_000n && value <= 1_000_000n ? Number(value) : null;
}

function WhatIfPanel({ price }: { price: Price }) {
  const day = Math.floor(useNow() / 86_400_000);
  const months = useMemo(() => monthsUpTo(day * 86_400_000), [day]);
  const [month, setMonth] = useState(months[0] ?? '');
  const [typed, setTyped] = useState('10');
  const [asked, setAsked] = useState<Readonly<{ month: string; basisPoints: number }> | null>(null);
  const basisPoints = readChange(typed);
  const query = useQuery({
    ...orpc.quotes.whatIf.queryOptions({
      input: {
        month: asked?.month ?? month,
        meter: price.meter,
        plan: price.plan,
        customer: price.customer,
        asset: price.chargedIn ?? price.asset,
        model: scaled(price.model, asked?.basisPoints ?? 0),
        rounding: price.rounding,
        minimumMinor: price.minimumMinor,
        limit: 200,
      },
    }),
    enabled: asked !== null,
    retry: false,
  });
  return (
    <Panel title="What if" padded>
      <div className={css['stack']}>
        <Form onSubmit={() => basisPoints !== null && setAsked({ month, basisPoints })}>
          <div className={css['ask']}>
            <SelectField
              label="In this month"
              value={month}
              onChange={setMonth}
              options={months.map((value) => ({ value, label: value }))}
            />
            <TextField
              label="Per cent more or less"
              inputMode="decimal"
              autoComplete="off"
              value={typed}
              onChange={setTyped}
              problem={basisPoints === null ? 'Write a number such as 10 or -5.' : undefined}
            />
            <Button submit busy={query.isFetching} disabled={basisPoints === null}>
              Compare
            </Button>
          </div>
        </Form>
        {query.error && <ErrorBox error={query.error} money="Nothing was booked: it only compares." />}
        {asked && query.data && !query.error && <Compared result={query.data} asset={price.chargedIn ?? price.asset} />}
      </div>
    </Panel>
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

function Compared({ result, asset }: { result: WhatIf; asset: string }) {
  const columns = useMemo(() => columnsIn(asset), [asset]);
  const { customers, more, less, otherAsset } = result;
  return (
    <>
      <Note>
        {customers} customers: {more} would pay more, {less} less. Nothing is booked.
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
        empty={<Empty title="Nobody used it in that month">Choose a month with usage that this price rated.</Empty>}
      />
    </>
  );
}
