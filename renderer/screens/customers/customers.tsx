/** Who are they, and can they go on? */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, Outlet, getRouteApi, useParams } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { amountText, owed } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { CustomerRow } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell, byNumber, byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { buttonClass } from '../../ui/controls.tsx';
import { Status, Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './customers.module.css';

const route = getRouteApi('/customers');

function canGoOn(row: CustomerRow): {
  word: string;
  tone: 'good' | 'attention' | 'danger' | 'quiet';
  shape: 'check' | 'square' | 'ring';
} {
  if (row.balances.length === 0) return { word: 'No balance yet', tone: 'quiet', shape: 'ring' };
  const out = row.balances.filter((balance) => BigInt(balance.spendableMinor) <= 0n);
  if (out.length === 0) return { word: 'Can go on', tone: 'good', shape: 'check' };
  return {
    word: out.length === row.balances.length ? 'Out of credit' : 'Out in one asset',
    tone: 'danger',
    shape: 'square',
  };
}

/** The first amount, and the rest one hover away, so that a customer with many assets still takes one line. */
function amounts(row: CustomerRow, pick: (balance: CustomerRow['balances'][number]) => string, zeros: boolean) {
  const [first, ...others] = row.balances.filter((balance) => zeros || pick(balance) !== '0');
  if (first === undefined) return <Dash />;
  const rest = others.map((balance) => amountText(BigInt(pick(balance)), balance.asset).exact);
  return (
    <>
      {rest.length > 0 && (
        <span className={css['others']} data-exact={rest.join('\n')} title={rest.join(', ')}>
          +{rest.length}
        </span>
      )}{' '}
      <Amount minor={pick(first)} asset={first.asset} precision="short" />
    </>
  );
}

function amountsText(row: CustomerRow, pick: (balance: CustomerRow['balances'][number]) => string): string {
  return row.balances.map((balance) => amountCell(pick(balance), balance.asset)).join('; ');
}

const COLUMNS: readonly Column<CustomerRow>[] = [
  {
    id: 'name',
    title: 'Customer',
    sort: byText((row) => row.customer.name),
    text: (row) => row.customer.name,
    cell: (row) => (
      <Link
        className={css['name']}
        to="/customers/$customer"
        params={{ customer: row.customer.id }}
        search={(all) => all}
      >
        {row.customer.name}
      </Link>
    ),
  },
  {
    id: 'state',
    title: 'State',
    text: (row) => canGoOn(row).word,
    sort: byText((row) => canGoOn(row).word),
    cell: (row) => <State row={row} />,
  },
  {
    id: 'plan',
    title: 'Plan',
    optional: true,
    sort: byText((row) => row.customer.plan ?? ''),
    text: (row) => row.customer.plan ?? '',
    cell: (row) => row.customer.plan ?? <Dash />,
  },
  {
    id: 'external',
    title: 'External id',
    optional: true,
    sort: byText((row) => row.customer.externalId ?? ''),
    text: (row) => row.customer.externalId ?? '',
    cell: (row) => (row.customer.externalId === null ? <Dash /> : <code>{row.customer.externalId}</code>),
  },
  {
    id: 'spendable',
    title: 'Spendable',
    end: true,
    text: (row) => amountsText(row, (balance) => balance.spendableMinor),
    cell: (row) => amounts(row, (balance) => balance.spendableMinor, true),
  },
  {
    id: 'held',
    title: 'On hold',
    end: true,
    optional: true,
    text: (row) => amountsText(row, (balance) => balance.heldMinor),
    cell: (row) => amounts(row, (balance) => balance.heldMinor, false),
  },
  {
    id: 'receivable',
    title: 'Invoiced, due',
    end: true,
    optional: true,
    text: (row) => amountsText(row, (balance) => owed(balance.receivableMinor)),
    cell: (row) => amounts(row, (balance) => owed(balance.receivableMinor), false),
  },
  {
    id: 'used',
    title: 'Last used',
    sort: byNumber((row) => row.lastUsedMs),
    text: (row) => (row.lastUsedMs === null ? '' : isoTime(row.lastUsedMs)),
    cell: (row) => (row.lastUsedMs === null ? <Dash /> : <Time ms={row.lastUsedMs} />),
  },
];

function State({ row }: { row: CustomerRow }) {
  const { word, tone, shape } = canGoOn(row);
  return (
    <Status tone={tone} shape={shape}>
      {word}
    </Status>
  );
}

export function CustomersScreen() {
  const { search } = route.useSearch();
  const navigate = route.useNavigate();
  const { customer } = useParams({ strict: false });
  const may = useMay('customers:write');
  const query = useInfiniteQuery(
    orpc.customers.list.infiniteOptions({
      ...paging,
      placeholderData: keepPreviousData,
      input: (cursor: string | undefined) => ({ limit: 100, cursor, ...(search ? { search } : {}) }),
    }),
  );
  const list = listOf(query);
  const columns = useMemo(() => COLUMNS, []);
  return (
    <>
      <Page
        title="Customers"
        actions={
          may && (
            <Link className={buttonClass('primary')} to="/customers/new" search={(all) => all}>
              New customer
            </Link>
          )
        }
      >
        <Panel label="Customers">
          <Table
            name="customers"
            {...list}
            columns={columns}
            rowKey={(row) => row.customer.id}
            selected={customer ?? ''}
            tools={
              <Search
                value={search ?? ''}
                onChange={(next) =>
                  void navigate({ to: '.', search: (all) => ({ ...all, search: next || undefined }), replace: true })
                }
              />
            }
            onOpen={(row) =>
              void navigate({ to: '/customers/$customer', params: { customer: row.customer.id }, search: (all) => all })
            }
            empty={search ? <NoMatch search={search} /> : <NoCustomers />}
          />
        </Panel>
      </Page>
      <Outlet />
    </>
  );
}

/** What is typed goes into the address a moment later, so that each letter is not a step back. */
function Search({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [typed, setTyped] = useState(value);
  const [seen, setSeen] = useState(value);
  const [pushed, setPushed] = useState(value);
  if (value !== seen) {
    setSeen(value);
    // The address changed by itself, as by going back; what was typed here is not overwritten by its own echo.
    if (value !== pushed) setTyped(value);
  }
  useEffect(() => {
    if (typed.trim() === value) return undefined;
    const timer = setTimeout(() => {
      setPushed(typed.trim());
      onChange(typed.trim());
    }, 200);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return (
    <input
      className={css['search']}
      type="search"
      data-search=""
      aria-label="Search customers by name, external id or subject"
      placeholder="Name, external id or subject"
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}

function NoMatch({ search }: { search: string }) {
  return (
    <Empty
      title={`No customer matches “${search}”`}
      command={`npx tollkeeper customers list --search ${JSON.stringify(search)}`}
    >
      The search looks at names, external ids and subjects.
    </Empty>
  );
}

function NoCustomers() {
  return (
    <Empty
      title="No customers yet"
      command={'npx tollkeeper customers create --name "Halden Labs"'}
      action={
        <Link className={buttonClass('primary')} to="/customers/new">
          New customer
        </Link>
      }
    >
      Each customer appears here with what it may still spend, what is on hold and what it owes. Add the first one.
    </Empty>
  );
}
