/** Amounts on screen: nothing rounded in silence, nothing read that was not typed. */
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { MAX_AMOUNT_MINOR } from '#core/domain/money.ts';
import { amountLine, amountText, amountTick, changeText, plainAmount, readAmount, totalsByAsset } from './money.ts';

const arbMinor = fc.bigInt({ min: -MAX_AMOUNT_MINOR, max: MAX_AMOUNT_MINOR });
const arbScale = fc.integer({ min: 0, max: 18 });

test.prop([arbMinor, arbScale])(
  'the full text is the exact amount with thin spaces and a true minus',
  (minor, scale) => {
    const shown = amountText(minor, `X/${scale}`);
    expect(shown.approximate).toBe(false);
    expect(shown.text.replaceAll('\u2009', '').replace('\u2212', '-')).toBe(plainAmount(minor, `X/${scale}`));
  },
);

test.prop([arbMinor, arbScale])('a shortened text says so whenever a digit was lost', (minor, scale) => {
  const shown = amountText(minor, `X/${scale}`, 'short');
  const plain = shown.text.replaceAll('\u2009', '').replace('\u2212', '-');
  const [whole = '0', fraction = ''] = plain.split('.');
  const back = BigInt(whole + fraction.padEnd(scale, '0'));
  expect(shown.approximate || back === minor).toBe(true);
});

test.prop([fc.bigInt({ min: 1n, max: MAX_AMOUNT_MINOR }), arbScale])('what is written is read back', (minor, scale) => {
  expect(readAmount(amountText(minor, `X/${scale}`).text, `X/${scale}`)).toEqual({ minor: minor.toString() });
});

describe('for a person to read', () => {
  test('62.40 USDC on a button, all six decimals in a table', () => {
    expect(amountLine(62_400_000n, 'USDC/6')).toBe('62.40 USDC');
    expect(amountText(62_400_000n, 'USDC/6').text).toBe('62.400\u2009000');
  });
  test('a digit below the scale is refused, not dropped', () => {
    expect(readAmount('0.0000001', 'USDC/6')).toHaveProperty('problem');
    expect(readAmount('0', 'USDC/6')).toHaveProperty('problem');
    expect(readAmount('1e9', 'USDC/6')).toHaveProperty('problem');
  });
  test('assets never add up with each other', () => {
    const rows = [
      { asset: 'A/2', minor: '1' },
      { asset: 'B/2', minor: '5' },
      { asset: 'A/2', minor: '2' },
    ];
    expect(totalsByAsset(rows)).toEqual([
      { asset: 'A/2', minor: '3' },
      { asset: 'B/2', minor: '5' },
    ]);
  });
  test('a change is said against yesterday by now', () => {
    expect(changeText(106n, 100n)).toBe('+6 % on yesterday by now');
    expect(changeText(0n, 0n)).toBe('as yesterday by now');
    expect(changeText(5n, 0n)).toBe('nothing yesterday by now');
  });
});

test('a tick is written in as few letters as say it exactly', () => {
  expect([0n, 250_000n, 1_500_000n, 20_000_000n, 1_500_000_000n].map((tick) => amountTick(tick, 'USDC/6'))).toEqual([
    '0',
    '0.25',
    '1.5',
    '20',
    '1.5 k',
  ]);
  expect(amountTick(100n, 'CREDIT/0')).toBe('100');
});
