/** Each intent is executed once, whatever is lost, late, doubled or taken back; what stands in the way is told. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { encodeFunctionData, numberToHex } from 'viem';
import type { Address } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { artifactOf } from '#core/chain/evm/artifacts.ts';
import { httpEndpoint } from '#core/chain/evm/rpc.ts';
import type { Endpoint } from '#core/chain/evm/rpc.ts';
import type { Intent } from '#core/chain/evm/send.ts';
import { anvilBinary } from '#core/chain/local/evm/anvil.ts';
import { startLocalEvm } from '#core/chain/local/evm/local-evm.ts';
import type { LocalEvm } from '#core/chain/local/evm/local-evm.ts';
import { faultyEndpoint, mine, senderOf } from '../support/evm-world.ts';
import { sendBooks } from '../support/send-books.ts';
import type { Fault, SenderWorld } from '../support/evm-world.ts';

const { abi } = artifactOf('SandboxServing');
let folder: string;
let chain: LocalEvm;
let users = 0;

const node = () => httpEndpoint(chain.rpcUrl);
const account = (index: number): Address => chain.accounts[index] ?? '0x';

/** A user nobody has met, so that its balance counts how often a deposit was executed. */
function newUser(): Address {
  users += 1;
  return `0x${users.toString(16).padStart(40, '0')}`;
}

/** Deposits one wei for a user with a provider: executed twice, it would be two. */
function depositFor(user: Address): Intent {
  const data = encodeFunctionData({ abi, functionName: 'deposit', args: [user, account(1)] });
  return { id: `deposit-${user}`, to: chain.contracts.serving, data, valueWei: 1n, summary: 'Deposit 1 wei' };
}

async function executedFor({ connection }: SenderWorld, user: Address): Promise<bigint> {
  const args = [[user], account(1)] as const;
  const call = { address: chain.contracts.serving, abi, functionName: 'balanceOfBatch', args } as const;
  const [balance] = (await connection.client.readContract(call)) as bigint[];
  return balance ?? -1n;
}

/** Passes with a block after each until nothing is open. */
async function settleAll({ sender, store }: SenderWorld, who: Address, most = 60): Promise<void> {
  for (let pass = 0; pass < most; pass += 1) {
    await sender.advance();
    await mine(chain.rpcUrl);
    if ((await store.open(who)).length === 0) return;
  }
  expect(await store.open(who), 'every send comes to its end').toEqual([]);
}

