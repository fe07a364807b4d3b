/** Money set aside for work in progress, and what became of it. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { groupDecimal } from '../../lib/money.ts';
import { useNow } from '../../lib/now.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Customer, Hold } from '../../lib/shapes.ts';
import { isoTime, spanText } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Id, Status, Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';

function HoldState({ hold }: { hold: Hold }) {
  const now = useNow();
  if (hold.state === 'open') {
    const left = hold.expiresAtMs - now;
    if (left <= 0)
      return (
        <Status tone="attention" shape="triangle">
          Open, past its end
        </Status>
      );
    return (
      <Status tone="info" shape="half">
        Open, free again in {spanText(left)}
      </Status>
    );
  }
  if (hold.state === 'captured')
    return (
      <Status tone="good" shape="check">
        {hold.late ? 'Captured late' : 'Captured'}
      </Status>
    );
  return (
    <Status tone="quiet" shape="ring">
      {hold.state === 'released' ? 'Released' : 'Expired'}
    </Status>
  );
}

const COLUMNS: readonly Column<Hold>[] = [
  { id: 'opened', title: 'Opened', cell: (row) => <Time ms={row.openedMs} />, text: (row) => isoTime(row.openedMs) },
  { id: 'hold', title: 'Hold', cell: (row) => <Id id={row.id} label="hold id" />, text: (row) => row.id },
  { id: 'state', title: 'State', cell: (row) => <HoldState hold={row} />, text: (row) => row.state },
  { id: 'meter', title: 'Meter', cell: (row) => <code>{row.meter}</code>, text: (row) => row.meter },
  {
    id: 'quantity',
    title: 'Quantity',
    end: true,
    cell: (row) => groupDecimal(row.quantity),
    text: (row) => row.quantity,
  },
  {
    id: 'held',
    title: 'Set aside',
    end: true,
    cell: (row) => <Amount minor={row.amountMinor} asset={row.asset} precision="short" hideAsset />,
    text: (row) => amountCell(row.amountMinor, row.asset),
  },
  {
    id: 'charged',
    title: 'Charged',
    end: true,
    cell: (row) =>
      row.chargedMinor === null ? <Dash /> : <Amount minor={row.chargedMinor} asset={row.asset} precision="short" />,
    text: (row) => (row.chargedMinor === null ? '' : amountCell(row.chargedMinor, row.asset)),
  },
];

export function Holds({ customer }: { customer: Customer }) {
  const query = useInfiniteQuery(
    orpc.holds.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ customer: customer.id, limit: 50, cursor }),
    }),
  );
  const columns = useMemo(() => COLUMNS, []);
  return (
    <Panel label="Holds">
      <Table
        name={`holds of ${customer.name}`}
        {...listOf(query)}
        columns={columns}
        rowKey={(row) => row.id}
        maxHeight={560}
        empty={
          <Empty
            title="No holds yet"
            command={`npx tollkeeper holds open --customer ${customer.id} --meter api.calls --quantity 1`}
          >
            A hold sets money aside before work is done; it is captured, released or expires, and all three are shown
            here.
          </Empty>
        }
      />
    </Panel>
  );
}
