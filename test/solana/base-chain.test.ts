import {
  AddressLookupTableProgram,
  ComputeBudgetProgram,
  Keypair,
  LAMPORTS_PER_SOL,
  NONCE_ACCOUNT_LENGTH,
  NonceAccount,
  PublicKey,
  StakeProgram,
  SystemProgram,
  Transaction,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { associatedToken } from '#core/chain/local/solana/pda.ts';
import { call, funded, openWorld, sent } from '../support/solana.ts';
import type { World } from '../support/solana.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld({ slotMs: 50 });
});
afterAll(() => world.close());

const TOKEN = new PublicKey('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');
const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr');

const transfer = (from: Keypair, to: PublicKey, lamports: number): TransactionInstruction =>
  SystemProgram.transfer({ fromPubkey: from.publicKey, toPubkey: to, lamports });

test('an airdrop is a transaction that can be looked up', async () => {
  const { connection } = world;
  const wallet = Keypair.generate().publicKey;
  const signature = await connection.requestAirdrop(wallet, LAMPORTS_PER_SOL);
  await connection.confirmTransaction(signature);
  const found = await connection.getParsedTransaction(signature);
  expect(found?.transaction.message.instructions.at(-1)).toMatchObject({
    program: 'system',
    parsed: { type: 'transfer', info: { destination: wallet.toBase58(), lamports: LAMPORTS_PER_SOL } },
  });
  expect(await connection.getBalance(wallet)).toBe(LAMPORTS_PER_SOL);
});

test('a transfer is charged and shown with its priority fee, and the fee is said beforehand', async () => {
  const { connection } = world;
  const [payer, to] = [await funded(connection), Keypair.generate().publicKey];
  const transaction = new Transaction().add(
    ComputeBudgetProgram.setComputeUnitLimit({ units: 100_000 }),
    ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_001 }),
    transfer(payer, to, 5_000_000),
  );
  transaction.feePayer = payer.publicKey;
  transaction.recentBlockhash = (await connection.getLatestBlockhash()).blockhash;
  const said = await connection.getFeeForMessage(transaction.compileMessage());
  transaction.sign(payer);
  const before = await connection.getBalance(payer.publicKey);
  const signature = await connection.sendRawTransaction(transaction.serialize());
  await connection.confirmTransaction(signature);
  const charged = before - 5_000_000 - (await connection.getBalance(payer.publicKey));
  const found = await connection.getTransaction(signature);
  expect([said.value, found?.meta?.fee, charged]).toEqual([105_001, 105_001, 105_001]);
});

test('without a limit the priority fee follows the default units of programs and of builtins', async () => {
  const { connection } = world;
  const payer = await funded(connection);
  const memo = new TransactionInstruction({ programId: MEMO, keys: [], data: Buffer.from('hello') });
  const price = ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1_000_000 });
  const transaction = new Transaction().add(price, transfer(payer, Keypair.generate().publicKey, 1_000_000), memo);
  transaction.feePayer = payer.publicKey;
  transaction.recentBlockhash = (await connection.getLatestBlockhash()).blockhash;
  const said = (await connection.getFeeForMessage(transaction.compileMessage())).value;
  const signature = await sent(connection, transaction.instructions, [payer]);
  expect((await connection.getTransaction(signature))?.meta?.fee).toBe(said);
  const [listed] = await connection.getSignaturesForAddress(payer.publicKey, { limit: 1 });
  expect(listed).toMatchObject({ signature, memo: '[5] hello' });
});

test('no fee is named for a blockhash that nobody knows', async () => {
  const { connection } = world;
  const message = new TransactionMessage({
    payerKey: Keypair.generate().publicKey,
    recentBlockhash: Keypair.generate().publicKey.toBase58(),
    instructions: [],
  }).compileToLegacyMessage();
  expect((await connection.getFeeForMessage(message)).value).toBeNull();
});

test('a block holds its transactions, and its accounts and signatures alone', async () => {
  const { connection, chain } = world;
  const payer = await funded(connection);
  const signature = await sent(connection, [transfer(payer, Keypair.generate().publicKey, 1_000_000)], [payer]);
  const slot = (await connection.getSignatureStatus(signature)).value?.slot ?? 0;
  const block = await connection.getParsedBlock(slot);
  expect(block.transactions.map((each) => each.transaction.signatures[0])).toContain(signature);
  expect((await connection.getBlockSignatures(slot)).signatures).toContain(signature);
  const accounts = await connection.getBlock(slot, { transactionDetails: 'accounts' });
  expect(accounts?.transactions).toHaveLength(block.transactions.length);
  expect(await connection.getBlocks(slot, slot)).toEqual([slot]);
  expect((await call(chain.doors.rpc, 'getBlock', [slot + 1_000_000]))['error']).toMatchObject({ code: -32004 });
});