describe.skipIf(anvilBinary() === undefined)('a sender, where npm has anvil', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-send-'));
    chain = await startLocalEvm(join(folder, 'chain'));
    await node().request('evm_setAutomine', [false]);
  });

  afterAll(async () => {
    await chain.close();
    rmSync(folder, { recursive: true, force: true });
  });

  type Step = 'pass' | 'mine' | 'rob' | 'reorg';

  const STORES = { 'in memory': () => undefined, 'in the books': (who: Address) => booksOf(who) } as const;

  function booksOf(who: Address) {
    return sendBooks({ network: 'evm/16602/test', account: who });
  }

  test.each([
    ['in memory', 14],
    ['in the books', 8],
  ] as const)(
    'executes each intent once under any interleaving of faults, kept %s',
    { timeout: 60_000 },
    async (where, numRuns) => {
      const arbFaults = fc.array(fc.constantFrom<Fault>('none', 'lost', 'answer lost', 'twice', 'stale', 'late'), {
        minLength: 40,
        maxLength: 120,
      });
      const arbSteps = fc.array(fc.constantFrom<Step>('pass', 'pass', 'mine', 'rob', 'reorg'), { maxLength: 14 });
      const scenario = fc.asyncProperty(
        arbFaults,
        arbFaults,
        arbSteps,
        fc.integer({ min: 1, max: 4 }),
        async (a, b, steps, count) => {
          const who = account(4);
          const books = STORES[where](who);
          const endpoints = [faultyEndpoint(chain.rpcUrl, []), faultyEndpoint(chain.rpcUrl, [])];
          const faults = [[...a], [...b]];
          const flaky = endpoints.map((_, index) => faultyEndpoint(chain.rpcUrl, faults[index] ?? []));
          // Connecting is not what is tested here, so it happens before the faults begin.
          const held = faults.map((list) => list.splice(0));
          const kept = books === undefined ? {} : { store: books.evm() };
          const world = await senderOf({ endpoints: flaky, account: who, quorum: 1, finalityBlocks: 3n, ...kept });
          held.forEach((list, index) => faults[index]?.push(...list));
          const wanted = Array.from({ length: count }, newUser);
          for (const user of wanted) {
            const submit = () => world.sender.submit(depositFor(user)).catch(() => undefined);
            while ((await submit()) === undefined);
            await submit(); // Asked for again, as after a lost answer: the same send.
          }
          let depth = 0;
          for (const step of steps) {
            if (step === 'pass') await world.sender.advance();
            else if (step === 'mine') await mine(chain.rpcUrl);
            else if (step === 'rob') await rob(who);
            else if (depth < 2) {
              depth += 1;
              await node().request('anvil_reorg', [1, []]);
            }
          }
          await settleAll(world, who);
          // What the chain did is read without faults, as it is not what is tested here.
          for (const list of faults) list.length = 0;
          for (const user of wanted) expect(await executedFor(world, user)).toBe(1n);
          await mine(chain.rpcUrl, 4);
          expect(books?.world.verify().problem ?? null).toBeNull();
          books?.dispose();
        },
      );
      await fc.assert(scenario, { numRuns, endOnFailure: true });
    },
  );

  /** Somebody else spends the account's next nonce, as an operator with the same key in another wallet would. */
  async function rob(who: Address): Promise<void> {
    const nonce = await node().request('eth_getTransactionCount', [who, 'latest']);
    const gasPrice = numberToHex(400n * 10n ** 9n);
    const stolen = { from: who, to: who, value: '0x0', nonce, gas: '0x5208', gasPrice };
    await node()
      .request('eth_sendTransaction', [stolen])
      .catch(() => undefined);
  }

  test('gives each send a nonce of its own, asked for at once and before the chain has seen any', async () => {
    const world = await senderOf({ endpoints: [node()], account: account(8), finalityBlocks: 0n });
    const sends = await Promise.all(Array.from({ length: 3 }, () => world.sender.submit(depositFor(newUser()))));
    const [first = 0n] = sends.map(({ nonce }) => nonce);
    expect(sends.map(({ nonce }) => nonce)).toEqual([first, first + 1n, first + 2n]);
    await settleAll(world, account(8));
  });

  test('builds anew what was robbed of its nonce, and only that', async () => {
    const who = account(5);
    const world = await senderOf({ endpoints: [node()], account: who, finalityBlocks: 1n });
    const user = newUser();
    const send = await world.sender.submit(depositFor(user));
    await rob(who);
    await mine(chain.rpcUrl);
    await settleAll(world, who);
    const done = await world.store.load(send.intent.id);
    expect(done).toMatchObject({ state: 'finalized', generation: 1, nonce: send.nonce + 1n });
    expect(await executedFor(world, user)).toBe(1n);
  });

  test('keeps in the books what was robbed, with the bytes that can never run', async () => {
    const who = account(8);
    const books = booksOf(who);
    const store = books.evm();
    const world = await senderOf({ endpoints: [node()], account: who, finalityBlocks: 1n, store });
    const user = newUser();
    const { intent } = await world.sender.submit(depositFor(user));
    await rob(who);
    await world.sender.advance();
    const before = await store.load(intent.id);
    expect(before).toMatchObject({ state: 'sent', generation: 0 });
    await mine(chain.rpcUrl);
    await settleAll(world, who);
    const hashes = before?.attempts.map(({ hash }) => hash);
    expect(await store.load(intent.id)).toMatchObject({ state: 'finalized', generation: 1, replaced: hashes });
    books.reopen();
    expect(await books.evm().load(intent.id)).toEqual(await store.load(intent.id));
    expect(books.world.verify().problem).toBeNull();
    books.dispose();
  });

  test('waits for a receipt that the nodes do not show yet, and builds nothing anew', async () => {
    const who = account(5);
    const honest = node();
    let isHidden = true;
    const hiding: Endpoint = {
      url: honest.url,
      request: (method, params) =>
        isHidden && method === 'eth_getTransactionReceipt' ? Promise.resolve(null) : honest.request(method, params),
    };
    const world = await senderOf({ endpoints: [hiding], account: who, finalityBlocks: 1n });
    const user = newUser();
    const send = await world.sender.submit(depositFor(user));
    for (let pass = 0; pass < 4; pass += 1) {
      await world.sender.advance();
      await mine(chain.rpcUrl);
    }
    expect(await world.store.load(send.intent.id)).toMatchObject({ state: 'sent', generation: 0 });
    isHidden = false;
    await settleAll(world, who);
    expect(await world.store.load(send.intent.id)).toMatchObject({ state: 'finalized', generation: 0 });
    expect(await executedFor(world, user)).toBe(1n);
  });

  test('sends the same bytes again after a block was taken back', async () => {
    const who = account(6);
    const world = await senderOf({ endpoints: [node()], account: who, finalityBlocks: 3n });
    const user = newUser();
    const send = await world.sender.submit(depositFor(user));
    await world.sender.advance();
    await mine(chain.rpcUrl);
    await world.sender.advance();
    const confirmed = await world.store.load(send.intent.id);
    expect(confirmed?.state).toBe('confirmed');
    await node().request('anvil_reorg', [1, []]);
    await world.sender.advance();
    expect((await world.store.load(send.intent.id))?.state).toBe('sent');
    await settleAll(world, who);
    const done = await world.store.load(send.intent.id);
    expect(done).toMatchObject({ state: 'finalized', attempts: confirmed?.attempts });
    expect(await executedFor(world, user)).toBe(1n);
  });

  test('offers more for what waits too long, and one of the two is executed', async () => {
    const who = account(7);
    let nowMs = 0;
    const world = await senderOf({ endpoints: [node()], account: who, now: () => nowMs, raiseAfterMs: 1000 });
    const user = newUser();
    const send = await world.sender.submit(depositFor(user));
    await world.sender.advance();
    nowMs = 1000;
    await world.sender.advance();
    const raised = await world.store.load(send.intent.id);
    expect(raised?.attempts).toHaveLength(2);
    const [first, second] = raised?.attempts ?? [];
    expect(second?.maxFeePerGasWei).toBeGreaterThan(((first?.maxFeePerGasWei ?? 0n) * 9n) / 8n);
    await settleAll(world, who);
    expect(await executedFor(world, user)).toBe(1n);
  });

  test('never offers more than the cap', async () => {
    const world = await senderOf({ endpoints: [node()], account: account(8), maxFeePerGasWei: 1n });
    const send = await world.sender.submit(depositFor(newUser()));
    const [trouble] = await world.sender.advance();
    expect(trouble).toMatchObject({ id: send.intent.id, problem: { code: 'FEE_ABOVE_CAP' } });
    expect((await world.store.load(send.intent.id))?.attempts).toEqual([]);
  });

  test('goes on from the books after a crash, with the bytes that were signed', async () => {
    const who = account(9);
    const books = booksOf(who);
    const world = await senderOf({ endpoints: [node()], account: who, store: books.evm('one') });
    const user = newUser();
    const send = await world.sender.submit(depositFor(user));
    await world.sender.advance();
    const signed = await world.store.load(send.intent.id);
    books.reopen();
    const next = await senderOf({ endpoints: [node()], account: who, store: books.evm('two') });
    expect(await next.store.load(send.intent.id)).toEqual(signed);
    await settleAll(next, who);
    expect((await next.store.load(send.intent.id))?.attempts).toEqual(signed?.attempts);
    expect(await executedFor(next, user)).toBe(1n);
    books.dispose();
  });

  test('refuses before it takes a nonce what the contract would refuse', async () => {
    const world = await senderOf({ endpoints: [node()], account: account(2) });
    const data = encodeFunctionData({ abi, functionName: 'withdrawRefund', args: [account(1)] });
    const intent = { id: 'refused', to: chain.contracts.serving, data, valueWei: 0n, summary: 'Withdraw' };
    await expect(world.sender.submit(intent)).rejects.toMatchObject({
      code: 'REVERTED',
      refusal: { values: { reason: 'NothingToWithdraw' } },
    });
    expect(await world.store.load('refused')).toBeUndefined();
    const costly = { ...depositFor(newUser()), valueWei: 10n ** 30n };
    await expect(world.sender.submit(costly)).rejects.toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
  });

  test('answers the same id with the same send, and refuses another body under it', async () => {
    const world = await senderOf({ endpoints: [node()], account: account(3) });
    const intent = depositFor(newUser());
    const [first, second] = await Promise.all([world.sender.submit(intent), world.sender.submit(intent)]);
    expect(second).toEqual(first);
    await expect(world.sender.submit({ ...intent, valueWei: 2n })).rejects.toMatchObject({ code: 'STATE_FORBIDS' });
    await settleAll(world, account(3));
  });

  test('is stopped while it waits', async () => {
    const world = await senderOf({ endpoints: [node()], account: account(3) });
    const { intent } = await world.sender.submit(depositFor(newUser()));
    const waiting = world.sender.finish(intent.id, { signal: AbortSignal.timeout(50), pauseMs: 5 });
    await expect(waiting).rejects.toThrow('timeout');
    await settleAll(world, account(3));
    const done = await world.sender.finish(intent.id, { signal: AbortSignal.timeout(5000), pauseMs: 5 });
    expect(done.state).toBe('finalized');
  });
});
