/**
 * The engine's desk: the books' head, what is loaded, and the one way to write a transaction. Decisions are made
 * elsewhere.
 */
import type { AccountRef } from '#core/domain/account.ts';
import { MerkleBuilder } from '#core/domain/merkle.ts';
import type { Entry } from '#core/domain/posting.ts';
import { CLAWED, REFUND, balanced } from '#core/domain/posting.ts';
import { invariant } from '#core/domain/refusal.ts';
import { failpoint } from './failpoint.ts';
import { blockHash, sha256, transactionHash } from './hash.ts';
import type { AccountRow, BookRow, EntryRow, GrantRow, TxRow } from './rows.ts';
import type { Store } from './store.ts';

/** An account as loaded: amounts as integers, written back once a commit. */
export type Account = { ref: AccountRef; posted: bigint; held: bigint; lastTx: number };
/** A grant with its counters as integers. */
export type LoadedGrant = { row: GrantRow; consumed: bigint; expired: bigint; clawed: bigint; granted: bigint };

/** What a grant has not paid, lost or been asked back for, in minor units. */
export const leftOf = (grant: LoadedGrant): bigint => grant.granted - grant.consumed - grant.expired - grant.clawed;

const loadGrant = (row: GrantRow): LoadedGrant => ({
  row,
  consumed: BigInt(row.consumed),
  expired: BigInt(row.expired),
  clawed: BigInt(row.clawed),
  granted: BigInt(row.granted),
});

export type NewTransaction = Readonly<{
  kind: string;
  subject: string | null;
  key?: string;
  request?: Uint8Array;
  happenedMs: number;
  actor: string;
  body: string;
  entries?: readonly Entry[];
}>;

/** Caches beyond this many rows are dropped after a commit; they are loaded again when needed. */
const CACHE_LIMIT = 60_000;

export class Desk {
  readonly store: Store;
  book: BookRow;
  /** Recorded time of the commit under way. */
  nowMs = 0;
  #leaves = new MerkleBuilder(sha256);
  #firstSeq = 0;
  readonly #accounts = new Map<string, Account>();
  readonly #dirtyAccounts = new Set<Account>();
  readonly #grants = new Map<string, LoadedGrant[]>();
  readonly #dirtyGrants = new Set<LoadedGrant>();
  /** Called at the end of a commit, to write what was kept back. */
  readonly #flushes: (() => void)[] = [];
  /** Called when a commit failed or a cache grew too large: forget what was loaded. */
  readonly #forgets: (() => void)[] = [];

  constructor(store: Store, book: BookRow) {
    this.store = store;
    this.book = book;
  }

  onFlush(flush: () => void): void {
    this.#flushes.push(flush);
  }
  onForget(forget: () => void): void {
    this.#forgets.push(forget);
  }

  /** Begins a commit. Recorded time never runs back: it is the clock or the last recorded instant. */
  begin(clockMs: number): void {
    this.store.begin();
    failpoint('commit.begun');
    this.nowMs = Math.max(clockMs, this.book.recorded_ms);
    this.#leaves = new MerkleBuilder(sha256);
    this.#firstSeq = this.book.seq + 1;
  }

  /** Whether the commit under way has anything to make durable. */
  get hasWork(): boolean {
    return this.book.seq >= this.#firstSeq;
  }

  account(ref: AccountRef): Account {
    const known = this.#accounts.get(ref.id);
    if (known) return known;
    const row = this.store.get('account', ref.id);
    const loaded: Account = {
      ref,
      posted: BigInt(row?.posted ?? '0'),
      held: BigInt(row?.held ?? '0'),
      lastTx: row?.last_tx ?? 0,
    };
    this.#accounts.set(ref.id, loaded);
    return loaded;
  }

  /** Sets aside (or gives back) on an account; entries do the rest. */
  changeHeld(ref: AccountRef, byMinor: bigint): void {
    const account = this.account(ref);
    account.held += byMinor;
    invariant(account.held >= 0n, 'what is held is never below zero');
    this.#dirtyAccounts.add(account);
  }

  /** The grants of a customer in an asset that still have something left. */
  grants(customer: string, asset: string): LoadedGrant[] {
    const key = `${customer}|${asset}`;
    const known = this.#grants.get(key);
    if (known) return known;
    const loaded = this.store
      .grantsOf(customer, asset)
      .map(loadGrant)
      .filter((grant) => leftOf(grant) > 0n);
    this.#grants.set(key, loaded);
    return loaded;
  }

  /** What a grant has paid and not got back, in this commit. */
  consumedOf(id: string): bigint {
    const row = this.store.get('credit_grant', id);
    const live = row && this.grants(row.customer, row.asset).find((grant) => grant.row.id === id);
    return live?.consumed ?? BigInt(row?.consumed ?? '0');
  }

  addGrant(row: GrantRow): LoadedGrant {
    const grant = loadGrant(row);
    this.grants(row.customer, row.asset).push(grant);
    this.store.insert('credit_grant', row);
    return grant;
  }

