/** Invoices as columns, the same for all and for one customer. */
import { Link } from '@tanstack/react-router';
import type { Invoice } from '../lib/shapes.ts';
import { dateText, isoTime, periodText } from '../lib/time.ts';
import type { Zone } from '../lib/time.ts';
import { Amount, Dash } from './amount.tsx';
import { amountCell, byAmount, byNumber, byText } from './columns.ts';
import type { Column } from './columns.ts';
import { InvoiceStatus } from './invoice-status.tsx';

function NumberLink({ row }: { row: Invoice }) {
  return (
    <Link to="/invoices/$invoice" params={{ invoice: row.id }} search={(all) => all}>
      {row.number === null ? <Dash /> : <code>{row.number}</code>}
      {row.kind === 'credit-note' && ' credit note'}
      {row.number === null && <span className="visually-hidden">Draft for {row.customerName}</span>}
    </Link>
  );
}

export function invoiceColumns({ zone, withCustomer }: { zone: Zone; withCustomer: boolean }): Column<Invoice>[] {
  const columns: Column<Invoice>[] = [
    {
      id: 'number',
      title: 'Number',
      sort: byText((row) => row.number ?? ''),
      cell: (row) => <NumberLink row={row} />,
      text: (row) => row.number ?? '',
    },
    {
      id: 'customer',
      title: 'Customer',
      sort: byText((row) => row.customerName),
      cell: (row) => row.customerName,
      text: (row) => row.customerName,
    },
    {
      id: 'state',
      title: 'State',
      sort: byText((row) => row.state),
      cell: (row) => <InvoiceStatus invoice={row} />,
      text: (row) => row.state,
    },
    {
      id: 'period',
      title: 'Period',
      optional: true,
      sort: byNumber((row) => row.periodStartMs),
      cell: (row) => periodText(row.periodStartMs, row.periodEndMs, zone),
      text: (row) => `${isoTime(row.periodStartMs)}/${isoTime(row.periodEndMs)}`,
    },
    {
      id: 'due',
      title: 'Due on',
      optional: true,
      sort: byNumber((row) => row.dueMs),
      cell: (row) => (row.dueMs === null ? <Dash /> : dateText(row.dueMs, zone)),
      text: (row) => (row.dueMs === null ? '' : isoTime(row.dueMs)),
    },
    {
      id: 'total',
      title: 'Total',
      end: true,
      sort: byAmount((row) => ({ asset: row.asset, minor: row.totalMinor })),
      cell: (row) => <Amount minor={row.totalMinor} asset={row.asset} precision="short" hideAsset />,
      text: (row) => amountCell(row.totalMinor, row.asset),
    },
    {
      id: 'owed',
      title: 'To pay',
      end: true,
      sort: byAmount((row) => ({ asset: row.asset, minor: row.dueMinor })),
      cell: (row) => <Amount minor={row.dueMinor} asset={row.asset} precision="short" />,
      text: (row) => amountCell(row.dueMinor, row.asset),
    },
  ];
  return withCustomer ? columns : columns.filter((column) => column.id !== 'customer');
}
