import { describe, expect, test } from 'vitest';
import { checkMeter } from './meter.ts';
import { checkModel, rate, rateDelta } from './price.ts';
import {
  CREDIT_PLANS,
  OTHER_LLM_PRICE,
  REQUESTS_METER,
  SHIPPED_METERS,
  SHIPPED_PLANS,
  TEAM_PLANS,
  apiCallsCost,
  computeCost,
  creditPurchase,
  llmCost,
  llmMeterKeys,
  llmPriceOf,
  type CreditPlan,
  type Plan,
} from './plans.ts';
import { RefusalError } from './refusal.ts';

const planOf = (key: string): Plan => SHIPPED_PLANS.find((plan) => plan.key === key) as Plan;
const priceOf = (plan: Plan, meterKey: string) => {
  const found = plan.prices.find((price) => price.meterKey === meterKey);
  if (found === undefined) throw new Error(`no price for ${meterKey}`);
  return found.price;
};
const creditPlan = (key: string) => CREDIT_PLANS.find((plan) => plan.key === key) as CreditPlan;

describe('the shipped plans', () => {
  test('have unique keys, sound prices, and a sound meter for each price', () => {
    expect(new Set(SHIPPED_PLANS.map((plan) => plan.key)).size).toBe(SHIPPED_PLANS.length);
    const keys = SHIPPED_METERS.map((meter) => meter.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const meter of SHIPPED_METERS) expect(checkMeter(meter)).toBeNull();
    for (const plan of SHIPPED_PLANS) {
      expect(new Set(plan.prices.map((price) => price.meterKey)).size).toBe(plan.prices.length);
      for (const { meterKey, price } of plan.prices) {
        expect(keys).toContain(meterKey);
        expect(checkModel(price.model)).toBeNull();
      }
    }
  });
});

describe('a team', () => {
  test.each([
    ['startup', 50_000_000n, 10_000n, 10_000n, 10, 1_000],
    ['growth', 250_000_000n, 100_000n, 5_000n, 60, 20_000],
    ['enterprise', 1_000_000_000n, 500_000n, 2_000n, 300, null],
  ])(
    'on %s pays its fee, has its quota free and its overage after',
    (key, feeMinor, quota, overageMinor, perMinute, perDay) => {
      const plan = planOf(key);
      const price = priceOf(plan, REQUESTS_METER);
      expect(plan).toMatchObject({
        asset: 'USDC/6',
        baseFeeMinor: feeMinor,
        rateLimitPerMinute: perMinute,
        dailyLimit: perDay,
      });
      expect(rate(price, quota)).toBe(0n);
      expect(rateDelta(price, quota, 1n)).toBe(overageMinor);
    },
  );

  test('on Startup makes 10,000 requests for nothing and 1,000 more for 10 USDC', () => {
    const price = priceOf(planOf('startup'), REQUESTS_METER);
    expect(rateDelta(price, 0n, 10_000n)).toBe(0n);
    expect(rateDelta(price, 10_000n, 1_000n)).toBe(10_000_000n);
  });

  test('whose batch straddles the quota is charged for the part above it', () => {
    expect(rateDelta(priceOf(planOf('startup'), REQUESTS_METER), 9_960n, 100n)).toBe(600_000n);
  });

  test('on Custom is never charged for usage and never limited', () => {
    expect(rate(priceOf(planOf('custom'), REQUESTS_METER), 10n ** 18n)).toBe(0n);
    expect(TEAM_PLANS.at(-1)).toMatchObject({ baseFeeMinor: 0n, rateLimitPerMinute: null, dailyLimit: null });
  });
});

describe('the rules of the credit service for one event', () => {
  const sonnet = llmPriceOf('anthropic', 'claude-3-5-sonnet');
  test.each([
    [sonnet, 10_000n, 5_000n, 10n, 10_500_000n],
    [sonnet, 100n, 50n, 1n, 105_000n],
    [sonnet, 0n, 0n, 0n, 0n],
    [llmPriceOf('nobody', 'unknown'), 1_000_000n, 0n, 100n, 100_000_000n],
    [
      llmPriceOf('anthropic', 'claude-3-opus'),
      2n ** 64n - 1n,
      2n ** 64n - 1n,
      166_020_696_663_385_964n,
      166_020_696_663_385_964_535_000n,
    ],
  ])('price tokens: %o %d in, %d out', (price, input, output, credits, microCredits) => {
    expect(llmCost(price, { input, output })).toEqual({ credits, microCredits });
  });

  test('price 2 CPU-hours and 4 GB-hours at 20 credits, and the least usage at 1', () => {
    expect(computeCost({ cpuMicroHours: 2_000_000n, memoryGbMicroHours: 4_000_000n })).toEqual({
      credits: 20n,
      microCredits: 20_000_000n,
    });
    expect(computeCost({ cpuMicroHours: 1n, memoryGbMicroHours: 0n })).toEqual({ credits: 1n, microCredits: 6n });
    expect(computeCost({ cpuMicroHours: 0n, memoryGbMicroHours: 250_000n }).credits).toBe(1n);
    expect(computeCost({ cpuMicroHours: 0n, memoryGbMicroHours: 0n }).credits).toBe(0n);
  });

  test('price a thousand calls at 1 credit, and never less', () => {
    expect([0n, 999n, 1_000n, 2_999n].map((count) => apiCallsCost(count).credits)).toEqual([1n, 1n, 1n, 2n]);
  });

  test('sell credits at a cent each, cheaper by the discount', () => {
    expect(creditPurchase(creditPlan('credits-free'), 5_000n)).toEqual({ payUsdMinor: 5_000n, credits: 5_000n });
    expect(creditPurchase(creditPlan('credits-standard'), 5_000n)).toEqual({ payUsdMinor: 4_500n, credits: 5_000n });
    expect(creditPurchase(creditPlan('credits-pro'), 501n).payUsdMinor).toBe(401n);
    for (const cents of [499n, 100_001n]) {
      expect(() => creditPurchase(creditPlan('credits-free'), cents)).toThrow(RefusalError);
    }
  });
});

describe('a credit plan', () => {
  test('grants what its fee buys', () => {
    expect(creditPlan('credits-standard')).toMatchObject({
      feeUsdMinor: 2_000n,
      monthlyCredits: 2_500n,
      asset: 'CREDIT/0',
    });
    expect(creditPlan('credits-pro')).toMatchObject({ feeUsdMinor: 5_000n, monthlyCredits: 6_000n });
  });

  test('rates the month as a whole: small events are not each rounded', () => {
    const price = priceOf(creditPlan('credits-free'), llmMeterKeys(OTHER_LLM_PRICE).input);
    expect(rate(price, 9_999n)).toBe(0n);
    expect(rate(price, 10_000n)).toBe(1n);
  });
});
