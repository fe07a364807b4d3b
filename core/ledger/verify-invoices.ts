/**
 * Invoices against the transactions that drafted and finalized them: numbers, frozen bytes, totals, lines, and what
 * became receivable.
 */
import { sequenceId } from '#core/domain/id.ts';
import { invoiceNumber } from '#core/domain/invoice.ts';
import type { FrozenLine, InvoiceDocument } from '#core/domain/invoice.ts';
import { adjustmentsOf } from './discounts.ts';
import { sha256 } from './hash.ts';
import type { InvoiceRow, LineRow } from './rows.ts';
import type { Auditor, JournalItem } from './verify-journal.ts';
import { bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';

const DAY_MS = 86_400_000;
const FINAL_STATES = new Set(['finalized', 'sent', 'overdue', 'paid', 'voided']);
type Draft = { tx: number; createdMs: number; document: string };

export class Invoices {
  readonly #audit: Audit;
  readonly #row;
  readonly #line;
  readonly #lines;
  /** Drafts that are not final yet, with their last text. */
  readonly #drafts = new Map<string, Draft>();
  readonly #drafted = new Set<string>();
  #finalized = 0;
  /** Lines of fees, proven here. */
  readonly fees = new Set<string>();
  readonly auditor: Auditor = {
    kinds: ['invoice.drafted', 'invoice.finalized', 'fee.charged'],
    take: (item) => this.#take(item),
  };

  constructor(audit: Audit) {
    this.#audit = audit;
    this.#row = audit.connection.prepare('SELECT * FROM invoice WHERE id = ? AND book = ?');
    this.#line = audit.connection.prepare('SELECT * FROM line WHERE id = ? AND book = ?');
    this.#lines = audit.connection.prepare('SELECT * FROM line WHERE invoice = ? AND book = ? ORDER BY id');
  }

  #rowOf(id: string): InvoiceRow {
    const row = this.#row.get(id, this.#audit.book.book) as InvoiceRow | undefined;
    return row ?? bad('invoice', id, 'The row is missing.');
  }

  #take(item: JournalItem): void {
    const { tx, body } = item;
    if (tx.kind === 'fee.charged') return this.#takeFee(item);
    const id = String(body['invoice']);
    if (tx.kind === 'invoice.finalized') return this.#takeFinal(item, id);
    const draft = this.#drafts.get(id);
    if (draft) draft.document = String(body['document']);
    else {
      if (id !== sequenceId('inv', tx.seq)) bad('tx', tx.seq, 'It drafts an invoice that is not of its making.');
      this.#drafts.set(id, { tx: tx.seq, createdMs: tx.recorded_ms, document: String(body['document']) });
      this.#drafted.add(id);
    }
  }

  #takeFee({ tx, body, entries }: JournalItem): void {
    const id = String(body['line']);
    const invoice = String(body['invoice']);
    const draft = this.#drafts.get(invoice);
    if (!draft) bad('tx', tx.seq, 'It charges a fee to what is no draft.');
    const document = JSON.parse(draft.document) as InvoiceDocument;
    match('line', id, this.#line.get(id, this.#audit.book.book) as LineRow | undefined, {
      customer: tx.subject,
      asset: document.asset,
      kind: String(body['kind']),
      meter: body['meter'] as string | null,
      price: body['price'] as string | null,
      month: body['month'] as string | null,
      period_start: document.periodStartMs,
      period_end: document.periodEndMs,
      before_units: '0',
      units: '1',
      amount: String(body['amount']),
      burned: String(body['burned']),
      waived: '0',
      events: 0,
      invoice,
      rule: (body['rule'] as string | undefined) ?? null,
      label: (body['label'] as string | undefined) ?? null,
    });
    const from = body['kind'] === 'discount' ? 'discount:' : `revenue:${String(body['kind'])}:`;
    const earned = entries.find(({ account }) => account.startsWith(from))?.amount ?? '0';
    if (earned !== body['amount']) bad('tx', tx.seq, 'Its entries are not the fee it states.');
    this.fees.add(id);
  }

  #takeFinal({ tx, body, entries }: JournalItem, id: string): void {
    const draft = this.#drafts.get(id);
    if (!draft) bad('tx', tx.seq, 'It finalizes what is no draft.');
    this.#drafts.delete(id);
    this.#finalized += 1;
    const number = invoiceNumber(tx.recorded_ms, this.#finalized);
    if (body['number'] !== number)
      bad('tx', tx.seq, `Its number is ${String(body['number'])} where ${number} was next.`);
    const bytes = String(body['document']);
    const row = this.#rowOf(id);
    match('invoice', id, row, {
      number,
      bytes,
      sha256: sha256(bytes),
      tx: draft.tx,
      created_ms: draft.createdMs,
      finalized_ms: tx.recorded_ms,
      final_tx: tx.seq,
      due_ms: tx.recorded_ms + this.#audit.catalog.settings().dueDays * DAY_MS,
    });
    const document = JSON.parse(bytes) as InvoiceDocument;
    this.#matchDocument(row, document);
    match('invoice', id, row, { number: document.number, kind: document.kind, due_ms: document.dueMs });
    if (!FINAL_STATES.has(row.state) || (row.state === 'paid') !== (row.due === '0')) {
      bad('invoice', id, `state is ${row.state}, and ${row.due} is due.`);
    }
    const receivable = entries.reduce(
      (sum, entry) => (entry.account.includes(':receivable:') ? sum + BigInt(entry.amount) : sum),
      0n,
    );
    if (receivable !== -BigInt(row.due)) bad('tx', tx.seq, 'What became receivable is not what is due.');
    this.#matchLines(row, document);
    this.#matchDiscounts(tx.seq, document);
  }

  #matchDocument(row: InvoiceRow, document: InvoiceDocument): void {
    match('invoice', row.id, row, {
      id: document.id,
      customer: document.customer.id,
      asset: document.asset,
      period_start: document.periodStartMs,
      period_end: document.periodEndMs,
      total: document.totalMinor,
      from_credit: document.paidFromCreditMinor,
      due: document.dueMinor,
    });
    const total = document.lines.reduce((sum, line) => sum + BigInt(line.amountMinor), 0n);
    if (total.toString() !== document.totalMinor) bad('invoice', row.id, 'Its lines do not sum to its total.');
    const paid = BigInt(document.paidFromCreditMinor) + BigInt(document.dueMinor);
    if (paid !== total) bad('invoice', row.id, 'Credit and what is due do not make its total.');
  }

  /** What was taken off, and what a commitment was short of, is what the rules known then make of the other lines. */
  #matchDiscounts(seq: number, document: InvoiceDocument): void {
    const customer = this.#audit.catalog.customer(document.customer.id);
    if (!customer) bad('tx', seq, 'Its customer is not known.');
    const rules = this.#audit.catalog.discountsFor(customer, document.asset, document.periodStartMs);
    const isMade = ({ kind }: FrozenLine): boolean => kind === 'discount' || kind === 'commitment';
    const lines = document.lines.filter((line) => !isMade(line));
    const due = adjustmentsOf(
      lines.map(({ kind, meter, amountMinor }) => ({ kind, meter, amountMinor: BigInt(amountMinor) })),
      rules,
      document.asset,
    );
    const made = document.lines.filter(isMade);
    const says = (rule: string | undefined, amount: string): string => `${rule ?? '-'} ${amount}`;
    const expected = due.map(({ rule, amountMinor }) => says(rule.id, amountMinor.toString()));
    if (made.map(({ rule, amountMinor }) => says(rule, amountMinor)).join() === expected.join()) return;
    bad('tx', seq, 'Its discounts are not what the rules in force make of its lines.');
  }

  /** The lines in the document are the lines that name the invoice, with the amounts they have. */
  #matchLines(row: InvoiceRow, document: InvoiceDocument): void {
    const lines = this.#lines.all(row.id, this.#audit.book.book) as LineRow[];
    const frozen = new Map(document.lines.map((line) => [line.id, line]));
    for (const line of lines) {
      const shown = frozen.get(line.id);
      if (!shown) bad('line', line.id, `invoice is ${row.id}, which does not list it.`);
      frozen.delete(line.id);
      match('line', line.id, line, { meter: shown.meter, month: shown.month, price: shown.price });
      const asked = BigInt(line.amount) - BigInt(line.waived);
      if (asked.toString() !== shown.amountMinor) bad('line', line.id, 'It is not the amount that was frozen.');
    }
    for (const id of frozen.keys()) bad('line', id, `invoice is not ${row.id}, which lists it.`);
  }

  /** Drafts that are still drafts show their last text; the book counts the numbers given. */
  *check(): Generator<Step> {
    const { connection, book } = this.#audit;
    match('book', book.book, book, { invoice_no: this.#finalized });
    for (const [id, draft] of this.#drafts) {
      const row = this.#rowOf(id);
      match('invoice', id, row, {
        state: 'draft',
        number: null,
        kind: 'usage',
        bytes: draft.document,
        sha256: null,
        tx: draft.tx,
        created_ms: draft.createdMs,
        finalized_ms: null,
        due_ms: null,
        final_tx: null,
      });
      this.#matchDocument(row, JSON.parse(draft.document) as InvoiceDocument);
      const line = this.#lines.get(id, book.book) as LineRow | undefined;
      if (line) bad('line', line.id, 'invoice is a draft; lines are claimed when it is finalized.');
    }
    const rows = connection.prepare('SELECT id FROM invoice ORDER BY id').all() as { id: string }[];
    const extra = rows.find((row) => !this.#drafted.has(row.id));
    if (extra) bad('invoice', extra.id, 'No transaction drafted it.');
    const stray = connection
      .prepare(`SELECT id FROM line WHERE invoice IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM invoice WHERE invoice.id = line.invoice) LIMIT 1`)
      .get() as { id: string } | undefined;
    if (stray) bad('line', stray.id, 'invoice names none that exists.');
    yield { checked: rows.length, total: rows.length };
  }
}
