import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { applyDiscounts, checkDiscount, isInForce, shortfallOf } from './discount.ts';
import type { DiscountKind, DiscountRule, DiscountTerms } from './discount.ts';

const rule = (change: Partial<DiscountRule>): DiscountRule => ({
  id: 'dsc_a',
  kind: 'promotion',
  name: 'Ten off',
  customer: null,
  plan: null,
  asset: 'USDC/6',
  meters: null,
  terms: { kind: 'percent', basisPoints: 1000 },
  mostMinor: null,
  committedMinor: null,
  fromMs: 0,
  untilMs: null,
  ...change,
});

const arbTerms: fc.Arbitrary<DiscountTerms> = fc.oneof(
  fc.record({ kind: fc.constant('percent' as const), basisPoints: fc.integer({ min: 1, max: 10_000 }) }),
  fc.record({ kind: fc.constant('amount' as const), amountMinor: fc.bigInt(1n, 2n ** 70n) }),
  fc.record({
    kind: fc.constant('steps' as const),
    steps: fc
      .uniqueArray(fc.bigInt(0n, 10_000n), { minLength: 1, maxLength: 4 })
      .map((froms) =>
        froms.sort((a, b) => (a < b ? -1 : 1)).map((fromMinor, at) => ({ fromMinor, basisPoints: 500 * (at + 1) })),
      ),
  }),
);
const arbRule = fc
  .record({
    id: fc.string({ minLength: 1, maxLength: 3 }),
    kind: fc.constantFrom<DiscountKind>('volume', 'commitment', 'promotion', 'referral'),
    terms: arbTerms,
    meters: fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 })),
    mostMinor: fc.option(fc.bigInt(1n, 5_000n)),
    fromMs: fc.integer({ min: 0, max: 3 }),
  })
  .map((fields) => rule(fields));
const arbLines = fc.array(
  fc.record({ meter: fc.option(fc.constantFrom('a', 'b', 'c')), amountMinor: fc.bigInt(-1_000n, 2n ** 70n) }),
  { maxLength: 6 },
);
const positive = (lines: readonly { amountMinor: bigint }[]): bigint =>
  lines.reduce((sum, { amountMinor }) => sum + (amountMinor > 0n ? amountMinor : 0n), 0n);

describe('stacked discounts', () => {
  test.prop([arbLines, fc.array(arbRule, { maxLength: 6 })])('never take more than there is', (lines, rules) => {
    const applied = applyDiscounts(lines, rules);
    const taken = applied.reduce((sum, one) => sum + one.amountMinor, 0n);
    expect(taken <= positive(lines)).toBe(true);
    for (const { rule: one, baseMinor, amountMinor } of applied) {
      expect(amountMinor > 0n && amountMinor <= baseMinor).toBe(true);
      expect(one.mostMinor === null || amountMinor <= one.mostMinor).toBe(true);
    }
  });

  test.prop([arbLines, fc.array(arbRule, { maxLength: 6 }), fc.integer()])(
    'come to the same whatever order they were written in',
    (lines, rules, seed) => {
      const named = rules.map((one, index) => ({ ...one, id: `${one.id}${index}` }));
      const shuffled = named.toSorted((a, b) => ((a.id.length * 31 + seed) % 7) - ((b.id.length * 17 + seed) % 5));
      expect(applyDiscounts(lines, shuffled)).toEqual(applyDiscounts(lines, named));
    },
  );

  test.prop([fc.array(arbRule, { maxLength: 4 }), arbLines, arbLines])(
    'of shares alone grow with the usage',
    (rules, lines, more) => {
      const shares = rules.map((one) =>
        rule({ ...one, terms: { kind: 'percent', basisPoints: 1234 }, meters: null, mostMinor: null }),
      );
      const net = (all: typeof lines): bigint =>
        positive(all) - applyDiscounts(all, shares).reduce((sum, one) => sum + one.amountMinor, 0n);
      expect(net([...lines, ...more]) >= net(lines)).toBe(true);
    },
  );

  test('apply volume, commitment, promotion and referral in this order, each on what is left', () => {
    const kinds = ['referral', 'promotion', 'commitment', 'volume'] as const;
    const rules = kinds.map((kind) => rule({ id: kind, kind, committedMinor: kind === 'commitment' ? 1n : null }));
    const applied = applyDiscounts([{ meter: null, amountMinor: 10_000n }], rules);
    expect(applied.map((one) => [one.rule.kind, one.baseMinor, one.amountMinor])).toEqual([
      ['volume', 10_000n, 1_000n],
      ['commitment', 9_000n, 900n],
      ['promotion', 8_100n, 810n],
      ['referral', 7_290n, 729n],
    ]);
  });

  test('for one meter take from what is left of that meter', () => {
    const lines = [
      { meter: 'a', amountMinor: 300n },
      { meter: 'b', amountMinor: 700n },
    ];
    const half = { kind: 'percent', basisPoints: 5000 } as const;
    const applied = applyDiscounts(lines, [
      rule({ id: 'all', kind: 'volume', terms: half }),
      rule({ id: 'one', terms: half, meters: ['a'] }),
    ]);
    expect(applied.map((one) => one.amountMinor)).toEqual([500n, 75n]);
  });

  test('by steps take the share of the last step that is reached', () => {
    const steps = [
      { fromMinor: 100n, basisPoints: 500 },
      { fromMinor: 1_000n, basisPoints: 2_000 },
    ];
    const volume = rule({ kind: 'volume', terms: { kind: 'steps', steps } });
    const takes = (amountMinor: bigint) => applyDiscounts([{ meter: null, amountMinor }], [volume])[0]?.amountMinor;
    expect([takes(99n), takes(100n), takes(999n), takes(1_000n)]).toEqual([undefined, 5n, 49n, 200n]);
  });
});

