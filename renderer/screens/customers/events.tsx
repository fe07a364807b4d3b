/** What this customer used, newest first; each event leads to its explanation. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Customer } from '../../lib/shapes.ts';
import { eventColumns } from '../../ui/event-columns.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';

export function Events({ customer }: { customer: Customer }) {
  const example = { events: [{ source: 'cli', id: '1', customer: customer.id, meter: 'api.calls', quantity: '1' }] };
  const navigate = useNavigate();
  const query = useInfiniteQuery(
    orpc.usage.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ customer: customer.id, limit: 100, cursor }),
    }),
  );
  const columns = useMemo(() => eventColumns({ withCustomer: false }), []);
  return (
    <Panel label="Events">
      <Table
        name={`events of ${customer.name}`}
        {...listOf(query)}
        columns={columns}
        rowKey={(row) => `${row.source} ${row.id}`}
        maxHeight={560}
        fixed
        onOpen={(row) =>
          void navigate({
            to: '/customers/$customer/event/$source/$id',
            params: { customer: customer.id, source: row.source, id: row.id },
            search: (all) => all,
          })
        }
        empty={
          <Empty title="No events yet" command={`npx tollkeeper usage record --json '${JSON.stringify(example)}'`}>
            Usage that names this customer appears here as it comes in.
          </Empty>
        }
      />
    </Panel>
  );
}
