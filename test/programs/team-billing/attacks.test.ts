/** What `team-billing` refuses: every instruction asked wrongly in every way its accounts and arguments allow. */
import { describe, expect, test } from 'vitest';
import { attackEach } from '../attacks.ts';
import { putMint, putTokens } from '../tokens.ts';
import { ASKS } from './asks.ts';
import { CUSTOM, DAY, GROWTH, RULES, STARTUP, TEAM_BILLING, USDC, World } from './world.ts';

attackEach({
  program: TEAM_BILLING,
  asks: ASKS,
  states: {
    config: 'WrongConfig',
    team: 'WrongTeam',
    usage_record: 'WrongRecord',
    team_usdc: 'WrongTokenAccount',
    treasury: 'WrongTokenAccount',
    stakers: 'WrongTokenAccount',
    depositor_usdc: 'WrongTokenAccount',
    recipient_usdc: 'WrongTokenAccount',
    usdc_mint: 'WrongMint',
    mint: 'WrongMint',
  },
  made: { init_config: ['config'], create_team_account: ['team', 'team_usdc'], deduct_usage: ['usage_record'] },
  roles: { admin: 'NotAdmin', operator: 'NotOperator', owner: 'NotOwner', proposed: 'NotProposed' },
  free: {
    create_team_account: ['owner', 'config'],
    init_config: ['treasury', 'stakers'],
    set_revenue: ['treasury', 'stakers'],
    withdraw_unused: ['recipient_usdc'],
    withdraw_cosigned: ['recipient_usdc'],
    close_team_account: ['recipient_usdc'],
    set_refund: ['refund_usdc'],
    close_period: ['refund_usdc'],
  },
  other: (world) => {
    const other = new World(world.chain, { operator: 'another operator', owner: 'another owner' }).open();
    other.use(10_001n);
    return other.accounts();
  },
});

describe('team-billing refuses', () => {
  test('an instruction that it does not have', () => {
    expect(new World().open().ask('set_refund', {}, { data: Buffer.alloc(8, 1) }).error).toBe('UnknownInstruction');
  });

  test('tokens of another mint', () => {
    const world = new World().open();
    const mint = putMint(world.chain, 'another mint');
    const tokens = putTokens(world.chain, 'tokens of another mint', mint, world.owner.publicKey, USDC);
    world.do('request_withdrawal', { amount: 2n ** 64n - 1n });
    world.wait(DAY);
    for (const [name, args] of Object.entries({
      deposit_funds: { amount: 1n },
      withdraw_unused: { amount: 1n },
      close_team_account: {},
    })) {
      const account = name === 'deposit_funds' ? 'depositor_usdc' : 'recipient_usdc';
      expect(world.ask(name, args, { accounts: { [account]: tokens } }).error).toBe('WrongMint');
    }
    expect(world.ask('set_refund', { is_wanted: true }, { accounts: { refund_usdc: tokens } }).error).toBe('WrongMint');
    expect(world.ask('set_revenue', {}, { accounts: { treasury: tokens } }).error).toBe('WrongMint');
  });

  test('one account for treasury and stakers, and a team that pays itself', () => {
    const world = new World().open();
    expect(world.ask('set_revenue', {}, { accounts: { treasury: world.stakers } }).error).toBe('SameAccount');
    const bending = { accounts: { recipient_usdc: world.tokens } };
    expect(world.ask('withdraw_cosigned', { amount: 1n }, bending).error).toBe('SameAccount');
    expect(world.ask('set_refund', { is_wanted: true }, { accounts: { refund_usdc: world.tokens } }).error).toBe(
      'SameAccount',
    );
  });

  test('a tier that is none, and to take the unlimited one oneself', () => {
    const world = new World();
    world.do('init_config', { operator: world.operator.publicKey, ...RULES });
    expect(world.ask('create_team_account', { tier: CUSTOM }).error).toBe('TierReserved');
    expect(world.ask('create_team_account', { tier: 4 }).error).toBe('UnknownTier');
    world.do('create_team_account', { tier: STARTUP });
    expect(world.ask('update_tier', { new_tier: 4, at_once: true }).error).toBe('UnknownTier');
    world.do('update_tier', { new_tier: GROWTH, at_once: true });
  });

  test('a delay of more than 30 days', () => {
    const world = new World();
    const rules = { ...RULES, withdrawal_delay_seconds: 2_592_001 };
    expect(world.ask('init_config', { operator: world.operator.publicKey, ...rules }).error).toBe('InvalidTerms');
  });

  test('a capture that was booked, that comes too early, or is of nothing', () => {
    const world = new World().open();
    const capture = (request_count: bigint, sequence: bigint) =>
      world.ask('deduct_usage', { request_count, sequence, usage_hash: Buffer.alloc(32) }).error;
    expect(capture(10n, 1n)).toBeUndefined();
    expect(capture(10n, 1n)).toBe('SequenceReplayed');
    expect(capture(10n, 3n)).toBe('SequenceGap');
    expect(capture(0n, 2n)).toBe('Zero');
    expect(capture(2n ** 64n - 1n, 2n)).toBe('Overflow');
    expect(world.teamState()).toMatchObject({ period_requests: 10n, total_requests: 10n, sequence: 1n });
  });

  test('a month that has not ended, and the record of one that is not closed', () => {
    const world = new World().open();
    world.use(5n);
    expect(world.ask('close_period').error).toBe('PeriodOpen');
    expect(world.ask('close_usage_record').error).toBe('RecordOpen');
  });

  test('a withdrawal that was not asked for, too early, too much, or of what is owed', () => {
    const world = new World().open({ collects_base_fee: true }, 100n * USDC);
    const withdraw = (amount: bigint) => world.ask('withdraw_unused', { amount }).error;
    expect(withdraw(1n)).toBe('NotRequested');
    world.do('request_withdrawal', { amount: 80n * USDC });
    expect(withdraw(1n)).toBe('WithdrawalLocked');
    world.wait(DAY);
    expect(withdraw(81n * USDC)).toBe('NotRequested');
    expect(withdraw(80n * USDC)).toBe('FundsHeld');
    expect(withdraw(50n * USDC + 1n)).toBe('FundsHeld');
    expect(withdraw(0n)).toBe('Zero');
    expect(withdraw(50n * USDC)).toBeUndefined();
    expect(world.ask('close_team_account').error).toBe('NotRequested');
    expect(world.ask('withdraw_cosigned', { amount: 1n }).error).toBe('FundsHeld');
  });

  test('a small request that was waited for in the place of a large one', () => {
    const world = new World().open();
    world.do('request_withdrawal', { amount: 1n });
    world.wait(DAY);
    world.do('request_withdrawal', { amount: 90n * USDC });
    expect(world.ask('withdraw_unused', { amount: 90n * USDC }).error).toBe('WithdrawalLocked');
    world.do('request_withdrawal', { amount: 0n });
    world.wait(DAY);
    expect(world.ask('withdraw_unused', { amount: 1n }).error).toBe('NotRequested');
  });
});
