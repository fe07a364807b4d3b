/**
 * The events behind slices: a slice names a range of sequences and a customer, meter and time; its events are found
 * by reading that range.
 */
import type { EventRow, SliceRow } from '../rows.ts';
import type { ReadSession } from './session.ts';

const RANGE = `SELECT seq, book, source, id, subject, type, meter, quantity, occurred_ms, data, fingerprint, hold, tx
  FROM event WHERE seq >= ? AND seq <= ? AND seq > ? AND occurred_ms >= ? AND occurred_ms < ?
  AND (meter = ? OR (meter IS NULL AND type = ?)) ORDER BY seq`;
/** Sources are counted over so many events at most; beyond that the count says "at least". */
const MOST_COUNTED = 50_000;

function* eventsOfSlice(session: ReadSession, slice: SliceRow, after: number): Generator<EventRow> {
  const type = session.catalog.meter(slice.meter)?.eventType ?? slice.meter;
  const rows = session
    .bigSql(RANGE)
    .all(slice.first_event, slice.last_event, after, slice.from_ms, slice.to_ms, slice.meter, type) as EventRow[];
  const single = slice.first_event === slice.last_event;
  for (const raw of rows) {
    const event = { ...raw, seq: Number(raw.seq), occurred_ms: Number(raw.occurred_ms), tx: Number(raw.tx) };
    // A slice of one event is that event, whoever it was assigned to; others are told by customer, and captures apart.
    if (single || (event.hold === slice.hold && session.catalog.resolve(event.subject) === slice.customer)) yield event;
  }
}

/** Events of slices in order of sequence, after one; slices of a line never overlap for one customer and meter. */
export function eventsOfSlices(
  session: ReadSession,
  slices: readonly SliceRow[],
  page: Readonly<{ after: number; limit: number }>,
): EventRow[] {
  const found: EventRow[] = [];
  const ordered = [...slices].sort((a, b) => a.first_event - b.first_event);
  for (const slice of ordered) {
    if (slice.last_event <= page.after) continue;
    for (const event of eventsOfSlice(session, slice, page.after)) {
      found.push(event);
      if (found.length >= page.limit * 2) break;
    }
    if (found.length >= page.limit) break;
  }
  return found.sort((a, b) => a.seq - b.seq).slice(0, page.limit);
}

/** How many events came from each source, most first. */
export function sourcesOf(session: ReadSession, slices: readonly SliceRow[]): { source: string; count: string }[] {
  const counts = new Map<string, number>();
  let looked = 0;
  for (const slice of slices) {
    if (looked >= MOST_COUNTED) break;
    for (const event of eventsOfSlice(session, slice, 0)) {
      counts.set(event.source, (counts.get(event.source) ?? 0) + 1);
      looked += 1;
    }
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 20)
    .map(([source, count]) => ({ source, count: looked >= MOST_COUNTED ? `at least ${count}` : String(count) }));
}
