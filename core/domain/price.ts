/**
 * What a quantity costs. A price rates the running total of its window (one customer, meter, price and quota month),
 * so that any way of cutting the usage into events or slices gives one amount. Not for choosing the price in force.
 */
import { canonicalJson } from './canonical.ts';
import type { Exchange } from './exchange.ts';
import { MAX_AMOUNT_MINOR, divide, type Rounding } from './money.ts';
import { refuse, type Refusal } from './refusal.ts';

/** `amountMinor` minor units for every `perUnits` quantity units (integers at the meter's scale); `perUnits` > 0. */
export type Ratio = Readonly<{ amountMinor: bigint; perUnits: bigint }>;

/**
 * One step of a tiered price. `upTo` is the running total up to which it holds, inclusive, in quantity units (null: all
 * the rest); `flatMinor` is added once when the tier is entered.
 */
export type Tier = Readonly<{ upTo: bigint | null; rate: Ratio; flatMinor: bigint }>;

/** How a running total becomes money. Quantities are in quantity units, amounts in minor units of the plan's asset. */
export type PriceModel =
  | Readonly<{ kind: 'per-unit'; rate: Ratio }>
  /** Each tier prices the part of the total that lies in it. */
  | Readonly<{ kind: 'graduated'; tiers: readonly Tier[] }>
  /** The tier that the total reaches prices all of it: the amount may drop where a tier begins. */
  | Readonly<{ kind: 'volume'; tiers: readonly Tier[] }>
  /** Every begun package of `sizeUnits` costs `amountMinor`. */
  | Readonly<{ kind: 'package'; sizeUnits: bigint; amountMinor: bigint }>
  /** Free up to `quotaUnits` (null: without end), then per unit. */
  | Readonly<{ kind: 'quota'; quotaUnits: bigint | null; overage: Ratio }>;

/**
 * A model with its rounding, and the least a quota month with this price costs in minor units. The minimum is no part
 * of `rate`: it is topped up at period close by `minimumTopUp`, or the first event of a month would pay all of it.
 */
export type Price = Readonly<{
  model: PriceModel;
  rounding: Rounding;
  minimumMinor: bigint;
  /** Where it is charged in another asset than it is stated in: the rate of a snapshot. */
  exchange?: Exchange;
}>;

/** How what a total comes to is rounded in the asset it is charged in. */
const EXCHANGE_ROUNDING: Rounding = 'half-even';

/**
 * One line of a calculation that a person can check. `exactNumerator / exactDenominator` is the amount before
 * rounding, in minor units; `amountMinor` is what the line shows. Over all steps the exact amounts sum to the exact
 * total, and the `amountMinor` sum to `rate`: what rounding line by line would lose is its own last step.
 */
export type RateStep = Readonly<{
  label: string;
  quantity: bigint;
  rate?: Ratio;
  exactNumerator: bigint;
  exactDenominator: bigint;
  amountMinor: bigint;
}>;

/** An exact amount: minor units as a fraction, denominator above zero. */
type Fraction = Readonly<{ numerator: bigint; denominator: bigint }>;

/** One part of a total and its exact price, before anything is rounded. */
type Part = Readonly<{ label: string; quantity: bigint; rate?: Ratio; exact: Fraction }>;

/**
 * The amount of a window whose running total is `quantity` quantity units, in minor units. The exact amount is summed
 * over one denominator and rounded once. Nothing is owed for a total of zero or below (corrections can lead there).
 */
export function rate(price: Price, quantity: bigint): bigint {
  const { exchange } = price;
  const stated = statedRate(price, quantity);
  return exchange === undefined ? stated : divide(stated * exchange.numerator, exchange.denominator, EXCHANGE_ROUNDING);
}

/** The amount in the asset that the price is stated in. */
function statedRate({ model, rounding }: Price, quantity: bigint): bigint {
  if (quantity <= 0n) return 0n;
  switch (model.kind) {
    case 'per-unit':
      return divide(quantity * model.rate.amountMinor, model.rate.perUnits, rounding);
    case 'quota': {
      const over = overQuota(model.quotaUnits, quantity);
      return over === 0n ? 0n : divide(over * model.overage.amountMinor, model.overage.perUnits, rounding);
    }
    case 'package':
      return divide(quantity, model.sizeUnits, 'ceil') * model.amountMinor;
    case 'graduated':
    case 'volume': {
      const { numerator, denominator } = sum(partsOf(model, quantity));
      return divide(numerator, denominator, rounding);
    }
  }
}

