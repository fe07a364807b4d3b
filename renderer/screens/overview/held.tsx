/** What is held for customers, per asset; assets never add up with each other. */
import { symbolOf } from '#core/domain/money.ts';
import { assetOf, owed } from '../../lib/money.ts';
import type { Overview } from '../../lib/shapes.ts';
import { Amount } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './overview.module.css';

type Row = Overview['held'][number];

function money(id: string, title: string, pick: (row: Row) => string): Column<Row> {
  return {
    id,
    title,
    end: true,
    cell: (row) => <Amount minor={pick(row)} asset={row.asset} precision="short" hideAsset />,
    text: (row) => amountCell(pick(row), row.asset),
  };
}

const COLUMNS: readonly Column<Row>[] = [
  {
    id: 'asset',
    title: 'Held for customers',
    cell: (row) => <b className={css['name']}>{symbolOf(assetOf(row.asset))}</b>,
    text: (row) => row.asset,
  },
  money('wallet', 'Credit held', (row) => row.walletMinor),
  money('held', 'On hold', (row) => row.heldMinor),
  money('unbilled', 'Unbilled', (row) => owed(row.unbilledMinor)),
  money('receivable', 'Due', (row) => owed(row.receivableMinor)),
];

export function Held({ held }: { held: readonly Row[] }) {
  return (
    <Panel label="Held for customers">
      <Table
        name="held for customers"
        bare
        rows={held}
        columns={COLUMNS}
        rowKey={(row) => row.asset}
        empty={
          <Empty
            title="No money yet"
            command="npx tollkeeper credits grant --customer ID --asset USDC/6 --amount 25 --source prepaid"
          >
            Balances per asset appear with the first grant or the first priced usage.
          </Empty>
        }
      />
    </Panel>
  );
}
