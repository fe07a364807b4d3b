/** Axes begin at zero, hold the largest bar and have round ticks. */
import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { axisTicks, perMille, tickText } from './plot.ts';

test.prop([fc.bigInt({ min: 1n, max: 10n ** 24n })])(
  'an axis holds the largest bar and wastes less than half',
  (largest) => {
    const ticks = axisTicks(largest);
    const top = ticks.at(-1) ?? 0n;
    expect(ticks[0]).toBe(0n);
    expect(top >= largest && top < largest * 2n + 2n).toBe(true);
  },
);

test('a share is in per mille and never leaves the drawing', () => {
  expect([perMille(1n, 2n), perMille(9n, 3n), perMille(-1n, 3n), perMille(1n, 0n)]).toEqual([500, 1000, 0, 0]);
});

test('a tick is said in few letters', () => {
  expect([0n, 500n, 1_500n, 6_000_000n].map(tickText)).toEqual(['0', '500', '1.5 k', '6 M']);
});
