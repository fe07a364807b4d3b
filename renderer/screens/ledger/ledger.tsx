/** Do the books balance? */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Outlet, getRouteApi, useParams } from '@tanstack/react-router';
import { useMemo } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import { Chips } from '../../ui/controls.tsx';
import { entryColumns } from '../../ui/entry-columns.tsx';
import { Empty } from '../../ui/states.tsx';
import { Page, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import { Verify } from '../../ui/verify.tsx';
import { Accounts } from './accounts.tsx';
import css from './ledger.module.css';
import { TimeMachine } from './time-machine.tsx';

const route = getRouteApi('/ledger');

export function LedgerScreen() {
  const info = useQuery(orpc.workspace.info.queryOptions({ input: {} }));
  const { books } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <>
      <Page
        title="Ledger"
        scrolls={books === 'then'}
        sub={
          <Chips<'then'>
            label="Which books"
            value={books}
            options={[
              { value: undefined, label: 'Now' },
              { value: 'then', label: 'Time machine' },
            ]}
            onChange={(next) => void navigate({ to: '/ledger', search: { books: next } })}
          />
        }
        actions={info.data && <Verify info={info.data} />}
      >
        {books === 'then' ? <TimeMachine /> : <Now />}
      </Page>
      <Outlet />
    </>
  );
}

function Now() {
  const { transaction } = useParams({ strict: false });
  const navigate = route.useNavigate();
  const query = useInfiniteQuery(
    orpc.ledger.entries.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ limit: 100, cursor }),
    }),
  );
  const columns = useMemo(() => entryColumns(), []);
  return (
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
  );
}
