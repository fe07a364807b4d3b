/** This customer's invoices. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { useZone } from '../../lib/preferences.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Customer } from '../../lib/shapes.ts';
import { invoiceColumns } from '../../ui/invoice-columns.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';

export function CustomerInvoices({ customer }: { customer: Customer }) {
  const navigate = useNavigate();
  const zone = useZone();
  const query = useInfiniteQuery(
    orpc.invoices.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ customer: customer.id, limit: 50, cursor }),
    }),
  );
  const columns = useMemo(() => invoiceColumns({ zone, withCustomer: false }), [zone]);
  return (
    <Panel label="Invoices">
      <Table
        name={`invoices of ${customer.name}`}
        {...listOf(query)}
        columns={columns}
        rowKey={(row) => row.id}
        onOpen={(row) => void navigate({ to: '/invoices/$invoice', params: { invoice: row.id } })}
        empty={
          <Empty title="No invoices yet" command={`npx tollkeeper invoices close --customer ${customer.id}`}>
            Closing a period makes the first draft.
          </Empty>
        }
      />
    </Panel>
  );
}
