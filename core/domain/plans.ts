/**
 * The plans, prices and meters that ship with the product, as data; operators change copies of them. Not the price
 * book.
 */
import type { Meter } from './meter.ts';
import { divide, type Asset } from './money.ts';
import { rate, type Price, type Ratio } from './price.ts';
import { refuse } from './refusal.ts';

/** A price of a plan, for one meter. */
export type PlanPrice = Readonly<{ meterKey: string; price: Price }>;

/** What a customer can be on. `baseFeeMinor` is a month's fee in minor units of `asset`; limits of null are none. */
export type Plan = Readonly<{
  key: string;
  name: string;
  asset: Asset;
  baseFeeMinor: bigint;
  rateLimitPerMinute: number | null;
  dailyLimit: number | null;
  prices: readonly PlanPrice[];
}>;

/**
 * A plan whose usage burns credits (1 credit = 1 US cent). `feeUsdMinor` is the month's fee in USD cents, for which it
 * grants `monthlyCredits`; buying more is `purchaseDiscountPercent` cheaper.
 */
export type CreditPlan = Plan &
  Readonly<{ feeUsdMinor: bigint; monthlyCredits: bigint; purchaseDiscountPercent: bigint }>;

/** The meter of the team plans: one request to a billed endpoint is one unit. */
export const REQUESTS_METER = 'api.requests';

type TeamTerms = Readonly<{
  key: string;
  name: string;
  feeUsdc: bigint;
  quota: bigint | null;
  overageMicro: bigint;
  perMinute: number | null;
  perDay: number | null;
}>;

/** Prepaid teams: USDC of 6 decimals, a monthly fee, a monthly quota of requests, then a price for each. */
const TEAM_TERMS: readonly TeamTerms[] = [
  {
    key: 'startup',
    name: 'Startup',
    feeUsdc: 50n,
    quota: 10_000n,
    overageMicro: 10_000n,
    perMinute: 10,
    perDay: 1_000,
  },
  {
    key: 'growth',
    name: 'Growth',
    feeUsdc: 250n,
    quota: 100_000n,
    overageMicro: 5_000n,
    perMinute: 60,
    perDay: 20_000,
  },
  {
    key: 'enterprise',
    name: 'Enterprise',
    feeUsdc: 1_000n,
    quota: 500_000n,
    overageMicro: 2_000n,
    perMinute: 300,
    perDay: null,
  },
  { key: 'custom', name: 'Custom', feeUsdc: 0n, quota: null, overageMicro: 0n, perMinute: null, perDay: null },
];

export const TEAM_PLANS: readonly Plan[] = TEAM_TERMS.map((terms) => ({
  key: terms.key,
  name: terms.name,
  asset: 'USDC/6',
  baseFeeMinor: terms.feeUsdc * 1_000_000n,
  rateLimitPerMinute: terms.perMinute,
  dailyLimit: terms.perDay,
  prices: [{ meterKey: REQUESTS_METER, price: quotaPrice(terms.quota, terms.overageMicro) }],
}));

function quotaPrice(quotaUnits: bigint | null, amountMinor: bigint): Price {
  const overage = { amountMinor, perUnits: 1n };
  return { model: { kind: 'quota', quotaUnits, overage }, rounding: 'floor', minimumMinor: 0n };
}

/** What a model costs, in credits per 1,000,000 tokens read and written. */
export type LlmPrice = Readonly<{ provider: string; model: string; inPerMillion: bigint; outPerMillion: bigint }>;

export const LLM_PRICES: readonly LlmPrice[] = [
  { provider: 'anthropic', model: 'claude-3-5-sonnet', inPerMillion: 300n, outPerMillion: 1500n },
  { provider: 'anthropic', model: 'claude-3-5-sonnet-20241022', inPerMillion: 300n, outPerMillion: 1500n },
  { provider: 'anthropic', model: 'claude-3-haiku', inPerMillion: 25n, outPerMillion: 125n },
  { provider: 'anthropic', model: 'claude-3-opus', inPerMillion: 1500n, outPerMillion: 7500n },
  { provider: 'openai', model: 'gpt-4-turbo', inPerMillion: 1000n, outPerMillion: 3000n },
  { provider: 'openai', model: 'gpt-4o', inPerMillion: 250n, outPerMillion: 1000n },
  { provider: 'openai', model: 'gpt-4o-mini', inPerMillion: 15n, outPerMillion: 60n },
  { provider: 'google', model: 'gemini-1.5-pro', inPerMillion: 125n, outPerMillion: 500n },
  { provider: 'google', model: 'gemini-1.5-flash', inPerMillion: 8n, outPerMillion: 30n },
];

