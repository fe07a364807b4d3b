import { Keypair, SystemProgram, Transaction } from '@solana/web3.js';
import { expect, test } from 'vitest';
import { devSolanaSigner } from './dev-solana.ts';
import type { Network, SigningRequest } from './port.ts';

const LOCAL = 'E8TvLUAYqDJEdYVwWnTzjbHZ4vFV5CXgwHb3WSHzXmv5';
const MAINNET = '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d';
const key = Keypair.generate();

const context = { approvalId: 'a', signal: new AbortController().signal, onStep: () => undefined };

function signer(actual = LOCAL) {
  const held = { label: 'demo', address: key.publicKey.toBase58(), seed: key.secretKey.slice(0, 32) };
  return devSolanaSigner('dev', { keys: [held], genesisHash: async () => actual });
}

function transaction(payer = key.publicKey): Transaction {
  const made = new Transaction({ feePayer: payer, recentBlockhash: LOCAL });
  return made.add(SystemProgram.transfer({ fromPubkey: payer, toPubkey: key.publicKey, lamports: 1 }));
}

function request(
  network: Partial<Network> = {},
  message: Uint8Array = transaction().serializeMessage(),
): SigningRequest {
  const local = { chain: 'solana', cluster: 'local', genesisHash: LOCAL, ...network } as Network;
  return { type: 'sol.tx', network: local, account: key.publicKey.toBase58(), message, summary: 'a transfer' };
}

test('a transaction on a local network is signed, and web3.js takes the signature', async () => {
  const made = transaction();
  const { signature } = await signer().sign(request(), context);
  made.addSignature(key.publicKey, Buffer.from(signature));
  expect(made.verifySignatures()).toBe(true);
});

test.each([
  ['the chain turns out to be mainnet', request(), MAINNET],
  ['the request says mainnet', request({ cluster: 'mainnet', genesisHash: MAINNET } as never), MAINNET],
  ['the cluster says mainnet and the hash does not', request({ cluster: 'mainnet' } as never), LOCAL],
  ['it is a chain of another kind', request({ chain: 'evm' } as never), LOCAL],
])('nothing is signed when %s', async (_, asked, actual) => {
  await expect(signer(actual).sign(asked, context)).rejects.toMatchObject({ refusal: { code: 'FORBIDDEN' } });
});

test('nothing is signed when the chain is not the one the request was made for', async () => {
  await expect(signer(`${LOCAL.slice(0, -1)}6`).sign(request(), context)).rejects.toMatchObject({
    refusal: { code: 'CONFLICT' },
  });
  const devnet = request({ cluster: 'devnet' } as never);
  await expect(signer().sign(devnet, context)).rejects.toMatchObject({ refusal: { code: 'CONFLICT' } });
});

test('a message that does not ask for the key, or passes one kind for another, is refused', async () => {
  const foreign = request({}, transaction(Keypair.generate().publicKey).serializeMessage());
  await expect(signer().sign(foreign, context)).rejects.toMatchObject({ refusal: { code: 'INPUT_INVALID' } });
  const disguised = { ...request(), type: 'sol.offchain' } as SigningRequest;
  await expect(signer().sign(disguised, context)).rejects.toMatchObject({ refusal: { code: 'INPUT_INVALID' } });
});

test('a locked signer holds nothing', async () => {
  const backend = signer();
  await backend.lock();
  await expect(backend.sign(request(), context)).rejects.toMatchObject({ refusal: { code: 'NOT_FOUND' } });
  expect((await backend.describe()).accounts).toEqual([]);
});
