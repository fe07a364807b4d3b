import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MAX_QUANTITY_UNITS } from './meter.ts';
import { type Price, type PriceModel, isRateable, rate } from './price.ts';

const amount = fc.oneof(fc.bigInt(0n, 2n ** 128n - 1n), fc.bigInt(0n, 10n ** 6n));
const ratio = fc.record({ amountMinor: amount, perUnits: fc.bigInt(1n, 10n ** 9n) });
const tiers = fc.tuple(ratio, ratio, amount, fc.bigInt(1n, 10n ** 6n)).map(([first, second, flatMinor, upTo]) => [
  { upTo, rate: first, flatMinor },
  { upTo: null, rate: second, flatMinor },
]);
const model: fc.Arbitrary<PriceModel> = fc.oneof(
  ratio.map((one) => ({ kind: 'per-unit', rate: one }) as const),
  ratio.map((one) => ({ kind: 'quota', quotaUnits: 5n, overage: one }) as const),
  ratio.map((one) => ({ kind: 'package', sizeUnits: one.perUnits, amountMinor: one.amountMinor }) as const),
  tiers.map((list) => ({ kind: 'graduated', tiers: list }) as const),
  tiers.map((list) => ({ kind: 'volume', tiers: list }) as const),
);

test('a total is rateable exactly when its amount stays within 2^120, at every price', () => {
  const quantity = fc.oneof(fc.bigInt(0n, MAX_QUANTITY_UNITS), fc.bigInt(0n, 10n ** 7n));
  fc.assert(
    fc.property(model, quantity, (one, total) => {
      const price: Price = { model: one, rounding: 'half-even', minimumMinor: 0n };
      expect(isRateable(price, total)).toBe(rate(price, total) <= 2n ** 120n);
    }),
    { numRuns: 500 },
  );
});
