/** SHA-256, and the hashes of transactions and blocks. */
import { hash as digest } from 'node:crypto';
import { blockText, transactionText } from '#core/domain/chain-text.ts';
import type { ChainedEntry, ChainedTransaction } from '#core/domain/chain-text.ts';

export const sha256 = (bytes: Uint8Array | string): Uint8Array => digest('sha256', bytes, 'buffer');
/** The same in hex, in half the time: proofs compare text and keep no bytes. */
export const sha256Hex = (bytes: Uint8Array | string): string => digest('sha256', bytes, 'hex');
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The hash of a transaction. */
export function transactionHash(
  row: ChainedTransaction & Readonly<{ request: Uint8Array | null }>,
  entries: readonly ChainedEntry[],
): Uint8Array {
  return sha256(transactionText(row, row.request === null ? null : toHex(row.request), entries));
}

/** The hash of a block: its number, the hash before it, the Merkle root over its transactions, its range and time. */
export function blockHash(block: {
  no: number;
  prev: Uint8Array;
  root: Uint8Array;
  first_seq: number;
  last_seq: number;
  recorded_ms: number;
}): Uint8Array {
  return sha256(blockText({ ...block, prev: toHex(block.prev), root: toHex(block.root) }));
}

/** The hash before the first block. */
export const GENESIS = new Uint8Array(32);
