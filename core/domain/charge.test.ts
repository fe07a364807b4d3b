import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { customerAccount, revenueAccount } from './account.ts';
import { OVERSHOOT_POLICIES, available, charge, settleDebts, spendable } from './charge.ts';
import type { Standing } from './charge.ts';
import { balanced } from './posting.ts';

const ASSET = 'USDC/6';
const revenue = revenueAccount('calls', ASSET);
const amount = fc.bigInt({ min: 0n, max: 10n ** 24n });

function standing(given: Partial<Standing> = {}): Standing {
  return {
    customer: 'cus_00000001',
    asset: ASSET,
    walletMinor: 0n,
    unbilledMinor: 0n,
    advanceMinor: 0n,
    heldMinor: 0n,
    overdraftMinor: 0n,
    grants: [],
    ...given,
  };
}

/** A standing whose wallet is what its grants have left, as the books keep it. */
const arbStanding = fc
  .record({
    remaining: fc.array(amount, { maxLength: 5 }),
    debt: amount,
    advance: amount,
    held: amount,
    overdraft: amount,
  })
  .map(({ remaining, debt, advance, held, overdraft }) =>
    standing({
      grants: remaining.map((left, index) => ({
        id: `grt_${index}`,
        priority: index,
        expiresAtMs: null,
        createdAtMs: index,
        grantedMinor: left,
        remainingMinor: left,
      })),
      walletMinor: remaining.reduce((sum, left) => sum + left, 0n),
      unbilledMinor: -debt,
      advanceMinor: -advance,
      heldMinor: held,
      overdraftMinor: overdraft,
    }),
  );
const arbRequest = fc.record({
  amountMinor: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 25n }),
  policy: fc.constantFrom(...OVERSHOOT_POLICIES),
});

describe('a charge', () => {
  property.prop([arbStanding, arbRequest])('balances, earns its whole amount and splits it fully', (from, asked) => {
    const paid = charge(from, { ...asked, revenue, atMs: 0, memo: '' });
    balanced(paid.entries);
    const earned = paid.entries.filter(({ account }) => account.id === revenue.id);
    expect(earned.reduce((sum, one) => sum + one.amountMinor, 0n)).toBe(asked.amountMinor);
    expect(paid.burnedMinor).toBeGreaterThanOrEqual(0n);
    expect(paid.overshootMinor).toBeGreaterThanOrEqual(0n);
  });

  property.prop([arbStanding, arbRequest])('takes a customer below its limit only by overshoot', (from, asked) => {
    const paid = charge(from, { ...asked, revenue, atMs: 0, memo: '' });
    const moved = paid.entries
      .filter(({ account, memo }) => account.customer !== null && memo !== 'overshoot')
      .reduce((sum, one) => sum + one.amountMinor, 0n);
    const before = available(from) + from.overdraftMinor;
    if (moved < 0n) expect(before + moved).toBeGreaterThanOrEqual(0n);
  });

  property.prop([arbStanding, arbRequest])('never burns a grant beyond what it has left', (from, asked) => {
    const paid = charge(from, { ...asked, revenue, atMs: 0, memo: '' });
    for (const grant of from.grants) {
      const burnt = paid.entries
        .filter((one) => one.grant === grant.id)
        .reduce((sum, one) => sum - one.amountMinor, 0n);
      expect(burnt).toBeLessThanOrEqual(grant.remainingMinor);
    }
  });

  test('12.40 on a balance of 9.42: the rest is owed within the overdraft, then overshoot', () => {
    const grant = {
      id: 'grt_1',
      priority: 1,
      expiresAtMs: null,
      createdAtMs: 0,
      grantedMinor: 9_420_000n,
      remainingMinor: 9_420_000n,
    };
    const from = standing({ walletMinor: 9_420_000n, grants: [grant], overdraftMinor: 1_000_000n });
    const paid = charge(from, { amountMinor: 12_400_000n, revenue, policy: 'cap', atMs: 0, memo: 'calls' });
    expect(paid.burnedMinor).toBe(9_420_000n);
    expect(paid.overshootMinor).toBe(1_980_000n);
    expect(paid.entries.map(({ account, amountMinor }) => [account.id, amountMinor])).toEqual([
      ['cus_00000001:wallet:USDC/6', -9_420_000n],
      ['cus_00000001:unbilled:USDC/6', -1_000_000n],
      ['write-off:overshoot:USDC/6', -1_980_000n],
      ['revenue:usage:calls:USDC/6', 12_400_000n],
    ]);
  });

  test('credit that has expired when the money was promised is not burnt', () => {
    const grant = { id: 'g', priority: 1, expiresAtMs: 10, createdAtMs: 0, grantedMinor: 5n, remainingMinor: 5n };
    const from = standing({ walletMinor: 5n, grants: [grant] });
    const at = (atMs: number) => charge(from, { amountMinor: 5n, revenue, policy: 'debt', atMs, memo: '' }).burnedMinor;
    expect([at(9), at(10)]).toEqual([5n, 0n]);
  });
});

describe('a new grant', () => {
  property.prop([arbStanding, amount])('pays what was taken ahead of it before what is unbilled', (from, granted) => {
    const { entries, paidMinor } = settleDebts(from, { id: 'grt_new', remainingMinor: granted });
    balanced(entries);
    expect(paidMinor).toBeLessThanOrEqual(granted);
    const to = (role: 'advance' | 'unbilled') =>
      entries.find(({ account }) => account.id === customerAccount(from.customer, role, ASSET).id)?.amountMinor ?? 0n;
    expect(to('advance')).toBeLessThanOrEqual(-from.advanceMinor);
    if (to('unbilled') > 0n) expect(to('advance')).toBe(-from.advanceMinor);
  });
});

test('what may be spent counts holds, overdraft and what is not posted yet', () => {
  const from = standing({ walletMinor: 100n, heldMinor: 30n, unbilledMinor: -5n, overdraftMinor: 10n });
  expect(spendable(from, 20n)).toBe(55n);
});
