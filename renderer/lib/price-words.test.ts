import { expect, test } from 'vitest';
import { percentWords, scaled } from './price-words.ts';

test.each([
  [250, '2.5 %'],
  [1000, '10 %'],
  [5, '0.05 %'],
  [10_000, '100 %'],
])('%i basis points are %s', (basisPoints, words) => {
  expect(percentWords(basisPoints)).toBe(words);
});

test('a changed price is exact where it can be, and rounded where an amount stands alone', () => {
  const rate = { amountMinor: '333', perUnits: '1' };
  expect(scaled({ kind: 'per-unit', rate }, 500)).toEqual({
    kind: 'per-unit',
    rate: { amountMinor: '3496500', perUnits: '10000' },
  });
  const tiers = [{ upTo: null, rate, flatMinor: '3' }];
  expect(scaled({ kind: 'graduated', tiers }, -5000)).toMatchObject({ tiers: [{ flatMinor: '2' }] });
  expect(scaled({ kind: 'package', sizeUnits: '10', amountMinor: '99' }, 1000)).toMatchObject({ amountMinor: '109' });
});
