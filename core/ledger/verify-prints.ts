/**
 * The fingerprint of every event that a client sent, beside the journal: it needs nothing that the journal leads to but
 * meters' scales, so that it can run in a thread of its own. Captures and corrections are proven with the journal.
 */
import type { Database, Statement } from 'better-sqlite3';
import { CORRECTION_SOURCE, fingerprintText } from '#core/domain/event.ts';
import { transactionText } from '#core/domain/chain-text.ts';
import { sha256Hex } from './hash.ts';
import type { BookRow, EntryRow } from './rows.ts';
import { HexRoot } from './verify-root.ts';
import { bad } from './verify-report.ts';
import type { Step } from './verify-report.ts';

const CHUNK = 2_000;
const TX = `seq, kind, subject, key, iif(request IS NULL, NULL, lower(hex(request))) AS request, happened_ms,
  recorded_ms, actor, body, lower(hex(hash)) AS hash`;

const READ = `SELECT seq, source, id, subject, type, meter, CAST(quantity AS TEXT) AS quantity, occurred_ms, data,
  lower(hex(fingerprint)) AS fingerprint, hold, tx FROM event WHERE seq > ? AND seq <= ? ORDER BY seq`;

/** What a client said of an event: everything its fingerprint covers. The quantity is in minor units, as text. */
export type Sent = Readonly<{
  source: string;
  id: string;
  subject: string;
  type: string;
  meter: string | null;
  quantity: string | null;
  occurred_ms: number;
  data: string;
  hold: string | null;
}>;
type Stored = Sent & Readonly<{ seq: number; fingerprint: string; tx: number }>;
type Tx = Readonly<{
  seq: number;
  kind: string;
  subject: string | null;
  key: string | null;
  request: string | null;
  happened_ms: number;
  recorded_ms: number;
  actor: string;
  body: string;
  hash: string;
}>;

/** The leaf hash of RFC 9162: a zero byte before the text. */
export const fingerprintOf = (text: string): string => sha256Hex(`\0${text}`);

/** The fingerprint of an event as a client sent it, with or without an instant. */
export function clientPrint(event: Sent, scale: number | null, timeGiven: boolean): string {
  const { source, id, subject, type, meter, quantity, occurred_ms, data, hold } = event;
  const units = quantity === null ? null : BigInt(quantity);
  return fingerprintOf(
    fingerprintText(
      { source, id, subject, type, meter, units, occurredMs: occurred_ms, data, holdId: hold },
      { timeGiven, scale },
    ),
  );
}

/**
 * Whether a fingerprint is that of what was sent: with the instant the client named, or without one when it is that of
 * acceptance.
 */
export function isSent(event: Sent & { fingerprint: string }, scale: number | null, recordedMs: () => number): boolean {
  // Without a meter of known scale the quantity is in the data, and nowhere else.
  if (scale === null && event.quantity !== null) return false;
  if (clientPrint(event, scale, true) === event.fingerprint) return true;
  return event.occurred_ms === recordedMs() && clientPrint(event, scale, false) === event.fingerprint;
}

/** The same of text that may no longer be what was sent: what cannot be read is not it. */
function isStillSent(...terms: Parameters<typeof isSent>): boolean {
  try {
    return isSent(...terms);
  } catch {
    return false;
  }
}

/** An event whose fingerprint the client made alone; of the others the books know more than their row says. */
export const isPlain = ({ source, hold }: { source: string; hold: string | null }): boolean =>
  hold === null && source !== CORRECTION_SOURCE;

/** Transactions read one by one. One whose hash is wrong tells nothing: the journal's own check will name it. */
class ProvenTxs {
  readonly #connection: Database;
  #tx: Statement | undefined;
  #entries: Statement | undefined;
  #last: Tx | null = null;

  constructor(connection: Database) {
    this.#connection = connection;
  }

