/** What a meter came to over windows, subjects and dimensions. Whole hours come from rollups, the rest from events. */
import { formatMinor } from '#core/domain/money.ts';
import { valueAt } from '#core/domain/meter.ts';
import { isTimeZone, offsetAt } from '#core/domain/zone.ts';
import { windowEnd, windowStart } from '#core/domain/period.ts';
import type { WindowSize } from '#core/domain/period.ts';
import { refuse } from '#core/domain/refusal.ts';
import { trimmed } from '#core/domain/words.ts';
import type { MeterRecord } from '../catalog.ts';
import { lazyData, pendingOf, readUnits, uniqueValue } from '../pending-event.ts';
import type { PendingEvent } from '../pending-event.ts';
import type { RollupRow } from '../rows.ts';
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import type { ReadSession } from './session.ts';

export type MeterQuery = Readonly<{
  meter: string;
  fromMs?: number | undefined;
  toMs?: number | undefined;
  windowSize?: WindowSize | undefined;
  timeZone: string;
  subjects: readonly string[];
  groupBy: readonly string[];
  filters: Readonly<Record<string, readonly string[]>>;
}>;
type Cell = {
  startMs: number;
  endMs: number;
  subject: string | null;
  groups: Record<string, string | null>;
  units: bigint;
  most: bigint | null;
  latest: bigint | null;
  latestMs: number;
  latestSeq: number;
  seen: Set<string> | null;
};

const HOUR_MS = 3_600_000;
const FOREVER_MS = 253_402_300_800_000;
const MOST_ROWS = 10_000;
/** A few hundredths of a second of work. */
const EVENTS_A_SLICE = 10_000;
/** Only what the aggregation needs is read: over a year of hours the columns are most of the time. */
const ROLLUP_COLUMNS = {
  sum: 'units',
  count: 'units',
  max: 'units, most',
  latest: 'units, latest, latest_ms, latest_seq',
  unique: 'units',
} as const;
const EVENTS = `SELECT seq, source, id, subject, type, meter, quantity, occurred_ms, data, hold FROM event
  WHERE seq > ? AND seq <= ? AND occurred_ms >= ? AND occurred_ms < ? AND (meter = ? OR (meter IS NULL AND type = ?))
  ORDER BY seq`;

/**
 * Answers a query. Rows of nothing are left out; without a window there is one row a group over the whole time. Where
 * rollups do not know the answer it goes through the events in slices, and yields after each.
 */
export function* meterQuery(session: ReadSession, input: MeterQuery) {
  const meter = session.catalog.meter(input.meter);
  if (!meter) {
    return refuse({ code: 'METER_UNKNOWN', detail: `No meter has the key "${input.meter}".`, fix: 'List the meters.' });
  }
  if (!isTimeZone(input.timeZone)) {
    return refuse({ code: 'INPUT_INVALID', detail: `"${input.timeZone}" is no time zone.`, fix: 'Send an IANA name.' });
  }
  const unknown = [...input.groupBy, ...Object.keys(input.filters)].find(
    (name) => name !== 'subject' && !(name in meter.dimensions),
  );
  if (unknown !== undefined) {
    const fix = `It has ${Object.keys(meter.dimensions).join(', ') || 'none'}.`;
    return refuse({ code: 'INPUT_INVALID', detail: `The meter ${meter.key} has no dimension "${unknown}".`, fix });
  }
  const cells = new Map<string, Cell>();
  const { watermark, event_seq: end } = session.book();
  if (usesRollups(input, meter)) {
    session.ready('rollups');
    addRollups(session, input, meter, cells);
    yield* addEvents(session, input, meter, cells, { after: watermark, to: end });
  } else yield* addEvents(session, input, meter, cells, { after: 0, to: end });
  checkSize(cells);
  const items = [...cells.values()].map((cell) => rowOf(cell, meter)).sort(byWindow);
  return { items, watermark: String(watermark), eventSequence: String(end) };
}

/** Asked after each slice too: a dimension that is another for each event must not fill the memory first. */
function checkSize(cells: ReadonlyMap<string, Cell>): void {
  if (cells.size <= MOST_ROWS) return;
  refuse({
    code: 'INPUT_INVALID',
    detail: `The answer has ${cells.size} rows or more; at most ${MOST_ROWS} are given.`,
    fix: 'Ask for a shorter time, larger windows or fewer groups.',
  });
}

