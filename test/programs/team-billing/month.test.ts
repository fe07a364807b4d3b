/** The life of a team on chain: the acceptance scenario of its rail, months, splits, debts, refunds and its end. */
import { describe, expect, test } from 'vitest';
import { addTokens, amountOf } from '../tokens.ts';
import { CUSTOM, DAY, GROWTH, JANUARY, STARTUP, TEAM_BILLING, USDC, World } from './world.ts';

const names = (answer: { events: ReadonlyArray<{ name: string }> }): string[] => answer.events.map(({ name }) => name);

describe('a team', () => {
  test('uses its quota for nothing, pays what is above it, and is warned once when its balance falls low', () => {
    const world = new World().open();
    expect(world.use(10_000n).events.at(-1)?.data).toMatchObject({ cost: 0n, balance: 100n * USDC });
    const above = world.use(1_000n);
    expect(above.events.at(-1)?.data).toMatchObject({ cost: 10n * USDC, amount_deducted: 10n * USDC, debt: 0n });
    expect(world.balance()).toBe(90n * USDC);
    expect(names(world.use(8_000n))).toEqual(['RevenuePaid', 'UsageDeducted']);
    expect(names(world.use(1n))).toEqual(['RevenuePaid', 'LowBalanceAlert', 'UsageDeducted']);
    expect(names(world.use(1n))).toEqual(['RevenuePaid', 'UsageDeducted']);
    world.do('deposit_funds', { amount: 5n * USDC });
    expect(names(world.use(1_000n))).toEqual(['RevenuePaid', 'LowBalanceAlert', 'UsageDeducted']);
    expect(amountOf(world.chain, world.stakers)).toBe(100n * USDC - world.balance() + 5n * USDC);
    expect(amountOf(world.chain, world.treasury)).toBe(0n);
  });

  test('owes what its balance does not cover, and pays it with its next deposit', () => {
    const world = new World().open({}, 15n * USDC);
    const used = world.use(12_000n);
    expect(used.events.at(-1)?.data).toMatchObject({ cost: 20n * USDC, amount_deducted: 15n * USDC, debt: 5n * USDC });
    const paid = world.do('deposit_funds', { amount: 8n * USDC });
    expect(paid.events.at(-1)?.data).toMatchObject({ overage_paid: 5n * USDC, debt: 0n, balance: 3n * USDC });
  });

  test('pays its base fee when the month is closed, split to the last unit, and begins a new quota', () => {
    const world = new World().open({ collects_base_fee: true }, 100n * USDC);
    world.use(9_000n);
    const record = world.record;
    const closed = world.endMonth();
    expect(names(closed)).toEqual(['RevenuePaid', 'PeriodClosed']);
    expect(closed.events.at(-1)?.data).toMatchObject({
      base_fee: 50n * USDC,
      request_count: 9_000n,
      balance: 50n * USDC,
    });
    expect(amountOf(world.chain, world.treasury)).toBe(45n * USDC);
    expect(amountOf(world.chain, world.stakers)).toBe(5n * USDC);
    expect(world.teamState()).toMatchObject({
      period_requests: 0n,
      period_start: JANUARY + 31n * DAY,
      period_end: JANUARY + 59n * DAY,
    });
    expect(world.chain.read(TEAM_BILLING, 'UsageRecord', record)).toMatchObject({
      is_closed: true,
      request_count: 9_000n,
      base_fee_minor: 50n * USDC,
    });
    expect(world.use(10_000n).events.at(-1)?.data['cost']).toBe(0n);
  });

  test('pays a part of the fee for a part of a month', () => {
    const world = new World();
    world.chain.setTime(JANUARY + 30n * DAY);
    world.open({ collects_base_fee: true }, 100n * USDC);
    expect(world.endMonth().events.at(-1)?.data['base_fee']).toBe((50n * USDC) / 31n);
  });

  test('moves to another tier with a month that begins after the delay, and to a better quota at once', () => {
    const world = new World().open({ collects_base_fee: true }, 1_000n * USDC);
    world.do('update_tier', { new_tier: GROWTH, at_once: false });
    expect(world.teamState()).toMatchObject({ tier: 0, next_tier: 1, quota_requests: 10_000n });
    expect(world.endMonth().events.at(-1)?.data['base_fee']).toBe(50n * USDC);
    expect(world.teamState()).toMatchObject({ tier: 1, quota_requests: 100_000n, monthly_fee_minor: 250n * USDC });
    world.do('update_tier', { new_tier: CUSTOM, at_once: true });
    expect(world.use(1_000_000n).events.at(-1)?.data['cost']).toBe(0n);
    expect(world.endMonth().events.at(-1)?.data['base_fee']).toBe(250n * USDC);
    expect(world.endMonth().events.at(-1)?.data['base_fee']).toBe(0n);
  });

  test('is not moved to a worse tier at once, nor to a dear one before it could have left', () => {
    const world = new World().open({ collects_base_fee: true }, 1_000n * USDC, GROWTH);
    expect(world.ask('update_tier', { new_tier: STARTUP, at_once: true }).error).toBe('TierWorse');
    world.chain.setTime(JANUARY + 31n * DAY - 1n);
    world.do('update_tier', { new_tier: 2, at_once: true });
    expect(world.teamState()).toMatchObject({ tier: 2, quota_requests: 500_000n, monthly_fee_minor: 250n * USDC });
    world.endMonth();
    expect(world.teamState()['monthly_fee_minor']).toBe(250n * USDC);
    world.endMonth();
    expect(world.teamState()['monthly_fee_minor']).toBe(1_000n * USDC);
  });

  test('gets the rest back at the end of a month if it wants that', () => {
    const world = new World().open({ collects_base_fee: true }, 80n * USDC);
    world.do('set_refund', { is_wanted: true });
    const before = amountOf(world.chain, world.wallet);
    expect(world.endMonth().events.at(-1)?.data).toMatchObject({ refunded: 30n * USDC, balance: 0n });
    expect(amountOf(world.chain, world.wallet) - before).toBe(30n * USDC);
  });

  test("gets no refund to somebody else's account", () => {
    const world = new World().open();
    world.do('set_refund', { is_wanted: true });
    world.chain.setTime(JANUARY + 31n * DAY);
    const bending = { accounts: { refund_usdc: world.treasury } };
    expect(world.ask('close_period', {}, bending).error).toBe('WrongTokenAccount');
  });

  test('takes out at once what the operator agrees to, and without it after the delay', () => {
    const world = new World().open();
    world.do('withdraw_cosigned', { amount: 40n * USDC });
    world.do('request_withdrawal', { amount: 60n * USDC });
    world.use(12_000n);
    world.wait(DAY);
    expect(world.ask('withdraw_unused', { amount: 60n * USDC }).error).toBe('FundsHeld');
    world.do('withdraw_unused', { amount: 40n * USDC });
    expect(world.balance()).toBe(0n);
  });

  test('leaves without the operator: fee by days, then everything and both rents back', () => {
    const world = new World().open({ collects_base_fee: true }, 100n * USDC);
    world.use(11_000n);
    addTokens(world.chain, world.tokens, 7n * USDC);
    world.do('request_withdrawal', { amount: 2n ** 64n - 1n });
    world.wait(DAY);
    const [tokens, lamports] = [amountOf(world.chain, world.wallet), world.chain.lamports(world.owner.publicKey)];
    const rents = world.chain.lamports(world.team) + world.chain.lamports(world.tokens);
    const left = world.do('close_team_account');
    const fee = (50n * USDC) / 31n;
    expect(left.events.at(-1)?.data).toMatchObject({ base_fee: fee, paid_out: 97n * USDC - fee, debt: 0n });
    expect(amountOf(world.chain, world.wallet) - tokens).toBe(97n * USDC - fee);
    expect(world.chain.lamports(world.owner.publicKey) - lamports).toBe(rents);
    expect([world.chain.account(world.team), world.chain.account(world.tokens)]).toEqual([undefined, undefined]);
    world.do('create_team_account', { tier: GROWTH });
    expect(world.teamState()).toMatchObject({ sequence: 0n, total_requests: 0n, overage_debt_minor: 0n });
  });

  test('comes back within the month once the record of its first time is removed', () => {
    const world = new World().open();
    world.use(5n);
    const { record } = world;
    world.do('request_withdrawal', { amount: 2n ** 64n - 1n });
    world.wait(DAY);
    world.do('close_team_account');
    world.do('create_team_account', { tier: GROWTH });
    const capture = { request_count: 1n, sequence: 1n, usage_hash: Buffer.alloc(32) };
    expect(world.ask('deduct_usage', capture).error).toBe('AlreadyOpen');
    const rent = world.chain.lamports(record);
    const before = world.chain.lamports(world.operator.publicKey);
    world.do('close_usage_record');
    expect(world.chain.lamports(world.operator.publicKey) - before).toBe(rent);
    world.do('deduct_usage', capture);
  });

  test("takes its money out although the operator's token accounts are frozen", () => {
    const world = new World().open({ collects_base_fee: true }, 100n * USDC);
    for (const address of [world.treasury, world.stakers]) {
      const account = world.chain.account(address);
      account?.data.writeUInt8(2, 108); // state: frozen
      if (account) world.chain.put(address, account);
    }
    world.do('request_withdrawal', { amount: 50n * USDC });
    world.wait(DAY);
    world.do('withdraw_unused', { amount: 50n * USDC });
  });
});
