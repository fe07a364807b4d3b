/**
 * Events as they were accepted: gapless, each with the fingerprint of its row, each acceptance with the root over
 * them; and the conflicts filed beside them.
 */
import { CORRECTION_SOURCE, GATE_SOURCE } from '#core/domain/event.ts';
import { parseDecimal } from '#core/domain/money.ts';
import type { CustomerRecord } from './catalog.ts';
import type { ConflictRow } from './rows.ts';
import type { Holds } from './verify-holds.ts';
import type { Auditor, Body, ProvenTx } from './verify-journal.ts';
import { clientPrint, fingerprintOf, isPlain, isSent } from './verify-prints.ts';
import type { Sent } from './verify-prints.ts';
import { bad, match, parsed } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';

/** An event as verify reads it: the quantity as text where it passes 2^53. */
export type StoredEvent = Readonly<{
  seq: number;
  source: string;
  id: string;
  subject: string;
  type: string;
  meter: string | null;
  quantity: number | string | null;
  occurred_ms: number;
  data: string;
  hold: string | null;
  tx: number;
}>;
/** With the fingerprint and the quantity's text, where they are asked for. */
type PrintedEvent = Omit<StoredEvent, 'quantity'> & Readonly<{ quantity: string | null; fingerprint: string }>;

const CHUNK = 1_000;
export const EVENT_COLUMNS = `seq, source, id, subject, type, meter, 
  iif(abs(quantity) < 9007199254740992, quantity, CAST(quantity AS TEXT)) AS quantity,
  occurred_ms, data, hold, tx`;

/** Accepted events kept until they are posted; what waits longer is read again. */
const MOST_KEPT = 50_000;

/** One walk over the events in order, read in chunks so that other statements may run in between. */
export class EventCursor {
  readonly #read;
  #rows: StoredEvent[] = [];
  #at = 0;
  #last = 0;

