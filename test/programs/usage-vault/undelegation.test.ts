/** Who may hand a meter back, and what: the callback of the delegation program, forged in every part. */
import { type PublicKey, SystemProgram, TransactionInstruction } from '@solana/web3.js';
import { describe, expect, test } from 'vitest';
import { type Answer, derive, keysOf, u64 } from '../chain.ts';
import { DELEGATION_PROGRAM, NO_DELEGATION, Validator } from '../delegation.ts';
import { SOL, USAGE_VAULT, World } from './world.ts';

const CALLBACK = Buffer.from([196, 28, 41, 206, 48, 37, 51, 167]);
const THIEF = keysOf('thief');
const BUFFER = keysOf("thief's buffer");

function seedBytes(...seeds: readonly Uint8Array[]): Buffer {
  const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
  return Buffer.concat([u32(seeds.length), ...seeds.flatMap((seed) => [u32(seed.length), Buffer.from(seed)])]);
}

/** Where the delegation program keeps the copy of an account that it hands back. */
const bufferOf = (account: PublicKey): PublicKey => derive(DELEGATION_PROGRAM, 'undelegate-buffer', account);

type Forgery = Readonly<{
  account: PublicKey;
  seeds: readonly Uint8Array[];
  buffer: PublicKey;
  bufferOwner: PublicKey;
  state: Buffer;
  isSigned?: boolean;
  /** Lets accounts without a key sign, as only the delegation program itself can. */
  isTrusted?: boolean;
}>;

function forge(world: World, forgery: Forgery): Answer {
  const { chain } = world;
  chain.fund(THIEF.publicKey, SOL);
  chain.put(forgery.buffer, { lamports: SOL, data: forgery.state, owner: forgery.bufferOwner });
  const keys = [
    { pubkey: forgery.account, isWritable: true, isSigner: false },
    { pubkey: forgery.buffer, isWritable: false, isSigner: forgery.isSigned ?? true },
    { pubkey: THIEF.publicKey, isWritable: true, isSigner: true },
    { pubkey: SystemProgram.programId, isWritable: false, isSigner: false },
  ];
  const data = Buffer.concat([CALLBACK, seedBytes(...forgery.seeds)]);
  const asked = new TransactionInstruction({ programId: USAGE_VAULT.id, keys, data });
  return forgery.isTrusted ? chain.sendUnsigned([asked]) : chain.send([asked], [THIEF, BUFFER]);
}

/** The bytes of a meter that says what a thief would like. */
function meterBytes(world: World): Buffer {
  const other = new World(world.chain, { operator: 'another operator', owner: 'another owner' }).metered();
  return world.chain.account(other.meter)?.data ?? Buffer.alloc(0);
}

describe('a callback is refused', () => {
  const meterSeeds = (world: World) => [Buffer.from('usage_meter'), world.userVault.toBytes(), u64(1n)];

  test('for a vault that does not exist yet, from a buffer that a stranger signs for', () => {
    const world = new World();
    const seeds = [Buffer.from('user_vault'), world.systemVault.toBytes(), world.owner.publicKey.toBytes()];
    const state = Buffer.alloc(247, 0xee);
    for (const bufferOwner of [SystemProgram.programId, USAGE_VAULT.id]) {
      const { error } = forge(world, { account: world.userVault, seeds, buffer: BUFFER.publicKey, bufferOwner, state });
      expect(error).toBe('Invalid account owner');
    }
    const owned = { account: world.userVault, seeds, buffer: BUFFER.publicKey, bufferOwner: DELEGATION_PROGRAM, state };
    expect(forge(world, owned).error).toBe('Provided seeds do not result in a valid address');
    expect(world.chain.account(world.userVault)).toBeUndefined();
  });

  test('for a meter, from its own buffer, when that does not sign', () => {
    const world = new World().open();
    const state = meterBytes(world);
    const buffer = bufferOf(world.meter);
    const forgery = { account: world.meter, seeds: meterSeeds(world), buffer, bufferOwner: DELEGATION_PROGRAM, state };
    expect(forge(world, { ...forgery, isSigned: false }).error).toBe('missing required signature for instruction');
    expect(world.chain.account(world.meter)).toBeUndefined();
  });

  test("even from the delegation program, when what it hands back is not this meter's state", () => {
    const world = new World().open();
    const buffer = bufferOf(world.meter);
    const forgery = { account: world.meter, seeds: meterSeeds(world), buffer, bufferOwner: DELEGATION_PROGRAM };
    for (const state of [meterBytes(world), Buffer.alloc(166), Buffer.alloc(0), Buffer.alloc(1000, 1)]) {
      expect(forge(world, { ...forgery, state, isTrusted: true }).error).toBe('ForgedState');
    }
    const vault = [Buffer.from('user_vault'), world.systemVault.toBytes(), world.stranger.publicKey.toBytes()];
    const account = derive(USAGE_VAULT.id, ...vault);
    const state = world.chain.account(world.userVault)?.data ?? Buffer.alloc(0);
    const asVault = { account, seeds: vault, buffer: bufferOf(account), bufferOwner: DELEGATION_PROGRAM, state };
    expect(forge(world, { ...asVault, isTrusted: true }).error).toBe('ForgedState');
  });

  test('even from the delegation program, when the bump in the state is another', () => {
    const world = new World().metered();
    const state = world.chain.account(world.meter)?.data ?? Buffer.alloc(0);
    world.do('close_usage_meter');
    const buffer = bufferOf(world.meter);
    const forgery = { account: world.meter, seeds: meterSeeds(world), buffer, bufferOwner: DELEGATION_PROGRAM };
    const bent = Buffer.from(state);
    bent.writeUInt8(bent.readUInt8(9) ^ 1, 9);
    expect(forge(world, { ...forgery, state: bent, isTrusted: true }).error).toBe('ForgedState');
    expect(forge(world, { ...forgery, state, isTrusted: true }).error).toBeUndefined();
  });

  test('over an account that is open', () => {
    const world = new World().metered();
    const state = meterBytes(world);
    const buffer = bufferOf(world.meter);
    const forgery = { account: world.meter, seeds: meterSeeds(world), buffer, bufferOwner: DELEGATION_PROGRAM, state };
    expect(forge(world, { ...forgery, isTrusted: true }).error).toBeDefined();
    expect(world.meterState()['total_units']).toBe(0n);
  });
});

