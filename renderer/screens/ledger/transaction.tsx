/** One transaction with all its entries and what was decided. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { groupDecimal } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import { entryColumns } from '../../ui/entry-columns.tsx';
import { Id, Pill, Time } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Facts, Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './ledger.module.css';

const route = getRouteApi('/ledger/$transaction');
const WANTED = new Set(['account', 'amount', 'balance']);

export function TransactionDrawer() {
  const { transaction: id } = route.useParams();
  const navigate = useNavigate();
  const transaction = useQuery(orpc.ledger.transaction.queryOptions({ input: { id } }));
  const columns = useMemo(() => entryColumns().filter((column) => WANTED.has(column.id)), []);
  const data = transaction.data;
  return (
    <Drawer
      key={id}
      name="transaction"
      title="Transaction"
      beside={
        <>
          {data && <Pill>{data.kind}</Pill>}
          <Id id={id} label="transaction id" />
        </>
      }
      onClose={() => void navigate({ to: '/ledger', search: (all) => all })}
    >
      {transaction.isError && !data && (
        <ErrorBox
          error={transaction.error}
          money="Nothing was charged or changed."
          retry={() => void transaction.refetch()}
        />
      )}
      {!data && !transaction.isError && <Loading label="Reading the transaction" />}
      {data && (
        <>
          <Panel padded label="About">
            <Facts
              left
              rows={[
                ['Happened', <Time key="happened" ms={data.happenedMs} absolute />],
                ['Recorded', <Time key="recorded" ms={data.recordedMs} absolute />],
                ['By', data.by],
                ['Block', `${groupDecimal(data.block)}, sequence ${groupDecimal(data.sequence)}`],
                ['Hash', <Id key="hash" id={data.hash} label="hash" />],
              ]}
            />
          </Panel>
          <Panel label="Entries">
            <Table
              name="entries of this transaction"
              rows={data.entries}
              columns={columns}
              empty={null}
              rowKey={(row) => `${row.account} ${row.asset} ${row.grant ?? ''} ${row.amountMinor}`}
            />
          </Panel>
          <details>
            <summary>What was decided</summary>
            <pre className={css['body']}>{data.body}</pre>
          </details>
        </>
      )}
    </Drawer>
  );
}