  /**
   * Books the part of an entry that concerns its grant: a wallet entry below zero consumes, expires or claws it back,
   * and a refund gives back what it had paid.
   */
  #touchGrant(entry: Entry, sequence: number): void {
    const { customer } = entry.account;
    if (entry.grant === null || customer === null) return;
    if (entry.amountMinor > 0n && entry.memo !== REFUND) return; // The grant's own entry.
    const grant = this.#grantOf(entry);
    invariant(grant, `the grant ${entry.grant} of transaction ${sequence} is one of the wallet it names`);
    if (entry.memo === 'expired') grant.expired -= entry.amountMinor;
    else if (entry.memo === CLAWED) grant.clawed -= entry.amountMinor;
    else grant.consumed -= entry.amountMinor;
    invariant(grant.consumed >= 0n && leftOf(grant) >= 0n, 'a grant never pays more than it was, nor gets more back');
    this.#dirtyGrants.add(grant);
  }

  /** The grant an entry names; one that was spent is loaded again when something comes back to it. */
  #grantOf({ account, grant: id, amountMinor }: Entry): LoadedGrant | undefined {
    const { customer, asset } = account;
    if (customer === null || id === null) return undefined;
    const live = this.grants(customer, asset);
    const known = live.find(({ row }) => row.id === id);
    if (known || amountMinor < 0n) return known;
    const row = this.store.get('credit_grant', id);
    if (row?.customer !== customer || row.asset !== asset) return undefined;
    const spent = loadGrant(row);
    live.push(spent);
    return spent;
  }

  #post(entry: Entry, sequence: number, line: number, happenedMs: number): EntryRow {
    const account = this.account(entry.account);
    account.posted += entry.amountMinor;
    account.lastTx = sequence;
    this.#dirtyAccounts.add(account);
    this.#touchGrant(entry, sequence);
    return {
      tx: sequence,
      line,
      book: this.book.book,
      account: entry.account.id,
      asset: entry.account.asset,
      amount: entry.amountMinor.toString(),
      balance: account.posted.toString(),
      grant_id: entry.grant,
      happened_ms: happenedMs,
      memo: entry.memo,
    };
  }

  /** The sequence that the next transaction of this commit gets. */
  get nextSequence(): number {
    return this.book.seq + 1;
  }

  /** Writes one transaction: checked to balance, posted, hashed and added to the block under way. */
  write(transaction: NewTransaction): TxRow {
    const sequence = this.nextSequence;
    this.book.seq = sequence;
    const lines = balanced(transaction.entries ?? []).map((one, line) =>
      this.#post(one, sequence, line, transaction.happenedMs),
    );
    const row: TxRow = {
      seq: sequence,
      book: this.book.book,
      kind: transaction.kind,
      subject: transaction.subject,
      key: transaction.key ?? null,
      request: transaction.request ?? null,
      happened_ms: transaction.happenedMs,
      recorded_ms: this.nowMs,
      actor: transaction.actor,
      body: transaction.body,
      hash: new Uint8Array(),
      block: this.book.block + 1,
    };
    row.hash = transactionHash(row, lines);
    this.store.insert('tx', row);
    for (const line of lines) this.store.insert('entry', line);
    this.#leaves.append(row.hash);
    return row;
  }

  #flush(): void {
    for (const flush of this.#flushes) flush();
    for (const { ref, posted, held, lastTx } of this.#dirtyAccounts) {
      const row: AccountRow = {
        id: ref.id,
        book: this.book.book,
        customer: ref.customer,
        role: ref.role,
        asset: ref.asset,
        posted: posted.toString(),
        held: held.toString(),
        last_tx: lastTx,
      };
      this.store.put('account', row);
    }
    for (const grant of this.#dirtyGrants) {
      const { row, consumed, expired, clawed } = grant;
      row.consumed = consumed.toString();
      row.expired = expired.toString();
      row.clawed = clawed.toString();
      this.store.put('credit_grant', row);
      if (leftOf(grant) === 0n) this.#dropGrant(row);
    }
    this.#dirtyAccounts.clear();
    this.#dirtyGrants.clear();
  }

  #dropGrant(row: GrantRow): void {
    const list = this.#grants.get(`${row.customer}|${row.asset}`);
    const at = list?.findIndex((grant) => grant.row === row) ?? -1;
    if (at >= 0) list?.splice(at, 1);
  }

  /** Seals the block, advances the book row under its epoch and makes the commit durable. */
  commit(): void {
    failpoint('commit.applied');
    this.#flush();
    failpoint('commit.flushed');
    if (this.hasWork) this.#seal();
    failpoint('commit.sealed');
    const current = this.store.get('book');
    invariant(current?.epoch === this.book.epoch, 'the epoch of the book is the one this writer began with');
    this.store.put('book', this.book);
    failpoint('commit.written');
    this.store.commit();
    failpoint('commit.durable');
    if (this.#accounts.size > CACHE_LIMIT) this.forget();
  }

  #seal(): void {
    const block = {
      no: this.book.block + 1,
      book: this.book.book,
      prev: this.book.head,
      root: this.#leaves.root(),
      first_seq: this.#firstSeq,
      last_seq: this.book.seq,
      recorded_ms: this.nowMs,
    };
    const hash = blockHash(block);
    this.store.insert('block', { ...block, hash });
    this.book.block = block.no;
    this.book.head = hash;
    this.book.recorded_ms = this.nowMs;
  }

  /** Undoes the commit under way and everything loaded in it. */
  rollback(): void {
    this.store.rollback();
    const row = this.store.get('book');
    invariant(row, 'the book has its row');
    this.book = { ...row };
    this.#dirtyAccounts.clear();
    this.#dirtyGrants.clear();
    this.forget();
  }

  /** Forgets what was loaded, so that it is read again. */
  forget(): void {
    this.#accounts.clear();
    this.#grants.clear();
    for (const forget of this.#forgets) forget();
  }
}
