import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { ROUNDINGS, type Rounding } from './money.ts';
import {
  MAX_TIERS,
  checkModel,
  decodeModel,
  encodeModel,
  explainRate,
  minimumTopUp,
  quotaSplit,
  rate,
  rateDelta,
  type Price,
  type PriceModel,
  type Ratio,
  type Tier,
} from './price.ts';
import { RefusalError } from './refusal.ts';

const arbRatio: fc.Arbitrary<Ratio> = fc.record({
  amountMinor: fc.bigInt(0n, 50_000n),
  perUnits: fc.bigInt(1n, 5_000n),
});
const arbTiers: fc.Arbitrary<readonly Tier[]> = fc
  .tuple(
    fc.array(fc.record({ width: fc.bigInt(1n, 400n), rate: arbRatio, flatMinor: fc.bigInt(0n, 900n) }), {
      maxLength: 4,
    }),
    fc.record({ rate: arbRatio, flatMinor: fc.bigInt(0n, 900n) }),
  )
  .map(([bounded, last]) => {
    let upTo = 0n;
    return [...bounded.map(({ width, ...tier }) => ({ ...tier, upTo: (upTo += width) })), { ...last, upTo: null }];
  });
const arbVolume: fc.Arbitrary<PriceModel> = arbTiers.map((tiers) => ({ kind: 'volume', tiers }));
const arbSteady: fc.Arbitrary<PriceModel> = fc.oneof(
  arbRatio.map((ratio): PriceModel => ({ kind: 'per-unit', rate: ratio })),
  arbTiers.map((tiers): PriceModel => ({ kind: 'graduated', tiers })),
  fc.record({
    kind: fc.constant('package' as const),
    sizeUnits: fc.bigInt(1n, 300n),
    amountMinor: fc.bigInt(0n, 900n),
  }),
  fc.record({
    kind: fc.constant('quota' as const),
    quotaUnits: fc.option(fc.bigInt(0n, 800n)),
    overage: arbRatio,
  }),
);
const arbRounding = fc.constantFrom<Rounding>(...ROUNDINGS);
const priceOf = (model: fc.Arbitrary<PriceModel>): fc.Arbitrary<Price> =>
  fc.record({ model, rounding: arbRounding, minimumMinor: fc.constant(0n) });
const arbPrice = priceOf(fc.oneof(arbSteady, arbVolume));
const arbTotal = fc.bigInt(-50n, 2_500n);

/** A second calculation that shares nothing with the first: unit by unit, over one denominator for all ratios. */
function oracle(price: Price, quantity: bigint): bigint {
  const { model, rounding } = price;
  const ratios =
    model.kind === 'per-unit' ? [model.rate] : 'tiers' in model ? model.tiers.map((tier) => tier.rate) : [];
  if (model.kind === 'quota') ratios.push(model.overage);
  const denominator = ratios.reduce((product, ratio) => product * ratio.perUnits, 1n);
  const scaled = (ratio: Ratio) => (ratio.amountMinor * denominator) / ratio.perUnits;
  let numerator = 0n;
  const entered = new Set<Tier>();
  const reached = (total: bigint) => (tier: Tier) => tier.upTo === null || total <= tier.upTo;
  for (let unit = 1n; unit <= quantity; unit += 1n) {
    if (model.kind === 'per-unit') numerator += scaled(model.rate);
    if (model.kind === 'quota' && model.quotaUnits !== null && unit > model.quotaUnits)
      numerator += scaled(model.overage);
    if (model.kind === 'package' && (unit - 1n) % model.sizeUnits === 0n) numerator += model.amountMinor;
    if ('tiers' in model) {
      const tier = model.tiers.find(reached(model.kind === 'volume' ? quantity : unit));
      if (tier === undefined) throw new Error('no tier');
      numerator += scaled(tier.rate) + (entered.has(tier) ? 0n : tier.flatMinor * denominator);
      entered.add(tier);
    }
  }
  const floor = numerator / denominator;
  const doubled = 2n * (numerator % denominator);
  if (doubled === 0n || rounding === 'floor') return floor;
  if (rounding === 'ceil' || doubled > denominator) return floor + 1n;
  if (doubled < denominator) return floor;
  return rounding === 'half-away' ? floor + 1n : floor + (floor & 1n);
}