describe('a commitment', () => {
  const committed = rule({ kind: 'commitment', committedMinor: 1_000n });

  test('asks for what is missing, and for nothing where it is met', () => {
    expect(shortfallOf([committed], 400n)?.amountMinor).toBe(600n);
    expect(shortfallOf([committed], 1_000n)).toBeNull();
    expect(shortfallOf([committed], -50n)?.amountMinor).toBe(1_000n);
  });

  test('of which there are several asks for the largest shortfall only', () => {
    const other = rule({ id: 'dsc_b', kind: 'commitment', committedMinor: 700n });
    expect(shortfallOf([other, committed], 400n)).toMatchObject({ rule: { id: 'dsc_a' }, amountMinor: 600n });
  });
});

describe('a rule', () => {
  const whose = { customer: 'cus_a', plan: 'team', asset: 'USDC/6', atMs: 50 };
  test.each([
    [{}, true],
    [{ customer: 'cus_b' }, false],
    [{ plan: 'team' }, true],
    [{ plan: 'other' }, false],
    [{ plan: 'other', customer: 'cus_a' }, true],
    [{ fromMs: 51 }, false],
    [{ untilMs: 50 }, false],
    [{ untilMs: 51 }, true],
    [{ asset: 'SOL/9' as const }, false],
  ])('%o counts for its customer, plan, asset and time: %s', (change, isCounted) => {
    expect(isInForce(rule(change), whose)).toBe(isCounted);
  });

  test.each([
    [{ untilMs: 0 }, 'ends before'],
    [{ mostMinor: 0n }, 'At most'],
    [{ terms: { kind: 'percent', basisPoints: 0 } as const }, 'share'],
    [{ terms: { kind: 'percent', basisPoints: 10_001 } as const }, 'share'],
    [{ terms: { kind: 'amount', amountMinor: 0n } as const }, 'above zero'],
    [{ kind: 'commitment' as const }, 'spent at least'],
    [{ committedMinor: 5n }, 'commits nobody'],
    [{ terms: { kind: 'steps', steps: [] } as const }, 'Only a volume'],
    [{ kind: 'volume' as const, terms: { kind: 'steps', steps: [] } as const }, 'steps'],
  ])('%o is refused: %s', (change, detail) => {
    expect(checkDiscount(rule(change))?.detail).toContain(detail);
  });
});
