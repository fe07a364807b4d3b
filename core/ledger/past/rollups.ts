/** Hourly totals as they were: hours that changed since, or that the moment cuts, are added up again from events. */
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import type { MeterRecord } from '../catalog.ts';
import type { Connection } from '../open.ts';
import { assignedUnits, lazyData, pendingOf, readUnits } from '../pending-event.ts';
import type { PendingEvent } from '../pending-event.ts';
import type { RollupRow } from '../rows.ts';
import type { Moment } from './moment.ts';

const HOUR_MS = 3_600_000;

/** Hours that gained an event since, and the hour in which the moment is. New ones need no adding up. */
const CHANGED = `SELECT meter, subject, hour_ms, first_seq FROM main.rollup
  WHERE first_seq <= @watermark AND (last_seq > @watermark OR hour_ms + ${HOUR_MS} > @beforeMs)`;
/** Hours that a parked event joined since, when it was assigned. */
const JOINED = `SELECT p.meter AS meter, e.subject AS subject, e.occurred_ms / ${HOUR_MS} * ${HOUR_MS} AS hour_ms,
    r.first_seq AS first_seq
  FROM main.parked AS p JOIN main.event AS e ON e.seq = p.event_seq
    JOIN main.rollup AS r ON r.meter = p.meter AND r.subject = e.subject
      AND r.hour_ms = e.occurred_ms / ${HOUR_MS} * ${HOUR_MS}
  WHERE p.state = 'rated' AND p.closed_tx > ?`;
const METERS = `SELECT id, body, (SELECT min(seq) FROM written WHERE kind = 'meter' AND id = r.id) AS tx
  FROM temp.record AS r WHERE kind = 'meter' ORDER BY id`;
const UNCOUNTED = `SELECT event_seq, meter, state FROM temp.parked
  WHERE reason IN ('meter-unknown', 'quantity-invalid')`;
const EVENTS = `SELECT seq, source, id, subject, type, meter, quantity, occurred_ms, data, hold, tx FROM temp.event
  WHERE seq >= ? AND seq <= ? AND occurred_ms >= ? AND occurred_ms < ? ORDER BY seq`;
const PUT = `INSERT OR REPLACE INTO rollup_then VALUES (?, ?, ?, 'main', ?, ?, ?, ?, ?, ?, ?, ?)`;

type Key = Pick<RollupRow, 'meter' | 'subject' | 'hour_ms' | 'first_seq'>;
type Known = Readonly<{ meter: MeterRecord; tx: number }>;
type Parked = Readonly<{ event_seq: number; meter: string | null; state: string }>;
type Sum = { key: Key; events: number; units: bigint; most: bigint | null; latest: Latest | null; seqs: number[] };
type Latest = Readonly<{ units: bigint; atMs: number; seq: number }>;

const nameOf = (meter: string, subject: string, hourMs: number): string => `${meter}|${hourMs}|${subject}`;

export function fillRollups(connection: Connection, { seq, watermark, beforeMs }: Moment): void {
  const changed = connection.prepare(CHANGED).all({ watermark, beforeMs }) as Key[];
  const joined = connection.prepare(JOINED).all(seq) as Key[];
  const keys = [...changed, ...joined].filter(({ hour_ms }) => hour_ms < beforeMs);
  if (keys.length === 0) return;
  const sums = new Map<string, Sum>();
  let [first, fromMs, toMs] = [Infinity, Infinity, 0];
  for (const key of keys) {
    const name = nameOf(key.meter, key.subject, key.hour_ms);
    sums.set(name, { key, events: 0, units: 0n, most: null, latest: null, seqs: [] });
    first = Math.min(first, key.first_seq);
    fromMs = Math.min(fromMs, key.hour_ms);
    toMs = Math.max(toMs, key.hour_ms + HOUR_MS);
  }
  const counted = counting(connection);
  const rows = connection.prepare(EVENTS).safeIntegers().iterate(first, watermark, fromMs, toMs);
  for (const raw of rows as Iterable<Record<string, unknown>>) {
    const event = pendingOf({ ...raw, seq: Number(raw.seq), occurred_ms: Number(raw.occurred_ms) } as never);
    const hourMs = Math.floor(event.occurredMs / HOUR_MS) * HOUR_MS;
    for (const { meter, units } of counted(event, Number(raw.tx))) {
      const sum = sums.get(nameOf(meter, event.subject, hourMs));
      if (sum) add(sum, event, units);
    }
  }
  const put = connection.prepare(PUT);
  for (const { key, events: count, units, most, latest, seqs } of sums.values()) {
    const ends = [Math.min(...seqs), Math.max(...seqs)].map((end) => (Number.isFinite(end) ? end : 0));
    const last = [latest?.units.toString() ?? null, latest?.atMs ?? null, latest?.seq ?? null];
    put.run(key.meter, key.subject, key.hour_ms, count, `${units}`, most?.toString() ?? null, ...last, ...ends);
  }
}

function add(sum: Sum, event: PendingEvent, units: bigint): void {
  sum.events += 1;
  sum.units += units;
  sum.seqs = [Math.min(event.seq, sum.seqs[0] ?? event.seq), event.seq];
  if (event.source === CORRECTION_SOURCE) return;
  if (sum.most === null || units > sum.most) sum.most = units;
  if (sum.latest === null || event.occurredMs >= sum.latest.atMs) {
    sum.latest = { units, atMs: event.occurredMs, seq: event.seq };
  }
}

/** Which meters had counted an event, and how much: those defined before it came, or that it was assigned to. */
function counting(connection: Connection) {
  const meters = new Map<string, Known>();
  const byType = new Map<string, Known[]>();
  for (const { id, body, tx } of connection.prepare(METERS).all() as { id: string; body: string; tx: number }[]) {
    const known = { meter: JSON.parse(body) as MeterRecord, tx };
    meters.set(id, known);
    byType.set(known.meter.eventType, [...(byType.get(known.meter.eventType) ?? []), known]);
  }
  const parked = new Map<number, Parked[]>();
  for (const row of connection.prepare(UNCOUNTED).all() as Parked[]) {
    parked.set(row.event_seq, [...(parked.get(row.event_seq) ?? []), row]);
  }
  const catalog = { meter: (key: string) => meters.get(key)?.meter };
  return function* counted(event: PendingEvent, tx: number): Generator<{ meter: string; units: bigint }> {
    const waiting = parked.get(event.seq) ?? [];
    const listening = event.meter === null ? (byType.get(event.type) ?? []) : [meters.get(event.meter)];
    for (const known of listening) {
      // A meter counts from its definition on; what was accepted before went by without it.
      if (!known || known.tx > tx) continue;
      const units = readUnits(event, known.meter, lazyData(event));
      if (typeof units === 'bigint') yield { meter: known.meter.key, units };
    }
    for (const { meter: key, state } of waiting) {
      const meter = state === 'rated' ? meters.get(key ?? '')?.meter : undefined;
      const units = meter && assignedUnits(event, meter, catalog, lazyData(event));
      if (meter && typeof units === 'bigint') yield { meter: meter.key, units };
    }
  };
}