/** The price of models that are not listed. It has meters of its own, so that what it was used for can be seen. */
export const OTHER_LLM_PRICE: LlmPrice = { provider: 'other', model: 'other', inPerMillion: 100n, outPerMillion: 300n };

/** The price of a model by provider and name; `OTHER_LLM_PRICE` where it is not listed. */
export function llmPriceOf(provider: string, model: string): LlmPrice {
  return LLM_PRICES.find((price) => price.provider === provider && price.model === model) ?? OTHER_LLM_PRICE;
}

const ALL_LLM_PRICES = [...LLM_PRICES, OTHER_LLM_PRICE];
/** Hours are counted in millionths. */
const HOUR_SCALE = 6;
const HOUR_UNITS = 1_000_000n;
const CPU_HOUR: Ratio = { amountMinor: 6n, perUnits: HOUR_UNITS };
const GB_HOUR: Ratio = { amountMinor: 2n, perUnits: HOUR_UNITS };
const API_CALL: Ratio = { amountMinor: 1n, perUnits: 1_000n };

/** The meters of a model's tokens, read and written. */
export function llmMeterKeys(price: LlmPrice): Readonly<{ input: string; output: string }> {
  return { input: `llm.input.${price.model}`, output: `llm.output.${price.model}` };
}

/**
 * The prices of the credit plans rate a month's running total and round it once. The per-event rule of the credit
 * service (floor each side, at least one) overcharges small events and cannot be a function of a running total: it is
 * `llmCost`, `computeCost` and `apiCallsCost`, which its compatibility routes use.
 */
const CREDIT_PRICES: readonly PlanPrice[] = [
  ...ALL_LLM_PRICES.flatMap((price): PlanPrice[] => [
    { meterKey: llmMeterKeys(price).input, price: perUnit(perMillion(price.inPerMillion), 'floor') },
    { meterKey: llmMeterKeys(price).output, price: perUnit(perMillion(price.outPerMillion), 'floor') },
  ]),
  { meterKey: 'compute.cpu-hours', price: perUnit(CPU_HOUR, 'half-away') },
  { meterKey: 'compute.memory-gb-hours', price: perUnit(GB_HOUR, 'half-away') },
  { meterKey: 'api.calls', price: perUnit(API_CALL, 'floor') },
];

function perMillion(amountMinor: bigint): Ratio {
  return { amountMinor, perUnits: 1_000_000n };
}

function perUnit(ratio: Ratio, rounding: Price['rounding']): Price {
  return { model: { kind: 'per-unit', rate: ratio }, rounding, minimumMinor: 0n };
}

type CreditTerms = Readonly<{ key: string; name: string; usd: bigint; credits: bigint; discount: bigint }>;

/** Enterprise is agreed case by case: what it ships with is where the talk begins. */
const CREDIT_TERMS: readonly CreditTerms[] = [
  { key: 'credits-free', name: 'Free', usd: 0n, credits: 0n, discount: 0n },
  { key: 'credits-standard', name: 'Standard', usd: 20n, credits: 2_500n, discount: 10n },
  { key: 'credits-pro', name: 'Pro', usd: 50n, credits: 6_000n, discount: 20n },
  { key: 'credits-enterprise', name: 'Enterprise (credits)', usd: 0n, credits: 0n, discount: 0n },
];

export const CREDIT_PLANS: readonly CreditPlan[] = CREDIT_TERMS.map((terms) => ({
  key: terms.key,
  name: terms.name,
  asset: 'CREDIT/0',
  baseFeeMinor: 0n,
  rateLimitPerMinute: null,
  dailyLimit: null,
  prices: CREDIT_PRICES,
  feeUsdMinor: terms.usd * 100n,
  monthlyCredits: terms.credits,
  purchaseDiscountPercent: terms.discount,
}));

/** Every plan that ships, by unique key. */
export const SHIPPED_PLANS: readonly Plan[] = [...TEAM_PLANS, ...CREDIT_PLANS];

type MeterTerms = Pick<Meter, 'key' | 'unit' | 'valuePath'> & Partial<Pick<Meter, 'scale' | 'dimensions'>>;