/**
 * What moving the running total from `beforeUnits` by `deltaUnits` adds, in minor units. It sums to the same for any
 * split of the delta, and is negative for a negative delta or where a volume price drops.
 */
export function rateDelta(price: Price, beforeUnits: bigint, deltaUnits: bigint): bigint {
  return rate(price, beforeUnits + deltaUnits) - rate(price, beforeUnits);
}

/** The most a window's running total may come to: many windows still sum to an amount. */
const MAX_WINDOW_MINOR = 2n ** 120n;

/**
 * Whether a running total comes to an amount that can be booked. A quantity fits 64 bits, but times a price of many
 * decimals it may pass 2^128, and must then be refused or parked before it is posted.
 */
export function isRateable(price: Price, quantity: bigint): boolean {
  return quantity <= harmless(price) || rate(price, quantity) <= MAX_WINDOW_MINOR;
}

/** Asked of every event, so each price keeps a total that is surely small enough. */
const harmlessTotals = new WeakMap<Price, bigint>();

function harmless(price: Price): bigint {
  const known = harmlessTotals.get(price);
  if (known !== undefined) return known;
  if (price.exchange !== undefined) return 0n; // Any rate may lie between it and the limit: each total is rated.
  const { ratios, flatMinor } = boundsOf(price.model);
  const most = ratios.reduce((total, { amountMinor, perUnits }) => total + amountMinor / perUnits + 1n, 0n);
  const least = flatMinor >= MAX_WINDOW_MINOR ? 0n : (MAX_WINDOW_MINOR - flatMinor) / most;
  harmlessTotals.set(price, least);
  return least;
}

/** Every rate of a model, and all that it may add once. */
function boundsOf(model: PriceModel): { ratios: readonly Ratio[]; flatMinor: bigint } {
  switch (model.kind) {
    case 'per-unit':
      return { ratios: [model.rate], flatMinor: 1n };
    case 'quota':
      return { ratios: [model.overage], flatMinor: 1n };
    case 'package':
      return { ratios: [{ amountMinor: model.amountMinor, perUnits: model.sizeUnits }], flatMinor: model.amountMinor };
    case 'graduated':
    case 'volume': {
      const flatMinor = model.tiers.reduce((total, tier) => total + tier.flatMinor, 1n);
      return { ratios: model.tiers.map((tier) => tier.rate), flatMinor };
    }
  }
}

/**
 * How many of the delta's quantity units cost nothing and how many are billed; the two sum to the delta. Free is what
 * lies in a quota, and, whatever the model, what only lifts a total that corrections had brought below zero.
 */
export function quotaSplit(
  price: Price,
  beforeUnits: bigint,
  deltaUnits: bigint,
): { insideUnits: bigint; overUnits: bigint } {
  const quotaUnits = price.model.kind === 'quota' ? price.model.quotaUnits : 0n;
  const overUnits = overQuota(quotaUnits, beforeUnits + deltaUnits) - overQuota(quotaUnits, beforeUnits);
  return { insideUnits: deltaUnits - overUnits, overUnits };
}

/** What period close adds to a quota month so that it reaches the price's minimum, in minor units; 0 where it does. */
export function minimumTopUp(price: Price, ratedMinor: bigint): bigint {
  return ratedMinor >= price.minimumMinor ? 0n : price.minimumMinor - ratedMinor;
}

/**
 * The calculation behind `rate`, one step a tier, flat fee, quota or package, and one for the rounding if there is
 * any.
 */
export function explainRate(price: Price, quantity: bigint): readonly RateStep[] {
  if (quantity <= 0n) return [];
  const { numerator: times, denominator: over } = price.exchange ?? { numerator: 1n, denominator: 1n };
  const steps = partsOf(price.model, quantity).map(({ exact, ...part }): RateStep => {
    const [exactNumerator, exactDenominator] = [exact.numerator * times, exact.denominator * over];
    return {
      ...part,
      exactNumerator,
      exactDenominator,
      amountMinor: divide(exactNumerator, exactDenominator, price.rounding),
    };
  });
  const shown = steps.reduce((total, step) => total + step.amountMinor, 0n);
  const amountMinor = rate(price, quantity) - shown;
  if (amountMinor === 0n && steps.every((step) => step.exactNumerator % step.exactDenominator === 0n)) return steps;
  const once = price.exchange ? `once as stated, once as charged (${EXCHANGE_ROUNDING})` : 'once';
  const label = `rounding: the exact total ${once}, ${price.rounding}`;
  return [...steps, { label, quantity: 0n, exactNumerator: 0n, exactDenominator: 1n, amountMinor }];
}

