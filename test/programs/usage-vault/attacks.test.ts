/** What `usage-vault` refuses: every instruction asked wrongly in every way its accounts and arguments allow. */
import { PublicKey, SystemProgram } from '@solana/web3.js';
import { describe, expect, test } from 'vitest';
import { attackEach } from '../attacks.ts';
import { derive } from '../chain.ts';
import { ASKS } from './asks.ts';
import { SOL, TERMS, USAGE_VAULT, World } from './world.ts';

attackEach({
  program: USAGE_VAULT,
  asks: ASKS,
  states: {
    system_vault: 'WrongSystemVault',
    user_vault: 'WrongUserVault',
    usage_meter: 'WrongUsageMeter',
    owner_program: 'WrongProgram',
  },
  made: { init_system_vault: ['system_vault'], init_user_vault: ['user_vault'], init_usage_meter: ['usage_meter'] },
  roles: { admin: 'NotAdmin', operator: 'NotOperator', owner: 'NotOwner', proposed: 'NotProposed' },
  free: {
    init_user_vault: ['owner', 'system_vault'],
    withdraw_earnings: ['recipient'],
    close_system_vault: ['recipient'],
    deposit: ['payer'],
  },
  other: (world) =>
    new World(world.chain, { operator: 'another operator', owner: 'another owner' }).metered().accounts(),
});

