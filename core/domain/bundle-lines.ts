/**
 * What each line of a bundle's invoice stands on, computed again in whole minor units: its events, the slices they were
 * rated in, the price versions that were in force, the amount.
 */
import type { Bundle, Complaint, EventLine, LineCount, Placed, TransactionLine } from './bundle.ts';
import { MOST_EVENTS, MOST_SLICES, nameOf } from './bundle.ts';
import { bodyOf } from './bundle-chain.ts';
import { decodeSnapshot } from './exchange.ts';
import type { Snapshot } from './exchange.ts';
import type { FrozenLine, InvoiceDocument } from './invoice.ts';
import { parseQuantity, valueAt } from './meter.ts';
import type { Meter } from './meter.ts';
import { formatAmount, formatMinor, parseDecimal } from './money.ts';
import type { Asset, Rounding } from './money.ts';
import { decodeModel, rateDelta } from './price.ts';
import type { Price } from './price.ts';
import { grouped, quantityText, trimmed } from './words.ts';

/** One figure that was computed again. `ok` is null where the bundle does not show enough to compute it. */
export type Check = Readonly<{ title: string; text: string; arithmetic: string | null; ok: boolean | null }>;
export type CheckedLine = Readonly<{ line: FrozenLine; checks: readonly Check[] }>;

type Stated = Readonly<{ price: Price; version: number; asset: Asset }>;
/** The documents that lines name, as the journal set them. */
type Named = Readonly<{
  prices: ReadonlyMap<string, Stated>;
  rates: ReadonlyMap<string, Snapshot>;
  meters: ReadonlyMap<string, Meter>;
}>;
type SliceBody = Readonly<{
  line: string;
  meter: string;
  price: string;
  month: string;
  events: number;
  before: string;
  delta: string;
  amount: string;
  waived: string;
  rate?: string;
}>;
type Slice = SliceBody & Readonly<{ from: Placed<TransactionLine> }>;

const USAGE: ReadonlySet<string> = new Set(['usage', 'late-usage']);
const NAMED: ReadonlySet<string> = new Set(['price', 'rate', 'meter']);

/** Every line with what was computed of it, and a complaint of each transaction that belongs to none. */
export function checkLines(
  bundle: Bundle,
  document: InvoiceDocument,
): Readonly<{ lines: CheckedLine[]; complaints: Complaint[] }> {
  const named = namedIn(bundle);
  const slices = Map.groupBy(slicesIn(bundle), ({ line }) => line);
  const events = Map.groupBy(bundle.events, ({ slice }) => slice);
  const counts = new Map(bundle.header.counts.map((count) => [count.line, count]));
  const due = {
    events: bundle.header.counts.reduce((sum, count) => sum + count.events, 0) <= MOST_EVENTS,
    slices: bundle.header.counts.reduce((sum, count) => sum + count.slices, 0) <= MOST_SLICES,
  };
  const lines = document.lines.map((line) => {
    const checks = USAGE.has(line.kind)
      ? usageChecks(
          { line, named, count: counts.get(line.id), slices: slices.get(line.id) ?? [], events, due },
          document,
        )
      : [feeCheck(bundle, line, document)];
    return { line, checks };
  });
  return { lines, complaints: strangers(bundle, document) };
}

function slicesIn(bundle: Bundle): Slice[] {
  return bundle.transactions.flatMap((from) => {
    const body = bodyOf(from);
    return typeof body['line'] === 'string' && typeof body['delta'] === 'string'
      ? [{ ...(body as unknown as SliceBody), from }] // The chain's own writing: its hash was made again before.
      : [];
  });
}

function namedIn(bundle: Bundle): Named {
  const prices = new Map<string, Stated>();
  const rates = new Map<string, Snapshot>();
  const meters = new Map<string, Meter>();
  for (const one of bundle.transactions) {
    if (one.what !== 'record.set') continue;
    const { kind, id, body } = bodyOf(one) as { kind: string; id: string; body: string };
    if (kind === 'rate') rates.set(id, decodeSnapshot(body));
    if (kind === 'meter') meters.set(id, JSON.parse(body) as Meter);
    if (kind !== 'price') continue;
    const record = JSON.parse(body) as { version: number; asset: Asset; model: string } & {
      rounding: Rounding;
      minimumMinor: string;
    };
    const { rounding, minimumMinor, version, asset } = record;
    const price = { model: decodeModel(record.model), rounding, minimumMinor: BigInt(minimumMinor) };
    prices.set(id, { price, version, asset });
  }
  return { prices, rates, meters };
}

