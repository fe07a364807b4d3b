/**
 * Proves the transactions behind a line again: each hash from its row and entries, each block from its transactions.
 */
import { MerkleBuilder } from '#core/domain/merkle.ts';
import { blockHash, sha256, transactionHash } from '../hash.ts';
import type { BlockRow, EntryRow, SliceRow, TxRow } from '../rows.ts';
import type { Step } from './explain-view.ts';
import type { ReadSession } from './session.ts';

const ENTRIES_OF = 'SELECT account, amount, balance, grant_id, happened_ms, memo FROM entry WHERE tx = ? ORDER BY line';
const TX_OF_BLOCK = 'SELECT hash FROM tx WHERE seq >= ? AND seq <= ? ORDER BY seq';
/** So many transactions are proved on the spot; the whole chain is `verify`'s. */
const MOST_PROVED = 200;

function isTransactionTrue(session: ReadSession, row: TxRow): boolean {
  const entries = session.sql(ENTRIES_OF).all(row.seq) as EntryRow[];
  return Buffer.compare(transactionHash(row, entries), row.hash) === 0;
}

function isBlockTrue(session: ReadSession, block: BlockRow): boolean {
  const builder = new MerkleBuilder(sha256);
  for (const { hash } of session.sql(TX_OF_BLOCK).iterate(block.first_seq, block.last_seq) as Iterable<TxRow>) {
    builder.append(hash);
  }
  const before = block.no === 1 ? undefined : session.store.get('block', block.no - 1);
  const linked = block.no === 1 || (before !== undefined && Buffer.compare(before.hash, block.prev) === 0);
  return (
    linked && Buffer.compare(builder.root(), block.root) === 0 && Buffer.compare(blockHash(block), block.hash) === 0
  );
}

/** Proves up to a stated number of the slices' transactions and their blocks. */
export function proveSlices(session: ReadSession, slices: readonly SliceRow[]) {
  const proved = slices.slice(0, MOST_PROVED);
  const blocks = new Set<number>();
  let isTrue = true;
  for (const slice of proved) {
    const row = session.store.get('tx', slice.tx);
    if (!row || !isTransactionTrue(session, row)) isTrue = false;
    if (row) blocks.add(row.block);
  }
  for (const no of blocks) {
    const block = session.store.get('block', no);
    if (!block || !isBlockTrue(session, block)) isTrue = false;
  }
  const first = slices[0] && session.store.get('tx', slices[0].tx);
  const lastSlice = slices.at(-1);
  const last = lastSlice && session.store.get('tx', lastSlice.tx);
  const range = first && last ? `block ${first.block} to ${last.block}` : 'no block';
  const all = proved.length === slices.length ? 'all' : `the first ${proved.length}`;
  const step: Step = {
    title: `Posted in ${slices.length} ${slices.length === 1 ? 'slice' : 'slices'}`,
    text: `${range}; ${all} hashed again just now: ${isTrue ? 'the chain is intact' : 'the chain does not agree'}`,
    arithmetic: null,
    ok: isTrue,
  };
  return { step, firstBlock: first ? String(first.block) : null, lastBlock: last ? String(last.block) : null };
}
