/**
 * Brings the steps of a deployment to the chain through the durable sender: the bytes of a step are kept before they
 * leave, looked for after a crash, and signed anew only when they can never run. A step that the chain refused is
 * carried out anew, under a number of its own, only when it is asked for again.
 */
import type { Connection } from '@solana/web3.js';
import { setTimeout as after } from 'node:timers/promises';
import { base58 } from '../../local/solana/base58.ts';
import { ChainError } from '../../error.ts';
import { checkFloat } from '../sends/float.ts';
import type { FloatPolicy } from '../sends/float.ts';
import { priorityFee } from '../sends/priority-fee.ts';
import type { PriorityPolicy } from '../sends/priority-fee.ts';
import type { SendRecord, Signed } from '../sends/record.ts';
import { Sender } from '../sends/sender.ts';
import type { SendChain } from '../sends/sender.ts';
import type { SendStore } from '../sends/store.ts';
import { signed } from './transact.ts';
import type { Submit, Work } from './transact.ts';

export type SubmitOptions = Readonly<{
  /** Several endpoints may stand behind it: to hand over and to look. */
  chain: SendChain;
  /** Reads on the first endpoint that answers. */
  read: <T>(ask: (connection: Connection) => Promise<T>) => Promise<T>;
  store: SendStore;
  priority: PriorityPolicy;
  float: FloatPolicy;
  signal: AbortSignal;
  pauseMs: number;
}>;

/** Compute units of one instruction of the loader, with room. */
const UNITS = 50_000;

/** The first signature of a transaction's bytes, after their count. */
const signatureOf = (bytes: Buffer): string => base58(bytes.subarray(1, 65));

/** Where the recent prices of a cluster are not to be had, the policy's floor stands for them. */
async function recentPrices(connection: Connection): Promise<bigint[]> {
  const prices = await connection.getRecentPrioritizationFees();
  return prices.map(({ prioritizationFee }) => BigInt(prioritizationFee));
}

async function signWork({ read, priority, float }: SubmitOptions, work: Work, attempt: number): Promise<Signed> {
  const [payer] = work.signers;
  return read(async (connection) => {
    if (payer !== undefined) {
      const balance = BigInt(await connection.getBalance(payer.address, 'confirmed'));
      checkFloat(balance, float, payer.address.toBase58());
    }
    const units = BigInt(UNITS);
    const { microLamports } = priorityFee(await recentPrices(connection), { units, attempt }, priority);
    const { blockhash, lastValidBlockHeight } = await connection.getLatestBlockhash('confirmed');
    const bytes = await signed({ ...work, price: { units: UNITS, microLamports } }, blockhash);
    return { signature: signatureOf(bytes), bytes, blockhash, lastValidBlockHeight: BigInt(lastValidBlockHeight) };
  });
}

/** The first number under which a step has not been refused yet. */
async function nextNumber(store: SendStore, step: string): Promise<string> {
  for (let number = 1; ; number += 1) {
    const intent = number === 1 ? step : `${step}#${number}`;
    if ((await store.load(intent))?.state !== 'reverted') return intent;
  }
}

function reverted(work: Work, { fault, signature }: SendRecord): ChainError {
  return new ChainError({
    code: 'REVERTED',
    detail: `"${work.summary}" failed: ${fault ?? 'the chain does not say why'}.`,
    fix: 'Look the signature up; nothing after it was sent.',
    values: { signature },
  });
}

/** Submits over a store of sends. Rejects with REVERTED, INSUFFICIENT_FUNDS, or as the signal says. */
export function submitter(options: SubmitOptions): Submit {
  const { chain, store, signal, pauseMs } = options;
  const sender = new Sender(store, chain);
  return async (step, work) => {
    const intent = await nextNumber(store, step);
    for (;;) {
      signal.throwIfAborted();
      const record = await sender.step(intent, (attempt) => signWork(options, work, attempt));
      if (record?.state === 'finalized') return record.signature;
      if (record?.state === 'reverted') throw reverted(work, record);
      await after(pauseMs, undefined, { signal });
    }
  };
}
