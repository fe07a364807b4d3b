import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DELEGATION_PROGRAM_ID, delegationRecordPdaFromDelegatedAccount } from '@magicblock-labs/ephemeral-rollups-sdk';
import { Keypair, PublicKey, SystemProgram, Transaction, TransactionInstruction } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpsFolder } from '#core/chain/local/solana/genesis.ts';
import { openRollup } from '#core/chain/local/solana/rollup/rollup.ts';
import type { Rollup } from '#core/chain/local/solana/rollup/rollup.ts';
import { RollupConnection } from '#core/chain/solana/rollup-connection.ts';
import {
  checkPayer,
  commit,
  commitAndUndelegate,
  delegateWallet,
  intentBundle,
} from '#core/chain/solana/rollup-instructions.ts';
import { realRollupMissing } from '../support/rollup-sysroot.ts';
import { call, freshBlockhash, funded, openWorld, sent } from '../support/solana.ts';
import type { World } from '../support/solana.ts';

const noDumps = dumpsFolder() === undefined ? "MagicBlock's optional package is not installed" : undefined;
const noReal = noDumps ?? realRollupMissing();
const kinds = [
  ...(noDumps === undefined ? (['emulator'] as const) : []),
  ...(noReal === undefined ? (['real'] as const) : []),
];

test.skipIf(noReal !== undefined)(`both rollups are here (skipped: ${noReal ?? 'never'})`, () => {
  expect(kinds).toEqual(['emulator', 'real']);
});

/** A u64, as bincode has the length of a list. */
function number64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

