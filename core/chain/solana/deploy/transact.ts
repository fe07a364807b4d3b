/** Signs through the signer port, for deployments: each signer signs the same message. */
import { ComputeBudgetProgram, Transaction } from '@solana/web3.js';
import type { PublicKey, TransactionInstruction } from '@solana/web3.js';

/** One who signs: the address, and what signs a message for it. */
export type Signing = Readonly<{
  address: PublicKey;
  sign: (message: Uint8Array, summary: string) => Promise<Uint8Array>;
}>;

export type Work = Readonly<{
  summary: string;
  instructions: readonly TransactionInstruction[];
  /** The first one pays. */
  signers: readonly Signing[];
  price?: Readonly<{ units: number; microLamports: bigint }>;
}>;

/** Brings one transaction of a deployment to its end, once for each step; gives its signature. */
export type Submit = (step: string, work: Work) => Promise<string>;

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
