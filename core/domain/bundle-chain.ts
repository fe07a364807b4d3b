/** Whether the transactions and events of a bundle stand in the blocks it names: every hash is made again. */
import { blockText, transactionText } from './chain-text.ts';
import type { BlockLine, Bundle, Complaint, Digest, EventLine, Placed, TransactionLine } from './bundle.ts';
import { nameOf } from './bundle.ts';
import { fromHex, toHex } from './hex.ts';
import { verifyInclusion } from './merkle.ts';

/** The members of a transaction's body, or none where it is no object. */
export function bodyOf({ body }: Pick<TransactionLine, 'body'>): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {}; // A body that cannot be read belongs to nothing, and is told as that.
  }
}

const noHash = new Uint8Array(0);
const bytesOf = (hex: string): Uint8Array => fromHex(hex) ?? noHash;

/** Complains of every block, transaction and event that is not where the bundle says it is. */
export function chainComplaints(bundle: Bundle, digest: Digest): Complaint[] {
  const complaints: Complaint[] = [];
  const tell = (part: Placed<BlockLine | TransactionLine | EventLine>, detail: string | null): void => {
    if (detail !== null) complaints.push({ line: part.at, what: nameOf(part), detail });
  };
  const blocks = new Map(bundle.blocks.map((block) => [block.no, block]));
  const transactions = new Map(bundle.transactions.map((one) => [one.seq, one]));
  const stood = new Set(bundle.transactions.map(({ block }) => block));
  for (const block of bundle.blocks) {
    tell(block, blockFault(block, blocks, digest));
    if (!stood.has(block.no)) tell(block, 'No transaction of this bundle stands in it.');
    tell(block, headFault(block, bundle));
  }
  for (const one of bundle.transactions) tell(one, transactionFault(one, blocks, digest));
  for (const event of bundle.events) tell(event, eventFault(event, transactions, digest));
  return complaints;
}

function blockFault(block: BlockLine, blocks: ReadonlyMap<number, BlockLine>, digest: Digest): string | null {
  const { no, prev, root, first, last, recordedMs } = block;
  const text = blockText({ no, prev, root, first_seq: first, last_seq: last, recorded_ms: recordedMs });
  if (toHex(digest(text)) !== block.hash) return 'Its hash is not that of its fields.';
  const before = blocks.get(no - 1);
  if (before && before.hash !== prev) return `It does not follow block ${no - 1}.`;
  return null;
}

/** The head is the last block when the bundle was made: none is after it, and where it is shown it is the same. */
function headFault(block: BlockLine, { header }: Bundle): string | null {
  const { head } = header;
  if (block.no > head.block) return `It is after block ${head.block}, the last one when this was exported.`;
  return block.no === head.block && block.hash !== head.hash ? 'It is not the last block that the header names.' : null;
}

function transactionFault(one: TransactionLine, blocks: ReadonlyMap<number, BlockLine>, digest: Digest): string | null {
  const block = blocks.get(one.block);
  if (!block) return `Block ${one.block} is not in this bundle.`;
  const text = transactionText(
    {
      seq: one.seq,
      kind: one.what,
      subject: one.subject,
      key: one.key,
      happened_ms: one.happenedMs,
      recorded_ms: one.recordedMs,
      actor: one.actor,
      body: one.body,
    },
    one.request,
    one.entries.map(([account, amount, balance, grant_id, happened_ms, memo]) => ({
      account,
      amount,
      balance,
      grant_id,
      happened_ms,
      memo,
    })),
  );
  const isThere = verifyInclusion(digest, {
    leaf: digest(text),
    index: one.seq - block.first,
    size: block.last - block.first + 1,
    proof: one.path.map(bytesOf),
    root: bytesOf(block.root),
  });
  if (!isThere) return `It is not the transaction that block ${block.no} was sealed with.`;
  return unbalanced(one) ? 'Its entries do not sum to zero.' : null;
}

/** An account's id ends in its asset. */
function unbalanced({ entries }: TransactionLine): boolean {
  const sums = new Map<string, bigint>();
  for (const [account, amount] of entries) {
    const asset = account.slice(account.lastIndexOf(':') + 1);
    sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(amount));
  }
  return [...sums.values()].some((sum) => sum !== 0n);
}

function eventFault(
  event: EventLine,
  transactions: ReadonlyMap<number, TransactionLine>,
  digest: Digest,
): string | null {
  const accepted = transactions.get(event.accepted);
  if (accepted?.what !== 'usage.accepted') return 'The transaction that accepted it is not in this bundle.';
  const { first, last, root } = bodyOf(accepted) as { first?: number; last?: number; root?: string };
  if (typeof first !== 'number' || typeof last !== 'number' || typeof root !== 'string') {
    return `Transaction ${event.accepted} does not say what it accepted.`;
  }
  const isThere = verifyInclusion(digest, {
    // The leaf hash of RFC 9162 §2.1.1: a zero byte before the text.
    leaf: digest(`\0${event.text}`),
    index: event.seq - first,
    size: last - first + 1,
    proof: event.path.map(bytesOf),
    root: bytesOf(root),
  });
  if (!isThere) return `It is not the event that transaction ${event.accepted} accepted.`;
  const slice = transactions.get(event.slice);
  if (!slice) return 'The transaction that rated it is not in this bundle.';
  const rated = bodyOf(slice) as { first?: number; last?: number };
  const isRated = (rated.first ?? Infinity) <= event.seq && event.seq <= (rated.last ?? -1);
  return isRated ? null : `Transaction ${event.slice} does not rate it.`;
}
