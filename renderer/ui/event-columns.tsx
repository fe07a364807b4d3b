/** Usage events as columns, the same for a customer and for all. */
import { groupDecimal } from '../lib/money.ts';
import type { EventView } from '../lib/shapes.ts';
import { isoTime } from '../lib/time.ts';
import { unitOf } from '../lib/units.ts';
import { Dash } from './amount.tsx';
import type { Column } from './columns.ts';
import { eventStatus } from './event-status.tsx';
import { Id, Time } from './marks.tsx';

export function eventColumns({ withCustomer }: { withCustomer: boolean }): Column<EventView>[] {
  const columns: Column<EventView>[] = [
    {
      id: 'happened',
      title: 'Happened',
      width: '112px',
      cell: (row) => <Time ms={row.occurredAtMs} />,
      text: (row) => isoTime(row.occurredAtMs),
    },
    {
      id: 'subject',
      title: 'Subject',
      cell: (row) => <code title={row.subject}>{row.subject}</code>,
      text: (row) => row.subject,
    },
    {
      id: 'meter',
      title: 'Meter',
      cell: (row) => (row.meter === null ? <Dash /> : <code>{row.meter}</code>),
      text: (row) => row.meter ?? '',
    },
    {
      id: 'quantity',
      title: 'Quantity',
      end: true,
      text: (row) => row.quantity ?? '',
      cell: (row) =>
        row.quantity === null ? (
          <Dash />
        ) : (
          <>
            {groupDecimal(row.quantity)} {unitOf(row.quantity, row.unit)}
          </>
        ),
    },
    { id: 'state', title: 'State', cell: (row) => eventStatus(row.state), text: (row) => row.state },
    {
      id: 'source',
      title: 'Source',
      optional: true,
      cell: (row) => <code title={row.source}>{row.source}</code>,
      text: (row) => row.source,
    },
    {
      id: 'id',
      title: 'Event id',
      width: '172px',
      cell: (row) => <Id id={row.id} label="event id" />,
      text: (row) => row.id,
    },
  ];
  return withCustomer ? columns : columns.filter((column) => column.id !== 'subject');
}