describe('rating a running total', () => {
  test.prop([arbPrice, arbTotal])('agrees with counting unit by unit', (price, quantity) => {
    expect(rate(price, quantity)).toBe(oracle(price, quantity));
  });

  test.prop([priceOf(arbSteady), arbTotal, fc.bigInt(0n, 900n)])(
    'never falls as usage grows, per unit, graduated, package and quota',
    (price, quantity, more) => {
      expect(rateDelta(price, quantity, more)).toBeGreaterThanOrEqual(0n);
    },
  );

  test.prop([priceOf(arbVolume), arbTotal, fc.bigInt(0n, 900n)])(
    'never falls within a tier of a volume price',
    (price, quantity, more) => {
      const tiers = price.model.kind === 'volume' ? price.model.tiers : [];
      const tierOf = (total: bigint) => tiers.findIndex((tier) => tier.upTo === null || total <= tier.upTo);
      fc.pre(tierOf(quantity) === tierOf(quantity + more));
      expect(rateDelta(price, quantity, more)).toBeGreaterThanOrEqual(0n);
    },
  );

  test.prop([arbPrice, arbTotal, fc.array(fc.bigInt(-400n, 400n), { maxLength: 12 })])(
    'comes to the same however the usage is cut into events',
    (price, before, deltas) => {
      let total = before;
      let parts = 0n;
      for (const delta of deltas) {
        parts += rateDelta(price, total, delta);
        total += delta;
      }
      expect(parts).toBe(rateDelta(price, before, total - before));
    },
  );

  test.prop([arbPrice, arbTotal])(
    'is explained by steps whose exact sum rounds to it and whose amounts sum to it',
    (price, quantity) => {
      const steps = explainRate(price, quantity);
      const denominator = steps.reduce((product, step) => product * step.exactDenominator, 1n);
      const numerator = steps.reduce(
        (sum, step) => sum + (step.exactNumerator * denominator) / step.exactDenominator,
        0n,
      );
      const ratio = { amountMinor: numerator, perUnits: denominator };
      expect(rate({ ...price, model: { kind: 'per-unit', rate: ratio } }, 1n)).toBe(rate(price, quantity));
      expect(steps.reduce((sum, step) => sum + step.amountMinor, 0n)).toBe(rate(price, quantity));
      expect(steps.reduce((sum, step) => sum + step.quantity, 0n)).toBe(quantity > 0n ? quantity : 0n);
    },
  );

  test.prop([arbPrice, arbTotal, fc.bigInt(-900n, 900n)])(
    'puts every unit in exactly one of free and billed',
    (price, before, delta) => {
      const { insideUnits, overUnits } = quotaSplit(price, before, delta);
      expect(insideUnits + overUnits).toBe(delta);
      if (price.model.kind === 'quota') {
        const asIfUnitPrice: Price = { ...price, model: { kind: 'per-unit', rate: { amountMinor: 1n, perUnits: 1n } } };
        const quota = price.model.quotaUnits;
        const over = quota === null ? 0n : rateDelta(asIfUnitPrice, before - quota, delta);
        expect(overUnits).toBe(over);
      }
    },
  );

  test('rounds the sum of the tiers once, not each tier', () => {
    const third = { amountMinor: 1n, perUnits: 3n };
    const tiers = [1n, 2n, null].map((upTo) => ({ upTo, rate: third, flatMinor: 0n }));
    const price: Price = { model: { kind: 'graduated', tiers }, rounding: 'floor', minimumMinor: 0n };
    expect(rate(price, 3n)).toBe(1n);
    expect(explainRate(price, 3n).map((step) => [step.label, step.amountMinor])).toEqual([
      ['tier 1, from 1', 0n],
      ['tier 2, from 2', 0n],
      ['tier 3, from 3', 0n],
      ['rounding: the exact total once, floor', 1n],
    ]);
  });

  test('charges a batch that straddles the quota only for what is above it', () => {
    const overage = { amountMinor: 10_000n, perUnits: 1n };
    const price: Price = {
      model: { kind: 'quota', quotaUnits: 10_000n, overage },
      rounding: 'floor',
      minimumMinor: 0n,
    };
    expect(rateDelta(price, 9_950n, 100n)).toBe(500_000n);
    expect(quotaSplit(price, 9_950n, 100n)).toEqual({ insideUnits: 50n, overUnits: 50n });
  });

  test.prop([fc.bigInt(0n, 800n), fc.bigInt(-2n, 2n)])(
    'begins to bill at the first unit above the quota',
    (quotaUnits, off) => {
      const model: PriceModel = { kind: 'quota', quotaUnits, overage: { amountMinor: 7n, perUnits: 1n } };
      const price: Price = { model, rounding: 'floor', minimumMinor: 0n };
      expect(rate(price, quotaUnits + off)).toBe(off > 0n ? 7n * off : 0n);
      expect(quotaSplit(price, 0n, quotaUnits + off).overUnits).toBe(off > 0n ? off : 0n);
    },
  );

  test('may drop where a volume tier begins', () => {
    const at = (amountMinor: bigint) => ({ amountMinor, perUnits: 1n });
    const tiers = [
      { upTo: 10n, rate: at(10n), flatMinor: 0n },
      { upTo: null, rate: at(5n), flatMinor: 0n },
    ];
    expect(rateDelta({ model: { kind: 'volume', tiers }, rounding: 'floor', minimumMinor: 0n }, 10n, 1n)).toBe(-45n);
  });

  test('tops a month up to its minimum and no further', () => {
    const price: Price = {
      model: { kind: 'per-unit', rate: { amountMinor: 1n, perUnits: 1n } },
      rounding: 'floor',
      minimumMinor: 500n,
    };
    expect(minimumTopUp(price, 120n)).toBe(380n);
    expect(minimumTopUp(price, 501n)).toBe(0n);
  });
});

