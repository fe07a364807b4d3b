/** What exact money promises: nothing is lost in writing, dividing or splitting it. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import {
  type Asset,
  MAX_AMOUNT_MINOR,
  ROUNDINGS,
  divide,
  formatAmount,
  formatMinor,
  isAsset,
  parseAmount,
  parseDecimal,
  scaleOf,
  split,
  symbolOf,
} from './money.ts';
import { RefusalError } from './refusal.ts';

const arbScale = fc.integer({ min: 0, max: 18 });
const arbAmount = fc.bigInt({ min: -MAX_AMOUNT_MINOR, max: MAX_AMOUNT_MINOR });
const arbDenominator = fc.bigInt({ min: 1n, max: 10n ** 24n });
const arbWeights = fc
  .array(fc.bigInt({ min: 0n, max: 10n ** 12n }), { minLength: 1, maxLength: 12 })
  .filter((weights) => weights.some((weight) => weight > 0n));

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

describe('writing and reading', () => {
  test.prop([arbAmount, arbScale])('an amount reads back as it was written', (amountMinor, scale) => {
    expect(parseDecimal(formatMinor(amountMinor, scale), scale)).toBe(amountMinor);
    expect(parseAmount(formatMinor(amountMinor, scale), `USDC/${scale}`)).toBe(amountMinor);
  });

  test.prop([arbAmount, arbScale])('every decimal of the scale is written', (amountMinor, scale) => {
    const [, fraction = ''] = formatMinor(amountMinor, scale).split('.');
    expect(fraction).toHaveLength(scale);
  });

  test('12.4 USDC is twelve million four hundred thousand minor units', () => {
    expect(parseAmount('12.4', 'USDC/6')).toBe(12_400_000n);
    expect(formatAmount(12_400_000n, 'USDC/6')).toBe('12.400000 USDC');
    expect(formatMinor(-5n, 2)).toBe('-0.05');
    expect(formatMinor(7n, 0)).toBe('7');
  });

  test('a digit beyond the scale is refused, and a zero there is not a digit', () => {
    expect(parseDecimal('0.0000001', 6)).toBe('too-precise');
    expect(parseDecimal('0.0000010', 6)).toBe(1n);
  });

  test.each(['', '-', '1.', '.5', '1e3', '1,000', ' 1', '+1', '0x1', 'NaN', '١'])('"%s" is no decimal', (text) => {
    expect(parseDecimal(text, 6)).toBe('malformed');
  });

  test('what no asset can hold is refused with its code', () => {
    const refusal = (text: string) => () => parseAmount(text, 'USDC/6');
    expect(refusal('1.2345678')).toThrow(RefusalError);
    expect(refusal(formatMinor(MAX_AMOUNT_MINOR + 1n, 6))).toThrow('AMOUNT_INVALID');
    expect(refusal(formatMinor(-MAX_AMOUNT_MINOR - 1n, 6))).toThrow('AMOUNT_INVALID');
  });
});

describe('assets', () => {
  test('an asset states its symbol and its scale', () => {
    const asset: Asset = '0G/18';
    expect([symbolOf(asset), scaleOf(asset)]).toEqual(['0G', 18]);
  });

  test.each(['USDC', 'usdc/6', 'USDC/19', 'USDC/06', '/6', 'USDC/6 ', 'ABCDEFGHIJKLM/2'])(
    '"%s" is no asset',
    (text) => {
      expect(isAsset(text)).toBe(false);
    },
  );
});

describe('dividing', () => {
  const arbRounding = fc.constantFrom(...ROUNDINGS);

  test.prop([arbAmount, arbDenominator, arbRounding])(
    'the result is next to the exact quotient',
    (numerator, denominator, rounding) => {
      const rest = numerator - divide(numerator, denominator, rounding) * denominator;
      expect(abs(rest) < denominator).toBe(true);
    },
  );

  test.prop([arbAmount, arbDenominator])('each rounding settles the rest on its side', (numerator, denominator) => {
    const restOf = (rounding: (typeof ROUNDINGS)[number]) =>
      numerator - divide(numerator, denominator, rounding) * denominator;
    expect(restOf('floor') >= 0n).toBe(true);
    expect(restOf('ceil') <= 0n).toBe(true);
    expect(2n * abs(restOf('half-even')) <= denominator).toBe(true);
    expect(2n * abs(restOf('half-away')) <= denominator).toBe(true);
  });

  test.prop([fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n })])('a tie goes where its rounding says', (whole) => {
    const tie = 2n * whole + 1n;
    expect(divide(tie, 2n, 'half-even') % 2n).toBe(0n);
    expect(divide(tie, 2n, 'half-away')).toBe(tie < 0n ? whole : whole + 1n);
  });

  test('five halves, each way', () => {
    expect(ROUNDINGS.map((rounding) => divide(5n, 2n, rounding))).toEqual([2n, 3n, 2n, 3n]);
    expect(ROUNDINGS.map((rounding) => divide(-5n, 2n, rounding))).toEqual([-3n, -2n, -2n, -3n]);
  });

  test('a denominator that is not positive is a defect', () => {
    expect(() => divide(1n, 0n, 'floor')).toThrow('positive denominator');
    expect(() => divide(1n, -2n, 'floor')).toThrow('positive denominator');
  });
});

describe('splitting', () => {
  test.prop([arbAmount, arbWeights])('the parts sum to the whole', (amountMinor, weights) => {
    expect(split(amountMinor, weights).reduce((sum, part) => sum + part, 0n)).toBe(amountMinor);
  });

  test.prop([arbAmount, arbWeights])('only the first part is more than its exact share', (amountMinor, weights) => {
    const total = weights.reduce((sum, weight) => sum + weight, 0n);
    split(amountMinor, weights).forEach((part, index) => {
      const shortfall = abs(amountMinor * (weights[index] ?? 0n)) - abs(part) * total;
      expect(index === 0 || (shortfall >= 0n && shortfall < total)).toBe(true);
    });
  });

  test('the remainder is the treasury’s', () => {
    expect(split(100n, [1n, 1n, 1n])).toEqual([34n, 33n, 33n]);
  });

  test('weights that sum to nothing, or fall below it, are a defect', () => {
    expect(() => split(100n, [0n, 0n])).toThrow('weights');
    expect(() => split(100n, [2n, -1n])).toThrow('weights');
  });
});
