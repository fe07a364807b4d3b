import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { customerAccount, revenueAccount } from './account.ts';
import { MAX_AMOUNT_MINOR } from './money.ts';
import { balanced, entry } from './posting.ts';

const wallet = customerAccount('cus_a', 'wallet', 'USDC/6');
const revenue = revenueAccount('calls', 'USDC/6');
const other = revenueAccount('calls', 'SOL/9');

describe('a transaction', () => {
  test('can be built exactly when its entries sum to zero', () => {
    const amount = fc.bigInt({ min: -1000n, max: 1000n });
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 5 }), (amounts) => {
        const entries = amounts.map((one) => entry(wallet, one));
        const sum = amounts.reduce((total, one) => total + one, 0n);
        if (sum === 0n) expect(balanced(entries)).toBe(entries);
        else expect(() => balanced(entries)).toThrow(/sum to zero/);
      }),
    );
  });

  test('balances in each asset by itself', () => {
    expect(() => balanced([entry(wallet, -5n), entry(other, 5n)])).toThrow(/sum to zero/);
    expect(balanced([entry(wallet, -5n), entry(revenue, 5n)])).toHaveLength(2);
  });

  test('has no amount beyond 2^128', () => {
    const most = MAX_AMOUNT_MINOR;
    expect(balanced([entry(wallet, -most), entry(revenue, most)])).toHaveLength(2);
    expect(() => balanced([entry(wallet, -most - 1n), entry(revenue, most + 1n)])).toThrow(/2\^128/);
  });
});
