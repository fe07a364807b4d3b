/** Events as they were accepted and what became of them; conflicts; the unrated queue. */
import { formatMinor } from '#core/domain/money.ts';
import { trimmed } from '#core/domain/words.ts';
import { lazyData, pendingOf, readUnits } from '../pending-event.ts';
import type { ConflictRow, EventRow, ParkedRow, TxRow } from '../rows.ts';
import { cursorOf, notFound, paged, readCursor, requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

export type Joined = EventRow & Pick<TxRow, 'recorded_ms' | 'block'>;
export const EVENT_COLUMNS = `event.seq, event.book, event.source, event.id, event.subject, event.type, event.meter,
  event.quantity, event.occurred_ms, event.data, event.fingerprint, event.hold, event.tx, tx.recorded_ms, tx.block`;
export const EVENT_FROM = `FROM event JOIN tx ON tx.seq = event.tx AND tx.book = event.book`;
const BEFORE = `SELECT ${EVENT_COLUMNS} ${EVENT_FROM} WHERE event.seq < ? ORDER BY event.seq DESC LIMIT ?`;
const BY_ID = `SELECT ${EVENT_COLUMNS} ${EVENT_FROM} WHERE event.id = ? AND event.source = ?`;
const BY_ID_ONLY = `SELECT ${EVENT_COLUMNS} ${EVENT_FROM} WHERE event.id = ? LIMIT 2`;
const BY_SEQ = `SELECT ${EVENT_COLUMNS} ${EVENT_FROM} WHERE event.seq = ?`;
const PARKED_OF = 'SELECT id, reason, detail, state FROM parked WHERE event_seq = ? LIMIT 1';
const PARKED_LIST = `SELECT id, event_seq, meter, reason, detail, tx FROM parked
  WHERE state = 'open' AND id > ? AND (? IS NULL OR reason = ?) ORDER BY id LIMIT ?`;
const PARKED_GROUPS = `SELECT parked.reason AS reason, COALESCE(parked.meter, event.meter, event.type) AS type,
    event.subject AS subject, COUNT(*) AS count, MIN(tx.recorded_ms) AS first
  FROM parked JOIN event ON event.seq = parked.event_seq JOIN tx ON tx.seq = parked.tx AND tx.book = parked.book
  WHERE parked.state = 'open' GROUP BY 1, 2, 3 ORDER BY count DESC LIMIT 200`;
const PARKED_TOTAL = `SELECT COUNT(*) AS total FROM parked WHERE state = 'open'`;
const CONFLICTS = `SELECT tx, line, source, id, subject, body, recorded_ms FROM conflict
  WHERE (tx, line) < (?, ?) ORDER BY tx DESC, line DESC LIMIT ?`;
/** A list that filters looks at this many events at most for one page; the cursor goes on from there. */
const MOST_LOOKED_AT = 20_000;

export const exact = (raw: Record<string, unknown>): Joined =>
  ({
    ...raw,
    seq: Number(raw.seq),
    occurred_ms: Number(raw.occurred_ms),
    tx: Number(raw.tx),
    recorded_ms: Number(raw.recorded_ms),
    block: Number(raw.block),
    // Columns that are not named here are read as they are stored.
  }) as unknown as Joined;

type State = { state: 'waiting' | 'rated' | 'parked' | 'counted'; reason: string | null };

function stateOf(
  session: ReadSession,
  row: Joined,
  meter: { billable: boolean } | undefined,
  watermark: number,
): State {
  if (row.hold !== null) return { state: 'rated', reason: null };
  if (row.seq > watermark) return { state: 'waiting', reason: null };
  const parked = session.sql(PARKED_OF).get(row.seq) as ParkedRow | undefined;
  if (parked?.state === 'open') return { state: 'parked', reason: parked.detail };
  if (parked?.state === 'dismissed') return { state: 'counted', reason: 'dismissed' };
  return { state: meter?.billable ? 'rated' : 'counted', reason: null };
}

export function eventView(session: ReadSession, row: Joined, watermark = session.book().watermark) {
  const { catalog } = session;
  const listening = row.meter === null ? catalog.metersOf(row.type) : [];
  const meter = row.meter === null ? listening[0] : catalog.meter(row.meter);
  const pending = pendingOf(row);
  const units = meter ? readUnits(pending, meter, lazyData(pending)) : null;
  return {
    sequence: String(row.seq),
    source: row.source,
    id: row.id,
    subject: row.subject,
    customer: catalog.resolve(row.subject),
    type: row.type,
    meter: meter?.key ?? row.meter,
    quantity: typeof units === 'bigint' && meter ? trimmed(formatMinor(units, meter.scale)) : null,
    unit: meter?.unit ?? null,
    occurredAtMs: row.occurred_ms,
    recordedMs: row.recorded_ms,
    block: String(row.block),
    data: row.data,
    holdId: row.hold,
    ...stateOf(session, row, meter, watermark),
  };
}

type ListInput = {
  limit: number;
  cursor?: string | undefined;
  beforeSequence?: string | undefined;
  customer?: string | undefined;
  subject?: string | undefined;
  meter?: string | undefined;
  fromMs?: number | undefined;
  toMs?: number | undefined;
};

/**
 * Events newest first. Filters are applied while reading backwards; a page never looks at more than a stated number.
 */
export function events(session: ReadSession, input: ListInput) {
  const customer = input.customer === undefined ? null : requireCustomer(session, input.customer).id;
  const meter = input.meter === undefined ? undefined : session.catalog.meter(input.meter);
  const wanted = (row: Joined): boolean =>
    (customer === null || session.catalog.resolve(row.subject) === customer) &&
    (input.subject === undefined || row.subject === input.subject) &&
    (input.meter === undefined || row.meter === input.meter || (row.meter === null && row.type === meter?.eventType)) &&
    (input.fromMs === undefined || row.occurred_ms >= input.fromMs) &&
    (input.toMs === undefined || row.occurred_ms < input.toMs);
  const from = input.beforeSequence === undefined ? Number.MAX_SAFE_INTEGER : Number.parseInt(input.beforeSequence, 10);
  const [start] = (readCursor(input.cursor) ?? [from]) as [number];
  const found: Joined[] = [];
  let looked = 0;
  let last = start;
  for (const raw of session.bigSql(BEFORE).iterate(start, MOST_LOOKED_AT) as Iterable<Record<string, unknown>>) {
    const row = exact(raw);
    looked += 1;
    last = row.seq;
    if (wanted(row)) found.push(row);
    if (found.length > input.limit) break;
  }
  const watermark = session.book().watermark;
  const page = paged(
    found,
    input.limit,
    (row) => eventView(session, row, watermark),
    (row) => cursorOf(row.seq),
  );
  return page.nextCursor === null && looked === MOST_LOOKED_AT ? { ...page, nextCursor: cursorOf(last) } : page;
}

export function findEvent(session: ReadSession, input: { source?: string | undefined; id: string }): Joined | null {
  const rows = (
    input.source === undefined
      ? session.bigSql(BY_ID_ONLY).all(input.id)
      : session.bigSql(BY_ID).all(input.id, input.source)
  ) as Record<string, unknown>[];
  return rows[0] && rows.length === 1 ? exact(rows[0]) : null;
}

export function eventBySequence(session: ReadSession, sequence: number): Joined | null {
  const raw = session.bigSql(BY_SEQ).get(sequence) as Record<string, unknown> | undefined;
  return raw ? exact(raw) : null;
}

export function event(session: ReadSession, input: { source: string; id: string }) {
  const row = findEvent(session, input);
  return row ? eventView(session, row) : notFound('event', input.id);
}

export function conflicts(session: ReadSession, input: { limit: number; cursor?: string | undefined }) {
  const [tx, line] = (readCursor(input.cursor) ?? [Number.MAX_SAFE_INTEGER, 0]) as [number, number];
  const rows = session.sql(CONFLICTS).all(tx, line, input.limit + 1) as ConflictRow[];
  return paged(
    rows,
    input.limit,
    (row) => conflictView(session, row),
    (row) => cursorOf(row.tx, row.line),
  );
}

export function conflictView(session: ReadSession, row: ConflictRow) {
  const kept = findEvent(session, row);
  return {
    source: row.source,
    id: row.id,
    subject: row.subject,
    recordedMs: row.recorded_ms,
    kept: kept?.data ?? '{}',
    refused: row.body,
  };
}

export function unratedSummary(session: ReadSession) {
  const { total } = session.sql(PARKED_TOTAL).get() as { total: number };
  const groups = session.sql(PARKED_GROUPS).all() as {
    reason: string;
    type: string;
    subject: string;
    count: number;
    first: number;
  }[];
  return { total, groups: groups.map(({ first, ...group }) => ({ ...group, firstMs: first })) };
}

export function unrated(
  session: ReadSession,
  input: { limit: number; cursor?: string | undefined; reason?: string | undefined },
) {
  const [after] = (readCursor(input.cursor) ?? ['']) as [string];
  const reason = input.reason ?? null;
  const rows = session.sql(PARKED_LIST).all(after, reason, reason, input.limit + 1) as ParkedRow[];
  return paged(
    rows,
    input.limit,
    (row) => {
      const found = eventBySequence(session, row.event_seq);
      if (!found) return notFound('event', String(row.event_seq));
      return {
        id: row.id,
        reason: row.reason,
        detail: row.detail,
        event: eventView(session, found),
        parkedMs: session.store.get('tx', row.tx)?.recorded_ms ?? found.recorded_ms,
      };
    },
    (row) => cursorOf(row.id),
  );
}