test('tokens are shown parsed, with exact amounts, holders, supply and delegates', async () => {
  const { connection, chain } = world;
  const owner = await funded(connection);
  const mint = new PublicKey(chain.facts.testUsdc);
  const amount = 9_007_199_254_740_993n;
  const { result } = await call(chain.doors.rpc, 'tollkeeper_airdropTestUsdc', [
    owner.publicKey.toBase58(),
    `${amount}`,
  ]);
  await connection.confirmTransaction(String(result));
  const account = new PublicKey(associatedToken(owner.publicKey.toBase58(), chain.facts.testUsdc));
  expect((await connection.getTokenAccountBalance(account)).value).toMatchObject({
    amount: '9007199254740993',
    decimals: 6,
    uiAmountString: '9007199254.740993',
  });
  const listed = await connection.getParsedTokenAccountsByOwner(owner.publicKey, { mint });
  expect(listed.value[0]?.account.data).toMatchObject({ program: 'spl-token', parsed: { type: 'account' } });
  expect((await connection.getTokenSupply(mint)).value.amount).toBe(amount.toString());
  expect((await connection.getTokenLargestAccounts(mint)).value[0]?.address.equals(account)).toBe(true);
  const landed = await connection.getParsedTransaction(String(result));
  expect(landed?.meta?.postTokenBalances?.[0]).toMatchObject({
    mint: mint.toBase58(),
    owner: owner.publicKey.toBase58(),
  });
  const delegate = Keypair.generate().publicKey;
  const data = Buffer.alloc(9);
  data[0] = 4; // Approve
  data.writeBigUInt64LE(7n, 1);
  const keys = [account, delegate, owner.publicKey].map((pubkey, index) => ({
    pubkey,
    isSigner: index === 2,
    isWritable: index === 0,
  }));
  await sent(connection, [new TransactionInstruction({ programId: TOKEN, keys, data })], [owner]);
  const { result: byDelegate } = await call(chain.doors.rpc, 'getTokenAccountsByDelegate', [
    delegate.toBase58(),
    { programId: TOKEN.toBase58() },
    { encoding: 'jsonParsed' },
  ]);
  expect(JSON.stringify(byDelegate)).toContain('"delegatedAmount":{"amount":"7"');
});

test('a wallet is no token account, and is refused as one', async () => {
  const { connection, chain } = world;
  const wallet = (await funded(connection)).publicKey.toBase58();
  const { error } = await call(chain.doors.rpc, 'getTokenAccountBalance', [wallet]);
  expect(error).toEqual({ code: -32602, message: 'Invalid param: not a Token account' });
});

test('stake and nonce accounts are shown parsed', async () => {
  const { connection } = world;
  const payer = await funded(connection);
  const stake = Keypair.generate();
  const create = StakeProgram.createAccount({
    fromPubkey: payer.publicKey,
    stakePubkey: stake.publicKey,
    authorized: { staker: payer.publicKey, withdrawer: payer.publicKey },
    lamports: 3_000_000_000,
  });
  await sent(connection, create.instructions, [payer, stake]);
  const parsed = (await connection.getParsedAccountInfo(stake.publicKey)).value?.data;
  expect(parsed).toMatchObject({
    program: 'stake',
    parsed: { type: 'initialized', info: { meta: { authorized: { staker: payer.publicKey.toBase58() } } } },
  });
});

async function nonceWorld(): Promise<{ payer: Keypair; account: PublicKey; nonce: () => Promise<string> }> {
  const { connection } = world;
  const [payer, account] = [await funded(connection), Keypair.generate()];
  const { instructions } = SystemProgram.createNonceAccount({
    fromPubkey: payer.publicKey,
    noncePubkey: account.publicKey,
    authorizedPubkey: payer.publicKey,
    lamports: await connection.getMinimumBalanceForRentExemption(NONCE_ACCOUNT_LENGTH),
  });
  await sent(connection, instructions, [payer, account]);
  const nonce = async (): Promise<string> => {
    const found = await connection.getAccountInfo(account.publicKey);
    return NonceAccount.fromAccountData(found?.data ?? Buffer.alloc(0)).nonce;
  };
  return { payer, account: account.publicKey, nonce };
}

