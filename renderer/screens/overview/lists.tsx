/** Who runs out next, and what came in last. */
import { Link, useNavigate } from '@tanstack/react-router';
import { groupDecimal } from '../../lib/money.ts';
import type { Overview } from '../../lib/shapes.ts';
import { unitOf } from '../../lib/units.ts';
import { Amount, Dash } from '../../ui/amount.tsx';
import { amountCell } from '../../ui/columns.ts';
import type { Column } from '../../ui/columns.ts';
import { eventStatus } from '../../ui/event-status.tsx';
import { Bar, BarRow, Id, Time } from '../../ui/marks.tsx';
import { Empty } from '../../ui/states.tsx';
import { Panel } from '../../ui/surface.tsx';
import { Table } from '../../ui/table.tsx';
import css from './overview.module.css';

type Out = Overview['runsOut'][number];

/** The bar is full at thirty days. */
const FULL_TENTHS = 300;

function daysText(tenths: number): string {
  return tenths >= 1000 ? '> 99' : (tenths / 10).toFixed(1);
}

function DaysLeft({ tenths }: { tenths: number }) {
  const tone = tenths < 30 ? 'danger' : tenths < 70 ? 'attention' : undefined;
  const perMille = Math.max(20, Math.min(1000, Math.round((tenths * 1000) / FULL_TENTHS)));
  return (
    <BarRow>
      <Bar perMille={perMille} label={`${daysText(tenths)} days of 30`} {...(tone ? { tone } : {})} />
      {daysText(tenths)}
    </BarRow>
  );
}

const OUT_COLUMNS: readonly Column<Out>[] = [
  {
    id: 'name',
    title: 'Who runs out next',
    cell: (row) => (
      <Link className={css['name']} to="/customers/$customer" params={{ customer: row.customer }}>
        {row.name}
      </Link>
    ),
    text: (row) => row.name,
  },
  { id: 'plan', title: 'Plan', cell: (row) => row.plan ?? <Dash />, text: (row) => row.plan ?? '' },
  {
    id: 'spendable',
    title: 'Spendable',
    end: true,
    cell: (row) => <Amount minor={row.spendableMinor} asset={row.asset} precision="short" />,
    text: (row) => amountCell(row.spendableMinor, row.asset),
  },
  {
    id: 'burn',
    title: 'Burn a day',
    end: true,
    cell: (row) => <Amount minor={row.burnPerDayMinor} asset={row.asset} precision="short" hideAsset />,
    text: (row) => amountCell(row.burnPerDayMinor, row.asset),
  },
  {
    id: 'left',
    title: 'Days left',
    cell: (row) => <DaysLeft tenths={row.daysLeftTenths} />,
    text: (row) => daysText(row.daysLeftTenths),
  },
];

export function RunsOut({ rows }: { rows: readonly Out[] }) {
  const navigate = useNavigate();
  return (
    <Panel label="Who runs out next">
      <Table
        name="who runs out next"
        bare
        rows={rows}
        columns={OUT_COLUMNS}
        rowKey={(row) => `${row.customer} ${row.asset}`}
        onOpen={(row) => void navigate({ to: '/customers/$customer', params: { customer: row.customer } })}
        empty={
          <Empty title="Nobody is running out">
            Customers with a balance and usage in the last 7 days appear here, the shortest first.
          </Empty>
        }
      />
    </Panel>
  );
}

type Event = Overview['recent'][number];

const EVENT_COLUMNS: readonly Column<Event>[] = [
  {
    id: 'when',
    title: 'Came in',
    cell: (row) => <Time ms={row.recordedMs} />,
    text: (row) => String(row.recordedMs),
    width: '84px',
  },
  {
    id: 'who',
    title: 'Customer',
    cell: (row) => row.customerName ?? <code>{row.subject}</code>,
    text: (row) => row.customerName ?? row.subject,
  },
  {
    id: 'event',
    title: 'Event',
    cell: (row) => (
      <Link to="/explain/event/$source/$id" params={{ source: row.source, id: row.id }}>
        <Id id={row.id} plain />
      </Link>
    ),
    text: (row) => row.id,
  },
  {
    id: 'quantity',
    title: 'Quantity',
    end: true,
    cell: (row) =>
      row.quantity === null ? (
        <Dash />
      ) : (
        <>
          {groupDecimal(row.quantity)} <span className={css['caption']}>{unitOf(row.quantity, row.unit)}</span>
        </>
      ),
    text: (row) => row.quantity ?? '',
  },
  { id: 'state', title: 'State', cell: (row) => eventStatus(row.state), text: (row) => row.state },
];

export function Recent({ rows }: { rows: readonly Event[] }) {
  const navigate = useNavigate();
  return (
    <Panel label="Recent events">
      <Table
        name="recent events"
        bare
        rows={rows.slice(0, 4)}
        columns={EVENT_COLUMNS}
        rowKey={(row) => `${row.source} ${row.id}`}
        onOpen={(row) =>
          void navigate({ to: '/explain/event/$source/$id', params: { source: row.source, id: row.id } })
        }
        empty={
          <Empty title="No events yet" command="npx tollkeeper usage record --json - < events.json">
            The last events appear here as they come in, each one click from its explanation.
          </Empty>
        }
      />
    </Panel>
  );
}
