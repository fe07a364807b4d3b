import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import type { PublicKey } from '@solana/web3.js';
import bs58 from 'bs58';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Endpoints } from '#core/chain/solana/endpoints.ts';
import type { SolanaProfile } from '#core/chain/solana/profiles.ts';
import type { Signed } from '#core/chain/solana/sends/record.ts';
import { Sender } from '#core/chain/solana/sends/sender.ts';
import { memorySendStore } from '#core/chain/solana/sends/store.ts';
import { call, funded, openWorld } from '../support/solana.ts';
import type { World } from '../support/solana.ts';

let world: World;
let payer: Keypair;
beforeAll(async () => {
  world = await openWorld({ slotMs: 50 });
  payer = await funded(world.connection);
});
afterAll(() => world.close());

const profile = (...endpoints: string[]): SolanaProfile => ({ name: 'test', cluster: 'local', endpoints, rollups: [] });

function signer(to: PublicKey, lamports: number): () => Promise<Signed> {
  return async () => {
    const latest = await world.connection.getLatestBlockhash('finalized');
    const transaction = new Transaction({ ...latest, feePayer: payer.publicKey });
    transaction.add(SystemProgram.transfer({ fromPubkey: payer.publicKey, toPubkey: to, lamports })).sign(payer);
    return {
      signature: bs58.encode(transaction.signature ?? Buffer.alloc(64)),
      bytes: transaction.serialize(),
      blockhash: latest.blockhash,
      lastValidBlockHeight: BigInt(latest.lastValidBlockHeight),
    };
  };
}

test('an intent is done once on the chain, however often it is stepped', async () => {
  const sender = new Sender(memorySendStore(), new Endpoints(profile(world.chain.doors.rpc), Date.now));
  const to = Keypair.generate().publicKey;
  for (let count = 0; count < 5; count += 1) await sender.step('pay/1', signer(to, 1_000_000));
  expect((await sender.step('pay/1', signer(to, 1_000_000)))?.state).toBe('finalized');
  expect(await world.connection.getBalance(to)).toBe(1_000_000);
});

test('what was never delivered is signed anew only after its blockhash has expired', async () => {
  const endpoints = new Endpoints(profile(world.chain.doors.rpc), Date.now);
  const lost = { submit: async () => undefined, look: (signature: string) => endpoints.look(signature) };
  const store = memorySendStore();
  const to = Keypair.generate().publicKey;
  const first = await new Sender(store, lost).step('pay/2', signer(to, 1_000_000));
  expect((await new Sender(store, lost).step('pay/2', signer(to, 1_000_000)))?.signature).toBe(first?.signature);
  await call(world.chain.doors.rpc, 'tollkeeper_advance', [{ blocks: 152 }]);
  const sender = new Sender(store, endpoints);
  expect((await sender.step('pay/2', signer(to, 1_000_000)))?.state).toBe('expired');
  expect(await sender.step('pay/2', signer(to, 1_000_000))).toMatchObject({ attempt: 2, state: 'sent' });
  await expect.poll(async () => (await sender.step('pay/2', signer(to, 1_000_000)))?.state).toBe('finalized');
  expect(await world.connection.getBalance(to)).toBe(1_000_000);
});

test('what the chain refuses ends as reverted, with its words', async () => {
  const sender = new Sender(memorySendStore(), new Endpoints(profile(world.chain.doors.rpc), Date.now));
  const sign = signer(Keypair.generate().publicKey, 1e15);
  await sender.step('pay/3', sign);
  await expect
    .poll(() => sender.step('pay/3', sign))
    .toMatchObject({
      state: 'reverted',
      fault: '{"InstructionError":[0,{"Custom":1}]}',
    });
});

test('an endpoint that is down is passed over, and all down is said with a reason', async () => {
  const down = createServer((_, response) => response.writeHead(500).end('no'));
  await new Promise<void>((resolve) => down.listen(0, '127.0.0.1', resolve));
  const broken = `http://127.0.0.1:${(down.address() as AddressInfo).port}`;
  const endpoints = new Endpoints(profile(broken, world.chain.doors.rpc), Date.now);
  const sender = new Sender(memorySendStore(), endpoints);
  const to = Keypair.generate().publicKey;
  await sender.step('pay/4', signer(to, 1_000_000));
  await expect.poll(async () => (await sender.step('pay/4', signer(to, 1_000_000)))?.state).toBe('finalized');
  const alone = new Endpoints(profile(broken), Date.now);
  await expect(alone.look('x')).rejects.toMatchObject({ refusal: { code: 'RPC_DOWN' } });
  await new Promise((resolve) => down.close(resolve));
});

test('an endpoint of another cluster is never used', async () => {
  const endpoints = new Endpoints({ ...profile(world.chain.doors.rpc), cluster: 'mainnet' }, Date.now);
  await expect(endpoints.look('x')).rejects.toMatchObject({ refusal: { code: 'WRONG_CHAIN' } });
  const to = Keypair.generate().publicKey;
  const { bytes } = await signer(to, 1_000_000)();
  await expect(endpoints.submit(bytes)).rejects.toThrow('WRONG_CHAIN');
  expect(await world.connection.getBalance(to)).toBe(0);
});