/** Transactions that have no part in this invoice: whoever made the bundle put them there. */
function strangers(bundle: Bundle, document: InvoiceDocument): Complaint[] {
  const lines = new Set(document.lines.map(({ id }) => id));
  const accepting = new Set(bundle.events.map(({ accepted }) => accepted));
  const wanted = new Set(document.lines.flatMap(({ price, meter }) => [`price ${price}`, `meter ${meter}`]));
  for (const { price, rate, meter } of slicesIn(bundle)) {
    for (const name of [`price ${price}`, `meter ${meter}`, `rate ${rate ?? ''}`]) wanted.add(name);
  }
  return bundle.transactions.flatMap((one) => {
    const body = bodyOf(one) as { kind?: string; id?: string; line?: string; invoice?: string };
    const isPart =
      one.what === 'record.set'
        ? NAMED.has(body.kind ?? '') && wanted.has(`${body.kind} ${body.id}`)
        : one.what === 'usage.accepted'
          ? accepting.has(one.seq)
          : one.what === 'invoice.finalized'
            ? body.invoice === document.id
            : lines.has(body.line ?? '');
    return isPart ? [] : [{ line: one.at, what: nameOf(one), detail: 'It has no part in this invoice.' }];
  });
}

type Usage = Readonly<{
  line: FrozenLine;
  named: Named;
  count: LineCount | undefined;
  slices: readonly Slice[];
  events: ReadonlyMap<number, readonly Placed<EventLine>[]>;
  /** Whether a bundle of so many shows all of them: then one that is not shown was left out. */
  due: Readonly<{ events: boolean; slices: boolean }>;
}>;

function usageChecks(usage: Usage, { asset }: InvoiceDocument): Check[] {
  const { line, named, count } = usage;
  const stated = named.prices.get(line.price ?? '');
  const meter = named.meters.get(line.meter ?? '');
  if (!stated || !meter || !count) {
    const text = 'The bundle lacks its meter, its price or its count of events.';
    return [{ title: 'What it stands on', text, arithmetic: null, ok: false }];
  }
  return [
    eventsCheck(usage, meter, count),
    quantityCheck(usage, meter, count),
    priceCheck(usage, stated),
    amountCheck(usage, asset, count),
  ];
}

/** The events of every slice that shows all of them sum to what the slice counted. */
function eventsCheck({ slices, events, due }: Usage, meter: Meter, count: LineCount): Check {
  let [shown, summed, agreeing] = [0, 0, 0];
  for (const slice of slices) {
    const own = events.get(slice.from.seq) ?? [];
    shown += own.length;
    if (own.length !== slice.events) continue;
    const units = unitsOf(own, meter);
    if (units === null) continue;
    summed += 1;
    if (units === BigInt(slice.delta)) agreeing += 1;
  }
  const title = `${grouped(String(count.events))} ${count.events === 1 ? 'event' : 'events'}`;
  const isAll = shown === count.events && slices.reduce((sum, slice) => sum + slice.events, 0) === count.events;
  const proven = isAll
    ? 'each proven up to the hash of a block'
    : `a sample of ${grouped(String(shown))}, each proven up to the hash of a block; the others are only counted`;
  const counts = `summed again in ${agreeing} of ${slices.length} slices`;
  const isSummed = meter.aggregation === 'sum' || meter.aggregation === 'count';
  const text = isSummed ? proven : `${proven}; a ${meter.aggregation} is not summed event by event`;
  const isWhole = isAll && summed === slices.length;
  const isWrong = agreeing !== summed || shown > count.events || (due.events && !isAll);
  return { title, text, arithmetic: summed === 0 ? null : counts, ok: isWrong ? false : isWhole ? true : null };
}

/** What events sum to at their meter's scale; null where their meter does not sum them. */
function unitsOf(events: readonly EventLine[], meter: Meter): bigint | null {
  if (meter.aggregation !== 'sum' && meter.aggregation !== 'count') return null;
  let sum = 0n;
  for (const { text } of events) {
    const units = eventUnits(text, meter);
    if (units === null) return null;
    sum += units;
  }
  return sum;
}

/**
 * What the text of an event counts: nine parts as a client sent them, five of a captured hold, six of a correction.
 * The forms are those of `fingerprintText` and of the ledger's own events.
 */
