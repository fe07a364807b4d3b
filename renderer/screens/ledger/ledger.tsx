/** Do the books balance? */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Outputs } from '../../lib/rpc.ts';
import { Amount } from '../../ui/amount.tsx';
import { amountCell, byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { entryColumns } from '../../ui/entry-columns.tsx';
import { Status } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { Verify } from '../../ui/verify.tsx';
import css from './ledger.module.css';

export function LedgerScreen() {
  const info = useQuery(orpc.workspace.info.queryOptions({ input: {} }));
  const { transaction } = useParams({ strict: false });
  const navigate = useNavigate();
  const query = useInfiniteQuery(
    orpc.ledger.entries.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ limit: 100, cursor }),
    }),
  );
  const columns = useMemo(() => entryColumns(), []);
  return (
    <>
      <Page title="Ledger" actions={info.data && <Verify info={info.data} />}>
        <div className={css['grid']}>
          <Panel label="Entries">
            <Table
              name="entries"
              {...listOf(query)}
              columns={columns}
              fixed
              selected={transaction ?? ''}
              rowKey={(row) => `${row.transaction} ${row.account} ${row.asset} ${row.grant ?? ''} ${row.amountMinor}`}
              onOpen={(row) => void navigate({ to: '/ledger/$transaction', params: { transaction: row.transaction } })}
              empty={
                <Empty title="The books are empty" command="npx tollkeeper ledger entries">
                  Every movement of money appears here as entries that sum to zero.
                </Empty>
              }
            />
          </Panel>
          <Accounts />
        </div>
      </Page>
      <Outlet />
    </>
  );
}

type Account = Outputs['ledger']['accounts']['items'][number];

const COLUMNS: readonly Column<Account>[] = [
  {
    id: 'account',
    title: 'Account',
    sort: byText((row) => row.label),
    cell: (row) => <span title={`${row.label} (${row.account})`}>{row.label}</span>,
    text: (row) => row.account,
  },
  {
    id: 'balance',
    title: 'Balance',
    end: true,
    width: '188px',
    cell: (row) => <Amount minor={row.balanceMinor} asset={row.asset} precision="short" />,
    text: (row) => amountCell(row.balanceMinor, row.asset),
  },
];

function Accounts() {
  const accounts = useQuery(orpc.ledger.accounts.queryOptions({ input: {} }));
  const columns = useMemo(() => COLUMNS, []);
  const sums = accounts.data?.sums ?? [];
  const balanced = sums.every((row) => row.sumMinor === '0');
  return (
    <Panel
      title="Accounts"
      aside={
        sums.length > 0 &&
        (balanced ? (
          <Status tone="good" shape="check">
            Sum to zero
          </Status>
        ) : (
          <Status tone="danger" shape="square">
            Do not sum to zero
          </Status>
        ))
      }
    >
      <Table
        name="accounts"
        rows={accounts.data?.items}
        error={accounts.data ? null : accounts.error}
        retry={() => void accounts.refetch()}
        columns={columns}
        fixed
        rowKey={(row) => `${row.account} ${row.asset}`}
        empty={<Empty title="No accounts yet">The first entry opens the first accounts.</Empty>}
      />
    </Panel>
  );
}