test('a durable nonce outlives the window, runs once, and is spent by a failure as well', async () => {
  const { connection, chain } = world;
  const { payer, account, nonce } = await nonceWorld();
  const advance = SystemProgram.nonceAdvance({ noncePubkey: account, authorizedPubkey: payer.publicKey });
  const signedOn = async (value: string, lamports: number): Promise<Buffer> => {
    const to = Keypair.generate().publicKey;
    const transaction = new Transaction({
      feePayer: payer.publicKey,
      nonceInfo: { nonce: value, nonceInstruction: advance },
    });
    transaction.add(transfer(payer, to, lamports));
    transaction.sign(payer);
    return transaction.serialize();
  };
  const first = await nonce();
  const good = await signedOn(first, 1_000_000);
  await call(chain.doors.rpc, 'tollkeeper_advance', [{ blocks: 200 }]);
  const signature = await connection.sendRawTransaction(good);
  expect((await connection.getSignatureStatus(signature)).value?.err).toBeNull();
  const second = await nonce();
  expect(second).not.toBe(first);
  await expect(connection.sendRawTransaction(await signedOn(first, 2_000_000))).rejects.toThrow('Blockhash not found');
  await call(chain.doors.rpc, 'tollkeeper_advance', [{ blocks: 1 }]);
  const failing = await connection.sendRawTransaction(await signedOn(second, 1e15), { skipPreflight: true });
  expect((await connection.getSignatureStatus(failing)).value?.err).toEqual({ InstructionError: [1, { Custom: 1 }] });
  expect(await nonce()).not.toBe(second);
});

test('a nonce that was advanced in a slot cannot be used again in it', async () => {
  const slow = await openWorld({ slotMs: 3_600_000 });
  const fast = world;
  world = slow;
  try {
    const { payer, account, nonce } = await nonceWorld();
    const advance = SystemProgram.nonceAdvance({ noncePubkey: account, authorizedPubkey: payer.publicKey });
    const send = async (lamports: number): Promise<string> => {
      const nonceInfo = { nonce: await nonce(), nonceInstruction: advance };
      const transaction = new Transaction({ feePayer: payer.publicKey, nonceInfo });
      transaction.add(transfer(payer, Keypair.generate().publicKey, lamports)).sign(payer);
      return slow.connection.sendRawTransaction(transaction.serialize());
    };
    await expect(send(1_000_000)).rejects.toThrow('Blockhash not found');
    slow.chain.control.advance({ blocks: 1 });
    await send(1_000_000);
    await expect(send(1_000_001)).rejects.toThrow('Blockhash not found');
    slow.chain.control.advance({ blocks: 1 });
    await send(1_000_002);
  } finally {
    world = fast;
    await slow.close();
  }
});

test('a transaction older than 150 blocks is refused, and so is one that has run', async () => {
  const { connection, chain } = world;
  const payer = await funded(connection);
  const transaction = new Transaction().add(transfer(payer, Keypair.generate().publicKey, 1_000_000));
  const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash();
  expect(lastValidBlockHeight - (await connection.getBlockHeight())).toBeLessThanOrEqual(150);
  Object.assign(transaction, { feePayer: payer.publicKey, recentBlockhash: blockhash });
  transaction.sign(payer);
  const bytes = transaction.serialize();
  await connection.sendRawTransaction(bytes);
  await expect(connection.sendRawTransaction(bytes)).rejects.toThrow('already been processed');
  await call(chain.doors.rpc, 'tollkeeper_advance', [{ blocks: 151 }]);
  expect((await connection.isBlockhashValid(blockhash)).value).toBe(false);
  const late = new Transaction({ feePayer: payer.publicKey, blockhash, lastValidBlockHeight });
  late.add(transfer(payer, Keypair.generate().publicKey, 1_000_001)).sign(payer);
  await expect(connection.sendRawTransaction(late.serialize())).rejects.toThrow('Blockhash not found');
});

test('what skips preflight and cannot run is dropped without a trace', async () => {
  const { connection } = world;
  const payer = await funded(connection);
  const transaction = new Transaction().add(transfer(payer, Keypair.generate().publicKey, 1_000_000));
  transaction.feePayer = payer.publicKey;
  transaction.recentBlockhash = (await connection.getLatestBlockhash()).blockhash;
  transaction.sign(payer);
  const bytes = transaction.serialize();
  const forged = Buffer.from(bytes);
  forged[5] = (forged[5] ?? 0) ^ 1;
  await expect(connection.sendRawTransaction(forged)).rejects.toThrow('signature verification failure');
  const signature = await connection.sendRawTransaction(forged, { skipPreflight: true });
  expect((await connection.getSignatureStatus(signature)).value).toBeNull();
});

