import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Price } from '../../lib/shapes.ts';
import { EMPTY_DRAFT, draftOf, readDraft } from './draft.ts';
import type { WireModel } from './draft.ts';

const METER = { scale: 2 };
const ASSET = 'USDC/6';
const priceOf = (model: WireModel, minimumMinor = '0') => ({ model, minimumMinor, asset: ASSET }) as Price;

const amount = fc.bigInt({ min: 0n, max: 10n ** 12n }).map(String);
const units = fc.bigInt({ min: 1n, max: 10n ** 9n }).map(String);
const ratio = fc.record({ amountMinor: amount, perUnits: units });
const tiers = fc
  .tuple(units, fc.bigInt({ min: 1n, max: 1000n }), fc.array(fc.tuple(amount, amount), { minLength: 1, maxLength: 5 }))
  .map(([perUnits, width, all]) =>
    all.map(([amountMinor, flatMinor], at) => ({
      upTo: at === all.length - 1 ? null : (width * BigInt(at + 1)).toString(),
      rate: { amountMinor, perUnits },
      flatMinor,
    })),
  );
const model: fc.Arbitrary<WireModel> = fc.oneof(
  ratio.map((rate): WireModel => ({ kind: 'per-unit', rate })),
  fc.record({ sizeUnits: units, amountMinor: amount }).map((one): WireModel => ({ kind: 'package', ...one })),
  fc.record({ quotaUnits: fc.option(units), overage: ratio }).map((one): WireModel => ({ kind: 'quota', ...one })),
  tiers.map((all): WireModel => ({ kind: 'graduated', tiers: all })),
  tiers.map((all): WireModel => ({ kind: 'volume', tiers: all })),
);

test('a price that is edited and left as it is stays what it is', () => {
  fc.assert(
    fc.property(model, amount, (wire, minimumMinor) => {
      const read = readDraft(draftOf(priceOf(wire, minimumMinor), METER), ASSET, METER);
      expect(read).toEqual({ model: wire, minimumMinor });
    }),
  );
});

test('what is wrong is told by its field', () => {
  expect(readDraft(EMPTY_DRAFT, ASSET, METER)).toMatchObject({ problems: { amount: expect.any(String) } });
  expect(readDraft({ ...EMPTY_DRAFT, amount: '0.0000001' }, ASSET, METER)).toHaveProperty('problems.amount');
  expect(readDraft({ ...EMPTY_DRAFT, amount: '1', per: '0' }, ASSET, METER)).toHaveProperty('problems.per');
  expect(readDraft({ ...EMPTY_DRAFT, amount: '-1' }, ASSET, METER)).toHaveProperty('problems.amount');
  const two = [
    { upTo: '5', amount: '1', flat: '0' },
    { upTo: '5', amount: '1', flat: '' },
    { upTo: '', amount: '1', flat: '' },
  ];
  const read = readDraft({ ...EMPTY_DRAFT, kind: 'volume', tiers: two }, ASSET, METER);
  expect(read).toEqual({ problems: { 'upTo 1': 'Write more than the tier before.' } });
});