/** What every rollup does; nothing of it may depend on which one runs. */
describe.each(kinds)('the %s rollup', (kind) => {
  let world: World;
  let rollup: Rollup;
  let connection: RollupConnection;
  let payer: Keypair;
  const folder = mkdtempSync(join(tmpdir(), 'rollup-'));

  const open = async (): Promise<void> => {
    rollup = await openRollup(world.chain, { wish: kind, port: 0, folder });
    connection = new RollupConnection(rollup.facts.rpc ?? '').open();
  };
  beforeAll(async () => {
    world = await openWorld({ slotMs: 100 });
    await open();
    payer = await funded(world.connection);
  });
  afterAll(async () => {
    await connection.close();
    await rollup.close();
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const delegated = async (sol = 1): Promise<Keypair> => {
    const wallet = await funded(world.connection, sol);
    const validator = new PublicKey(world.chain.facts.validator);
    await sent(world.connection, delegateWallet(payer.publicKey, wallet.publicKey, validator), [payer, wallet]);
    return wallet;
  };
  const send = async (instructions: readonly TransactionInstruction[], signers: readonly Keypair[]) => {
    const { blockhash } = await freshBlockhash(connection.connection);
    const transaction = new Transaction({ feePayer: signers[0]?.publicKey ?? null, recentBlockhash: blockhash });
    transaction.add(...instructions).sign(...signers);
    return connection.send(transaction.serialize());
  };
  const move = (from: Keypair, to: PublicKey, lamports: number): TransactionInstruction =>
    SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports });
  const onBase = async (key: PublicKey): Promise<{ owner: string; lamports: number } | undefined> => {
    const found = await world.connection.getAccountInfo(key);
    return found === null ? undefined : { owner: found.owner.toBase58(), lamports: found.lamports };
  };

  test('runs delegated accounts, commits them, and gives them back', async () => {
    const [from, to] = [await delegated(), await delegated()];
    expect(await connection.connection.getBalance(from.publicKey)).toBe(1_000_000_000);
    expect((await send([move(from, to.publicKey, 100_000_000)], [from])).err).toBeNull();
    expect(await connection.connection.getBalance(from.publicKey)).toBe(900_000_000);
    expect((await onBase(from.publicKey))?.lamports).toBe(1_000_000_000);
    const accounts = [from.publicKey, to.publicKey];
    const wish = { payer: payer.publicKey, accounts, areSigners: true };
    const committed = await send([commit(wish)], [payer, from, to]);
    expect(committed.err).toBeNull();
    const settled = await connection.commitmentOf(committed.signature);
    expect((await world.connection.getSignatureStatus(settled)).value?.err).toBeNull();
    expect(await onBase(to.publicKey)).toEqual({ owner: DELEGATION_PROGRAM_ID.toBase58(), lamports: 1_100_000_000 });
    await send([move(from, to.publicKey, 1)], [from]);
    const returned = await send([commitAndUndelegate(wish)], [payer, from, to]);
    await connection.commitmentOf(returned.signature);
    const system = SystemProgram.programId.toBase58();
    await expect.poll(() => onBase(to.publicKey)).toEqual({ owner: system, lamports: 1_100_000_001 });
    expect(await world.connection.getAccountInfo(delegationRecordPdaFromDelegatedAccount(to.publicKey))).toBeNull();
    await sent(world.connection, [move(to, payer.publicKey, 5)], [to]);
  });

  test('takes ten plain commits of a delegation, refuses the eleventh, and still undelegates', async () => {
    const wallet = await delegated();
    const to = await delegated();
    const wish = { payer: payer.publicKey, accounts: [wallet.publicKey], areSigners: true };
    for (let count = 1; count <= 10; count += 1) {
      await send([move(wallet, to.publicKey, count)], [wallet]);
      const { signature, err } = await send([commit(wish)], [payer, wallet]);
      expect(err).toBeNull();
      await connection.commitmentOf(signature);
    }
    const eleventh = await send([commit(wish)], [payer, wallet]);
    expect(eleventh.err).toEqual({ InstructionError: [0, { Custom: 0xa000_0000 }] });
    const bundled = intentBundle({ ...wish, commits: [wallet.publicKey], undelegates: [to.publicKey] });
    expect((await send([bundled], [payer, wallet, to])).err).toEqual(eleventh.err);
    const returned = await send([commitAndUndelegate(wish)], [payer, wallet]);
    expect(returned.err).toBeNull();
    await connection.commitmentOf(returned.signature);
    await expect.poll(async () => (await onBase(wallet.publicKey))?.owner).toBe(SystemProgram.programId.toBase58());
  });

  test('settles a bundle of intents at once: commits some accounts and gives others back', async () => {
    const [kept, returned] = [await delegated(), await delegated()];
    await send([move(kept, returned.publicKey, 1000)], [kept]);
    const wish = { payer: payer.publicKey, commits: [kept.publicKey], undelegates: [returned.publicKey] };
    const { signature, err } = await send([intentBundle({ ...wish, areSigners: true })], [payer, kept, returned]);
    expect(err).toBeNull();
    const settled = await connection.commitmentOf(signature);
    const [delegation, system] = [DELEGATION_PROGRAM_ID.toBase58(), SystemProgram.programId.toBase58()];
    await expect.poll(() => onBase(kept.publicKey)).toEqual({ owner: delegation, lamports: 999_999_000 });
    await expect.poll(() => onBase(returned.publicKey)).toEqual({ owner: system, lamports: 1_000_001_000 });
    const found = await world.connection.getTransaction(settled, { maxSupportedTransactionVersion: 0 });
    const steps = found?.transaction.message.compiledInstructions ?? [];
    // Commit 1, finalize 2, undelegate 3, after what buys compute units.
    const asked = steps.filter(({ accountKeyIndexes }) => accountKeyIndexes.length > 0);
    expect(asked.map(({ data }) => data[0])).toEqual([1, 1, 2, 2, 3]);
    expect(await connection.connection.getBalance(kept.publicKey)).toBe(999_999_000);
  });

  test('refuses a bundle that is empty, names an account twice or not at all, or asks for actions', async () => {
    const wallet = await delegated();
    const [option, none] = [Buffer.from([1]), Buffer.from([0])];
    const list = (...bytes: number[]): Buffer => Buffer.concat([number64(bytes.length), Buffer.from(bytes)]);
    const commits = (...indices: number[]): Buffer => Buffer.concat([option, Buffer.alloc(4), list(...indices)]);
    const gives = (...indices: number[]): Buffer => Buffer.concat([commits(...indices), Buffer.alloc(4)]);
    const action = Buffer.concat([Buffer.from([255]), list(1), Buffer.alloc(4), Buffer.from([2]), Buffer.alloc(40)]);
    const bundle = (...parts: Buffer[]): Buffer => Buffer.concat([Buffer.from([11, 0, 0, 0]), ...parts]);
    const rest = Buffer.concat([none, none, list()]);
    const asked: readonly (readonly [string, Buffer, string])[] = [
      ['nothing', bundle(none, none, rest), 'InvalidInstructionData'],
      ['an empty list', bundle(commits(), none, rest), 'InvalidInstructionData'],
      ['one account in both', bundle(commits(2), gives(2), rest), 'InvalidInstructionData'],
      ['one account twice', bundle(commits(2, 2), none, rest), 'InvalidInstructionData'],
      ['an account that is not there', bundle(commits(9), none, rest), 'NotEnoughAccountKeys'],
      ['the payer, which is not delegated', bundle(commits(0), none, rest), 'IllegalOwner'],
      ['finalizing alone, which nothing does', bundle(none, none, commits(2), none, list()), 'InvalidInstructionData'],
      ['an action', bundle(none, none, none, none, number64(1), action), 'UnsupportedProgramId'],
      ['half a bundle', bundle(commits(2)), 'InvalidInstructionData'],
      ['half an intent', Buffer.from([5, 0, 0, 0, 1]), 'InvalidInstructionData'],
    ];
    const good = intentBundle({
      payer: payer.publicKey,
      commits: [wallet.publicKey],
      undelegates: [],
      areSigners: true,
    });
    for (const [what, data, fault] of asked) {
      const { err } = await send([new TransactionInstruction({ ...good, data })], [payer, wallet]);
      expect(err, what).toEqual({ InstructionError: [0, fault] });
    }
    const trailing = Buffer.concat([good.data, Buffer.from([1, 2])]);
    const taken = await send([new TransactionInstruction({ ...good, data: trailing })], [payer, wallet]);
    expect(taken.err).toBeNull();
    await connection.commitmentOf(taken.signature);
    const base = Buffer.concat([Buffer.from([5, 0, 0, 0, 1, 0, 0, 0]), commits(2).subarray(1)]);
    const single = await send([new TransactionInstruction({ ...good, data: base })], [payer, wallet]);
    expect(single.err).toBeNull();
    await connection.commitmentOf(single.signature);
  });

  test('writes nothing that is not delegated to it', async () => {
    const [from, stranger] = [await delegated(), await funded(world.connection)];
    // Somebody else pays: 0.8.3 keeps what such a refused transaction took from its own fee payer.
    expect((await send([move(from, stranger.publicKey, 1000)], [payer, from])).err).toBe('InvalidWritableAccount');
    expect((await send([move(stranger, from.publicKey, 1000)], [payer, stranger])).err).toBe('InvalidWritableAccount');
    expect(await connection.connection.getBalance(from.publicKey)).toBe(1_000_000_000);
    expect(await connection.connection.getBalance(stranger.publicKey)).toBe(10_000_000_000);
    expect((await onBase(stranger.publicKey))?.lamports).toBe(10_000_000_000);
  });

  test('commits nobody else’s account, and undelegates none that is read-only', async () => {
    const wallet = await delegated();
    const unsigned = { payer: payer.publicKey, accounts: [wallet.publicKey], areSigners: false };
    const nobody = { InstructionError: [0, 'InvalidInstructionData'] };
    expect((await send([commit(unsigned)], [payer])).err).toEqual(nobody);
    const wish = { payer: payer.publicKey, accounts: [wallet.publicKey], areSigners: true };
    const instruction = commitAndUndelegate(wish);
    for (const key of instruction.keys.slice(2)) key.isWritable = false;
    const readOnly = { InstructionError: [0, 'ReadonlyDataModified'] };
    expect((await send([instruction], [payer, wallet])).err).toEqual(readOnly);
    expect((await onBase(wallet.publicKey))?.owner).toBe(DELEGATION_PROGRAM_ID.toBase58());
  });

  test('is listened to again after a pause without a stall', async () => {
    const account = Keypair.generate().publicKey;
    const first = connection.connection.onAccountChange(account, () => undefined);
    await connection.connection.removeAccountChangeListener(first);
    // web3.js closes a socket that nothing uses after half a second.
    await new Promise((resolve) => setTimeout(resolve, 700));
    const started = performance.now(); // A stall is 30 s.
    const slot = Promise.withResolvers<number>();
    const second = connection.connection.onSlotChange((info) => slot.resolve(info.slot));
    expect(await slot.promise).toBeGreaterThan(0);
    await connection.connection.removeSlotChangeListener(second);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test('has no faucet, names its validator and says what is delegated', async () => {
    const wallet = await delegated();
    const rpc = rollup.facts.rpc ?? '';
    // It tells a delegation of an account that it has seen.
    await connection.connection.getBalance(wallet.publicKey);
    expect((await call(rpc, 'requestAirdrop', [wallet.publicKey.toBase58(), 1]))['error']).toBeDefined();
    expect((await call(rpc, 'getIdentity'))['result']).toEqual({ identity: world.chain.facts.validator });
    const status = async (key: PublicKey): Promise<unknown> =>
      (await call(rpc, 'getDelegationStatus', [key.toBase58()]))['result'];
    expect(await status(wallet.publicKey)).toMatchObject({ isDelegated: true });
    expect(await status(payer.publicKey)).toMatchObject({ isDelegated: false });
  });

  test('keeps what only it knows over a restart', async () => {
    const [from, to] = [await delegated(), await delegated()];
    await send([move(from, to.publicKey, 7_000_000)], [from]);
    // The real one flushes its accounts with the slot.
    const slot = await connection.connection.getSlot();
    await expect.poll(() => connection.connection.getSlot()).toBeGreaterThan(slot + 2);
    await connection.close();
    await rollup.close();
    await open();
    expect(await connection.connection.getBalance(to.publicKey)).toBe(1_007_000_000);
    const wish = { payer: payer.publicKey, accounts: [to.publicKey], areSigners: true };
    const { signature } = await send([commitAndUndelegate(wish)], [payer, to]);
    await connection.commitmentOf(signature);
    await expect.poll(async () => (await onBase(to.publicKey))?.lamports).toBe(1_007_000_000);
  });

  test('takes an account again that was given back and changed on the base chain', async () => {
    const wallet = await delegated();
    const wish = { payer: payer.publicKey, accounts: [wallet.publicKey], areSigners: true };
    await connection.connection.getBalance(wallet.publicKey);
    await connection.commitmentOf((await send([commitAndUndelegate(wish)], [payer, wallet])).signature);
    await expect.poll(async () => (await onBase(wallet.publicKey))?.owner).toBe(SystemProgram.programId.toBase58());
    await connection.untilReturned(wallet.publicKey, world.connection);
    await sent(world.connection, [move(payer, wallet.publicKey, 123)], [payer]);
    const validator = new PublicKey(world.chain.facts.validator);
    await sent(world.connection, delegateWallet(payer.publicKey, wallet.publicKey, validator), [payer, wallet]);
    await connection.untilDelegated(wallet.publicKey);
    expect(await connection.connection.getBalance(wallet.publicKey)).toBe(1_000_000_123);
    const to = await delegated();
    expect((await send([move(wallet, to.publicKey, 123)], [wallet])).err).toBeNull();
  });
});

test('a bundle is not built of nothing, of an account twice, or with its payer given back', () => {
  const [payer, key] = [Keypair.generate().publicKey, Keypair.generate().publicKey];
  const wish = { payer, areSigners: true };
  expect(() => intentBundle({ ...wish, commits: [], undelegates: [] })).toThrow('names no account');
  expect(() => intentBundle({ ...wish, commits: [key], undelegates: [key] })).toThrow('Name each account once');
  expect(() => intentBundle({ ...wish, commits: [key], undelegates: [payer] })).toThrow('Let another account pay');
});

test('an account that is being undelegated may not pay for it', () => {
  const key = Keypair.generate().publicKey;
  expect(() => checkPayer(key, [key])).toThrow('STATE_FORBIDS');
  expect(() => commitAndUndelegate({ payer: key, accounts: [key], areSigners: true })).toThrow(
    'Let another account pay',
  );
});
