/**
 * What is taken off an invoice, and what a customer promised to spend at least. Rules of four kinds stack in one stated
 * order, each on what the ones before it left. Not for prices: a discount never changes what usage was rated at.
 */
import { divide } from './money.ts';
import type { Asset } from './money.ts';
import { invariant, type Refusal } from './refusal.ts';

/** The order in which discounts apply. */
export const STACKING = ['volume', 'commitment', 'promotion', 'referral'] as const;
export type DiscountKind = (typeof STACKING)[number];

/** Ten thousandths: 10 000 is all of it. */
export const WHOLE_BASIS_POINTS = 10_000;
/** More steps than this in one volume discount are refused. */
export const MAX_DISCOUNT_STEPS = 20;

/** What a rule takes off. Amounts are minor units of the rule's asset. */
export type DiscountTerms =
  | Readonly<{ kind: 'percent'; basisPoints: number }>
  | Readonly<{ kind: 'amount'; amountMinor: bigint }>
  /** By what the lines come to: the last step that is reached takes its share off all of it. */
  | Readonly<{ kind: 'steps'; steps: readonly Readonly<{ fromMinor: bigint; basisPoints: number }>[] }>;

/**
 * One rule. It counts for every billing period that begins in `[fromMs, untilMs)` of whoever it is for: one customer,
 * a plan, or everyone.
 */
export type DiscountRule = Readonly<{
  id: string;
  kind: DiscountKind;
  name: string;
  customer: string | null;
  plan: string | null;
  asset: Asset;
  /** Which meters' lines it takes from; null: every line, fees too. */
  meters: readonly string[] | null;
  terms: DiscountTerms;
  /** At most this much a period; null: no limit. */
  mostMinor: bigint | null;
  /** What a commitment asks at least for a period, after all discounts; null for every other kind. */
  committedMinor: bigint | null;
  fromMs: number;
  untilMs: number | null;
}>;

/** A line as discounts see it, in minor units. Lines at or below zero give nothing to take from. */
export type DiscountableLine = Readonly<{ meter: string | null; amountMinor: bigint }>;

/** One rule applied: `baseMinor` is what was left of the lines it is for, `amountMinor` what it took, above zero. */
export type AppliedDiscount = Readonly<{ rule: DiscountRule; baseMinor: bigint; amountMinor: bigint }>;

/** What a commitment is short of, in minor units above zero. */
export type Shortfall = Readonly<{ rule: DiscountRule; spentMinor: bigint; amountMinor: bigint }>;

/** Whether a rule counts for a period that begins at an instant, for a customer on a plan. */
export function isInForce(
  rule: DiscountRule,
  whose: Readonly<{ customer: string; plan: string | null; asset: string; atMs: number }>,
): boolean {
  if (rule.asset !== whose.asset || whose.atMs < rule.fromMs) return false;
  if (rule.untilMs !== null && whose.atMs >= rule.untilMs) return false;
  if (rule.customer !== null) return rule.customer === whose.customer;
  return rule.plan === null || rule.plan === whose.plan;
}

/** The stacking order: by kind, then by when it began, then by id. */
export function stackingOrder(a: DiscountRule, b: DiscountRule): number {
  const byKind = STACKING.indexOf(a.kind) - STACKING.indexOf(b.kind);
  if (byKind !== 0) return byKind;
  if (a.fromMs !== b.fromMs) return a.fromMs - b.fromMs;
  return a.id === b.id ? 0 : a.id < b.id ? -1 : 1;
}

/**
 * Applies rules to lines in stacking order. Each takes its share, rounded down, of what the ones before left on the
 * lines it is for; what it took is spread over them in proportion, so that a later rule for one meter sees what is left
 * of that meter. Together they never take more than the lines come to.
 */
export function applyDiscounts(
  lines: readonly DiscountableLine[],
  rules: readonly DiscountRule[],
): readonly AppliedDiscount[] {
  const left = lines.map(({ amountMinor }) => (amountMinor > 0n ? amountMinor : 0n));
  const applied: AppliedDiscount[] = [];
  for (const rule of rules.toSorted(stackingOrder)) {
    const covered = lines.flatMap(({ meter }, index) => (isCovered(rule, meter) ? [index] : []));
    const baseMinor = covered.reduce((sum, index) => sum + (left[index] ?? 0n), 0n);
    const amountMinor = least(taken(rule.terms, baseMinor), least(baseMinor, rule.mostMinor ?? baseMinor));
    if (amountMinor <= 0n) continue;
    spread(left, covered, { baseMinor, amountMinor });
    applied.push({ rule, baseMinor, amountMinor });
  }
  return applied;
}