function sumMeter(terms: MeterTerms): Meter {
  const fixed = { eventType: terms.key, aggregation: 'sum', billable: true, window: 'month' } as const;
  return { scale: 0, dimensions: {}, ...terms, ...fixed };
}

/** Every meter that a shipped plan prices. Each listens to the event type of its own name. */
export const SHIPPED_METERS: readonly Meter[] = [
  sumMeter({ key: REQUESTS_METER, unit: 'request', valuePath: '$.requests', dimensions: { endpoint: '$.endpoint' } }),
  ...ALL_LLM_PRICES.flatMap((price): Meter[] => {
    const { input, output } = llmMeterKeys(price);
    const dimensions = { provider: '$.provider', model: '$.model' };
    return [input, output].map((key) => sumMeter({ key, unit: 'token', valuePath: '$.tokens', dimensions }));
  }),
  sumMeter({ key: 'compute.cpu-hours', unit: 'CPU-hour', scale: HOUR_SCALE, valuePath: '$.hours' }),
  sumMeter({ key: 'compute.memory-gb-hours', unit: 'GB-hour', scale: HOUR_SCALE, valuePath: '$.hours' }),
  sumMeter({ key: 'api.calls', unit: 'call', valuePath: '$.count', dimensions: { endpoint: '$.endpoint' } }),
];

/**
 * What one event costs by the per-event rules of the credit service, and its exact price in millionths of a credit
 * beside.
 */
export type CreditCost = Readonly<{ credits: bigint; microCredits: bigint }>;

/** Tokens of one event: each side rounded down, then at least one credit if there was any token. */
export function llmCost(price: LlmPrice, tokens: Readonly<{ input: bigint; output: bigint }>): CreditCost {
  const inputCredits = rate(perUnit(perMillion(price.inPerMillion), 'floor'), tokens.input);
  const outputCredits = rate(perUnit(perMillion(price.outPerMillion), 'floor'), tokens.output);
  const least = tokens.input > 0n || tokens.output > 0n ? 1n : 0n;
  // A price per million tokens is the price of one token in millionths.
  const microCredits = tokens.input * price.inPerMillion + tokens.output * price.outPerMillion;
  return { credits: atLeast(least, inputCredits + outputCredits), microCredits };
}

/**
 * Hours of one event in millionths of an hour: each side rounded half away from zero, at least one credit if any ran.
 */
export function computeCost(hours: Readonly<{ cpuMicroHours: bigint; memoryGbMicroHours: bigint }>): CreditCost {
  const { cpuMicroHours, memoryGbMicroHours } = hours;
  const cpuCredits = rate(perUnit(CPU_HOUR, 'half-away'), cpuMicroHours);
  const memoryCredits = rate(perUnit(GB_HOUR, 'half-away'), memoryGbMicroHours);
  const least = cpuMicroHours > 0n || memoryGbMicroHours > 0n ? 1n : 0n;
  const microCredits = cpuMicroHours * CPU_HOUR.amountMinor + memoryGbMicroHours * GB_HOUR.amountMinor;
  return { credits: atLeast(least, cpuCredits + memoryCredits), microCredits };
}

/** API calls of one event: a credit for each full thousand, and at least one whatever the count. */
export function apiCallsCost(count: bigint): CreditCost {
  return { credits: atLeast(1n, rate(perUnit(API_CALL, 'floor'), count)), microCredits: count * 1_000n };
}

function atLeast(least: bigint, credits: bigint): bigint {
  return credits < least ? least : credits;
}

/**
 * What a purchase of a worth in USD cents costs in USD cents on a plan, and the credits it gives; from $5 to $1,000.
 */
export function creditPurchase(
  plan: CreditPlan,
  worthUsdMinor: bigint,
): Readonly<{ payUsdMinor: bigint; credits: bigint }> {
  if (worthUsdMinor < 500n || worthUsdMinor > 100_000n) {
    return refuse({
      code: 'AMOUNT_INVALID',
      detail: `A purchase of ${worthUsdMinor} cents is outside $5 to $1,000.`,
      fix: 'Choose an amount from 500 to 100000 cents.',
      values: { leastMinor: '500', mostMinor: '100000' },
    });
  }
  const payUsdMinor = divide(worthUsdMinor * (100n - plan.purchaseDiscountPercent), 100n, 'half-away');
  return { payUsdMinor, credits: worthUsdMinor };
}
