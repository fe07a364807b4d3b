/**
 * Applies commands to the books inside one commit. Which commands share a commit is the writer's business; every rule
 * is the domain's.
 */
import { sequenceId } from '#core/domain/id.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { invariant } from '#core/domain/refusal.ts';
import { Catalog } from './catalog.ts';
import { Desk } from './desk.ts';
import { acknowledgeAlert, noticeTried, observeAlert, resendNotice, testChannel } from './handlers-alert.ts';
import { clawBack, expireGrant, grantCredit } from './handlers-credit.ts';
import { captureHold, checkGate, expireHolds, openHold, releaseHold } from './handlers-gate.ts';
import { closePeriods, finalizeInvoices } from './handlers-invoice.ts';
import { setRecord } from './handlers-record.ts';
import { leaseSends, saveSend } from './handlers-send.ts';
import { acceptUsage, assignUnrated, correctUsage } from './handlers-usage.ts';
import { GENESIS, sha256 } from './hash.ts';
import { OpenHolds } from './open-holds.ts';
import { Poster } from './poster.ts';
import type { Answer, Command, Head } from './port.ts';
import { Rater } from './rater.ts';
import { Rollups } from './rollups.ts';
import type { GrantRow, HoldRow } from './rows.ts';
import type { Store } from './store.ts';

export const BOOK = 'main';
const HOUR_MS = 3_600_000;

/** Adds an empty book to a store that has none. */
export function ensureBook(store: Store, nowMs: number): void {
  store.begin();
  if (!store.get('book')) {
    store.insert('book', {
      book: BOOK,
      epoch: 0,
      seq: 0,
      event_seq: 0,
      block: 0,
      head: GENESIS,
      recorded_ms: nowMs,
      watermark: 0,
      invoice_no: 0,
      created_ms: nowMs,
      open_hold: null,
    });
  }
  store.commit();
}

const storedAnswer = (body: Readonly<Record<string, unknown>>): unknown => body['answer'];

export class Engine {
  readonly desk: Desk;
  readonly catalog: Catalog;
  readonly rater: Rater;
  readonly rollups: Rollups;
  readonly poster: Poster;
  /** Who the command under way is by; and the invoice it made last. */
  actor = '';
  lastInvoice: string | null = null;
  readonly #holds = new OpenHolds();
  #nextExpiryMs = 0;
  readonly #refused = new Map<string, number>();
  #loose = false;
  readonly #clock: () => number;

  /** Begins a new epoch on the book, so that a writer that lost its lock can never commit again. */
  constructor(store: Store, clock: () => number) {
    this.#clock = clock;
    store.begin();
    const book = store.get('book');
    invariant(book, 'the store has a book');
    book.epoch += 1;
    store.put('book', book);
    store.commit();
    this.desk = new Desk(store, book);
    this.catalog = new Catalog(store);
    this.rater = new Rater(this.desk, this.catalog);
    this.rollups = new Rollups(this.desk);
    this.poster = new Poster(this.desk, this.catalog, this.rater, this.rollups);
    this.#reloadHolds();
  }

