/** Grants in the order they burn. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listOf, paging } from '../../lib/lists.ts';
import { perMille } from '../../lib/plot.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Customer, Grant } from '../../lib/shapes.ts';
import { isoTime } from '../../lib/time.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Bar, BarRow, Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';

function usedPerMille(grant: Grant): number {
  return perMille(BigInt(grant.consumedMinor), BigInt(grant.grantedMinor));
}

const COLUMNS: readonly Column<Grant>[] = [
  {
    id: 'source',
    title: 'Source',
    cell: (row) => <span title={row.note}>{row.source}</span>,
    text: (row) => row.source,
  },
  { id: 'priority', title: 'Burns', end: true, cell: (row) => row.priority, text: (row) => String(row.priority) },
  {
    id: 'granted',
    title: 'Granted',
    end: true,
    cell: (row) => <Amount minor={row.grantedMinor} asset={row.asset} precision="short" hideAsset />,
    text: (row) => amountCell(row.grantedMinor, row.asset),
  },
  {
    id: 'used',
    title: 'Used',
    text: (row) => amountCell(row.consumedMinor, row.asset),
    cell: (row) => (
      <BarRow>
        <Bar perMille={usedPerMille(row)} label={`${Math.round(usedPerMille(row) / 10)} per cent used`} />
        <Amount minor={row.consumedMinor} asset={row.asset} precision="short" hideAsset />
      </BarRow>
    ),
  },
  {
    id: 'left',
    title: 'Left',
    end: true,
    cell: (row) => <Amount minor={row.remainingMinor} asset={row.asset} precision="short" strong />,
    text: (row) => amountCell(row.remainingMinor, row.asset),
  },
  {
    id: 'expires',
    title: 'Expires',
    cell: (row) => (row.expiresAtMs === null ? 'never' : <Time ms={row.expiresAtMs} />),
    text: (row) => (row.expiresAtMs === null ? '' : isoTime(row.expiresAtMs)),
  },
  { id: 'note', title: 'Note', optional: true, cell: (row) => row.note || <Dash />, text: (row) => row.note },
];

function grantCommand(customer: string): string {
  return `npx tollkeeper credits grant --customer ${customer} --asset USDC/6 --amount 25 --source prepaid`;
}

export function Credit({ customer }: { customer: Customer }) {
  const query = useInfiniteQuery(
    orpc.credits.list.infiniteOptions({
      ...paging,
      input: (cursor: string | undefined) => ({ customer: customer.id, limit: 50, cursor }),
    }),
  );
  const columns = useMemo(() => COLUMNS, []);
  return (
    <Panel label="Credit">
      <Table
        name={`grants of ${customer.name}`}
        {...listOf(query)}
        columns={columns}
        rowKey={(row) => row.id}
        empty={
          <Empty title="No credit granted yet" command={grantCommand(customer.id)}>
            Grants appear in the order they burn: the lowest number first, then the one that expires soonest.
          </Empty>
        }
      />
    </Panel>
  );
}
