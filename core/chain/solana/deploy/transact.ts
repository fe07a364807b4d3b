/** Signs through the signer port and sends, for deployments: each signer signs the same message. */
import { ComputeBudgetProgram, Transaction } from '@solana/web3.js';
import type { Connection, PublicKey, TransactionInstruction } from '@solana/web3.js';
import { setTimeout as after } from 'node:timers/promises';
import { ChainError } from '../../error.ts';

/** One who signs: the address, and what signs a message for it. */
export type Signing = Readonly<{
  address: PublicKey;
  sign: (message: Uint8Array, summary: string) => Promise<Uint8Array>;
}>;

export type Sent = Readonly<{ signature: string; lastValidBlockHeight: number }>;

export type Work = Readonly<{
  summary: string;
  instructions: readonly TransactionInstruction[];
  /** The first one pays. */
  signers: readonly Signing[];
  price?: Readonly<{ units: number; microLamports: bigint }>;
}>;

const POLL_MS = 100;

/** The signed bytes of a transaction on a blockhash. */
export async function signed({ summary, instructions, signers, price }: Work, blockhash: string): Promise<Buffer> {
  const transaction = new Transaction({ feePayer: signers[0]?.address ?? null, recentBlockhash: blockhash });
  if (price !== undefined) {
    transaction.add(
      ComputeBudgetProgram.setComputeUnitLimit({ units: price.units }),
      ComputeBudgetProgram.setComputeUnitPrice({ microLamports: price.microLamports }),
    );
  }
  const message = transaction.add(...instructions).serializeMessage();
  for (const { address, sign } of signers) {
    transaction.addSignature(address, Buffer.from(await sign(message, summary)));
  }
  return transaction.serialize();
}

/** Sends one transaction and waits until it is confirmed. Sends the same bytes again while they may still run. */
export async function transact(connection: Connection, work: Work): Promise<string> {
  const latest = await connection.getLatestBlockhash('confirmed');
  const bytes = await signed(work, latest.blockhash);
  const signature = await connection.sendRawTransaction(bytes);
  for (;;) {
    const height = await connection.getBlockHeight('confirmed');
    const { value } = await connection.getSignatureStatuses([signature]);
    const [status] = value;
    if (status !== null && status !== undefined) {
      if (status.err === null) return signature;
      throw new ChainError({
        code: 'REVERTED',
        detail: `"${work.summary}" failed: ${JSON.stringify(status.err)}.`,
        fix: 'Look the signature up; nothing after it was sent.',
        values: { signature },
      });
    }
    if (height > latest.lastValidBlockHeight) {
      throw new ChainError({
        code: 'EXPIRED',
        detail: `"${work.summary}" was not included in time.`,
        fix: 'Run the same command again: it goes on where it stopped.',
        values: { signature },
      });
    }
    await after(POLL_MS);
    await connection.sendRawTransaction(bytes, { skipPreflight: true, maxRetries: 0 }).catch(() => undefined);
  }
}
