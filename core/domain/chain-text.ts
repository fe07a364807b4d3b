/**
 * What a transaction and a block commit to, as the texts that are hashed. Here, because a bundle is proven where there
 * is no ledger. JSON of arrays of text and integers has one form, so it needs no further canonicalisation.
 */

/** Every column of a transaction's row but its hash and its block; the hash of its request in hex. */
export type ChainedTransaction = Readonly<{
  seq: number;
  kind: string;
  subject: string | null;
  key: string | null;
  happened_ms: number;
  recorded_ms: number;
  actor: string;
  body: string;
}>;
export type ChainedEntry = Readonly<{
  account: string;
  amount: string;
  balance: string;
  grant_id: string | null;
  happened_ms: number;
  memo: string;
}>;

/** The text a transaction's hash is of: its row and its entries in order. */
export function transactionText(
  row: ChainedTransaction,
  request: string | null,
  entries: readonly ChainedEntry[],
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

/** The text a block's hash is of: its number, the hash before it, its root, its range and time. Hashes in hex. */
export function blockText(
  block: Readonly<{ no: number; prev: string; root: string; first_seq: number; last_seq: number; recorded_ms: number }>,
): string {
  return JSON.stringify([block.no, block.prev, block.root, block.first_seq, block.last_seq, block.recorded_ms]);
}
