/** SHA-256 and the texts that are hashed: what a transaction and a block commit to. */
import { hash as digest } from 'node:crypto';

export const sha256 = (bytes: Uint8Array | string): Uint8Array => digest('sha256', bytes, 'buffer');
/** The same in hex, in half the time: proofs compare text and keep no bytes. */
export const sha256Hex = (bytes: Uint8Array | string): string => digest('sha256', bytes, 'hex');
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** What a transaction's hash covers: every column of its row but the hash and the block, and its entries in order. */
export type HashedTransaction = Readonly<{
  seq: number;
  kind: string;
  subject: string | null;
  key: string | null;
  request: Uint8Array | null;
  happened_ms: number;
  recorded_ms: number;
  actor: string;
  body: string;
}>;
export type HashedEntry = Readonly<{
  account: string;
  amount: string;
  balance: string;
  grant_id: string | null;
  happened_ms: number;
  memo: string;
}>;

/** The hash of a transaction. */
export function transactionHash(row: HashedTransaction, entries: readonly HashedEntry[]): Uint8Array {
  return sha256(transactionText(row, row.request === null ? null : toHex(row.request), entries));
}

/**
 * The text a transaction's hash is of; the hash of its request in hex. JSON of arrays of text and integers has one
 * form,
 * so it needs no further canonicalisation.
 */
export function transactionText(
  row: Omit<HashedTransaction, 'request'>,
  request: string | null,
  entries: readonly HashedEntry[],
): string {
  const lines = entries.map((line) => [
    line.account,
    line.amount,
    line.balance,
    line.grant_id,
    line.happened_ms,
    line.memo,
  ]);
  return JSON.stringify([
    row.seq,
    row.kind,
    row.subject,
    row.key,
    request,
    row.happened_ms,
    row.recorded_ms,
    row.actor,
    row.body,
    lines,
  ]);
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
  return sha256(
    JSON.stringify([
      block.no,
      toHex(block.prev),
      toHex(block.root),
      block.first_seq,
      block.last_seq,
      block.recorded_ms,
    ]),
  );
}

/** The hash before the first block. */
export const GENESIS = new Uint8Array(32);
