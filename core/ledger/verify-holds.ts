/** Holds against the transactions that opened and ended them: the state machine as the journal tells it. */
import type { HoldRow } from './rows.ts';
import type { Auditor, Body, JournalItem } from './verify-journal.ts';
import { bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';

/** What a hold was opened for, as the journal says. */
type Opened = Readonly<{
  hold: string;
  customer: string;
  meter: string;
  price: string;
  /** The snapshot by which its price is charged in another asset. */
  rate?: string;
  asset: string;
  units: string;
  amount: string;
  expires: number;
  openedMs: number;
  tx: number;
}>;
type OpeningTx = Readonly<{ seq: number; kind: string; subject: string | null; happened_ms: number; body: string }>;

const OPENING = 'SELECT seq, kind, subject, happened_ms, body FROM tx WHERE seq = ?';

export class Holds {
  /** Open holds by id: what was set aside and where. */
  readonly #open = new Map<string, Opened>();
  readonly #held = new Map<string, bigint>();
  readonly #audit: Audit;
  readonly #read;
  readonly #opening;
  /** A capture asks for its row more than once. */
  #lastRow: HoldRow | undefined;
  #opened = 0;
  readonly auditor: Auditor = {
    kinds: ['hold.opened', 'hold.captured', 'hold.released', 'hold.expired'],
    take: (item) => this.#take(item),
  };

  constructor(audit: Audit) {
    this.#audit = audit;
    this.#read = audit.connection.prepare('SELECT * FROM hold WHERE id = ? AND book = ?');
    this.#opening = audit.connection.prepare(OPENING);
  }

  /** What open holds set aside on an account. */
  heldOn(account: string): bigint {
    return this.#held.get(account) ?? 0n;
  }

  /** What a hold was opened for, as the journal says. */
  opening(id: string): Opened | undefined {
    const open = this.#open.get(id);
    if (open) return open;
    const row = this.#read.get(id, this.#audit.book.book) as HoldRow | undefined;
    return row && this.#openedAt(row);
  }

  row(id: string): HoldRow {
    if (this.#lastRow?.id === id) return this.#lastRow;
    const row = this.#read.get(id, this.#audit.book.book) as HoldRow | undefined;
    this.#lastRow = row;
    return row ?? bad('hold', id, 'The row is missing.');
  }

  #take(item: JournalItem): void {
    const { tx, body } = item;
    if (tx.kind === 'hold.opened') return this.#takeOpened(item);
    const id = String(body['hold']);
    const opened = this.#open.get(id);
    const row = this.row(id);
    if (opened) this.#setAside(opened, -1n);
    this.#open.delete(id);
    const before = opened ?? this.#openedAt(row);
    this.#matchOpening(row, before);
    if (tx.kind === 'hold.captured') return this.#matchCapture(item, row, before, opened === undefined);
    if (!opened) bad('tx', tx.seq, 'It ends a hold that was not open.');
    // A capture after the end is a new debit; the row then tells of the capture, which comes later in the journal.
    if (tx.kind === 'hold.expired' && row.state === 'captured' && (row.closed_tx ?? 0) > tx.seq) return;
    match('hold', id, row, {
      state: tx.kind.slice('hold.'.length),
      captured_units: null,
      charged: null,
      overshoot: null,
      late: 0,
      closed_tx: tx.seq,
    });
  }

  #takeOpened({ tx, body }: JournalItem): void {
    // The body's hash is proved before: it is what the gate wrote.
    const opened = openingOf(tx, body);
    this.#opened += 1;
    this.#open.set(opened.hold, opened);
    this.#setAside(opened, 1n);
  }

  #setAside({ customer, asset, amount }: Opened, sign: bigint): void {
    const account = `${customer}:wallet:${asset}`;
    const held = this.heldOn(account) + sign * BigInt(amount);
    if (held === 0n) this.#held.delete(account);
    else this.#held.set(account, held);
  }

  /** The opening of a hold that is no longer open, from the journal. */
  #openedAt(row: HoldRow): Opened {
    const tx = this.#opening.get(row.tx) as OpeningTx | undefined;
    const opened = tx?.kind === 'hold.opened' ? openingOf(tx, JSON.parse(tx.body) as Body) : undefined;
    if (opened?.hold !== row.id) bad('hold', row.id, 'tx is not the transaction that opened it.');
    return opened;
  }

  #matchOpening(row: HoldRow, opened: Opened): void {
    match('hold', row.id, row, {
      tx: opened.tx,
      customer: opened.customer,
      meter: opened.meter,
      price: opened.price,
      asset: opened.asset,
      units: opened.units,
      amount: opened.amount,
      opened_ms: opened.openedMs,
      expires_ms: opened.expires,
      rate: opened.rate ?? null,
    });
  }

  #matchCapture({ tx, body }: JournalItem, row: HoldRow, opened: Opened, isLate: boolean): void {
    const amount = BigInt(String(body['amount']));
    const overshoot = BigInt(String(body['overshoot']));
    const over = amount - BigInt(opened.amount);
    match('hold', row.id, row, {
      state: 'captured',
      captured_units: String(body['units']),
      charged: amount.toString(),
      overshoot: (over > overshoot ? over : overshoot).toString(),
      late: isLate ? 1 : 0,
      closed_tx: tx.seq,
    });
    if (body['late'] !== isLate) bad('tx', tx.seq, 'It does not say rightly whether the hold was over.');
  }

  /** Open holds are open in their rows, and there are no holds but those of the journal. */
  *check(): Generator<Step> {
    const { connection } = this.#audit;
    for (const [id, opened] of this.#open) {
      const row = this.row(id);
      this.#matchOpening(row, opened);
      match('hold', id, row, {
        state: 'open',
        captured_units: null,
        charged: null,
        overshoot: null,
        late: 0,
        closed_tx: null,
      });
    }
    const { book } = this.#audit;
    const first = [...this.#open.keys()].reduce((least, id) => (id < least ? id : least), '\uffff');
    match('book', book.book, book, { open_hold: this.#open.size === 0 ? null : first });
    yield { checked: this.#opened, total: this.#opened };
    const { count } = connection.prepare('SELECT count(*) AS count FROM hold').get() as { count: number };
    if (count === this.#opened) return;
    for (const row of connection.prepare('SELECT * FROM hold').iterate() as IterableIterator<HoldRow>) {
      this.#openedAt(row);
    }
  }
}

/** The body's hash is proved before: it is what the gate wrote. */
function openingOf(tx: Omit<OpeningTx, 'body'>, body: Body): Opened {
  return {
    ...(body as Pick<Opened, 'hold' | 'meter' | 'price' | 'asset' | 'units' | 'amount' | 'expires' | 'rate'>),
    customer: tx.subject ?? '',
    openedMs: tx.happened_ms,
    tx: tx.seq,
  };
}