function eventUnits(text: string, meter: Meter): bigint | null {
  const parts = JSON.parse(text) as readonly unknown[];
  if (parts.length === 5) return BigInt(String(parts[2]));
  if (parts.length === 6) return correctedBy(String(parts[5]), meter.scale);
  if (meter.aggregation === 'count') return 1n;
  const [, , , , named, quantity, , data] = parts;
  const raw = named === null ? valueAt(JSON.parse(String(data)), meter.valuePath ?? '$') : quantity;
  const read = parseQuantity(raw, meter.scale, true);
  return read.ok ? read.units : null;
}

function correctedBy(data: string, scale: number): bigint | null {
  const { shown } = JSON.parse(data) as { shown?: { quantityBefore?: string; quantityAfter?: string } };
  const before = parseDecimal(shown?.quantityBefore ?? '', scale);
  const after = parseDecimal(shown?.quantityAfter ?? '', scale);
  return typeof before === 'bigint' && typeof after === 'bigint' ? after - before : null;
}

function quantityCheck({ line, slices, due }: Usage, meter: Meter, count: LineCount): Check {
  const units = slices.reduce((sum, { delta }) => sum + BigInt(delta), 0n);
  const isAll = slices.length === count.slices;
  const whole = trimmed(formatMinor(units, meter.scale));
  return {
    title: `${grouped(line.quantity)} ${line.unit}`,
    text: isAll ? 'the sum of what every slice counted' : `${slices.length} of ${count.slices} slices are shown`,
    arithmetic: `${slices.length} ${slices.length === 1 ? 'slice' : 'slices'} = ${quantityText(units, meter)}`,
    ok: isAll ? whole === line.quantity : due.slices || slices.length > count.slices ? false : null,
  };
}

function priceCheck({ line, slices, named }: Usage, stated: Stated): Check {
  const isNamed = slices.every((slice) => slice.price === line.price && slice.month === line.month);
  const isRated = slices.every(({ rate }) => rate === undefined || named.rates.has(rate));
  return {
    title: `Price version ${stated.version}`,
    text: line.rate === '' ? 'as it was published' : line.rate,
    arithmetic: null,
    ok: isNamed && isRated && stated.version === line.priceVersion,
  };
}

/** Each slice is charged again by its price, from the running total of its month; the sum is the line. */
function amountCheck({ line, slices, named }: Usage, asset: Asset, count: LineCount): Check {
  let [sum, waived, agreeing] = [0n, 0n, 0];
  for (const slice of slices) {
    const charged = chargedBy(slice, named);
    if (charged !== null && charged === BigInt(slice.amount)) agreeing += 1;
    sum += BigInt(slice.amount);
    waived += BigInt(slice.waived);
  }
  const isAll = slices.length === count.slices;
  const isRight = agreeing === slices.length && (!isAll || sum - waived === BigInt(line.amountMinor));
  const words = (minor: bigint): string => formatAmount(minor, asset);
  const less = waived === 0n ? '' : ` − ${words(waived)} not asked for`;
  return {
    title: words(BigInt(line.amountMinor)),
    text: `${agreeing} of ${slices.length} slices charged again by the price${isAll ? '' : '; others are not shown'}`,
    arithmetic: isAll ? `${words(sum)}${less} = ${words(sum - waived)}` : null,
    ok: isRight ? (isAll ? true : null) : false,
  };
}

function chargedBy(slice: Slice, { prices, rates }: Named): bigint | null {
  const price = prices.get(slice.price)?.price;
  const rate = slice.rate === undefined ? undefined : rates.get(slice.rate);
  if (!price || (slice.rate !== undefined && !rate)) return null;
  const charged = rate ? { ...price, exchange: rate } : price;
  return rateDelta(charged, BigInt(slice.before), BigInt(slice.delta));
}

/** A fee, a minimum, a discount: what its own transaction booked. */
function feeCheck({ transactions }: Bundle, line: FrozenLine, { asset }: InvoiceDocument): Check {
  const booked = transactions.find((one) => one.what === 'fee.charged' && bodyOf(one)['line'] === line.id);
  const amount = booked === undefined ? null : String(bodyOf(booked)['amount']);
  const earned = (booked?.entries ?? [])
    .filter(([account]) => account.startsWith('revenue:') || account.startsWith('discount:'))
    .reduce((sum, [, minor]) => sum + BigInt(minor), 0n);
  return {
    title: formatAmount(BigInt(line.amountMinor), asset),
    text: 'booked in a transaction of its own, before the invoice was frozen',
    arithmetic: booked ? `booked ${formatAmount(earned, asset)}` : null,
    ok: amount === line.amountMinor && earned === BigInt(line.amountMinor),
  };
}