describe('usage-vault refuses', () => {
  test('an instruction that it does not have', () => {
    const world = new World().open();
    expect(world.ask('deposit', {}, { data: Buffer.alloc(8, 1) }).error).toBe('UnknownInstruction');
    expect(world.ask('deposit', {}, { data: Buffer.alloc(7) }).error).toBe('UnknownInstruction');
  });

  test('to open again what is open, and opens again what was closed with nothing of before', () => {
    const world = new World().metered({}, 2n * SOL);
    world.track(30n);
    expect(world.ask('init_system_vault', { operator: world.operator.publicKey, ...TERMS }).error).toBe('AlreadyOpen');
    expect(world.ask('init_user_vault', { terms_version: 1 }).error).toBe('AlreadyOpen');
    expect(world.ask('init_usage_meter', { generation: 1n }).error).toBe('AlreadyOpen');
    world.do('close_usage_meter');
    world.do('close_user_vault');
    world.do('init_user_vault', { terms_version: 1 });
    expect(world.vaultState()).toMatchObject({
      balance_lamports: 0n,
      charged_units: 0n,
      meter_generation: 0n,
      has_meter: false,
    });
    world.do('init_usage_meter', { generation: 1n });
    expect(world.meterState()).toMatchObject({ total_units: 0n, sequence: 0n });
  });

  test('a vault that is revived within the transaction that closed it', () => {
    const world = new World().open();
    const revive = SystemProgram.transfer({
      fromPubkey: world.stranger.publicKey,
      toPubkey: world.userVault,
      lamports: Number(SOL),
    });
    const send = world.chain.send.bind(world.chain);
    world.chain.send = (instructions) => send([...instructions, revive], [world.owner, world.stranger]);
    world.do('close_user_vault');
    expect(world.chain.account(world.userVault)).toMatchObject({ owner: PublicKey.default, data: Buffer.alloc(0) });
    world.chain.send = send;
    expect(world.ask('deposit', { lamports: 1n }).error).toBe('WrongUserVault');
    // What was sent is the owner's as soon as the vault is opened again, but for the rent.
    world.do('init_user_vault', { terms_version: 1 });
    const rent = world.chain.svm.minimumBalanceForRentExemption(247n);
    expect(world.vaultState()['balance_lamports']).toBe(SOL - rent);
  });

  test('terms that the customer has not seen', () => {
    const world = new World();
    world.do('init_system_vault', { operator: world.operator.publicKey, ...TERMS });
    world.do('set_terms', { ...TERMS, price_lamports: 2000n });
    expect(world.ask('init_user_vault', { terms_version: 1 }).error).toBe('TermsChanged');
    world.do('init_user_vault', { terms_version: 2 });
    expect(world.vaultState()['price_lamports']).toBe(2000n);
  });

  test.for([
    ['a price of nothing', { price_lamports: 0n }],
    ['no usage in a call', { cap_per_call_units: 0n }],
    ['no usage in a cycle', { cap_per_cycle_units: 0n }],
    ['a reserve that does not fit', { price_lamports: 2n ** 32n, cap_per_cycle_units: 2n ** 32n }],
    ['a notice shorter than the way out', { price_notice_seconds: 3599 }],
    ['a way out of more than 30 days', { exit_delay_seconds: 2_592_001, price_notice_seconds: 2_592_001 }],
  ] as const)('terms with %s', ([, terms]) => {
    const world = new World();
    const opened = world.ask('init_system_vault', { operator: world.operator.publicKey, ...TERMS, ...terms });
    expect(opened.error).toBe('InvalidTerms');
    world.open();
    expect(world.ask('set_terms', { ...TERMS, ...terms }).error).toBe('InvalidTerms');
    if ('price_lamports' in terms && terms.price_lamports === 0n) {
      expect(world.ask('set_price', { price_lamports: 0n }).error).toBe('InvalidTerms');
    }
  });

  test('a tracking call that was counted, that comes too early, or that is above a cap', () => {
    const world = new World().metered();
    const track = (units: bigint, sequence: bigint) => world.ask('track_user_activity', { units, sequence }).error;
    expect(track(10n, 1n)).toBeUndefined();
    expect(track(10n, 1n)).toBe('SequenceReplayed');
    expect(track(10n, 3n)).toBe('SequenceGap');
    expect(track(101n, 2n)).toBe('CallCapReached');
    expect(track(2n ** 64n - 1n, 2n)).toBe('CallCapReached');
    expect(track(0n, 2n)).toBe('Zero');
    expect(world.meterState()).toMatchObject({ total_units: 10n, sequence: 1n });
    for (let sequence = 2n; sequence <= 10n; sequence += 1n) expect(track(100n, sequence)).toBeUndefined();
    expect(track(91n, 11n)).toBe('CycleCapReached');
    expect(track(90n, 11n)).toBeUndefined();
  });

  test('to count beyond 64 bits', () => {
    const world = new World().metered({
      price_lamports: 1n,
      cap_per_call_units: 2n ** 64n - 1n,
      cap_per_cycle_units: 2n ** 64n - 1n,
    });
    const track = (units: bigint, sequence: bigint) => world.ask('track_user_activity', { units, sequence }).error;
    expect(track(2n ** 64n - 2n, 1n)).toBeUndefined();
    expect(track(2n, 2n)).toBe('Overflow');
    expect(track(1n, 2n)).toBeUndefined();
  });

  test('nothing, or more than there is', () => {
    const world = new World().open();
    expect(world.ask('deposit', { lamports: 0n }).error).toBe('Zero');
    expect(world.ask('withdraw', { lamports: 0n }).error).toBe('Zero');
    expect(world.ask('withdraw', { lamports: SOL + 1n }).error).toBe('ReserveHeld');
    expect(world.ask('withdraw', { lamports: 2n ** 64n - 1n }).error).toBe('ReserveHeld');
    world.do('withdraw', { lamports: SOL });
    expect(world.ask('withdraw_earnings', { lamports: 1n }).error).toBe('EarningsShort');
    expect(world.ask('withdraw_earnings', { lamports: 0n }).error).toBe('Zero');
  });

  test('to pay earnings to the vault they are in', () => {
    const world = new World().metered();
    world.track(50n);
    world.do('charge_fee');
    const bending = { accounts: { recipient: world.systemVault } };
    expect(world.ask('withdraw_earnings', { lamports: 1n }, bending).error).toBe('SameAccount');
  });

  test('to close what is in use', () => {
    const world = new World().metered();
    expect(world.ask('close_user_vault').error).toBe('MeterOpen');
    expect(world.ask('close_system_vault').error).toBe('VaultsOpen');
    expect(
      world.ask('init_usage_meter', { generation: 2n }, { accounts: { usage_meter: meterOf(world, 2n) } }).error,
    ).toBe('MeterOpen');
  });

  test('a generation that a meter has had', () => {
    const world = new World().metered();
    world.do('close_usage_meter');
    expect(world.ask('init_usage_meter', { generation: 1n }).error).toBe('GenerationUsed');
    expect(world.ask('init_usage_meter', { generation: 2n }).error).toBe('WrongAddress');
    world.generation = 2n;
    world.do('init_usage_meter', { generation: 2n });
  });

  test('an exit that was not asked for, asked for twice, or is too early', () => {
    const world = new World().open();
    expect(world.ask('cancel_exit').error).toBe('ExitNotRequested');
    expect(world.ask('exit').error).toBe('ExitNotRequested');
    world.do('request_exit');
    expect(world.ask('request_exit').error).toBe('ExitRequested');
    world.chain.setTime(world.chain.now() + BigInt(TERMS.exit_delay_seconds) - 1n);
    expect(world.ask('exit').error).toBe('ExitNotOpen');
    world.do('cancel_exit');
    world.chain.setTime(world.chain.now() + 1n);
    expect(world.ask('exit').error).toBe('ExitNotRequested');
  });

  test('a role that is none', () => {
    const world = new World().open();
    expect(world.ask('propose_authority', { role: 2, address: world.stranger.publicKey }).error).toBe('UnknownRole');
    expect(world.ask('accept_authority', { role: 2 }).error).toBe('UnknownRole');
  });
});

function meterOf(world: World, generation: bigint): PublicKey {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(generation);
  return derive(USAGE_VAULT.id, 'usage_meter', world.userVault, bytes);
}
