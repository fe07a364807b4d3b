/** Holds against the transactions that opened and ended them: the state machine as the journal tells it. */
import { formatMinor } from '#core/domain/money.ts';
import type { HoldRow } from './rows.ts';
import type { Auditor, JournalItem } from './verify-journal.ts';
import { bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';

type View = Readonly<{
  id: string;
  state: string;
  customer: string;
  meter: string;
  quantity: string;
  asset: string;
  amountMinor: string;
  expiresAtMs: number;
  openedMs: number;
}>;
type Opened = Readonly<{ answer: View; price: string; month: string; tx: number }>;

export class Holds {
  /** Open holds by id: what was set aside and where. */
  readonly #open = new Map<string, Opened>();
  readonly #held = new Map<string, bigint>();
  readonly #audit: Audit;
  readonly #read;
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
  }

  /** What open holds set aside on an account. */
  heldOn(account: string): bigint {
    return this.#held.get(account) ?? 0n;
  }

  /** What a hold was opened for, as the journal says. */
  opening(id: string): View | undefined {
    const open = this.#open.get(id);
    if (open) return open.answer;
    const row = this.#read.get(id, this.#audit.book.book) as HoldRow | undefined;
    return row && this.#openedAt(row).answer;
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
    const id = tx.kind === 'hold.captured' ? String(body['hold']) : (body['answer'] as View).id;
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
    const opened: Opened = { ...(body as unknown as Omit<Opened, 'tx'>), tx: tx.seq };
    this.#opened += 1;
    this.#open.set(opened.answer.id, opened);
    this.#setAside(opened, 1n);
  }

  #setAside({ answer }: Opened, sign: bigint): void {
    const account = `${answer.customer}:wallet:${answer.asset}`;
    const held = this.heldOn(account) + sign * BigInt(answer.amountMinor);
    if (held === 0n) this.#held.delete(account);
    else this.#held.set(account, held);
  }

  /** The opening of a hold that is no longer open, from the journal. */
  #openedAt(row: HoldRow): Opened {
    const tx = this.#audit.connection.prepare('SELECT seq, kind, body FROM tx WHERE seq = ?').get(row.tx) as
      | { seq: number; kind: string; body: string }
      | undefined;
    const opened = tx?.kind === 'hold.opened' ? (JSON.parse(tx.body) as Omit<Opened, 'tx'>) : undefined;
    if (!tx || opened?.answer.id !== row.id) bad('hold', row.id, 'tx is not the transaction that opened it.');
    return { ...opened, tx: tx.seq };
  }

  #matchOpening(row: HoldRow, { answer, price, tx }: Opened): void {
    match('hold', row.id, row, {
      tx,
      customer: answer.customer,
      meter: answer.meter,
      price,
      asset: answer.asset,
      amount: answer.amountMinor,
      opened_ms: answer.openedMs,
      expires_ms: answer.expiresAtMs,
    });
    const scale = this.#audit.catalog.meter(row.meter)?.scale ?? 0;
    if (formatMinor(BigInt(row.units), scale) !== answer.quantity) {
      bad('hold', row.id, `units is ${row.units} where ${answer.quantity} was promised.`);
    }
  }

  #matchCapture({ tx, body }: JournalItem, row: HoldRow, opened: Opened, isLate: boolean): void {
    const amount = BigInt(String(body['amount']));
    const overshoot = BigInt(String(body['overshoot']));
    const over = amount - BigInt(opened.answer.amountMinor);
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
    yield { checked: this.#opened, total: this.#opened };
    const { count } = connection.prepare('SELECT count(*) AS count FROM hold').get() as { count: number };
    if (count === this.#opened) return;
    for (const row of connection.prepare('SELECT * FROM hold').iterate() as IterableIterator<HoldRow>) {
      this.#openedAt(row);
    }
  }
}
