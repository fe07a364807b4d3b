/** An accepted event before it is posted: what it means to a meter. */
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import { parseQuantity, valueAt } from '#core/domain/meter.ts';
import { formatMinor } from '#core/domain/money.ts';
import type { Catalog, MeterRecord } from './catalog.ts';
import type { EventRow } from './rows.ts';

/** An accepted event that waits to be posted. */
export type PendingEvent = Readonly<{
  seq: number;
  source: string;
  id: string;
  subject: string;
  type: string;
  meter: string | null;
  units: bigint | null;
  occurredMs: number;
  data: string;
  hold: string | null;
}>;

/** Why an event was parked before any meter had counted it. */
export const PARKED_UNCOUNTED: ReadonlySet<string> = new Set(['meter-unknown', 'quantity-invalid']);

/** What an event means to a meter: its quantity, or why it has none. */
export function readUnits(event: PendingEvent, meter: MeterRecord, data: () => unknown): bigint | string {
  const isOurs = event.hold !== null || event.source === CORRECTION_SOURCE;
  if (isOurs && event.units !== null) return event.units;
  if (meter.aggregation === 'count') return 1n;
  if (event.meter !== null && event.units !== null) return event.units;
  const raw = event.meter === null ? valueAt(data(), meter.valuePath ?? '$') : valueAt(data(), '$.quantity');
  if (meter.aggregation === 'unique') return raw === undefined || raw === null ? 'The value to count is missing.' : 1n;
  const parsed = parseQuantity(raw, meter.scale);
  return parsed.ok ? parsed.units : parsed.reason;
}

/**
 * What a parked event means to the meter it is assigned to. The quantity of an event that names another meter is read
 * again at this meter's scale: 5 stays 5, whatever each of them counts in.
 */
export function assignedUnits(
  event: PendingEvent,
  meter: MeterRecord,
  catalog: Pick<Catalog, 'meter'>,
  data: () => unknown,
): bigint | string {
  const named = event.meter === null ? undefined : catalog.meter(event.meter);
  if (named && event.units !== null && named.scale !== meter.scale) {
    const parsed = parseQuantity(formatMinor(event.units, named.scale), meter.scale, true);
    return parsed.ok ? parsed.units : parsed.reason;
  }
  return readUnits({ ...event, meter: event.meter === null ? null : meter.key }, meter, data);
}

/** The value a `unique` meter counts once, as text. */
export function uniqueValue(event: PendingEvent, meter: MeterRecord, data: () => unknown): string {
  const name = Object.entries(meter.dimensions).find(([, path]) => path === meter.valuePath)?.[0];
  const raw = event.meter === null || !name ? valueAt(data(), meter.valuePath ?? '$') : valueAt(data(), `$.${name}`);
  return typeof raw === 'string' ? raw : JSON.stringify(raw ?? null);
}

/** Parses an event's data once, if anybody asks. */
export function lazyData(event: Pick<PendingEvent, 'data'>): () => unknown {
  let parsed: unknown;
  return () => (parsed ??= JSON.parse(event.data));
}

export function pendingOf(row: EventRow): PendingEvent {
  return {
    seq: row.seq,
    source: row.source,
    id: row.id,
    subject: row.subject,
    type: row.type,
    meter: row.meter,
    units: row.quantity,
    occurredMs: row.occurred_ms,
    data: row.data,
    hold: row.hold,
  };
}
