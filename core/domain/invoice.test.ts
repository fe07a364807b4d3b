import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { invoiceNumber, totals } from './invoice.ts';

const amount = fc.bigInt({ min: 0n, max: 10n ** 20n });
const arbLine = fc.tuple(amount, amount, amount).map(([burnedMinor, waivedMinor, rest]) => ({
  amountMinor: burnedMinor + waivedMinor + rest,
  burnedMinor,
  waivedMinor,
}));

property.prop([fc.array(arbLine, { maxLength: 8 }), amount, amount])(
  'what is asked is paid from credit or due, and no credit is taken beyond what is there',
  (lines, creditedMinor, freeCreditMinor) => {
    const sums = totals(lines, { creditedMinor, freeCreditMinor });
    expect(sums.fromCreditMinor + sums.dueMinor).toBe(sums.totalMinor);
    expect(sums.dueMinor).toBeGreaterThanOrEqual(0n);
    expect(sums.burnNowMinor).toBeLessThanOrEqual(freeCreditMinor);
  },
);

test('usage paid as it was posted is not asked for again', () => {
  const lines = [{ amountMinor: 62_400_000n, burnedMinor: 12_400_000n, waivedMinor: 0n }];
  expect(totals(lines, { creditedMinor: 0n, freeCreditMinor: 20_000_000n })).toEqual({
    totalMinor: 62_400_000n,
    fromCreditMinor: 32_400_000n,
    burnNowMinor: 20_000_000n,
    dueMinor: 30_000_000n,
  });
});

test('a negative total is a credit note: nothing is burnt, the customer has it', () => {
  const lines = [{ amountMinor: -500n, burnedMinor: 0n, waivedMinor: 0n }];
  expect(totals(lines, { creditedMinor: 0n, freeCreditMinor: 100n })).toMatchObject({
    totalMinor: -500n,
    dueMinor: -500n,
    burnNowMinor: 0n,
  });
});

test('a number names the year and counts without a gap', () => {
  expect(invoiceNumber(Date.UTC(2026, 11, 31, 23, 59), 418)).toBe('2026-000418');
});
