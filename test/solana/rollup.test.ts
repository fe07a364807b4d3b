import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DELEGATION_PROGRAM_ID, delegationRecordPdaFromDelegatedAccount } from '@magicblock-labs/ephemeral-rollups-sdk';
import { Keypair, PublicKey, SystemProgram, Transaction } from '@solana/web3.js';
import type { TransactionInstruction } from '@solana/web3.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dumpsFolder } from '#core/chain/local/solana/genesis.ts';
import { openRollup } from '#core/chain/local/solana/rollup/rollup.ts';
import type { Rollup } from '#core/chain/local/solana/rollup/rollup.ts';
import { RollupConnection } from '#core/chain/solana/rollup-connection.ts';
import { checkPayer, commit, commitAndUndelegate, delegateWallet } from '#core/chain/solana/rollup-instructions.ts';
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
    const returned = await send([commitAndUndelegate(wish)], [payer, wallet]);
    expect(returned.err).toBeNull();
    await connection.commitmentOf(returned.signature);
    await expect.poll(async () => (await onBase(wallet.publicKey))?.owner).toBe(SystemProgram.programId.toBase58());
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
    expect((await send([commit(unsigned)], [payer])).err).not.toBeNull();
    const wish = { payer: payer.publicKey, accounts: [wallet.publicKey], areSigners: true };
    const instruction = commitAndUndelegate(wish);
    for (const key of instruction.keys.slice(2)) key.isWritable = false;
    expect((await send([instruction], [payer, wallet])).err).not.toBeNull();
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

test('an account that is being undelegated may not pay for it', () => {
  const key = Keypair.generate().publicKey;
  expect(() => checkPayer(key, [key])).toThrow('STATE_FORBIDS');
  expect(() => commitAndUndelegate({ payer: key, accounts: [key], areSigners: true })).toThrow(
    'Let another account pay',
  );
});
