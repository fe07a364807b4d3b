/** Checks events of our own API by hand, in one pass: a schema library would take half of the time there is. */
import { canonicalJson } from '#core/domain/canonical.ts';
import { CORRECTION_SOURCE, GATE_SOURCE } from '#core/domain/event.ts';
import { parseQuantity } from '#core/domain/meter.ts';
import { formatMinor } from '#core/domain/money.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { trimmed } from '#core/domain/words.ts';
import { Columns, fingerprint } from './slices.ts';
import type { Capture, Checked, IngestTerms, ReadyEvent } from './slices.ts';
import { invalid, quoted } from './problem.ts';

const FIELDS = 'source, id, customer, meter, quantity, occurredAt, dimensions and holdId';
const METER = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const HOLD = /^hld_[0-9a-z]{8,40}$/;
const MOST_DIMENSIONS = 50;
/** A dimension may not have this name: a parked event keeps its quantity under it. */
const QUANTITY = 'quantity';

/** Thrown to leave a check at once; never leaves this file. */
class Refused {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}
const no = (detail: string, fix?: string): never => {
  // oxlint-disable-next-line no-throw-literal -- it carries no stack, which would cost more than the check
  throw new Refused(invalid(detail, fix));
};
const refuse = (refusal: Refusal): never => {
  // oxlint-disable-next-line no-throw-literal -- it carries no stack, which would cost more than the check
  throw new Refused(refusal);
};

/** Checks every event of a request; a bad one is refused in its place and harms no other. */
export function checkOwn(events: readonly unknown[], terms: IngestTerms): Checked {
  const columns = new Columns();
  const captures: Capture[] = [];
  const refused = new Map<number, Refusal>();
  for (let at = 0; at < events.length; at += 1) {
    try {
      checkOne(events[at], at, terms, columns, captures);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refused.set(at, error.refusal);
    }
  }
  return { count: events.length, columns, captures, refused };
}

type Raw = Readonly<Record<string, unknown>>;

function checkOne(value: unknown, at: number, terms: IngestTerms, columns: Columns, captures: Capture[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) no('The event is not an object.');
  const raw = value as Raw;
  for (const field in raw)
    if (!isField(field)) no(`The event has an unknown field ${quoted(field)}.`, `It takes ${FIELDS}.`);
  const source = text(raw['source'], 'source');
  if (source === GATE_SOURCE || source === CORRECTION_SOURCE) {
    no(`The source ${quoted(source)} is kept for events that the books make.`, 'Send the name of your own system.');
  }
  const id = text(raw['id'], 'id');
  const subject = text(raw['customer'], 'customer');
  if (terms.refs !== null && !terms.refs.has(subject)) {
    refuse({
      code: 'FORBIDDEN',
      detail: `This key may not record usage of ${quoted(subject)}.`,
      fix: 'Send events of the customer that the key belongs to.',
    });
  }
  const meter = raw['meter'];
  if (typeof meter !== 'string' || !METER.test(meter)) {
    return no('The meter is not a key of small letters, digits, dots, dashes or underscores.');
  }
  const dimensions = dimensionsOf(raw['dimensions']);
  const occurredMs = instantOf(raw['occurredAt'], terms);
  const holdId = raw['holdId'] === undefined ? null : holdOf(raw['holdId']);
  const { units, quantity } = quantityOf(raw['quantity'], meter, holdId !== null, terms);
  const data = units === null ? parkedData(quantity, raw['dimensions'] as Raw | undefined) : dimensions;
  const event: ReadyEvent = { source, id, subject, type: meter, meter, units, occurredMs, data };
  const print = fingerprint(event, { quantity, data: dimensions, holdId });
  if (holdId === null) return columns.push(at, event, print);
  captures.push({
    at,
    holdId,
    event: {
      source,
      id,
      occurredMs: occurredMs < 0 ? null : occurredMs,
      data: dimensions,
      fingerprint: print,
      units,
      customer: subject,
      meter,
    },
  });
}