  begin(): void {
    this.desk.begin(this.#clock());
  }

  /** Makes what was applied durable. A commit in which nothing changed leaves the file alone. */
  commit(): void {
    this.#flushRefused();
    if (!this.desk.hasWork && !this.#loose) return this.desk.store.rollback();
    this.desk.book.open_hold = this.#holds.first();
    this.desk.commit();
    this.#loose = false;
  }

  /** After a failed commit: the file is as before it, and so is everything kept in memory. */
  rollback(): void {
    this.desk.rollback();
    this.rater.forgetPromises();
    this.poster.reload();
    this.#reloadHolds();
    this.#loose = false;
  }

  head(): Head {
    const { seq, block, event_seq, watermark, recorded_ms } = this.desk.book;
    return { sequence: seq, block, events: event_seq, watermark, recordedMs: recorded_ms };
  }

  apply(command: Command): Answer {
    this.actor = command.actor;
    switch (command.type) {
      case 'record.set':
        return setRecord(this, command);
      case 'usage.accept':
        return acceptUsage(this, command);
      case 'usage.correct':
        return correctUsage(this, command);
      case 'unrated.assign':
        return assignUnrated(this, command);
      case 'gate.check':
        return checkGate(this, command);
      case 'hold.open':
        return openHold(this, command);
      case 'hold.capture':
        return captureHold(this, command);
      case 'hold.release':
        return releaseHold(this, command);
      case 'alert.observe':
        return observeAlert(this, command);
      case 'alert.acknowledge':
        return acknowledgeAlert(this, command);
      case 'notice.tried':
        return noticeTried(this, command);
      case 'notice.test':
        return testChannel(this, command);
      case 'notice.resend':
        return resendNotice(this, command);
      case 'expire':
        // Refusals alone make no commit; here their count is written, so that alerts see them.
        if (this.#refused.size > 0) this.#loose = true;
        return { ok: true, value: { holds: expireHolds(this), grants: this.#expireDueGrants() } };
      case 'credit.grant':
        return grantCredit(this, command);
      case 'credit.claw-back':
        return clawBack(this, command);
      case 'invoice.close':
        return closePeriods(this, command);
      case 'invoice.finalize':
        return finalizeInvoices(this, command);
      case 'send.lease':
        return leaseSends(this, command);
      case 'send.save':
        return saveSend(this, command);
      case 'post':
        this.poster.post();
        return { ok: true, value: null };
      case 'run.record':
      case 'keys.used':
        return this.#note(command);
    }
  }

  /**
   * Facts about the workspace that are no part of the books' chain: when it was verified, backed up, a key last used.
   */
  #note(command: Extract<Command, { type: 'run.record' | 'keys.used' }>): Answer {
    const { store, book, nowMs } = this.desk;
    this.#loose = true;
    if (command.type === 'run.record') {
      const { kind, ok, block, detail } = command;
      store.put('run', { kind, at_ms: nowMs, book: book.book, ok: ok ? 1 : 0, block, detail });
    } else {
      for (const { key, lastMs } of command.uses) store.put('key_use', { key, book: book.book, last_ms: lastMs });
    }
    return { ok: true, value: null };
  }

  /**
   * The answer under an idempotency key, or a refusal when the key was used with another request. `answerOf` rebuilds
   * the answer where the transaction does not keep it.
   */
  repeated(key: string, request: Uint8Array, answerOf = storedAnswer): Answer | null {
    const row = this.desk.store.txByKey(key);
    if (!row) return null;
    if (row.request && Buffer.compare(row.request, request) === 0) {
      return { ok: true, value: answerOf(JSON.parse(row.body) as Readonly<Record<string, unknown>>) };
    }
    const refusal: Refusal = {
      code: 'KEY_REUSED',
      detail: 'This idempotency key was used with another body.',
      fix: 'Use a new key for a new request; the first one was carried out.',
    };
    return { ok: false, refusal };
  }

  /** Writes a document that the engine keeps itself. */
  setRecord(kind: string, id: string, body: Readonly<Record<string, unknown>>, actor: string): void {
    setRecord(this, { type: 'record.set', kind, id, body, names: [], actor });
  }

  transactionId(sequence: number): string {
    return sequenceId('txn', sequence);
  }

  countRefused(customer: string): void {
    this.#refused.set(customer, (this.#refused.get(customer) ?? 0) + 1);
  }

  /** Refusals move no money; their count is written along with the next commit that has work. */
  #flushRefused(): void {
    if (this.#refused.size === 0 || (!this.desk.hasWork && !this.#loose)) return;
    const { store, book, nowMs } = this.desk;
    const hour_ms = Math.floor(nowMs / HOUR_MS) * HOUR_MS;
    for (const [customer, add] of this.#refused) {
      const count = (store.get('refused_hour', hour_ms, customer)?.count ?? 0) + add;
      store.put('refused_hour', { hour_ms, customer, book: book.book, count });
    }
    this.#refused.clear();
  }

  #reloadHolds(): void {
    this.#holds.clear();
    const { open_hold: first } = this.desk.book;
    for (const row of first === null ? [] : this.desk.store.openHolds(first)) {
      this.watchHold(row);
      const month = new Date(row.opened_ms).toISOString().slice(0, 7);
      this.rater.promise(this.rater.window(row.customer, row.meter, row.price, month), BigInt(row.units));
    }
  }

  watchHold(row: HoldRow): void {
    this.#holds.add(row.id, row.expires_ms);
  }
  unwatchHold(id: string): void {
    this.#holds.remove(id);
  }
  get openHoldCount(): number {
    return this.#holds.size;
  }

  /** Open holds whose time is over, by time and id. */
  dueHolds(): string[] {
    return this.#holds.due(this.desk.nowMs);
  }

  watchExpiry(row: Pick<GrantRow, 'expires_ms'>): void {
    if (row.expires_ms !== null && row.expires_ms < this.#nextExpiryMs) this.#nextExpiryMs = row.expires_ms;
  }

  /** Books the expiry of a customer's grants before anything is decided on them. */
  expireGrants(customer: string, asset: string): void {
    const over = this.desk
      .grants(customer, asset)
      .filter(({ row }) => row.expires_ms !== null && row.expires_ms <= this.desk.nowMs);
    // By time and id, not as they were loaded: the chain must not tell whether there was a restart.
    over.sort((a, b) => (a.row.expires_ms ?? 0) - (b.row.expires_ms ?? 0) || (a.row.id < b.row.id ? -1 : 1));
    for (const grant of over) expireGrant(this, grant);
  }

  #expireDueGrants(): number {
    let expired = 0;
    for (const row of this.desk.store.grantsExpiring(this.desk.nowMs)) {
      const grant = this.desk.grants(row.customer, row.asset).find((one) => one.row.id === row.id);
      if (grant && expireGrant(this, grant)) expired += 1;
    }
    return expired;
  }

  /** The hash of a request, for idempotency. */
  requestHash(request: string): Uint8Array {
    return sha256(request);
  }
}
