/** Checks events as Lago takes them: every fault of a request is told at once, and a request is taken whole or not. */
import { hash } from 'node:crypto';
import { LAST_MS, isName } from './own-event.ts';
import { dataOf } from './cloud-event.ts';
import type { Raw } from './cloud-event.ts';
import { Columns, fingerprint } from './slices.ts';
import type { IngestTerms, ReadyEvent } from './slices.ts';

/** Longest transaction id, code or subscription, in UTF-16 code units: room for the prefix of the source. */
const LONGEST_NAME = 200;
/** What is sent beside the properties and kept among them: a price that the sender worked out itself. */
const PRECISE = 'precise_total_amount_cents';

/** Faults by field, as Lago words them. */
export type Faults = Readonly<Record<string, readonly string[]>>;
export type LagoChecked = Readonly<{ columns: Columns; views: readonly object[]; faults: ReadonlyMap<number, Faults> }>;

/**
 * The source of an event in the books. Lago keeps a transaction id once for each subscription (its unique index on
 * organization, external_subscription_id and transaction_id), so the subscription is part of who says it.
 */
export const lagoSource = (subscription: string): string => `lago/${subscription}`;

export function checkLago(events: readonly unknown[], terms: IngestTerms): LagoChecked {
  const columns = new Columns();
  const views: object[] = [];
  const faults = new Map<number, Faults>();
  const seen = new Set<string>();
  for (const [at, value] of events.entries()) {
    const read = readLago(value, terms);
    if ('faults' in read) {
      faults.set(at, read.faults);
      continue;
    }
    const { event, view } = read;
    const key = JSON.stringify([event.source, event.id]);
    if (seen.has(key)) faults.set(at, TAKEN);
    seen.add(key);
    columns.push(at, event, fingerprint(event, { quantity: null, data: event.data, holdId: null }));
    views.push(view);
  }
  return { columns, views, faults };
}

/** The fault of a transaction id that was used before. */
export const TAKEN: Faults = { transaction_id: ['value_already_exist'] };
const MANDATORY = ['value_is_mandatory'];

export type LagoRead = Readonly<{ event: ReadyEvent; view: object }> | Readonly<{ faults: Faults }>;

/** One event as the books take it and as Lago shows it, or its faults. */
export function readLago(value: unknown, terms: Pick<IngestTerms, 'nowMs' | 'refuseUnknown' | 'types'>): LagoRead {
  const raw = (typeof value === 'object' && value !== null ? value : {}) as Raw;
  const faults: Record<string, readonly string[]> = {};
  const named = (field: string): string => {
    const name = textOf(raw[field]);
    if (name === '') faults[field] = MANDATORY;
    else if (name === null || name.length > LONGEST_NAME || !isName(name)) faults[field] = ['value_is_invalid'];
    return name ?? '';
  };
  const [id, code] = [named('transaction_id'), named('code')];
  // Older clients name the customer where there is only one subscription; ours are one and the same.
  const isByCustomer = textOf(raw['external_subscription_id']) === '' && textOf(raw['external_customer_id']) !== '';
  const subject = named(isByCustomer ? 'external_customer_id' : 'external_subscription_id');
  const occurredMs = timeOf(raw['timestamp']);
  if (occurredMs === null) faults['timestamp'] = ['invalid_format'];
  const properties = propertiesOf(raw, faults);
  if (terms.refuseUnknown && faults['code'] === undefined && !terms.types.has(code))
    faults['code'] = ['metric_not_found'];
  if (Object.keys(faults).length > 0 || occurredMs === null) return { faults };
  const source = lagoSource(subject);
  const data = dataOf(properties.kept);
  const event = { source, id, subject, type: code, meter: null, units: null, occurredMs, data };
  return { event, view: viewOf(raw, { event, properties: properties.sent, nowMs: terms.nowMs }) };
}

/** A name may come as a number, as Lago takes it; null is one of another kind. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  return typeof value === 'string' ? value.trim() : null;
}

function propertiesOf(raw: Raw, faults: Record<string, readonly string[]>): { sent: Raw; kept: Raw } {
  const given = raw['properties'] ?? {};
  const precise = raw[PRECISE] ?? null;
  const isObject = typeof given === 'object' && !Array.isArray(given);
  if (!isObject || (precise !== null && Object.hasOwn(given, PRECISE))) faults['properties'] = ['value_is_invalid'];
  const sent = (isObject ? given : {}) as Raw;
  if (precise === null) return { sent, kept: sent };
  if (typeof precise !== 'string' && typeof precise !== 'number') {
    faults[PRECISE] = ['value_is_invalid'];
    return { sent, kept: sent };
  }
  return { sent, kept: { ...sent, [PRECISE]: String(precise) } };
}

const SECONDS = /^\s*(\d{1,12})(?:\.(\d+))?\s*$/;

/** Unix seconds, whole or decimal, as UTC milliseconds; −1 where none came, null where it is no such number. */
export function timeOf(value: unknown): number | null {
  if (value === undefined || value === null) return -1;
  const text = typeof value === 'number' ? String(value) : value;
  const [, seconds, fraction = ''] = (typeof text === 'string' ? SECONDS.exec(text) : null) ?? [];
  if (seconds === undefined) return null;
  // Milliseconds from the digits themselves: 1.001 s is not quite that in binary.
  const instantMs = Number(`${seconds}${fraction.slice(0, 3).padEnd(3, '0')}`);
  return instantMs <= LAST_MS ? instantMs : null;
}

type Shown = Readonly<{ event: ReadyEvent; properties: Raw; nowMs: number }>;

/** An event as Lago's `EventObject` shows it (OpenAPI of lago-javascript-client 1.53.0). */
function viewOf(raw: Raw, { event, properties, nowMs }: Shown): object {
  const precise = raw[PRECISE] ?? null;
  const occurredMs = event.occurredMs < 0 ? nowMs : event.occurredMs;
  return {
    lago_id: lagoId(event),
    transaction_id: event.id,
    lago_customer_id: null,
    code: event.type,
    timestamp: new Date(occurredMs).toISOString(),
    precise_total_amount_cents: precise === null ? null : String(precise),
    properties,
    lago_subscription_id: null,
    external_subscription_id: event.subject,
    created_at: `${new Date(nowMs).toISOString().slice(0, 19)}Z`,
  };
}

/** A UUID of version 8 (RFC 9562 §5.8) from source and id, so that the same event has the same one for ever. */
function lagoId({ source, id }: ReadyEvent): string {
  const bytes = hash('sha256', JSON.stringify([source, id]), 'buffer').subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