const byWindow = (a: { windowStartMs: number; subject: string | null }, b: typeof a): number =>
  a.windowStartMs - b.windowStartMs || ((a.subject ?? '') < (b.subject ?? '') ? -1 : 1);

/** Rollups know hours and subjects only: whole UTC hours, no other dimension, no distinct values. */
function usesRollups(input: MeterQuery, meter: MeterRecord): boolean {
  const { fromMs = 0, toMs = 0, windowSize, timeZone } = input;
  const wholeHours = fromMs % HOUR_MS === 0 && toMs % HOUR_MS === 0 && windowSize !== 'MINUTE';
  const byDimension = [...input.groupBy, ...Object.keys(input.filters)].some((name) => name !== 'subject');
  return wholeHours && !byDimension && meter.aggregation !== 'unique' && isWholeHourZone(timeZone, input);
}

/** Whether the zone's offset is whole hours at both ends and every month between: else a day begins inside an hour. */
function isWholeHourZone(timeZone: string, { fromMs = 0, toMs }: MeterQuery): boolean {
  if (timeZone === 'UTC') return true;
  const last = Math.min(toMs ?? Date.UTC(2100, 0), Date.UTC(2100, 0));
  const first = Math.max(fromMs, Date.UTC(2000, 0));
  for (let at = first; at <= last; at += 28 * 24 * HOUR_MS) if (offsetAt(timeZone, at) % HOUR_MS !== 0) return false;
  return offsetAt(timeZone, last) % HOUR_MS === 0;
}

type RollupPart = Pick<RollupRow, 'subject' | 'hour_ms' | 'units'> &
  Partial<Pick<RollupRow, 'most' | 'latest' | 'latest_ms' | 'latest_seq'>>;

function addRollups(session: ReadSession, input: MeterQuery, meter: MeterRecord, cells: Map<string, Cell>): void {
  const rows = session
    .sql(
      `SELECT subject, hour_ms, ${ROLLUP_COLUMNS[meter.aggregation]} FROM rollup
        WHERE meter = ? AND hour_ms >= ? AND hour_ms < ?`,
    )
    .iterate(meter.key, input.fromMs ?? 0, input.toMs ?? FOREVER_MS);
  const cellOf = rollupCells(input, cells);
  for (const row of rows as Iterable<RollupPart>) {
    if (!wantsSubject(input, row.subject)) continue;
    const cell = cellOf(row);
    cell.units += BigInt(row.units);
    raise(cell, row.most === null || row.most === undefined ? null : BigInt(row.most));
    if (row.latest) newer(cell, BigInt(row.latest), row.latest_ms ?? 0, row.latest_seq ?? 0);
  }
}

/** The cell of a rollup. A window is worked out once for each of its hours, whatever number of subjects they have. */
function rollupCells(input: MeterQuery, cells: Map<string, Cell>): (row: RollupPart) => Cell {
  const { windowSize, timeZone } = input;
  const at = (row: RollupPart): Cell => cellFor(cells, input, { atMs: row.hour_ms, subject: row.subject, groups: {} });
  // Without windows each row may widen the one that there is.
  if (!windowSize) return at;
  const isApart = input.groupBy.includes('subject') || input.subjects.length > 0;
  const starts = new Map<number, number>();
  const known = new Map<string | number, Cell>();
  return (row) => {
    let startMs = starts.get(row.hour_ms);
    if (startMs === undefined) {
      startMs = windowStart(windowSize, timeZone, row.hour_ms);
      starts.set(row.hour_ms, startMs);
    }
    const key = isApart ? `${startMs} ${row.subject}` : startMs;
    let cell = known.get(key);
    if (!cell) {
      cell = at(row);
      known.set(key, cell);
    }
    return cell;
  };
}

function wantsSubject(input: MeterQuery, subject: string): boolean {
  const filter = input.filters.subject;
  return (input.subjects.length === 0 || input.subjects.includes(subject)) && (!filter || filter.includes(subject));
}

