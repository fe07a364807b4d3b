/** What is counted, and what one event adds to the count of its window. Not for what the count costs. */
import { parseDecimal } from './money.ts';
import type { Refusal } from './refusal.ts';

/** How the events of a window become one billable quantity. */
export type Aggregation = 'sum' | 'count' | 'max' | 'unique' | 'latest';
export const AGGREGATIONS = ['sum', 'count', 'max', 'unique', 'latest'] as const;

/**
 * A meter. Quantities are integers of `10^-scale` `unit`s (scale 0–9; 0 where events are counted). `valuePath` is where
 * an event's data holds the quantity, or for `unique` the value that counts once; `count` has none. `dimensions` maps a
 * name to its path. The quota window is the calendar month in UTC.
 */
export type Meter = Readonly<{
  key: string;
  eventType: string;
  aggregation: Aggregation;
  scale: number;
  unit: string;
  valuePath: string | null;
  dimensions: Readonly<Record<string, string>>;
  billable: boolean;
  window: 'month';
}>;

/** A quantity in `10^-scale` units, or the sentence that says why it is none. */
export type ParsedQuantity = Readonly<{ ok: true; units: bigint } | { ok: false; reason: string }>;

/** Quantities fit a signed 64-bit integer, so that a database column and every client language can hold them. */
export const MAX_QUANTITY_UNITS = 2n ** 63n - 1n;
export const MIN_QUANTITY_UNITS = -(2n ** 63n);

/**
 * Reads a quantity as clients send it into integers of `10^-scale`. A JSON number is taken only where it says exactly
 * one decimal: safe integers, and fractions of at most 15 significant digits. Anything finer comes as a string.
 * Negative quantities (corrections) are taken only where the caller says so.
 */
export function parseQuantity(raw: unknown, scale: number, allowNegative = false): ParsedQuantity {
  const units = typeof raw === 'bigint' ? raw * 10n ** BigInt(scale) : readUnits(raw, scale);
  if (typeof units === 'string') return { ok: false, reason: units };
  if (units < 0n && !allowNegative)
    return { ok: false, reason: 'The quantity is negative; send a correction instead.' };
  if (units > MAX_QUANTITY_UNITS || units < MIN_QUANTITY_UNITS) {
    return { ok: false, reason: `The quantity is beyond 64 bits in units of 10^-${scale}.` };
  }
  return { ok: true, units };
}

/** The integer of `10^-scale`, or why there is none. */
function readUnits(raw: unknown, scale: number): bigint | string {
  if (typeof raw === 'number') return readNumber(raw, scale);
  if (typeof raw === 'string') return readText(raw, scale);
  if (raw === undefined) return 'The quantity is missing.';
  return raw === null ? 'The quantity is null.' : 'The quantity is neither a number nor a string.';
}

function readNumber(value: number, scale: number): bigint | string {
  if (!Number.isFinite(value)) return 'The quantity is not a finite number.';
  if (Number.isInteger(value)) {
    if (!Number.isSafeInteger(value)) return 'The number is beyond 2^53 - 1 and may not be exact; send it as a string.';
    return BigInt(value) * 10n ** BigInt(scale);
  }
  const text = plainDecimal(String(value));
  const significant = text.replace(/^-?0*\.?0*/, '').replace('.', '');
  if (significant.length > 15) return 'The number has more than 15 significant digits; send it as a string.';
  return readText(text, scale);
}

function readText(text: string, scale: number): bigint | string {
  const value = parseDecimal(text, scale);
  if (typeof value === 'bigint') return value;
  if (value === 'too-precise') return `The quantity has more than ${scale} decimals, which this meter counts.`;
  return 'The quantity is not a plain decimal of at most 40 digits.';
}

