/** What do we owe in credit and what expires? */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, Outlet, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { CreditTotal, GrantRow } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Button, Chips } from '../../ui/controls.tsx';
import { Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { BurnDownPanel } from './burn-down.tsx';
import css from './credits.module.css';
import { ENDS, GRANT_STATES, SOON_DAYS, SOURCES, SOURCE_WORDS, STATE_WORDS, filterOf } from './filters.ts';
import type { CreditsSearch } from './filters.ts';
import { GrantCredit } from './grant-credit.tsx';
import { StateOf } from './state-of.tsx';

const route = getRouteApi('/credits');

export function CreditsScreen() {
  const may = useMay('credits:write');
  const [granting, setGranting] = useState(false);
  const totals = useQuery(orpc.credits.totals.queryOptions({ input: {} }));
  const grant = may && (
    <Button kind="primary" onClick={() => setGranting(true)}>
      Grant credit
    </Button>
  );
  return (
    <>
      <Page title="Credits" sub="What do we owe in credit and what expires?" actions={grant}>
        <BurnDownPanel totals={totals.data?.items} error={totals.error} retry={() => void totals.refetch()} />
        <Grants assets={(totals.data?.items ?? []).map(({ asset }) => asset)} />
      </Page>
      {granting && <GrantCredit onClose={() => setGranting(false)} />}
      <Outlet />
    </>
  );
}

type Part = 'grantedMinor' | 'consumedMinor' | 'expiredMinor' | 'clawedBackMinor';

function amountColumn(id: Part, title: string, width: string): Column<GrantRow> {
  return {
    id,
    title,
    end: true,
    width,
    optional: id !== 'grantedMinor',
    text: (row) => amountCell(row[id], row.asset),
    cell: (row) =>
      row[id] === '0' ? <Dash /> : <Amount minor={row[id]} asset={row.asset} precision="trimmed" hideAsset />,
  };
}

const COLUMNS: readonly Column<GrantRow>[] = [
  {
    id: 'customer',
    title: 'Customer',
    text: (row) => row.customerName,
    cell: (row) => (
      <Link
        to="/credits/$grant"
        params={{ grant: row.id }}
        search={(all) => all}
        title={row.note === '' ? row.customerName : `${row.customerName}: ${row.note}`}
      >
        {row.customerName}
      </Link>
    ),
  },
  {
    id: 'source',
    title: 'Source, burns',
    width: '134px',
    text: (row) => `${row.source} ${row.priority}`,
    cell: (row) => (
      <span title="The lowest number burns first">
        {SOURCE_WORDS[row.source]} <span className={css['muted']}>· {row.priority}</span>
      </span>
    ),
  },
  {
    id: 'state',
    title: 'State',
    width: '112px',
    text: (row) => row.state,
    cell: (row) => <StateOf state={row.state} />,
  },
  {
    id: 'ends',
    title: 'Ends',
    width: '76px',
    text: (row) => (row.expiresAtMs === null ? '' : isoTime(row.expiresAtMs)),
    cell: (row) => (row.expiresAtMs === null ? 'never' : <Time ms={row.expiresAtMs} />),
  },
  amountColumn('grantedMinor', 'Granted', '108px'),
  amountColumn('consumedMinor', 'Used', '108px'),
  amountColumn('expiredMinor', 'Expired', '92px'),
  amountColumn('clawedBackMinor', 'Taken back', '92px'),
  {
    id: 'left',
    title: 'Left',
    end: true,
    width: '164px',
    text: (row) => amountCell(row.remainingMinor, row.asset),
    cell: (row) => <Amount minor={row.remainingMinor} asset={row.asset} precision="trimmed" strong />,
  },
];

/** What happened to no grant that is listed needs no column of dashes. */
function columnsFor(totals: readonly CreditTotal[] | undefined): Column<GrantRow>[] {
  const isSome = (part: Part): boolean => totals?.some((total) => total[part] !== '0') === true;
  return COLUMNS.filter(({ id }) => (id !== 'expiredMinor' && id !== 'clawedBackMinor') || isSome(id));
}

/** One line an asset: amounts of different assets never meet. */
function totalsOf(items: readonly CreditTotal[]) {
  const lines = (pick: (total: CreditTotal) => string, hideAsset: boolean) => (
    <div className={css['totals']}>
      {items.map((total) => (
        <Amount key={total.asset} minor={pick(total)} asset={total.asset} precision="trimmed" hideAsset={hideAsset} />
      ))}
    </div>
  );
  const grants = items.reduce((sum, total) => sum + total.grants, 0);
  return {
    customer: `${grants} ${grants === 1 ? 'grant' : 'grants'}`,
    grantedMinor: lines((total) => total.grantedMinor, true),
    consumedMinor: lines((total) => total.consumedMinor, true),
    expiredMinor: lines((total) => total.expiredMinor, true),
    clawedBackMinor: lines((total) => total.clawedBackMinor, true),
    left: lines((total) => total.remainingMinor, false),
  };
}

function Filters({ assets }: { assets: readonly string[] }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (next: Partial<CreditsSearch>): void =>
    void navigate({ to: '.', search: (all) => ({ ...all, ...next }), replace: true });
  return (
    <div className={css['filters']}>
      <Chips
        label="State"
        value={search.standing}
        options={[
          { value: undefined, label: 'All' },
          ...GRANT_STATES.map((value) => ({ value, label: STATE_WORDS[value] })),
        ]}
        onChange={(standing) => set({ standing })}
      />
      <Chips
        label="When it ends"
        value={search.ends}
        options={ENDS.map((value) => ({ value, label: `Ends in ${SOON_DAYS} days` }))}
        onChange={(ends) => set({ ends: ends === search.ends ? undefined : ends })}
      />
      <Chips
        label="Source"
        value={search.source}
        options={SOURCES.map((value) => ({ value, label: SOURCE_WORDS[value] }))}
        onChange={(source) => set({ source: source === search.source ? undefined : source })}
      />
      {assets.length > 1 && (
        <Chips
          label="Asset"
          value={search.asset}
          options={assets.map((value) => ({ value, label: value.split('/')[0] ?? value }))}
          onChange={(asset) => set({ asset: asset === search.asset ? undefined : asset })}
        />
      )}
    </div>
  );
}

function Grants({ assets }: { assets: readonly string[] }) {
  const search = route.useSearch();
  const { grant } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const filter = filterOf(search);
  const isFiltered = Object.keys(filter).length > 0;
  const query = useInfiniteQuery(
    orpc.credits.all.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ ...filter, limit: 100, cursor }),
    }),
  );
  const totals = useQuery(orpc.credits.totals.queryOptions({ input: filter }));
  const columns = useMemo(() => columnsFor(totals.data?.items), [totals.data]);
  return (
    <Panel label="Grants">
      <Table
        name="grants"
        {...listOf(query)}
        columns={columns}
        fixed
        selected={grant ?? ''}
        rowKey={(row) => row.id}
        onOpen={(row) => void navigate({ to: '/credits/$grant', params: { grant: row.id }, search: (all) => all })}
        tools={<Filters assets={assets} />}
        totals={totals.data && totalsOf(totals.data.items)}
        empty={
          isFiltered ? (
            <Empty
              title="No grant is like this"
              action={
                <Button onClick={() => void navigate({ to: '/credits', search: {}, replace: true })}>
                  Show all grants
                </Button>
              }
            >
              Other states, sources and assets may have some.
            </Empty>
          ) : (
            <Empty
              title="No credit was granted yet"
              command="npx tollkeeper credits grant --customer ID --asset USDC/6 --amount 25 --source prepaid"
            >
              Grants of every customer appear here, what ends soonest first.
            </Empty>
          )
        }
      />
    </Panel>
  );
}