function isField(field: string): boolean {
  switch (field) {
    case 'source':
    case 'id':
    case 'customer':
    case 'meter':
    case 'quantity':
    case 'occurredAt':
    case 'dimensions':
    case 'holdId':
      return true;
    default:
      return false;
  }
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const NOT_PLAIN = /[^\x20-\x7e]/;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/** Whether the books can keep a name and give it back as it came: it has no control and no half characters. */
export function isName(value: string): boolean {
  return !NOT_PLAIN.test(value) || (!CONTROL.test(value) && value.isWellFormed());
}

function text(value: unknown, field: string): string {
  if (typeof value !== 'string')
    return no(value === undefined ? `The ${field} is missing.` : `The ${field} is not a text.`);
  if (value === '' || value.length > 200)
    return no(`The ${field} has ${value.length} characters.`, 'Send 1 to 200 of them.');
  if (!isName(value)) return no(`The ${field} has control or broken characters.`, 'Send printable text.');
  return value;
}

function holdOf(value: unknown): string {
  if (typeof value === 'string' && HOLD.test(value)) return value;
  return no(`The holdId ${quoted(value)} is not the id of a hold.`);
}

/** The dimensions as canonical JSON. */
function dimensionsOf(value: unknown): string {
  if (value === undefined) return '{}';
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return no('The dimensions are not an object.');
  let count = 0;
  for (const name in value) {
    count += 1;
    if (count > MOST_DIMENSIONS) no(`There are more than ${MOST_DIMENSIONS} dimensions.`);
    if (name === '' || name.length > 64) no('The name of a dimension has 1 to 64 characters.');
    if (name === QUANTITY) no('A dimension cannot be named "quantity".', 'Give it another name.');
    const member = (value as Raw)[name];
    if (typeof member !== 'string') return no(`The dimension ${quoted(name)} is not a text.`);
    if (member.length > 256) no(`The dimension ${quoted(name)} has more than 256 characters.`);
  }
  return canonicalJson(value);
}

/** What a parked event keeps: its quantity, for when its meter is known, beside its dimensions. */
function parkedData(quantity: string, dimensions: Raw | undefined): string {
  return canonicalJson({ ...dimensions, [QUANTITY]: quantity });
}

type Quantity = { units: bigint | null; quantity: string };
const SCALES = Array.from({ length: 10 }, (_, scale) => 10n ** BigInt(scale));

function quantityOf(raw: unknown, key: string, isHold: boolean, terms: IngestTerms): Quantity {
  const meter = terms.meters.get(key);
  if (!meter) return unknownMeterQuantity(raw, key, isHold, terms);
  if (typeof raw === 'number' && Number.isSafeInteger(raw) && raw >= 0 && raw < 1e9) {
    const one = { units: BigInt(raw) * (SCALES[meter.scale] ?? 1n), quantity: String(raw) };
    return isHold || sumsUp(meter.aggregation) || raw === 1 ? one : notOne(key);
  }
  const parsed = parseQuantity(raw, meter.scale);
  if (!parsed.ok) {
    return refuse({
      code: 'QUANTITY_INVALID',
      detail: parsed.reason,
      fix: `Send a plain decimal of at most ${meter.scale} decimals (${meter.unit}), not below zero.`,
      values: { meter: key },
    });
  }
  if (!isHold && !sumsUp(meter.aggregation) && parsed.units !== 1n) return notOne(key);
  return { units: parsed.units, quantity: trimmed(formatMinor(parsed.units, meter.scale)) };
}

const sumsUp = (aggregation: string): boolean => aggregation !== 'count' && aggregation !== 'unique';

function notOne(key: string): never {
  return refuse({
    code: 'QUANTITY_INVALID',
    detail: `The meter ${key} counts events, so an event of it has the quantity 1.`,
    fix: 'Send one event for each, or use a meter that sums.',
    values: { meter: key },
  });
}

/** No scale is known yet: nine decimals are the most any meter has, and beyond 64 bits of those, whole numbers. */
function unknownMeterQuantity(raw: unknown, key: string, isHold: boolean, terms: IngestTerms): Quantity {
  if (terms.refuseUnknown || isHold) {
    return refuse({
      code: 'METER_UNKNOWN',
      detail: `No meter has the key ${quoted(key)}.`,
      fix: 'Define the meter first, or check the spelling.',
      values: { meter: key },
    });
  }
  for (const scale of [9, 0]) {
    const parsed = parseQuantity(raw, scale);
    if (parsed.ok) return { units: null, quantity: trimmed(formatMinor(parsed.units, scale)) };
    if (scale === 9 && !parsed.reason.includes('beyond 64 bits')) {
      refuse({
        code: 'QUANTITY_INVALID',
        detail: parsed.reason,
        fix: 'Send a plain decimal of at most 9 decimals, not below zero.',
      });
    }
  }
  return refuse({
    code: 'QUANTITY_INVALID',
    detail: 'The quantity is beyond 64 bits.',
    fix: 'Send it as several events.',
  });
}

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
export const LAST_MS = 253_402_300_799_999;

/** The instant an RFC 3339 text names, from 1970 to 9999, or null. A leap second is none: no clock here shows one. */
export function parseInstant(value: string): number | null {
  const match = RFC3339.exec(value);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const most = month === 2 && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)) ? 28 : DAYS[month - 1];
  if (most === undefined || day < 1 || day > most) return null;
  const instantMs = Date.parse(value);
  return instantMs >= 0 && instantMs <= LAST_MS ? instantMs : null;
}

function instantOf(value: unknown, { nowMs, maxFutureMs }: IngestTerms): number {
  if (value === undefined) return -1;
  const instantMs = typeof value === 'string' ? parseInstant(value) : value;
  const isInstant =
    typeof instantMs === 'number' && Number.isInteger(instantMs) && instantMs >= 0 && instantMs <= LAST_MS;
  if (!isInstant) {
    return no(
      `The occurredAt ${quoted(value)} is no instant.`,
      'Send RFC 3339 such as 2026-11-21T12:00:00Z, or UTC milliseconds.',
    );
  }
  if (instantMs > nowMs + maxFutureMs) {
    return no(
      `The occurredAt ${quoted(value)} is over ${Math.round(maxFutureMs / 60_000)} minutes ahead of the clock here.`,
      'Check the clock of the sender; send the event when it has happened.',
    );
  }
  return instantMs;
}