describe('a model', () => {
  test.prop([fc.oneof(arbSteady, arbVolume)])('is sound and survives being written and read', (model) => {
    expect(checkModel(model)).toBeNull();
    expect(decodeModel(encodeModel(model))).toEqual(model);
    expect(encodeModel(decodeModel(encodeModel(model)))).toBe(encodeModel(model));
  });

  const one: Ratio = { amountMinor: 1n, perUnits: 1n };
  const tier = (upTo: bigint | null, ratio: Ratio = one, flatMinor = 0n): Tier => ({ upTo, rate: ratio, flatMinor });
  const unsound: ReadonlyArray<[string, PriceModel]> = [
    ['per zero units', { kind: 'per-unit', rate: { amountMinor: 1n, perUnits: 0n } }],
    ['a negative amount', { kind: 'per-unit', rate: { amountMinor: -1n, perUnits: 1n } }],
    ['no tier', { kind: 'graduated', tiers: [] }],
    ['a last tier with an end', { kind: 'volume', tiers: [tier(10n)] }],
    ['an open tier that is not the last', { kind: 'graduated', tiers: [tier(null), tier(null)] }],
    ['tiers that do not ascend', { kind: 'graduated', tiers: [tier(10n), tier(10n), tier(null)] }],
    ['a tier that ends at zero', { kind: 'graduated', tiers: [tier(0n), tier(null)] }],
    ['a negative flat fee', { kind: 'graduated', tiers: [tier(null, one, -1n)] }],
    ['a tier per zero units', { kind: 'volume', tiers: [tier(null, { amountMinor: 1n, perUnits: 0n })] }],
    [
      'too many tiers',
      {
        kind: 'graduated',
        tiers: Array.from({ length: MAX_TIERS + 1 }, (_, i) => tier(i === MAX_TIERS ? null : BigInt(i + 1))),
      },
    ],
    ['an empty package', { kind: 'package', sizeUnits: 0n, amountMinor: 1n }],
    ['a negative quota', { kind: 'quota', quotaUnits: -1n, overage: one }],
  ];
  test.each(unsound)('with %s is refused, typed and stored', (_, model) => {
    expect(checkModel(model)?.code).toBe('INPUT_INVALID');
    expect(() => decodeModel(encodeModel(model))).toThrow(RefusalError);
  });

  test.each([
    '',
    'null',
    '[]',
    '{}',
    '{"kind":"free"}',
    '{"kind":"per-unit"}',
    '{"kind":"per-unit","rate":{"amountMinor":1,"perUnits":"1"}}',
    '{"kind":"per-unit","rate":{"amountMinor":"01","perUnits":"1"}}',
    '{"kind":"per-unit","rate":{"amountMinor":"1","perUnits":"1"},"extra":1}',
    '{"kind":"per-unit","rate":{"amountMinor":"1","perUnits":"1","currency":"USD"}}',
    '{"kind":"graduated","tiers":{}}',
    '{"kind":"graduated","tiers":[null]}',
  ])('of any other shape is refused: %s', (text) => {
    expect(() => decodeModel(text)).toThrow(RefusalError);
  });
});