/** What each commitment is short of, given what the period comes to after discounts. The largest alone counts. */
export function shortfallOf(rules: readonly DiscountRule[], spentMinor: bigint): Shortfall | null {
  let found: Shortfall | null = null;
  for (const rule of rules.toSorted(stackingOrder)) {
    const amountMinor = (rule.committedMinor ?? 0n) - (spentMinor > 0n ? spentMinor : 0n);
    if (amountMinor > (found?.amountMinor ?? 0n)) found = { rule, spentMinor, amountMinor };
  }
  return found;
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const isCovered = (rule: DiscountRule, meter: string | null): boolean =>
  rule.meters === null || (meter !== null && rule.meters.includes(meter));

function taken(terms: DiscountTerms, baseMinor: bigint): bigint {
  switch (terms.kind) {
    case 'amount':
      return terms.amountMinor;
    case 'percent':
      return share(baseMinor, terms.basisPoints);
    case 'steps': {
      const reached = terms.steps.findLast((step) => baseMinor >= step.fromMinor);
      return reached === undefined ? 0n : share(baseMinor, reached.basisPoints);
    }
  }
}

const share = (baseMinor: bigint, basisPoints: number): bigint =>
  divide(baseMinor * BigInt(basisPoints), BigInt(WHOLE_BASIS_POINTS), 'floor');

/** Takes an amount off the covered lines in proportion: differences of cumulative shares, so the parts sum to it. */
function spread(
  left: bigint[],
  covered: readonly number[],
  { baseMinor, amountMinor }: Readonly<{ baseMinor: bigint; amountMinor: bigint }>,
): void {
  let seen = 0n;
  let gone = 0n;
  for (const index of covered) {
    seen += left[index] ?? 0n;
    const until = divide(amountMinor * seen, baseMinor, 'floor');
    left[index] = (left[index] ?? 0n) - (until - gone);
    gone = until;
  }
  invariant(gone === amountMinor, 'a discount is spread over its lines to the last unit');
}

/** Says what is wrong with a rule, or null. */
export function checkDiscount(rule: DiscountRule): Refusal | null {
  const { terms, mostMinor, committedMinor, kind } = rule;
  if (rule.untilMs !== null && rule.untilMs <= rule.fromMs) return faulty('It ends before it begins.');
  if (mostMinor !== null && mostMinor <= 0n) return faulty('At most nothing is no discount.');
  if (kind === 'commitment' && (committedMinor === null || committedMinor <= 0n)) {
    return faulty('A commitment says what is spent at least.');
  }
  if (kind !== 'commitment' && committedMinor !== null) return faulty(`A ${kind} discount commits nobody to anything.`);
  if (terms.kind === 'steps' && kind !== 'volume') return faulty('Only a volume discount goes by steps.');
  switch (terms.kind) {
    case 'amount':
      return terms.amountMinor > 0n ? null : faulty('The amount is not above zero.');
    case 'percent':
      // A commitment may give nothing off: then it only asks for a minimum.
      return checkShare(terms.basisPoints, kind === 'commitment' ? 0 : 1);
    case 'steps':
      return checkSteps(terms.steps);
  }
}

function checkSteps(steps: Extract<DiscountTerms, { kind: 'steps' }>['steps']): Refusal | null {
  if (steps.length === 0 || steps.length > MAX_DISCOUNT_STEPS) {
    return faulty(`A volume discount has 1 to ${MAX_DISCOUNT_STEPS} steps.`);
  }
  let before = -1n;
  for (const { fromMinor, basisPoints } of steps) {
    if (fromMinor <= before || fromMinor < 0n) return faulty('The steps do not ascend.');
    const problem = checkShare(basisPoints, 1);
    if (problem) return problem;
    before = fromMinor;
  }
  return null;
}

function checkShare(basisPoints: number, fewest: number): Refusal | null {
  const isShare = Number.isInteger(basisPoints) && basisPoints >= fewest && basisPoints <= WHOLE_BASIS_POINTS;
  return isShare ? null : faulty(`A share is ${fewest} to ${WHOLE_BASIS_POINTS} basis points.`);
}

function faulty(detail: string): Refusal {
  const fix = 'Correct the terms of the discount and send it again; nothing was changed.';
  return { code: 'INPUT_INVALID', detail, fix };
}

/** A discount as it is stored: amounts in text. */
export function encodeDiscount(rule: DiscountRule): Readonly<Record<string, unknown>> {
  const text = JSON.stringify(rule, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  return JSON.parse(text) as Readonly<Record<string, unknown>>;
}

const AMOUNTS = new Set(['amountMinor', 'fromMinor', 'mostMinor', 'committedMinor']);

/** Reads what `encodeDiscount` made, as text. */
export function decodeDiscount(body: string): DiscountRule {
  return JSON.parse(body, (name, value: unknown) =>
    AMOUNTS.has(name) && typeof value === 'string' ? BigInt(value) : value,
  ) as DiscountRule;
}