/** How much of a total lies above the quota. */
function overQuota(quotaUnits: bigint | null, totalUnits: bigint): bigint {
  return quotaUnits === null || totalUnits <= quotaUnits ? 0n : totalUnits - quotaUnits;
}

/** The parts of a total above zero that are priced separately, in the order in which they are used up. */
function partsOf(model: PriceModel, quantity: bigint): readonly Part[] {
  switch (model.kind) {
    case 'per-unit':
      return [priced('per unit', quantity, model.rate)];
    case 'package': {
      const packages = divide(quantity, model.sizeUnits, 'ceil');
      return [
        {
          label: `${packages} begun packages of ${model.sizeUnits}`,
          quantity,
          exact: whole(packages * model.amountMinor),
        },
      ];
    }
    case 'quota': {
      const over = overQuota(model.quotaUnits, quantity);
      const inside = quantity - over;
      const free = inside === 0n ? [] : [{ label: 'within the quota', quantity: inside, exact: whole(0n) }];
      return over === 0n ? free : [...free, priced('above the quota', over, model.overage)];
    }
    case 'graduated':
      return graduatedParts(model.tiers, quantity);
    case 'volume': {
      const index = model.tiers.findIndex((tier) => tier.upTo === null || quantity <= tier.upTo);
      const tier = model.tiers[index];
      return tier === undefined ? [] : tierParts(tier, `all of it in tier ${index + 1}`, quantity);
    }
  }
}

function graduatedParts(tiers: readonly Tier[], quantity: bigint): readonly Part[] {
  const parts: Part[] = [];
  let floor = 0n;
  for (const [index, tier] of tiers.entries()) {
    if (quantity <= floor) break;
    const top = tier.upTo === null || quantity < tier.upTo ? quantity : tier.upTo;
    parts.push(...tierParts(tier, `tier ${index + 1}, from ${floor + 1n}`, top - floor));
    floor = top;
  }
  return parts;
}

function tierParts(tier: Tier, label: string, quantity: bigint): readonly Part[] {
  const part = priced(label, quantity, tier.rate);
  if (tier.flatMinor === 0n) return [part];
  return [part, { label: `${label}: flat fee`, quantity: 0n, exact: whole(tier.flatMinor) }];
}

function priced(label: string, quantity: bigint, ratio: Ratio): Part {
  const exact = { numerator: quantity * ratio.amountMinor, denominator: ratio.perUnits };
  return { label, quantity, rate: ratio, exact };
}

function whole(amountMinor: bigint): Fraction {
  return { numerator: amountMinor, denominator: 1n };
}

/** The exact sum of the parts. */
function sum(parts: readonly Part[]): Fraction {
  let numerator = 0n;
  let denominator = 1n;
  for (const { exact } of parts) {
    if (exact.denominator === denominator) {
      numerator += exact.numerator;
    } else {
      numerator = numerator * exact.denominator + exact.numerator * denominator;
      denominator *= exact.denominator;
    }
  }
  return { numerator, denominator };
}

/** More tiers than this are refused: a total is rated by walking them. */
export const MAX_TIERS = 50;

/**
 * Says what is wrong with a model, or null: divisors above zero, amounts not negative, tiers ascending and open-ended.
 */
export function checkModel(model: PriceModel): Refusal | null {
  switch (model.kind) {
    case 'per-unit':
      return checkRatio(model.rate, 'The rate');
    case 'package':
      return checkRatio({ amountMinor: model.amountMinor, perUnits: model.sizeUnits }, 'The package');
    case 'quota':
      if (model.quotaUnits !== null && !isAmount(model.quotaUnits))
        return faulty('The quota is negative or too large.');
      return checkRatio(model.overage, 'The overage rate');
    case 'graduated':
    case 'volume':
      return checkTiers(model.tiers);
  }
}