/** Writes the ECMAScript form of a number without its exponent: `1e-7` is `0.0000001`, `1.5e21` is all its digits. */
function plainDecimal(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (match === null) return text;
  const [, sign = '', whole = '', fraction = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  const point = whole.length + exponent;
  const digits = (whole + fraction)
    .padEnd(point, '0')
    .padStart(whole.length + fraction.length - Math.min(0, point - 1), '0');
  const at = Math.max(1, point);
  const rest = digits.slice(at);
  return `${sign}${digits.slice(0, at)}${rest === '' ? '' : `.${rest}`}`;
}

const PATH = /^\$(?:\.[A-Za-z_][A-Za-z0-9_-]{0,63}|\['[^'\\]{1,64}'\]){1,8}$/;
const STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\['([^'\\]*)'\]/g;

/**
 * Says what is wrong with a path, or null. It names members, as `$.tokens`, `$.a.b` or `$['a']`: no wildcards or
 * indexes.
 */
export function checkPath(path: string): string | null {
  return PATH.test(path) ? null : `"${path.slice(0, 80)}" is not a path of members such as $.tokens or $['a'].`;
}

/** Paths are few and read for every event, so their steps are kept; bounded, as meters come and go. */
const knownSteps = new Map<string, readonly string[]>();

function stepsOf(path: string): readonly string[] {
  const known = knownSteps.get(path);
  if (known !== undefined) return known;
  const steps = PATH.test(path) ? [...path.matchAll(STEP)].map((match) => match[1] ?? match[2] ?? '') : [];
  if (knownSteps.size >= 1000) knownSteps.clear();
  knownSteps.set(path, steps);
  return steps;
}

/**
 * What the data holds at a path, or undefined: own members of objects only. A path that `checkPath` faults holds
 * nothing.
 */
export function valueAt(data: unknown, path: string): unknown {
  const steps = stepsOf(path);
  if (steps.length === 0) return undefined;
  let value = data;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}

/** Says what is wrong with a meter, or null. */
export function checkMeter(meter: Meter): Refusal | null {
  if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(meter.key)) return faulty(`"${meter.key.slice(0, 80)}" is not a meter key.`);
  if (meter.eventType === '' || meter.eventType.length > 200) return faulty('The event type is empty or too long.');
  if (!Number.isInteger(meter.scale) || meter.scale < 0 || meter.scale > 9) return faulty('The scale is not 0 to 9.');
  const isCounted = meter.aggregation === 'count' || meter.aggregation === 'unique';
  if (isCounted && meter.scale !== 0) return faulty('A meter that counts has a scale of 0.');
  if (meter.aggregation === 'count' && meter.valuePath !== null) return faulty('A count reads no value.');
  if (meter.aggregation !== 'count' && meter.valuePath === null) return faulty(`A ${meter.aggregation} needs a value.`);
  for (const path of [meter.valuePath, ...Object.values(meter.dimensions)]) {
    const fault = path === null ? null : checkPath(path);
    if (fault !== null) return faulty(fault);
  }
  return null;
}

function faulty(detail: string): Refusal {
  const fix =
    'Send a key of small letters, digits, dots, dashes or underscores, a scale of 0 to 9 and paths of members.';
  return { code: 'INPUT_INVALID', detail, fix };
}

/** Where one window stands: its billable quantity, and for `latest` the event which that came from. */
export type Window = Readonly<{ quantity: bigint; latestAtMs: number | null; latestId: string | null }>;

/** A window before its first event. */
export const EMPTY_WINDOW: Window = { quantity: 0n, latestAtMs: null, latestId: null };

/**
 * What an event brings: its quantity, when it happened, its id, and whether its `unique` value is new to the window.
 */
export type MeterEvent = Readonly<{ quantity: bigint; occurredAtMs: number; id: string; firstSeen: boolean }>;

/**
 * What an event adds to the billable quantity of its window, and the window after it; both in `10^-scale` units.
 * `sum` adds the quantity (a correction is negative), `count` one, `unique` one for a value not seen, `max` the rise
 * above what was reached; `latest` moves to the newest value by time and then id, so arrival order does not matter.
 */
export function advance(
  aggregation: Aggregation,
  window: Window,
  event: MeterEvent,
): { window: Window; delta: bigint } {
  const { occurredAtMs: latestAtMs, id: latestId, quantity } = event;
  if (aggregation === 'latest') {
    if (!isLater(event, window)) return { window, delta: 0n };
    return { window: { quantity, latestAtMs, latestId }, delta: quantity - window.quantity };
  }
  const delta = added(aggregation, window, event);
  return { window: delta === 0n ? window : { ...window, quantity: window.quantity + delta }, delta };
}

function added(aggregation: Exclude<Aggregation, 'latest'>, window: Window, event: MeterEvent): bigint {
  switch (aggregation) {
    case 'sum':
      return event.quantity;
    case 'count':
      return 1n;
    case 'unique':
      return event.firstSeen ? 1n : 0n;
    case 'max':
      return event.quantity > window.quantity ? event.quantity - window.quantity : 0n;
  }
}

function isLater(event: MeterEvent, window: Window): boolean {
  if (window.latestAtMs === null || window.latestId === null) return true;
  if (event.occurredAtMs !== window.latestAtMs) return event.occurredAtMs > window.latestAtMs;
  return event.id > window.latestId;
}
