/** A local Solana chain for tests, in this process, and what a client does to it again and again. */
import { resolve } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Connection, Keypair, LAMPORTS_PER_SOL, Transaction } from '@solana/web3.js';
import type { TransactionInstruction } from '@solana/web3.js';
import { submitter } from '#core/chain/solana/deploy/submit.ts';
import type { Submit } from '#core/chain/solana/deploy/transact.ts';
import { Endpoints } from '#core/chain/solana/endpoints.ts';
import { memorySendStore } from '#core/chain/solana/sends/store.ts';
import { openBaseChain } from '#core/chain/local/solana/base-chain.ts';
import type { BaseChain } from '#core/chain/local/solana/base-chain.ts';

export const ARTIFACTS = resolve(import.meta.dirname, '../../programs/artifacts');

export type World = Readonly<{ chain: BaseChain; connection: Connection; close: () => Promise<void> }>;

/** A chain whose blocks come every 400 ms, unless said otherwise, on free ports. */
export async function openWorld(options: Readonly<{ state?: string; slotMs?: number }> = {}): Promise<World> {
  const chain = await openBaseChain({ port: 0, slotMs: 400, artifacts: ARTIFACTS, ...options });
  const connection = new Connection(chain.doors.rpc, 'confirmed');
  return { chain, connection, close: chain.close };
}

/** A new wallet with some SOL. */
export async function funded(connection: Connection, sol = 10): Promise<Keypair> {
  const wallet = Keypair.generate();
  await connection.confirmTransaction(await connection.requestAirdrop(wallet.publicKey, sol * LAMPORTS_PER_SOL));
  return wallet;
}

const used = new WeakMap<Connection, string>();

/** A blockhash that this was not called with before: the same instructions on the same one are the same transaction. */
export async function freshBlockhash(
  connection: Connection,
): Promise<{ blockhash: string; lastValidBlockHeight: number }> {
  for (;;) {
    const latest = await connection.getLatestBlockhash();
    if (latest.blockhash !== used.get(connection)) {
      used.set(connection, latest.blockhash);
      return latest;
    }
    await after(5);
  }
}

/** Sends on a fresh blockhash: web3.js keeps one for half a minute, which a test may have moved past. */
export async function sent(
  connection: Connection,
  instructions: readonly TransactionInstruction[],
  signers: readonly Keypair[],
): Promise<string> {
  const latest = await freshBlockhash(connection);
  const transaction = new Transaction({ ...latest, feePayer: signers[0]?.publicKey ?? null }).add(...instructions);
  transaction.sign(...signers);
  const signature = await connection.sendRawTransaction(transaction.serialize());
  await connection.confirmTransaction({ signature, ...latest });
  return signature;
}

/** Submits the steps of a deployment as the console does, with sends that live as long as this is kept. */
export function submitOn(rpc: string, signal: AbortSignal = new AbortController().signal): Submit {
  const endpoints = new Endpoints({ name: 'test', cluster: 'local', endpoints: [rpc], rollups: [] }, Date.now);
  return submitter({
    chain: endpoints,
    read: (ask) => endpoints.read(ask),
    store: memorySendStore(),
    priority: { percentile: 75, floorMicroLamports: 0n, capMicroLamports: 1_000_000n, capLamports: 100_000n },
    float: { reserveLamports: 890_880n, perSendLamports: 120_000n, alertBelowSends: 50n },
    signal,
    pauseMs: 20,
  });
}

/** One JSON-RPC call as plain HTTP; gives the whole answer. */
export async function call(rpc: string, method: string, params: unknown = []): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const response = await fetch(rpc, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  return (await response.json()) as Record<string, unknown>;
}