/** Events never change, so slices read one after the other add up to what one read would. */
function* addEvents(
  session: ReadSession,
  input: MeterQuery,
  meter: MeterRecord,
  cells: Map<string, Cell>,
  range: { after: number; to: number },
): Generator<undefined, void> {
  for (let { after } = range; after < range.to; after += EVENTS_A_SLICE) {
    const to = Math.min(after + EVENTS_A_SLICE, range.to);
    const rows = session
      .bigSql(EVENTS)
      .iterate(after, to, input.fromMs ?? 0, input.toMs ?? FOREVER_MS, meter.key, meter.eventType);
    for (const raw of rows as Iterable<Record<string, unknown>>) {
      const event = pendingOf({ ...raw, seq: Number(raw.seq), occurred_ms: Number(raw.occurred_ms) } as never);
      if (wantsSubject(input, event.subject)) addEvent(event, input, meter, cells);
    }
    checkSize(cells);
    if (to < range.to) yield undefined;
  }
}

function addEvent(event: PendingEvent, input: MeterQuery, meter: MeterRecord, cells: Map<string, Cell>): void {
  const data = lazyData(event);
  const units = readUnits(event, meter, data);
  if (typeof units === 'string') return;
  const valueOf = (name: string): string | null => {
    const path = event.meter === null ? (meter.dimensions[name] ?? '$') : `$.${name}`;
    const value = valueAt(data(), path);
    if (value === undefined || value === null) return null;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  for (const [name, allowed] of Object.entries(input.filters)) {
    if (name !== 'subject' && !allowed.includes(valueOf(name) ?? '')) return;
  }
  const groups: Record<string, string | null> = {};
  for (const name of input.groupBy) if (name !== 'subject') groups[name] = valueOf(name);
  const cell = cellFor(cells, input, { atMs: event.occurredMs, subject: event.subject, groups });
  if (meter.aggregation === 'unique') (cell.seen ??= new Set()).add(uniqueValue(event, meter, data));
  cell.units += units;
  if (event.source === CORRECTION_SOURCE) return;
  raise(cell, units);
  newer(cell, units, event.occurredMs, event.seq);
}

function cellFor(
  cells: Map<string, Cell>,
  input: MeterQuery,
  at: { atMs: number; subject: string; groups: Record<string, string | null> },
): Cell {
  const { windowSize, timeZone } = input;
  const startMs = windowSize ? windowStart(windowSize, timeZone, at.atMs) : (input.fromMs ?? -1);
  const subject = input.groupBy.includes('subject') || input.subjects.length > 0 ? at.subject : null;
  const key = JSON.stringify([startMs, subject, at.groups]);
  const known = cells.get(key);
  if (known) {
    if (!windowSize) widen(known, input, at.atMs);
    return known;
  }
  const endMs = windowSize ? windowEnd(windowSize, timeZone, at.atMs) : (input.toMs ?? -1);
  const cell: Cell = {
    startMs,
    endMs,
    subject,
    groups: at.groups,
    units: 0n,
    most: null,
    latest: null,
    latestMs: -1,
    latestSeq: -1,
    seen: null,
  };
  if (!windowSize) widen(cell, input, at.atMs);
  cells.set(key, cell);
  return cell;
}

/** Without windows and bounds the row spans what was found, in whole minutes. */
function widen(cell: Cell, input: MeterQuery, atMs: number): void {
  const minute = 60_000;
  const floor = Math.floor(atMs / minute) * minute;
  if (input.fromMs === undefined && (cell.startMs < 0 || floor < cell.startMs)) cell.startMs = floor;
  if (input.toMs === undefined && floor + minute > cell.endMs) cell.endMs = floor + minute;
}

function raise(cell: Cell, units: bigint | null): void {
  if (units !== null && (cell.most === null || units > cell.most)) cell.most = units;
}

function newer(cell: Cell, units: bigint, atMs: number, seq: number): void {
  if (atMs < cell.latestMs || (atMs === cell.latestMs && seq < cell.latestSeq)) return;
  cell.latest = units;
  cell.latestMs = atMs;
  cell.latestSeq = seq;
}

function rowOf(cell: Cell, meter: MeterRecord) {
  const units = {
    sum: cell.units,
    count: cell.units,
    max: cell.most ?? 0n,
    latest: cell.latest ?? 0n,
    unique: BigInt(cell.seen?.size ?? 0),
  }[meter.aggregation];
  return {
    value: trimmed(formatMinor(units, meter.aggregation === 'unique' ? 0 : meter.scale)),
    windowStartMs: cell.startMs,
    windowEndMs: cell.endMs,
    subject: cell.subject,
    groupBy: cell.groups,
  };
}