function checkTiers(tiers: readonly Tier[]): Refusal | null {
  if (tiers.length === 0) return faulty('The price has no tier.');
  if (tiers.length > MAX_TIERS) return faulty(`The price has more than ${MAX_TIERS} tiers.`);
  let floor = 0n;
  for (const [index, tier] of tiers.entries()) {
    const name = `Tier ${index + 1}`;
    const isLast = index === tiers.length - 1;
    if (isLast && tier.upTo !== null) return faulty('The last tier ends, so larger totals have no price.');
    if (!isLast && tier.upTo === null) return faulty(`${name} has no end but is not the last.`);
    if (tier.upTo !== null && tier.upTo <= floor) return faulty(`${name} does not end above the one before it.`);
    if (tier.upTo !== null && !isAmount(tier.upTo)) return faulty(`${name} ends beyond what is counted.`);
    if (!isAmount(tier.flatMinor)) return faulty(`${name} has a flat fee that is negative or too large.`);
    const fault = checkRatio(tier.rate, name);
    if (fault !== null) return fault;
    floor = tier.upTo ?? floor;
  }
  return null;
}

function checkRatio(ratio: Ratio, name: string): Refusal | null {
  if (ratio.perUnits <= 0n || !isAmount(ratio.perUnits))
    return faulty(`${name} is per zero, negative or too many units.`);
  return isAmount(ratio.amountMinor) ? null : faulty(`${name} has an amount that is negative or too large.`);
}

/** Says whether a value is from 0 to 2^128 − 1. */
function isAmount(value: bigint): boolean {
  return value >= 0n && value <= MAX_AMOUNT_MINOR;
}

function faulty(detail: string): Refusal {
  const fix = 'Send positive divisors, amounts of at least zero, and ascending tiers of which only the last is open.';
  return { code: 'INPUT_INVALID', detail, fix };
}

/** The canonical text of a model, for storing and hashing: equal models have equal texts. */
export function encodeModel(model: PriceModel): string {
  return canonicalJson(model);
}

/** Reads what `encodeModel` wrote, or throws INPUT_INVALID for any other shape, unknown member or unsound model. */
export function decodeModel(text: string): PriceModel {
  const model = readModel(parse(text));
  const fault = checkModel(model);
  return fault === null ? model : refuse(fault);
}

type Members = Readonly<Record<string, unknown>>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return malformed('The text is not JSON.');
  }
}

function readModel(value: unknown): PriceModel {
  const kind = typeof value === 'object' && value !== null && 'kind' in value ? value.kind : undefined;
  switch (kind) {
    case 'per-unit':
      return { kind, rate: readRatio(members(value, ['kind', 'rate'])['rate']) };
    case 'graduated':
    case 'volume':
      return { kind, tiers: readTiers(members(value, ['kind', 'tiers'])['tiers']) };
    case 'package': {
      const fields = members(value, ['kind', 'sizeUnits', 'amountMinor']);
      return { kind, sizeUnits: readInteger(fields['sizeUnits']), amountMinor: readInteger(fields['amountMinor']) };
    }
    case 'quota': {
      const fields = members(value, ['kind', 'quotaUnits', 'overage']);
      return { kind, quotaUnits: readBound(fields['quotaUnits']), overage: readRatio(fields['overage']) };
    }
    default:
      return malformed('The kind of price is not known.');
  }
}

function readTiers(value: unknown): readonly Tier[] {
  if (!Array.isArray(value)) return malformed('The tiers are not a list.');
  return value.map((item: unknown): Tier => {
    const fields = members(item, ['upTo', 'rate', 'flatMinor']);
    const flatMinor = readInteger(fields['flatMinor']);
    return { upTo: readBound(fields['upTo']), rate: readRatio(fields['rate']), flatMinor };
  });
}

function readRatio(value: unknown): Ratio {
  const fields = members(value, ['amountMinor', 'perUnits']);
  return { amountMinor: readInteger(fields['amountMinor']), perUnits: readInteger(fields['perUnits']) };
}

function readBound(value: unknown): bigint | null {
  return value === null ? null : readInteger(value);
}

function readInteger(value: unknown): bigint {
  if (typeof value === 'string' && /^(?:0|-?[1-9]\d{0,39})$/.test(value)) return BigInt(value);
  return malformed('A number is not a string of decimal digits.');
}

/** The members of an object that has exactly these names. */
function members(value: unknown, names: readonly string[]): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed('A part is not an object.');
  const isExact = Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
  return isExact ? (value as Members) : malformed(`A part does not have exactly the members ${names.join(', ')}.`);
}

function malformed(detail: string): never {
  return refuse({ code: 'INPUT_INVALID', detail, fix: 'Send a price as this product writes one.' });
}
