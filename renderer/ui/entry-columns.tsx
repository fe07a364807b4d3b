/** Ledger entries as columns, the same for a customer and for the whole book. */
import { Link } from '@tanstack/react-router';
import type { Entry } from '../lib/shapes.ts';
import { isoTime } from '../lib/time.ts';
import { Amount } from './amount.tsx';
import { amountCell } from './columns.ts';
import type { Column } from './columns.ts';
import { Id, Time } from './marks.tsx';

type Options = Readonly<{ owner?: string }>;

/** With an owner its name is left out of each account, for the room that a drawer has. Money is never cut short. */
export function entryColumns({ owner }: Options = {}): Column<Entry>[] {
  const label = (row: Entry): string =>
    owner && row.label.startsWith(`${owner} · `) ? row.label.slice(owner.length + 3) : row.label;
  return [
    {
      id: 'happened',
      title: 'When',
      width: '96px',
      cell: (row) => <Time ms={row.happenedMs} />,
      text: (row) => isoTime(row.happenedMs),
    },
    {
      id: 'kind',
      title: 'What',
      width: owner === undefined ? '16%' : '176px',
      cell: (row) => <span title={row.memo || row.kind}>{row.memo || row.kind}</span>,
      text: (row) => row.memo || row.kind,
    },
    {
      id: 'account',
      title: 'Account',
      cell: (row) => <span title={`${row.label} (${row.account})`}>{label(row)}</span>,
      text: (row) => row.account,
    },
    {
      id: 'amount',
      title: 'Amount',
      end: true,
      width: '178px',
      cell: (row) => <Amount minor={row.amountMinor} asset={row.asset} precision="short" signed />,
      text: (row) => amountCell(row.amountMinor, row.asset),
    },
    {
      id: 'balance',
      title: 'Balance',
      end: true,
      width: '132px',
      cell: (row) => <Amount minor={row.balanceMinor} asset={row.asset} precision="short" hideAsset />,
      text: (row) => amountCell(row.balanceMinor, row.asset),
    },
    {
      id: 'transaction',
      title: 'Transaction',
      width: '132px',
      optional: true,
      text: (row) => row.transaction,
      cell: (row) => (
        <Link to="/ledger/$transaction" params={{ transaction: row.transaction }}>
          <Id id={row.transaction} plain />
        </Link>
      ),
    },
  ];
}
