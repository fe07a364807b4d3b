/** Rows of usage: events oldest first, the unrated queue, and conflicts. */
import { canonicalJson } from '#core/domain/canonical.ts';
import type { Cell } from '#core/domain/exports.ts';
import { invariant } from '#core/domain/refusal.ts';
import type { ConflictRow, ParkedRow } from '../rows.ts';
import { conflictView, EVENT_COLUMNS, EVENT_FROM, eventBySequence, eventView, exact } from '../reads/usage.ts';
import type { Joined } from '../reads/usage.ts';
import { requireCustomer } from '../reads/session.ts';
import type { ReadSession } from '../reads/session.ts';
import { each } from './rows.ts';
import type { Reading, Rows } from './rows.ts';

const EVENTS = `SELECT ${EVENT_COLUMNS} ${EVENT_FROM} ORDER BY event.seq`;
const PARKED = `SELECT parked.id, parked.event_seq, parked.reason, parked.detail, tx.recorded_ms AS parked_ms
  FROM parked JOIN tx ON tx.seq = parked.tx AND tx.book = parked.book
  WHERE parked.state = 'open' AND (? IS NULL OR parked.reason = ?) ORDER BY parked.id`;
const CONFLICTS = `SELECT tx, line, source, id, subject, body, recorded_ms FROM conflict ORDER BY tx, line`;

type View = ReturnType<typeof eventView>;

/**
 * Quantity and dimensions as their sender gave them. An event of our own API whose meter nobody knew keeps its quantity
 * among its dimensions; one of a dialect has data of its own form instead, of which the meter's value is the quantity.
 */
function sentTerms(row: Joined, view: View): { quantity: string | null; dimensions: string | null } {
  if (row.meter === null) return { quantity: view.quantity, dimensions: null };
  if (row.quantity !== null) return { quantity: view.quantity, dimensions: row.data };
  const { quantity, ...dimensions } = JSON.parse(row.data) as Readonly<Record<string, unknown>>;
  return { quantity: String(quantity), dimensions: canonicalJson(dimensions) };
}

function eventCells(row: Joined, view: View): Cell[] {
  const { quantity, dimensions } = sentTerms(row, view);
  return [
    row.seq,
    row.source,
    row.id,
    row.subject,
    view.customer,
    row.type,
    view.meter,
    quantity,
    view.unit,
    row.occurred_ms,
    row.recorded_ms,
    dimensions,
    row.data,
    row.hold,
  ];
}

function wantedBy({ session, filters }: Reading): (row: Joined) => boolean {
  const { subject, fromMs, toMs } = filters;
  const customer = filters.customer === undefined ? null : requireCustomer(session, filters.customer).id;
  const meter = filters.meter === undefined ? undefined : session.catalog.meter(filters.meter);
  return (row) =>
    (customer === null || session.catalog.resolve(row.subject) === customer) &&
    (subject === undefined || row.subject === subject) &&
    (filters.meter === undefined || row.meter === filters.meter || isHeardBy(row, meter)) &&
    (fromMs === undefined || row.occurred_ms >= fromMs) &&
    (toMs === undefined || row.occurred_ms < toMs);
}

const isHeardBy = (row: Joined, meter: { eventType: string } | undefined): boolean =>
  row.meter === null && row.type === meter?.eventType;

function* joined(reading: Reading): Iterable<Joined> {
  const statement = reading.session.connection.prepare(EVENTS).safeIntegers();
  for (const raw of statement.iterate() as Iterable<Record<string, unknown>>) yield exact(raw);
}

export function* usage(reading: Reading): Rows {
  const { session } = reading;
  const isWanted = wantedBy(reading);
  const { watermark } = session.book();
  for (const row of joined(reading)) {
    if (!isWanted(row)) continue;
    const view = eventView(session, row, watermark);
    yield [...eventCells(row, view), view.state, view.reason];
  }
}

export function* unrated(reading: Reading): Rows {
  const { session } = reading;
  const reason = reading.filters.reason ?? null;
  for (const row of each<ParkedRow & { parked_ms: number }>(reading, PARKED, reason, reason)) {
    const event = requireEvent(session, row.event_seq);
    yield [row.id, row.reason, row.detail, row.parked_ms, ...eventCells(event, eventView(session, event))];
  }
}

function requireEvent(session: ReadSession, sequence: number): Joined {
  const event = eventBySequence(session, sequence);
  invariant(event, 'what is parked is an event of the books');
  return event;
}

export function* conflicts(reading: Reading): Rows {
  for (const row of each<ConflictRow>(reading, CONFLICTS)) {
    const { source, id, subject, recordedMs, kept, refused } = conflictView(reading.session, row);
    yield [source, id, subject, recordedMs, kept, refused];
  }
}
