/** What do we charge, and what if? */
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import { groupDecimal } from '../../lib/money.ts';
import type { Meter, Plan, Price } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell, byAmount, byNumber, byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Chips, buttonClass } from '../../ui/controls.tsx';
import { Status, Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { Discounts } from './discounts.tsx';
import { useCustomerNames } from '../../lib/customer-names.ts';
import { Rates } from './rates.tsx';
import type { TierPart } from './tabs.ts';
import css from './tiers.module.css';
import { priceWords, whose } from '../../lib/price-words.ts';

const route = getRouteApi('/tiers');

export function TiersScreen() {
  const { part } = route.useSearch();
  const may = useMay('prices:write');
  const navigate = route.useNavigate();
  const chips = (
    <Chips<TierPart>
      label="What"
      value={part}
      options={[
        { value: undefined, label: 'Prices' },
        { value: 'plans', label: 'Plans' },
        { value: 'discounts', label: 'Discounts' },
        { value: 'rates', label: 'Rates' },
      ]}
      onChange={(next) => void navigate({ to: '/tiers', search: { part: next }, replace: true })}
    />
  );
  return (
    <>
      <Page
        title="Tiers"
        actions={
          <>
            {may && (
              <Link className={buttonClass()} to="/tiers/prices/new" search={(all) => all}>
                New price
              </Link>
            )}
            <Link className={buttonClass('primary')} to="/tiers/quote" search={(all) => all}>
              Quote
            </Link>
          </>
        }
      >
        <Part part={part} chips={chips} />
      </Page>
      <Outlet />
    </>
  );
}

function Part({ part, chips }: { part: TierPart | undefined; chips: ReactNode }) {
  switch (part) {
    case 'plans':
      return <Plans chips={chips} />;
    case 'discounts':
      return <Discounts chips={chips} />;
    case 'rates':
      return <Rates chips={chips} />;
    case undefined:
      return <Prices chips={chips} />;
  }
}

/** A price with what a row needs to know of the others: whether it is the one in force. */
type PriceRow = Readonly<{ price: Price; state: 'in force' | 'to come' | 'replaced'; words: string; whose: string }>;

/** Newest first within its scope: the first that has begun is in force, those before it are to come. */
function rowsOf(
  prices: readonly Price[],
  meters: ReadonlyMap<string, Meter>,
  names: ReadonlyMap<string, string>,
  nowMs: number,
): PriceRow[] {
  const inForce = new Set<string>();
  const rows = prices.map((price): PriceRow => {
    const scope = `${price.meter}|${price.plan}|${price.customer}`;
    const hasBegun = price.effectiveFromMs <= nowMs;
    const state = !hasBegun ? 'to come' : inForce.has(scope) ? 'replaced' : 'in force';
    if (state === 'in force') inForce.add(scope);
    return { price, state, words: priceWords(price, meters.get(price.meter)), whose: whose(price, names) };
  });
  // Within a scope they stay newest first.
  return rows.sort((a, b) => a.price.meter.localeCompare(b.price.meter, 'en') || a.whose.localeCompare(b.whose, 'en'));
}

function State({ state }: { state: PriceRow['state'] }) {
  if (state === 'in force')
    return (
      <Status tone="good" shape="check">
        In force
      </Status>
    );
  return (
    <Status tone={state === 'to come' ? 'info' : 'quiet'} shape={state === 'to come' ? 'half' : 'ring'}>
      {state === 'to come' ? 'To come' : 'Replaced'}
    </Status>
  );
}

const PRICE_COLUMNS: readonly Column<PriceRow>[] = [
  {
    id: 'meter',
    title: 'Meter',
    sort: byText((row) => row.price.meter),
    text: (row) => row.price.meter,
    cell: (row) => (
      <Link to="/tiers/prices/$price" params={{ price: row.price.id }} search={(all) => all}>
        <code>{row.price.meter}</code>
      </Link>
    ),
  },
  {
    id: 'whose',
    title: 'For',
    sort: byText((row) => row.whose),
    text: (row) => row.whose,
    cell: (row) => row.whose,
  },
  {
    id: 'state',
    title: 'State',
    sort: byText((row) => row.state),
    text: (row) => row.state,
    cell: (row) => <State state={row.state} />,
  },
  {
    id: 'price',
    title: 'Price',
    text: (row) => row.words,
    cell: (row) => (
      <span className={css['words']} title={row.words}>
        {row.words}
      </span>
    ),
  },
  {
    id: 'minimum',
    title: 'Minimum a month',
    end: true,
    optional: true,
    text: (row) => (row.price.minimumMinor === '0' ? '' : amountCell(row.price.minimumMinor, row.price.asset)),
    cell: (row) =>
      row.price.minimumMinor === '0' ? <Dash /> : <Amount minor={row.price.minimumMinor} asset={row.price.asset} />,
  },
  {
    id: 'since',
    title: 'Since',
    sort: byNumber((row) => row.price.effectiveFromMs),
    text: (row) => isoTime(row.price.effectiveFromMs),
    cell: (row) => (row.price.effectiveFromMs === 0 ? 'the beginning' : <Time ms={row.price.effectiveFromMs} />),
  },
];

function Prices({ chips }: { chips: ReactNode }) {
  const { price } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const query = useQuery(orpc.prices.list.queryOptions({ input: {} }));
  const meters = useQuery(orpc.meters.list.queryOptions({ input: {} }));
  const names = useCustomerNames();
  const second = Math.floor(useNow() / 1000);
  const rows = useMemo(() => {
    const byKey = new Map((meters.data?.items ?? []).map((meter) => [meter.key, meter]));
    return query.data && rowsOf(query.data.items, byKey, names, second * 1000);
  }, [query.data, meters.data, names, second]);
  return (
    <Panel label="Prices">
      <Table
        name="prices"
        rows={rows}
        error={query.data ? null : query.error}
        retry={() => void query.refetch()}
        columns={PRICE_COLUMNS}
        rowKey={(row) => row.price.id}
        selected={price ?? ''}
        tools={chips}
        onOpen={(row) =>
          void navigate({ to: '/tiers/prices/$price', params: { price: row.price.id }, search: (all) => all })
        }
        empty={
          <Empty title="No price yet" command={'npx tollkeeper prices publish --key first --json - < price.json'}>
            A price says what a meter’s quantity costs, for everyone, a plan or one customer. Usage without one waits
            unrated.
          </Empty>
        }
      />
    </Panel>
  );
}

const limitText = (limit: number | null): ReactNode => (limit === null ? <Dash /> : groupDecimal(String(limit)));

const PLAN_COLUMNS: readonly Column<Plan>[] = [
  { id: 'name', title: 'Plan', sort: byText((row) => row.name), text: (row) => row.name, cell: (row) => row.name },
  { id: 'key', title: 'Key', optional: true, text: (row) => row.key, cell: (row) => <code>{row.key}</code> },
  {
    id: 'fee',
    title: 'Base fee a period',
    end: true,
    sort: byAmount((row) => ({ asset: row.asset, minor: row.baseFeeMinor })),
    text: (row) => amountCell(row.baseFeeMinor, row.asset),
    cell: (row) => (row.baseFeeMinor === '0' ? <Dash /> : <Amount minor={row.baseFeeMinor} asset={row.asset} />),
  },
  {
    id: 'minute',
    title: 'Calls a minute',
    end: true,
    sort: byNumber((row) => row.rateLimitPerMinute),
    text: (row) => String(row.rateLimitPerMinute ?? ''),
    cell: (row) => limitText(row.rateLimitPerMinute),
  },
  {
    id: 'day',
    title: 'Calls a day',
    end: true,
    sort: byNumber((row) => row.dailyLimit),
    text: (row) => String(row.dailyLimit ?? ''),
    cell: (row) => limitText(row.dailyLimit),
  },
];

function Plans({ chips }: { chips: ReactNode }) {
  const query = useQuery(orpc.plans.list.queryOptions({ input: {} }));
  return (
    <Panel label="Plans">
      <Table
        name="plans"
        rows={query.data?.items}
        error={query.data ? null : query.error}
        retry={() => void query.refetch()}
        columns={PLAN_COLUMNS}
        rowKey={(row) => row.key}
        tools={chips}
        empty={
          <Empty title="No plan yet" command="npx tollkeeper plans create --key team --name Team --asset USDC/6">
            A plan is what customers are on: its base fee, its limits, and the prices that are for it.
          </Empty>
        }
      />
    </Panel>
  );
}