  constructor(audit: Audit) {
    this.#read = audit.connection.prepare(
      `SELECT ${EVENT_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ${CHUNK}`,
    );
  }

  /** The event with the next sequence; a gap is a bad row. */
  take(): StoredEvent {
    if (this.#at >= this.#rows.length) {
      this.#rows = this.#read.all(this.#last) as StoredEvent[];
      this.#at = 0;
    }
    const event = this.#rows[this.#at];
    if (event?.seq !== this.#last + 1) bad('event', this.#last + 1, 'The event is missing.');
    this.#at += 1;
    this.#last = event.seq;
    return event;
  }

  /** Goes on after another event. */
  skipTo(seq: number): void {
    if (seq === this.#last) return;
    this.#rows = [];
    this.#last = seq;
  }

  get last(): number {
    return this.#last;
  }
}

/** Both walks over the events: as they were accepted, and behind it as they were posted. */
export class EventLog {
  readonly #accepted: EventCursor;
  readonly #reread: EventCursor;
  #kept: StoredEvent[] = [];
  #posted = 0;

  constructor(audit: Audit) {
    this.#accepted = new EventCursor(audit);
    this.#reread = new EventCursor(audit);
  }

  get accepted(): number {
    return this.#accepted.last;
  }
  get posted(): number {
    return this.#posted;
  }

  accept(): StoredEvent {
    const event = this.#accepted.take();
    if (this.#kept.length >= MOST_KEPT) this.#kept = this.#kept.slice(MOST_KEPT / 2);
    this.#kept.push(event);
    return event;
  }

  post(): StoredEvent {
    const seq = this.#posted + 1;
    const first = this.#kept[0]?.seq ?? Infinity;
    const kept = this.#kept[seq - first];
    if (!kept) this.#reread.skipTo(this.#posted);
    this.#posted = seq;
    return kept ?? this.#reread.take();
  }

  /** Lets go of what was posted. */
  forget(): void {
    const first = this.#kept[0]?.seq ?? 0;
    if (this.#posted >= first) this.#kept = this.#kept.slice(this.#posted - first + 1);
  }
}

type Filed = Omit<ConflictRow, 'fingerprint'> & Readonly<{ fingerprint: string }>;
export class Events {
  readonly #audit: Audit;
  readonly #holds: Holds;
  readonly #events: EventLog;
  readonly #byId;
  readonly #printAt;
  readonly #conflicts;
  #filed = 0;
  readonly auditor: Auditor = {
    kinds: ['usage.accepted', 'usage.conflict'],
    take: ({ tx, body }) =>
      tx.kind === 'usage.accepted' ? this.#takeAccepted(tx, body) : this.#takeConflict(tx, body),
  };

  constructor(audit: Audit, holds: Holds, events: EventLog) {
    this.#audit = audit;
    this.#holds = holds;
    this.#events = events;
    this.#byId = audit.connection.prepare(
      `SELECT ${EVENT_COLUMNS}, lower(hex(fingerprint)) AS fingerprint FROM event
        WHERE id = ? AND source = ? AND book = ?`,
    );
    this.#printAt = audit.connection.prepare('SELECT lower(hex(fingerprint)) FROM event WHERE seq = ?').pluck();
    this.#conflicts = audit.connection.prepare(`SELECT tx, line, source, id, subject, body,
      lower(hex(fingerprint)) AS fingerprint, recorded_ms FROM conflict WHERE tx = ? ORDER BY line`);
  }

  #takeAccepted(tx: ProvenTx, body: Body): void {
    const { first, last } = body as { first: number; last: number };
    if (first !== this.#events.accepted + 1) bad('tx', tx.seq, 'Its events do not follow those accepted before.');
    for (let seq = first; seq <= last; seq += 1) {
      const event = this.#events.accept();
      if (event.tx !== tx.seq) bad('event', seq, `tx is ${event.tx} where transaction ${tx.seq} accepted it.`);
      // What a client sent, and the root over all of them, is `Prints`'s to prove.
      if (!isPlain(event)) this.#matchPrint(event, tx);
    }
  }

  #matchPrint(row: StoredEvent, tx: ProvenTx): void {
    const quantity = row.quantity === null ? null : String(row.quantity);
    const event = { ...row, quantity, fingerprint: this.#printAt.get(row.seq) as string };
    const isRight = event.source === CORRECTION_SOURCE ? this.#isCorrection(event) : this.#isCapture(event, tx);
    if (!isRight) bad('event', event.seq, 'Its fingerprint is not that of its fields.');
  }

  #scaleOf(meter: string | null): number | null {
    return meter === null ? null : (this.#audit.catalog.meter(meter)?.scale ?? null);
  }

  /** A capture is the hold's usage: by the books' own text, or as a client sent it under a name of the customer. */
  #isCapture(event: PrintedEvent, tx: ProvenTx): boolean {
    const hold = this.#holds.opening(event.hold ?? '');
    if (!hold) bad('event', event.seq, 'hold names none that was opened.');
    const meter = this.#audit.catalog.meter(hold.meter);
    match('event', event.seq, event, {
      subject: hold.customer,
      meter: hold.meter,
      type: meter?.eventType ?? '',
    });
    const text = JSON.stringify([GATE_SOURCE, hold.hold, event.quantity, event.occurred_ms, event.data]);
    if (fingerprintOf(text) === event.fingerprint) return event.source === GATE_SOURCE && event.id === hold.hold;
    const customer = this.#audit.catalog.customer(hold.customer);
    const types = new Set([event.type, hold.meter]);
    return (
      customer !== null &&
      namesOf(customer).some((subject) =>
        [...types].some((type) =>
          isSent({ ...event, subject, type }, this.#scaleOf(event.meter), () => tx.recorded_ms),
        ),
      )
    );
  }

  /** A correction moves the quantity of another event to what its data shows. */
  #isCorrection(event: PrintedEvent): boolean {
    const data = parsed<{ corrects: [string, string]; shown: { quantityBefore: string; quantityAfter: string } }>(
      'event',
      event.seq,
      event.data,
    );
    const [source, id] = data.corrects;
    const scale = this.#scaleOf(event.meter) ?? 0;
    const [before, after] = [data.shown.quantityBefore, data.shown.quantityAfter].map((text) =>
      parseDecimal(text, scale),
    );
    if (typeof before !== 'bigint' || typeof after !== 'bigint') return false;
    const corrected = this.#byId.get(id, source, this.#audit.book.book) as StoredEvent | undefined;
    if (!corrected) bad('event', event.seq, 'It corrects an event that is missing.');
    const meters = this.#audit.catalog.metersOf(corrected.type);
    match('event', event.seq, event, {
      subject: corrected.subject,
      type: corrected.type,
      occurred_ms: corrected.occurred_ms,
      hold: null,
      quantity: (after - before).toString(),
      meter: corrected.meter ?? meters[0]?.key ?? null,
    });
    const text = JSON.stringify([event.source, event.id, source, id, after.toString(), event.data]);
    return fingerprintOf(text) === event.fingerprint;
  }

  #takeConflict(tx: ProvenTx, body: Body): void {
    const prints = body['fingerprints'] as readonly string[];
    const rows = this.#conflicts.all(tx.seq) as Filed[];
    for (const [line, print] of prints.entries()) {
      const row = rows[line];
      if (row?.line !== line) bad('conflict', [tx.seq, line], 'The row is missing.');
      if (row.fingerprint !== print) bad('conflict', [tx.seq, line], 'fingerprint is not that in its transaction.');
      this.#matchConflict(row, tx);
    }
    if (rows.length > prints.length) bad('conflict', [tx.seq, prints.length], 'No transaction filed it.');
    this.#filed += rows.length;
  }

  #matchConflict(row: Filed, tx: ProvenTx): void {
    const key = [row.tx, row.line];
    match('conflict', key, row, { recorded_ms: tx.recorded_ms });
    const kept = this.#byId.get(row.id, row.source, this.#audit.book.book) as PrintedEvent | undefined;
    if (!kept) bad('conflict', key, 'The event it conflicts with is missing.');
    const sent = parsed<{ type: string; meter: string | null; units: string | null; occurredMs: number; data: string }>(
      'conflict',
      key,
      row.body,
    );
    const event: Sent = {
      source: row.source,
      id: row.id,
      subject: row.subject,
      type: sent.type,
      meter: sent.meter,
      quantity: sent.units,
      occurred_ms: sent.occurredMs,
      data: sent.data,
      hold: null,
    };
    const print = clientPrint(event, this.#scaleOf(sent.meter), sent.occurredMs >= 0);
    if (print !== row.fingerprint) bad('conflict', key, 'Its fingerprint is not that of its body.');
    if (kept.fingerprint === row.fingerprint) bad('conflict', key, 'It is the same as the event that was kept.');
  }

  /** After the journal: nothing was left that no transaction accepted or filed. */
  *check(): Generator<Step> {
    const { event_seq } = this.#audit.book;
    if (this.#events.accepted < event_seq) {
      match('book', this.#audit.book.book, this.#audit.book, { event_seq: this.#events.accepted });
    }
    const { count } = this.#audit.connection.prepare('SELECT count(*) AS count FROM conflict').get() as {
      count: number;
    };
    if (count !== this.#filed) {
      const kind = this.#audit.connection.prepare('SELECT kind FROM tx WHERE seq = ?');
      for (const row of this.#audit.connection.prepare('SELECT * FROM conflict').iterate() as Iterable<ConflictRow>) {
        const tx = kind.get(row.tx) as { kind: string };
        if (tx.kind !== 'usage.conflict') bad('conflict', [row.tx, row.line], 'No transaction filed it.');
      }
    }
    yield { checked: event_seq, total: event_seq };
  }
}

/** What a client may have called a customer. */
export function namesOf(customer: CustomerRecord): string[] {
  return [customer.id, ...(customer.externalId === null ? [] : [customer.externalId]), ...customer.subjects];
}
