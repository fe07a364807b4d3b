/** One event, from what came in to the line it ended in. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { groupDecimal } from '../../lib/money.ts';
import { unitOf } from '../../lib/units.ts';
import { orpc } from '../../lib/rpc.ts';
import type { EventView } from '../../lib/shapes.ts';
import { eventStatus, parkReason } from '../../ui/event-status.tsx';
import { Id, Time } from '../../ui/marks.tsx';
import { Drawer } from '../../ui/overlay.tsx';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Facts, Note, Panel } from '../../ui/surface.tsx';
import { Explained } from './explained.tsx';
import css from './invoices.module.css';

type Props = Readonly<{ source: string; id: string; onClose: () => void }>;

export function EventDrawer({ source, id, onClose }: Props) {
  const event = useQuery(orpc.usage.get.queryOptions({ input: { source, id } }));
  const explained = useQuery(
    orpc.invoices.explain.queryOptions({ input: { id, source, limit: 25 }, enabled: event.data?.state === 'rated' }),
  );
  const data = event.data;
  return (
    <Drawer
      key={`${source} ${id}`}
      name="event"
      title="Event"
      onClose={onClose}
      beside={
        <>
          {data && eventStatus(data.state)}
          <Id id={id} label="event id" />
        </>
      }
    >
      {event.isError && !data && (
        <ErrorBox error={event.error} money="Nothing was charged or changed." retry={() => void event.refetch()} />
      )}
      {!data && !event.isError && <Loading label="Reading the event" />}
      {data && <Came event={data} />}
      {data?.state === 'waiting' && (
        <Note>
          Accepted and durable. It is rated as soon as its turn comes; its amount then appears here by itself.
        </Note>
      )}
      {data?.state === 'parked' && (
        <Note>
          {parkReason(data.reason ?? '')}. Nothing was charged for it. Assign it in Usage, and it is rated once.
        </Note>
      )}
      {data?.state === 'counted' && (
        <Note>Its meter is counted only: it never has a price and nothing is charged.</Note>
      )}
      {explained.isError && !explained.data && (
        <ErrorBox
          error={explained.error}
          money="Nothing was charged or changed."
          retry={() => void explained.refetch()}
        />
      )}
      {explained.data && (
        <section className={css['explain']} aria-label="Why">
          <Explained title={explained.data.subject.title} pages={[explained.data]} more={undefined} />
          {explained.data.invoice && explained.data.line && (
            <Link
              to="/invoices/$invoice/lines/$line"
              params={{ invoice: explained.data.invoice.id, line: explained.data.line.id }}
            >
              It ended in “{explained.data.line.description}” of {explained.data.invoice.number ?? 'a draft'}
            </Link>
          )}
        </section>
      )}
    </Drawer>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    // Shown as it came when it is not JSON: the reader decides.
    return json;
  }
}

function Came({ event }: { event: EventView }) {
  return (
    <Panel title="What came in" padded>
      <Facts
        left
        rows={[
          ['Happened', <Time key="happened" ms={event.occurredAtMs} absolute />],
          ['Recorded', <Time key="recorded" ms={event.recordedMs} absolute />],
          [
            'Quantity',
            event.quantity === null ? '—' : `${groupDecimal(event.quantity)} ${unitOf(event.quantity, event.unit)}`,
          ],
          ['Meter', <code key="meter">{event.meter ?? event.type}</code>],
          ['Subject', <code key="subject">{event.subject}</code>],
          ['Source', <code key="source">{event.source}</code>],
          ['Sequence', `${groupDecimal(event.sequence)} in block ${groupDecimal(event.block)}`],
        ]}
      />
      <details>
        <summary>Data</summary>
        <pre className={css['data']}>{pretty(event.data)}</pre>
      </details>
    </Panel>
  );
}
