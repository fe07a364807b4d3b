/**
 * Streams the journal in order: every entry's running balance, every hash, every block's root; hands each transaction
 * on to the checks that know its kind.
 */
import { CUSTOMER_ROLES } from '#core/domain/account.ts';
import { transactionText } from '#core/domain/chain-text.ts';
import { sha256Hex } from './hash.ts';
import type { AccountRow, EntryRow, SliceRow, TxRow } from './rows.ts';
import { bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';
import { HexRoot } from './verify-root.ts';

/** Transactions read at a time; with their entries and slices they are all that is in memory of the journal. */
const CHUNK = 2_000;

/** A transaction as it is proven: its hashes in hex. */
export type ProvenTx = Omit<TxRow, 'request' | 'hash'> & Readonly<{ request: string | null; hash: string }>;
/** What a transaction's body says, after its hash was found right. */
export type Body = Readonly<Record<string, unknown>>;
export type JournalItem = Readonly<{
  tx: ProvenTx;
  body: Body;
  entries: readonly EntryRow[];
  slice: SliceRow | undefined;
}>;
/** One subject's check: called for the kinds it names, in the order of the journal. */
export type Auditor = Readonly<{ kinds: readonly string[]; take: (item: JournalItem) => void }>;

type Balance = { posted: bigint; last: number; asset: string; isSeen: boolean };

/** Balances as the journal makes them, one small record an account. */
export class Balances {
  readonly #accounts = new Map<string, Balance>();

  get(id: string): Balance | undefined {
    return this.#accounts.get(id);
  }
  get size(): number {
    return this.#accounts.size;
  }

  /** An account with entries that the account table did not name. */
  unseen(): string {
    for (const [id, { isSeen }] of this.#accounts) if (!isSeen) return id;
    return '-';
  }

  /** Adds an entry and proves its running balance. */
  add(entry: EntryRow): bigint {
    let account = this.#accounts.get(entry.account);
    if (account === undefined) {
      account = {
        posted: 0n,
        last: 0,
        asset: entry.account.slice(entry.account.lastIndexOf(':') + 1),
        isSeen: false,
      };
      this.#accounts.set(entry.account, account);
    }
    if (entry.asset !== account.asset) this.#wrong(entry, 'asset is not that of the account');
    const amount = BigInt(entry.amount);
    account.posted += amount;
    account.last = entry.tx;
    if (account.posted.toString() !== entry.balance) {
      this.#wrong(entry, `balance is ${entry.balance} where the entries before it make ${account.posted}`);
    }
    return amount;
  }

  #wrong(entry: EntryRow, what: string): never {
    return bad('entry', [entry.tx, entry.line], `The entry's ${what}.`);
  }
}

/** The entries of a transaction: numbered, at its instant, balanced per asset. */
function checkEntries(tx: ProvenTx, entries: readonly EntryRow[], balances: Balances): void {
  let asset = '';
  let sum = 0n;
  let others: Map<string, bigint> | undefined;
  for (const [index, entry] of entries.entries()) {
    if (entry.line !== index) bad('entry', [tx.seq, index], 'The entry is missing.');
    if (entry.happened_ms !== tx.happened_ms) badInstant(tx, entries, index);
    const amount = balances.add(entry);
    if (entry.asset === asset || index === 0) {
      asset = entry.asset;
      sum += amount;
    } else {
      others ??= new Map();
      others.set(entry.asset, (others.get(entry.asset) ?? 0n) + amount);
    }
  }
  if (sum !== 0n || [...(others?.values() ?? [])].some((one) => one !== 0n)) {
    bad('tx', tx.seq, 'Its entries do not sum to zero per asset.');
  }
}

/** Whichever of them stands alone is the one that was changed. */
function badInstant(tx: ProvenTx, entries: readonly EntryRow[], index: number): never {
  const isOfAll = entries.length > 1 && entries.every(({ happened_ms }) => happened_ms === entries[0]?.happened_ms);
  if (isOfAll) bad('tx', tx.seq, 'happened_ms is not that of its entries.');
  bad('entry', [tx.seq, index], 'happened_ms is not that of its transaction.');
}

const ENTRY = 'tx, line, account, asset, amount, balance, grant_id, happened_ms, memo';
const SLICE = `tx, book, customer, meter, price, month, line, first_event, last_event, events, delta, before_units,
  amount,
  burned, waived, hold, happened_ms, from_ms, to_ms, rate`;

/** Rows of a chunk, taken in the order of the transactions they belong to. */
function grouped<Row extends { tx: number }>(rows: readonly Row[], table: string, key: (row: Row) => string) {
  let at = 0;
  return (seq: number): Row[] => {
    const from = at;
    while (at < rows.length && rows[at]?.tx === seq) at += 1;
    const next = rows[at];
    if (next && next.tx < seq) bad(table, key(next), 'The transaction it belongs to has another place.');
    return rows.slice(from, at);
  };
}

type ProvenBlock = Readonly<{ no: number; root: string; last_seq: number; recorded_ms: number }>;

/** Walks blocks and transactions side by side; a block is proven when its last transaction was. */
class BlockWalk {
  readonly #audit: Audit;
  #blocks: ProvenBlock[] = [];
  #at = 0;
  readonly #leaves = new HexRoot();

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  #current(): ProvenBlock | undefined {
    if (this.#at >= this.#blocks.length) {
      const after = this.#blocks.at(-1)?.no ?? 0;
      this.#blocks = this.#audit.connection
        .prepare(
          'SELECT no, lower(hex(root)) AS root, last_seq, recorded_ms FROM block WHERE no > ? ORDER BY no LIMIT 1000',
        )
        .all(after) as ProvenBlock[];
      this.#at = 0;
    }
    return this.#blocks[this.#at];
  }

  add(tx: ProvenTx): void {
    const block = this.#current();
    if (!block) return;
    match('tx', tx.seq, tx, { block: block.no, recorded_ms: block.recorded_ms });
    this.#leaves.append(tx.hash);
    if (tx.seq !== block.last_seq) return;
    if (this.#leaves.take() !== block.root) bad('block', block.no, 'Its root is not that of its transactions.');
    this.#at += 1;
  }
}

/** Streams all transactions with their entries and slices, in order. */
export function* checkJournal(audit: Audit, balances: Balances, auditors: readonly Auditor[]): Generator<Step> {
  const { connection, book } = audit;
  const takers = new Map<string, Auditor['take'][]>();
  for (const { kinds, take } of auditors) {
    for (const kind of kinds) takers.set(kind, [...(takers.get(kind) ?? []), take]);
  }
  const readTx = connection.prepare(
    `SELECT seq, kind, subject, key, iif(request IS NULL, NULL, lower(hex(request))) AS request, happened_ms,
      recorded_ms, actor,
       body, lower(hex(hash)) AS hash, block
     FROM tx WHERE seq > ? AND seq <= ? ORDER BY seq`,
  );
  const readEntries = connection.prepare(`SELECT ${ENTRY} FROM entry WHERE tx > ? AND tx <= ? ORDER BY tx, line`);
  const readSlices = connection.prepare(`SELECT ${SLICE} FROM slice WHERE tx > ? AND tx <= ? ORDER BY tx`);
  const blocks = new BlockWalk(audit);
  for (let from = 0; from < book.seq; from += CHUNK) {
    const rows = readTx.all(from, from + CHUNK) as ProvenTx[];
    const entriesOf = grouped(
      readEntries.all(from, from + CHUNK) as EntryRow[],
      'entry',
      (row) => `${row.tx}/${row.line}`,
    );
    const sliceOf = grouped(readSlices.all(from, from + CHUNK) as SliceRow[], 'slice', (row) => String(row.tx));
    for (let index = 0; index < Math.min(CHUNK, book.seq - from); index += 1) {
      const seq = from + index + 1;
      const tx = rows[index];
      if (tx?.seq !== seq) bad('tx', seq, 'The transaction is missing.');
      const entries = entriesOf(seq);
      checkEntries(tx, entries, balances);
      if (sha256Hex(transactionText(tx, tx.request, entries)) !== tx.hash) {
        bad('tx', seq, 'Its hash is not that of its row and entries.');
      }
      blocks.add(tx);
      const known = takers.get(tx.kind);
      if (!known) bad('tx', seq, `This version has no check for the kind ${tx.kind}.`);
      const item = { tx, body: JSON.parse(tx.body) as Body, entries, slice: sliceOf(seq)[0] };
      for (const take of known) take(item);
    }
    yield { checked: Math.min(from + CHUNK, book.seq), total: book.seq };
  }
}

const PREFIXES: Readonly<Record<string, string>> = {
  revenue: 'revenue:',
  discount: 'discount:',
  funding: 'funding:',
  'write-off': 'write-off:',
  breakage: 'breakage:',
};

/** An account's id says whose it is, in which role and asset. */
function checkName(row: AccountRow): void {
  const isOurs = row.customer === null;
  const start = isOurs ? (PREFIXES[row.role] ?? '?') : `${row.customer}:${row.role}:`;
  const isRole = isOurs || (CUSTOMER_ROLES as readonly string[]).includes(row.role);
  const fits = isOurs ? row.id.startsWith(start) && row.id.endsWith(`:${row.asset}`) : row.id === start + row.asset;
  if (!isRole || !fits) bad('account', row.id, 'customer, role and asset are not those its id names.');
}

/** Every account is the fold of its entries, and holds what its open holds set aside. */
export function* checkAccounts(audit: Audit, balances: Balances, heldOf: (account: string) => bigint): Generator<Step> {
  const total = balances.size;
  const sums = new Map<string, bigint>();
  let [checked, found] = [0, 0];
  const rows = audit.connection
    .prepare('SELECT id, customer, role, asset, posted, held, last_tx FROM account ORDER BY id')
    .iterate() as IterableIterator<AccountRow>;
  for (const row of rows) {
    const fold = balances.get(row.id);
    if (fold) {
      fold.isSeen = true;
      found += 1;
    }
    checkName(row);
    if (row.customer !== null && !audit.catalog.customer(row.customer)) {
      bad('account', row.id, 'No customer has the id it names.');
    }
    match('account', row.id, row, {
      posted: (fold?.posted ?? 0n).toString(),
      last_tx: fold?.last ?? 0,
      held: heldOf(row.id).toString(),
    });
    sums.set(row.asset, (sums.get(row.asset) ?? 0n) + BigInt(row.posted));
    checked += 1;
    if (checked % CHUNK === 0) yield { checked, total };
  }
  if (found < total) bad('account', balances.unseen(), 'It has entries and no row.');
  for (const [asset, sum] of sums) if (sum !== 0n) bad('account', asset, `All balances of ${asset} sum to ${sum}.`);
  yield { checked, total: checked };
}
