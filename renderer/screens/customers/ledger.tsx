/** Every entry that moved this customer's accounts, newest first, with the balance after it. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Customer } from '../../lib/shapes.ts';
import { entryColumns } from '../../ui/entry-columns.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';

export function CustomerLedger({ customer }: { customer: Customer }) {
  const query = useInfiniteQuery(
    orpc.ledger.entries.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ customer: customer.id, limit: 100, cursor }),
    }),
  );
  const columns = useMemo(() => entryColumns({ owner: customer.name }), [customer.name]);
  return (
    <Panel label="Ledger">
      <Table
        name={`ledger of ${customer.name}`}
        {...listOf(query)}
        columns={columns}
        maxHeight={560}
        fixed
        rowKey={(row) => `${row.transaction} ${row.account} ${row.grant ?? ''} ${row.amountMinor}`}
        empty={<Empty title="No entries yet">The first grant or priced usage writes the first entry here.</Empty>}
      />
    </Panel>
  );
}