  get(seq: number): Tx | null {
    this.#tx ??= this.#connection.prepare(`SELECT ${TX} FROM tx WHERE seq = ?`);
    if (this.#last?.seq !== seq) this.#last = (this.#tx.get(seq) as Tx | undefined) ?? null;
    return this.#last;
  }

  isProven(tx: Tx | null): boolean {
    if (tx === null) return false;
    this.#entries ??= this.#connection.prepare('SELECT * FROM entry WHERE tx = ? ORDER BY line');
    return sha256Hex(transactionText(tx, tx.request, this.#entries.all(tx.seq) as EntryRow[])) === tx.hash;
  }
}

type Scale = Readonly<{ from: number; meter: string; scale: number }>;

/** When each meter got its scale, in the order of the journal; null when a transaction is not what its hash says. */
function scalesOf(connection: Database, txs: ProvenTxs): Scale[] | null {
  const scales: Scale[] = [];
  const records = connection.prepare(
    `SELECT ${TX} FROM tx WHERE kind = 'record.set' AND instr(body, '"kind":"meter"') > 0 ORDER BY seq`,
  );
  for (const tx of records.all() as Tx[]) {
    if (!txs.isProven(tx)) return null;
    // The body's hash is right: it is what a `record.set` wrote.
    const { kind, id, body } = JSON.parse(tx.body) as { kind: string; id: string; body: string };
    if (kind !== 'meter') continue;
    const { scale } = JSON.parse(body) as { scale: number };
    scales.push({ from: tx.seq, meter: id, scale });
  }
  return scales;
}

/** Two checks in one walk: what it finds of roots is told after the journal, which names what a root was wrong for. */
export class Prints {
  readonly #connection: Database;
  readonly #book: () => BookRow;
  readonly #txs: ProvenTxs;
  readonly #leaves = new HexRoot();
  #accepted = 0;
  #wrongRoot: number | null = null;

  constructor(connection: Database, book: () => BookRow) {
    this.#connection = connection;
    this.#book = book;
    this.#txs = new ProvenTxs(connection);
  }

  /** The fingerprint of each event that a client sent is that of its fields. */
  *check(): Generator<Step> {
    const total = this.#book().event_seq;
    const timeline = scalesOf(this.#connection, this.#txs);
    if (timeline === null) return;
    const read = this.#connection.prepare(READ);
    const scales = new Map<string, number>();
    let next = 0;
    for (let from = 0; from < total; from += CHUNK) {
      for (const event of read.all(from, from + CHUNK) as Stored[]) {
        for (let at = timeline[next]; at && at.from < event.tx; at = timeline[(next += 1)])
          scales.set(at.meter, at.scale);
        this.#addLeaf(event);
        if (isPlain(event)) this.#match(event, event.meter === null ? null : (scales.get(event.meter) ?? null));
      }
      yield { checked: Math.min(from + CHUNK, total), total };
    }
    this.#closeRoot();
  }

  #match(event: Stored, scale: number | null): void {
    if (isStillSent(event, scale, () => this.#txs.get(event.tx)?.recorded_ms ?? -1)) return;
    // The instant of acceptance is its transaction's to say: where that is damaged, it is the one to name.
    if (!this.#txs.isProven(this.#txs.get(event.tx))) return;
    bad('event', event.seq, 'Its fingerprint is not that of its fields.');
  }

  #addLeaf({ tx, fingerprint }: Stored): void {
    if (tx !== this.#accepted) this.#closeRoot();
    this.#accepted = tx;
    this.#leaves.append(fingerprint);
  }

  #closeRoot(): void {
    if (this.#accepted === 0) return;
    const root = this.#leaves.take();
    if (!this.#txs.get(this.#accepted)?.body.includes(`"root":"${root}"`)) this.#wrongRoot ??= this.#accepted;
  }

  /** Each acceptance has the root over the fingerprints of its events. */
  *roots(): Generator<Step> {
    if (this.#wrongRoot !== null) bad('tx', this.#wrongRoot, 'Its root is not that of the events it accepted.');
    yield { checked: 0, total: 0 };
  }
}