describe.skipIf(NO_DELEGATION !== '')(`a delegated meter${NO_DELEGATION}`, () => {
  function delegated(): { world: World; validator: Validator; state: Buffer } {
    const world = new World().metered();
    world.track(10n);
    const validator = new Validator(world.chain);
    world.do('delegate_user_vault', { validator: validator.keys.publicKey });
    return { world, validator, state: world.chain.account(world.meter)?.data ?? Buffer.alloc(0) };
  }

  test('leaves the customer free to deposit and to withdraw above the reserve', () => {
    const { world } = delegated();
    world.do('deposit', { lamports: SOL });
    world.do('withdraw', { lamports: 2n * SOL - 10_000n - 1_000_000n });
    expect(world.ask('withdraw', { lamports: 1n }).error).toBe('ReserveHeld');
  });

  test('cannot be delegated, closed or opened again', () => {
    const { world, validator } = delegated();
    expect(world.ask('delegate_user_vault', { validator: validator.keys.publicKey }).error).toBe('MeterDelegated');
    expect(world.ask('close_usage_meter').error).toBe('WrongUsageMeter');
    expect(world.ask('init_usage_meter', { generation: 2n }).error).toBe('AlreadyOpen');
  });

  test('is given up when its rollup is dead, and a later one is not charged for what it commits then', () => {
    const { world, validator, state } = delegated();
    world.do('abandon_usage_meter');
    expect(world.systemState()['earned_lamports']).toBe(10_000n);
    const lost = world.meter;
    world.generation = 2n;
    world.do('init_usage_meter', { generation: 2n });
    const late = Buffer.from(state);
    late.writeBigUInt64LE(900n, 114);
    expect(validator.commit(lost, USAGE_VAULT.id, late, true).error).toBeUndefined();
    expect(world.ask('charge_fee', {}, { accounts: { usage_meter: lost } }).error).toBe('WrongUsageMeter');
    expect(world.do('charge_fee').events[0]?.data['units']).toBe(0n);
    world.do('close_usage_meter', {}, { accounts: { usage_meter: lost } });
    expect(world.systemState()['earned_lamports']).toBe(10_000n);
    expect(world.vaultState()['has_meter']).toBe(true);
  });

  test('does not keep the customer when the rollup is dead and the operator gone', () => {
    const { world } = delegated();
    world.do('request_exit');
    world.chain.setTime(world.chain.now() + 3600n);
    const before = world.chain.lamports(world.owner.publicKey);
    world.do('exit');
    const rent = world.chain.svm.minimumBalanceForRentExemption(247n);
    expect(world.chain.lamports(world.owner.publicKey) - before).toBe(SOL - 10_000n + rent);
  });

  test.for([
    ['an unreadable state', (state: Buffer) => Buffer.alloc(state.length, 0xff)],
    ['a total whose fee does not fit', (state: Buffer) => withTotal(state, 2n ** 64n - 1n)],
    ['a total below what was charged', (state: Buffer) => withTotal(state, 3n)],
  ] as const)('does not keep the customer when its validator commits %s', ([, bend]) => {
    const { world, validator, state } = delegated();
    world.do('charge_fee');
    expect(validator.commit(world.meter, USAGE_VAULT.id, bend(state), false).error).toBeUndefined();
    expect(['WrongUsageMeter', 'Overflow', 'MeterBehind']).toContain(world.ask('charge_fee').error);
    expect(['WrongUsageMeter', 'Overflow', 'MeterBehind']).toContain(world.ask('withdraw', { lamports: 1n }).error);
    world.do('request_exit');
    world.chain.setTime(world.chain.now() + 3600n);
    const before = world.chain.lamports(world.owner.publicKey);
    world.do('exit');
    const rent = world.chain.svm.minimumBalanceForRentExemption(247n);
    expect(world.chain.lamports(world.owner.publicKey) - before).toBe(SOL - 10_000n + rent);
  });

  test('goes and comes back although a stranger sends lamports to it and to its buffer', () => {
    const world = new World().metered();
    const validator = new Validator(world.chain);
    const buffer = world.accounts()['buffer'];
    if (buffer) world.chain.fund(buffer, SOL);
    world.do('delegate_user_vault', { validator: validator.keys.publicKey });
    const state = world.chain.account(world.meter)?.data ?? Buffer.alloc(0);
    world.chain.fund(world.meter, SOL);
    expect(validator.commit(world.meter, USAGE_VAULT.id, state, true).error).toBeUndefined();
    expect(world.meterState()['total_units']).toBe(0n);
  });
});

function withTotal(state: Buffer, total: bigint): Buffer {
  const next = Buffer.from(state);
  next.writeBigUInt64LE(total, 114);
  return next;
}
