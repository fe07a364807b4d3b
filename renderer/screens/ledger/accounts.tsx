/** Every account with its balance, now or at an instant, and whether they sum to zero. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { orpc } from '../../lib/rpc.ts';
import type { Outputs } from '../../lib/rpc.ts';
import { Amount } from '../../ui/amount.tsx';
import { amountCell, byText } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Status } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';

type Account = Outputs['ledger']['accounts']['items'][number];
type At = Readonly<{ asOfMs?: number; knownAtMs?: number }>;

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

const NOW: At = {};

export function Accounts({ at = NOW, title = 'Accounts' }: { at?: At; title?: string }) {
  const accounts = useQuery(orpc.ledger.accounts.queryOptions({ input: at, placeholderData: keepPreviousData }));
  const sums = accounts.data?.sums ?? [];
  const balanced = sums.every((row) => row.sumMinor === '0');
  return (
    <Panel
      title={title}
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
        columns={COLUMNS}
        fixed
        rowKey={(row) => `${row.account} ${row.asset}`}
        empty={<Empty title="No accounts yet">The first entry opens the first accounts.</Empty>}
      />
    </Panel>
  );
}
