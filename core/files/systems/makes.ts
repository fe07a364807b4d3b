/** What the records of another system become here, and the small readings that their formats have in common. */
import { readEvent } from '#core/gateway/cloud-event.ts';
import { RefusalError } from '#core/domain/refusal.ts';
import type { IngestTerms, ReadyEvent } from '#core/gateway/slices.ts';
import type { PriceModelShape } from '#core/contract/prices.ts';
import type { GRANT_SOURCES } from '#core/contract/credits.ts';
import type { z } from 'zod';
import type { Value } from '../rows.ts';

export type Values = Readonly<Record<string, Value>>;
export type WireModel = z.infer<typeof PriceModelShape>;
export type GrantSource = (typeof GRANT_SOURCES)[number];

/** One thing that a record makes. Keys and external ids are the other system's, so that a second run makes nothing. */
export type Make =
  | Readonly<{ kind: 'event'; event: ReadyEvent }>
  | Readonly<{ kind: 'customer'; externalId: string; name: string; timeZone: string }>
  /** A further name of a customer that is there. */
  | Readonly<{ kind: 'subject'; customer: string; subject: string }>
  | Readonly<{
      kind: 'meter';
      key: string;
      name: string;
      aggregation: 'sum' | 'max' | 'latest';
      unit: string;
      scale: number;
      dimensions: Readonly<Record<string, string>>;
      billable: boolean;
    }>
  | Readonly<{ kind: 'plan'; key: string; name: string; asset: string; baseFeeMinor: string }>
  | Readonly<{ kind: 'price'; key: string; meter: string; asset: string; model: WireModel }>
  | Readonly<{
      kind: 'grant';
      key: string;
      customer: string;
      asset: string;
      amountMinor: string;
      source: GrantSource;
      note: string;
      expiresAtMs: number | null;
    }>;
export type MakeKind = Make['kind'];

/** The name of a thing in its run: what two records that make the same have in common. */
export function nameInRun(make: Make): string {
  switch (make.kind) {
    case 'event':
      return `${make.event.source} ${make.event.id}`;
    case 'customer':
      return make.externalId;
    case 'subject':
      return JSON.stringify([make.customer, make.subject]);
    case 'meter':
    case 'plan':
    case 'price':
    case 'grant':
      return make.key;
  }
}

/** What a record has that nothing here stands for, and why it is left. */
export type LeftOut = Readonly<{ what: string; why: string }>;
export type Made = Readonly<{ makes: readonly Make[]; leftOut: readonly LeftOut[] }>;

/** Reads one record. Made anew for each run: some remember what the run has made. */
export type Converter = (values: Values, terms: IngestTerms) => Made;

/** A record that cannot be read as what its system writes. */
export class RecordProblem extends Error {
  readonly column: string | null;
  readonly fix: string;
  constructor(detail: string, fix: string, column: string | null = null) {
    super(detail);
    this.name = 'RecordProblem';
    this.fix = fix;
    this.column = column;
  }
}

export function problem(
  detail: string,
  column: string | null = null,
  fix = 'Mend the record, or leave it out.',
): never {
  throw new RecordProblem(detail, fix, column);
}

const isBlank = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** Members that say something here and have no counterpart: each is told of, none is dropped in silence. */
export function leaving(values: Values, why: Readonly<Record<string, string>>): LeftOut[] {
  return Object.entries(why).flatMap(([what, reason]) => (isBlank(values[what]) ? [] : [{ what, why: reason }]));
}

/** A member as text; an empty one is none. */
export function textIn(values: Values, name: string): string | null {
  const value = values[name];
  if (isBlank(value)) return null;
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)) {
    return problem(`The ${name} is a number that JSON does not read exactly.`, name, 'Write it as text, in quotes.');
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export const needed = (values: Values, name: string): string =>
  textIn(values, name) ?? problem(`The ${name} is missing.`, name);

/** A member that is an object, also where a table holds it as JSON. */
export function objectIn(values: Values, name: string): Values | null {
  const value = values[name];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values;
  if (typeof value !== 'string' || !value.startsWith('{')) return null;
  try {
    return JSON.parse(value) as Values;
  } catch {
    return problem(`The ${name} is not JSON.`, name);
  }
}

/** An integer, exactly as it was written. */
export function integerIn(values: Values, name: string): bigint {
  const text = needed(values, name);
  if (/^[+-]?\d{1,38}$/.test(text)) return BigInt(text);
  return problem(`The ${name} "${text.slice(0, 40)}" is no whole number.`, name);
}

/** A decimal of minor units as an exact ratio, for so many quantity units: "0.5" is one minor unit for two. */
export function ratioOf(text: string, name: string, unitsScale = 0): { amountMinor: string; perUnits: string } {
  const [, whole, fraction = ''] = /^(\d{1,20})(?:\.(\d{1,12}))?$/.exec(text) ?? [];
  if (whole === undefined) return problem(`The ${name} "${text.slice(0, 40)}" is no amount.`, name);
  const digits = fraction.replace(/0+$/, '');
  return { amountMinor: String(BigInt(whole + digits)), perUnits: String(10n ** BigInt(digits.length + unitsScale)) };
}

/** A key of ours out of a name of theirs. */
export function keyOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replaceAll(/^[^a-z0-9]+|[^a-z0-9]+$/g, '');
  return plain.slice(0, 63) || problem(`No key can be made of "${name.slice(0, 40)}".`);
}

/** A name that a person reads: no control characters, not too long. */
export const nameOf = (text: string): string =>
  text
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, 120) || 'Unnamed';

/** A CloudEvent as the OpenMeter dialect would take it, or why not. */
export function eventIn(raw: Readonly<Record<string, unknown>>, terms: IngestTerms): Make {
  try {
    // Meters come with the same import, so whether one listens is for the books to say.
    return { kind: 'event', event: readEvent(raw, { ...terms, refuseUnknown: false }) };
  } catch (error) {
    if (error instanceof RefusalError) throw new RecordProblem(error.refusal.detail, error.refusal.fix);
    throw error;
  }
}