test('lookup tables load keys, and their balances and notifications are told', async () => {
  const { connection, chain } = world;
  const [payer, to] = [await funded(connection), Keypair.generate().publicKey];
  const recentSlot = await connection.getSlot();
  const [create, table] = AddressLookupTableProgram.createLookupTable({
    authority: payer.publicKey,
    payer: payer.publicKey,
    recentSlot: recentSlot - 1,
  });
  const extend = AddressLookupTableProgram.extendLookupTable({
    lookupTable: table,
    authority: payer.publicKey,
    payer: payer.publicKey,
    addresses: [to],
  });
  await sent(connection, [create, extend], [payer]);
  await call(chain.doors.rpc, 'tollkeeper_advance', [{ blocks: 1 }]);
  const lookup = (await connection.getAddressLookupTable(table)).value;
  const message = new TransactionMessage({
    payerKey: payer.publicKey,
    recentBlockhash: (await connection.getLatestBlockhash()).blockhash,
    instructions: [transfer(payer, to, 1_000_000)],
  }).compileToV0Message(lookup === null ? [] : [lookup]);
  const transaction = new VersionedTransaction(message);
  transaction.sign([payer]);
  const heard = Promise.withResolvers<number>();
  const id = connection.onAccountChange(to, (account) => heard.resolve(account.lamports));
  const signature = await connection.sendTransaction(transaction);
  await connection.confirmTransaction(signature);
  expect(await heard.promise).toBe(1_000_000);
  await connection.removeAccountChangeListener(id);
  const found = await connection.getTransaction(signature, { maxSupportedTransactionVersion: 0 });
  expect(found?.meta?.loadedAddresses?.writable.map(String)).toEqual([to.toBase58()]);
  await expect(connection.getTransaction(signature, {})).rejects.toThrow('maxSupportedTransactionVersion');
});

test('simulation shows logs, accounts after, and takes a message without signatures', async () => {
  const { connection } = world;
  const [payer, to] = [await funded(connection), Keypair.generate().publicKey];
  const message = new TransactionMessage({
    payerKey: payer.publicKey,
    recentBlockhash: Keypair.generate().publicKey.toBase58(),
    instructions: [transfer(payer, to, 2_000_000)],
  }).compileToV0Message();
  const { value } = await connection.simulateTransaction(new VersionedTransaction(message), {
    replaceRecentBlockhash: true,
    accounts: { encoding: 'base64', addresses: [to.toBase58()] },
  });
  expect([value.err, value.accounts?.[0]?.lamports]).toEqual([null, 2_000_000]);
  expect(await connection.getBalance(to)).toBe(0);
});

test('slots, time and blocks can be moved ahead, never back', async () => {
  const { connection, chain } = world;
  const [slot, height] = [await connection.getSlot(), await connection.getBlockHeight()];
  const time = (await connection.getBlockTime(slot)) ?? 0;
  await call(chain.doors.rpc, 'tollkeeper_advance', [{ slots: 1000, seconds: 86_400 }]);
  const now = await connection.getSlot();
  expect(now).toBeGreaterThanOrEqual(slot + 1000);
  expect(await connection.getBlockHeight()).toBeLessThan(height + 100);
  expect((await connection.getBlockTime(now)) ?? 0).toBeGreaterThanOrEqual(time + 86_400);
  expect((await call(chain.doors.rpc, 'getBlock', [now - 500]))['error']).toMatchObject({ code: -32007 });
});

test('a subscription of one socket is not ended by another', async () => {
  const { chain } = world;
  const sockets = [new WebSocket(chain.doors.ws), new WebSocket(chain.doors.rpc.replace('http', 'ws'))] as const;
  const ask = (socket: WebSocket, method: string, params: unknown): Promise<Record<string, unknown>> =>
    new Promise((resolve) => {
      const hear = (event: MessageEvent): void => {
        const answer = JSON.parse(String(event.data)) as Record<string, unknown>;
        if (answer['id'] !== 1) return;
        socket.removeEventListener('message', hear);
        resolve(answer);
      };
      socket.addEventListener('message', hear);
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
    });
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.addEventListener('open', resolve))));
  const { result } = await ask(sockets[0], 'slotSubscribe', []);
  expect((await ask(sockets[1], 'slotUnsubscribe', [result]))['error']).toMatchObject({ code: -32602 });
  expect((await ask(sockets[0], 'slotUnsubscribe', [result]))['result']).toBe(true);
  for (const socket of sockets) socket.close();
});
