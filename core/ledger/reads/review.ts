/**
 * What a review bundle says of an invoice: its frozen bytes, the transactions and events behind its lines with their
 * ways up to block hashes, and the versions of prices, rates and meters they name.
 */
import type { BlockLine, EventLine, LineCount, TransactionLine } from '#core/domain/bundle.ts';
import { MOST_EVENTS, MOST_SLICES } from '#core/domain/bundle.ts';
import { CORRECTION_SOURCE, GATE_SOURCE, fingerprintText } from '#core/domain/event.ts';
import type { InvoiceDocument } from '#core/domain/invoice.ts';
import { inclusionProof } from '#core/domain/merkle.ts';
import { parseDecimal } from '#core/domain/money.ts';
import { refuse } from '#core/domain/refusal.ts';
import { namesOf } from '../verify-events.ts';
import { sha256, sha256Hex, toHex } from '../hash.ts';
import type { EntryRow, EventRow, InvoiceRow, SliceRow, TxRow } from '../rows.ts';
import { eventsOfSlices } from './explain-events.ts';
import { findInvoice } from './lists.ts';
import { cursorOf, notFound, paged, readCursor } from './session.ts';
import { eventBySequence } from './usage.ts';
import type { ReadSession } from './session.ts';

const COUNTS = 'SELECT COUNT(*) AS slices, SUM(events) AS events FROM slice WHERE line = ?';
const SLICES = 'SELECT * FROM slice WHERE line = ? ORDER BY tx';
const FEES = `SELECT seq, body FROM tx WHERE seq < ? AND seq > ? AND kind = 'fee.charged' AND subject = ?`;
const ENTRIES = `SELECT account, amount, balance, grant_id, happened_ms, memo FROM entry WHERE tx = ? ORDER BY line`;
const HASHES = 'SELECT hash FROM tx WHERE seq >= ? AND seq <= ? ORDER BY seq';
const PRINTS = 'SELECT fingerprint FROM event WHERE seq >= ? AND seq <= ? ORDER BY seq';
const REVIEWS = `SELECT id, body, tx FROM record WHERE kind = 'review' AND id < ? AND id >= ? ORDER BY id DESC LIMIT ?`;
const ANSWERS = `SELECT id, body, tx FROM record WHERE kind = 'review-answer' AND id > ? AND id < ? ORDER BY tx`;
/** A fee writes its charge and, for a minimum, one record; both stand right before the finalizing transaction. */
const MOST_TX_A_FEE = 2;
const USAGE: ReadonlySet<string> = new Set(['usage', 'late-usage']);
/** After every id: none has a character beyond these. */
const LAST = '\u007f';

type Content = Readonly<{
  id: string;
  number: string;
  sha256: string;
  document: string;
  counts: LineCount[];
  blocks: BlockLine[];
  transactions: TransactionLine[];
  events: EventLine[];
  head: { block: number; hash: string };
}>;

/** An invoice that is final, with its bytes as they were frozen. */
function frozenInvoice(session: ReadSession, ref: string): InvoiceRow & { bytes: string; sha256: Uint8Array } {
  const row = findInvoice(session, ref);
  if (!row) return notFound('invoice', ref);
  const { bytes, sha256: hash } = row;
  if (hash === null || bytes === null || row.state === 'voided') {
    return refuse({
      code: 'STATE_FORBIDS',
      detail: row.state === 'voided' ? 'A voided invoice is not reviewed.' : 'A draft has no frozen bytes to review.',
      fix: row.state === 'voided' ? 'Review the invoice that replaced it.' : 'Finalize it first.',
    });
  }
  return { ...row, bytes, sha256: hash };
}

/** Everything a bundle holds but its header and viewer. */
export function reviewContent(session: ReadSession, input: { invoice: string }): Content {
  const row = frozenInvoice(session, input.invoice);
  const document = JSON.parse(row.bytes) as InvoiceDocument;
  const lines = document.lines.filter(({ kind }) => USAGE.has(kind)).map(({ id }) => id);
  const counts = lines.map((line) => {
    const { slices, events } = session.sql(COUNTS).get(line) as { slices: number; events: number | null };
    return { line, slices, events: events ?? 0 };
  });
  const slices = counts.flatMap((count) => sampled(session, count, sliceShare(counts)));
  const events = eventsBehind(session, slices, counts);
  const wanted = new Set([...slices.map(({ tx }) => tx), ...events.map(({ accepted }) => accepted)]);
  for (const seq of recordsNamed(session, document, slices)) wanted.add(seq);
  for (const seq of feesOf(session, row, document)) wanted.add(seq);
  if (row.final_tx !== null) wanted.add(row.final_tx);
  const { block, head } = session.book();
  return {
    id: row.id,
    number: row.number ?? '',
    sha256: toHex(row.sha256),
    document: row.bytes,
    counts,
    ...proven(
      session,
      [...wanted].sort((a, b) => a - b),
    ),
    events,
    head: { block, hash: toHex(head) },
  };
}

/** How many slices of each line a bundle shows; all of them where they fit. */
function sliceShare(counts: readonly LineCount[]): number {
  const total = counts.reduce((sum, { slices }) => sum + slices, 0);
  return total <= MOST_SLICES ? Infinity : Math.max(2, Math.floor(MOST_SLICES / counts.length));
}

/** A line's slices, or so many of them at even distances, the first and the last among them. */
function sampled(session: ReadSession, { line, slices }: LineCount, share: number): SliceRow[] {
  const rows = session.sql(SLICES);
  if (slices <= share) return rows.all(line) as SliceRow[];
  const shown: SliceRow[] = [];
  let at = 0;
  for (const row of rows.iterate(line) as IterableIterator<SliceRow>) {
    const due = Math.ceil((shown.length * (slices - 1)) / (share - 1));
    if (at >= due && shown.length < share) shown.push(row);
    at += 1;
  }
  return shown;
}

/** Every event of the slices, or the first of each where there are too many. */
function eventsBehind(session: ReadSession, slices: readonly SliceRow[], counts: readonly LineCount[]): EventLine[] {
  const total = counts.reduce((sum, { events }) => sum + events, 0);
  const each = total <= MOST_EVENTS ? MOST_EVENTS : Math.max(1, Math.floor(MOST_EVENTS / Math.max(1, slices.length)));
  const prints = printsOf(session);
  const shown: EventLine[] = [];
  for (const slice of slices) {
    for (const event of eventsOf(session, slice, each)) {
      if (shown.length >= MOST_EVENTS) return shown.sort((a, b) => a.seq - b.seq);
      const path = prints(event);
      shown.push({
        kind: 'event',
        seq: event.seq,
        slice: slice.tx,
        accepted: event.tx,
        text: textOf(session, event),
        path,
      });
    }
  }
  return shown.sort((a, b) => a.seq - b.seq);
}

/** A slice of one event is that event, though it was assigned to another meter than it names. */
function eventsOf(session: ReadSession, slice: SliceRow, limit: number): EventRow[] {
  const only = slice.first_event === slice.last_event ? eventBySequence(session, slice.first_event) : null;
  return only ? [only] : eventsOfSlices(session, [slice], { after: 0, limit });
}

/** Gives an event's way up to the root of what was accepted with it; keeps the leaves it read last. */
function printsOf(session: ReadSession): (event: EventRow) => string[] {
  let kept: { tx: number; first: number; leaves: Uint8Array[] } = { tx: -1, first: 0, leaves: [] };
  return ({ tx, seq }) => {
    if (kept.tx !== tx) {
      const { first, last } = JSON.parse(session.store.get('tx', tx)?.body ?? '{}') as { first: number; last: number };
      const rows = session.sql(PRINTS).all(first, last) as { fingerprint: Uint8Array }[];
      kept = { tx, first, leaves: rows.map(({ fingerprint }) => fingerprint) };
    }
    return inclusionProof(sha256, seq - kept.first, kept.leaves).map(toHex);
  };
}

/** The text whose leaf hash is an event's fingerprint: the one of its possible texts that gives it. */
function textOf(session: ReadSession, event: EventRow): string {
  const wanted = toHex(event.fingerprint);
  for (const text of textsOf(session, event)) if (sha256Hex(`\0${text}`) === wanted) return text;
  return refuse({
    code: 'STATE_FORBIDS',
    detail: `Event ${event.seq} is not what its fingerprint says.`,
    fix: 'Verify the books with `tollkeeper verify`; restore a backup where they do not prove.',
  });
}

function* textsOf(session: ReadSession, event: EventRow): Generator<string> {
  const { source, id, subject, type, meter, quantity: units, occurred_ms: occurredMs, data, hold: holdId } = event;
  if (source === CORRECTION_SOURCE) yield correctionText(session, event);
  if (source === GATE_SOURCE) yield JSON.stringify([GATE_SOURCE, id, String(units), occurredMs, data]);
  const scale = meter === null ? null : (session.catalog.meter(meter)?.scale ?? null);
  const customer = session.catalog.customer(session.catalog.resolve(subject) ?? '');
  // A capture is filed under its hold's customer and meter, however the client had named them.
  const subjects = holdId === null || customer === null ? [subject] : [subject, ...namesOf(customer)];
  for (const name of subjects) {
    for (const kind of new Set([type, holdId === null ? type : (meter ?? type)])) {
      const sent = { source, id, subject: name, type: kind, meter, units, occurredMs, data, holdId };
      yield fingerprintText(sent, { timeGiven: true, scale });
      yield fingerprintText(sent, { timeGiven: false, scale });
    }
  }
}

/** A correction says which event it moves, and in what it shows to which quantity. */
function correctionText(session: ReadSession, { source, id, meter, data }: EventRow): string {
  const { corrects, shown } = JSON.parse(data) as { corrects: [string, string]; shown: { quantityAfter: string } };
  const after = parseDecimal(shown.quantityAfter, session.catalog.meter(meter ?? '')?.scale ?? 0);
  return JSON.stringify([source, id, ...corrects, String(after), data]);
}

/** Where the journal set the prices, rates and meters that lines and slices name. */
function recordsNamed(session: ReadSession, { lines }: InvoiceDocument, slices: readonly SliceRow[]): Set<number> {
  const named = [
    ...lines.flatMap(({ price, meter }) => [
      ['price', price],
      ['meter', meter],
    ]),
    ...slices.flatMap(({ price, meter, rate }) => [
      ['price', price],
      ['meter', meter],
      ['rate', rate],
    ]),
  ];
  const known = new Map(named.map(([kind, id]) => [`${kind} ${id}`, [kind ?? '', id ?? ''] as const]));
  return new Set([...known.values()].flatMap(([kind, id]) => session.store.get('record', kind, id)?.tx ?? []));
}

function feesOf(session: ReadSession, row: InvoiceRow, { lines }: InvoiceDocument): number[] {
  const fees = new Set(lines.filter(({ kind }) => !USAGE.has(kind)).map(({ id }) => id));
  const last = row.final_tx ?? 0;
  const found = session.sql(FEES).all(last, last - MOST_TX_A_FEE * fees.size - 1, row.customer) as TxRow[];
  return found.flatMap(({ seq, body }) => (fees.has((JSON.parse(body) as { line: string }).line) ? [seq] : []));
}

/** Transactions with their ways up to their blocks' roots; the hashes of one block are in memory at a time. */
function proven(session: ReadSession, sequences: readonly number[]): Pick<Content, 'blocks' | 'transactions'> {
  const blocks: BlockLine[] = [];
  const transactions: TransactionLine[] = [];
  let leaves: Uint8Array[] = [];
  for (const seq of sequences) {
    const row = session.store.get('tx', seq) ?? notFound('transaction', String(seq));
    if (blocks.at(-1)?.no !== row.block) {
      const block = blockLine(session, row.block);
      blocks.push(block);
      leaves = (session.sql(HASHES).all(block.first, block.last) as TxRow[]).map(({ hash }) => hash);
    }
    const path = inclusionProof(sha256, seq - (blocks.at(-1)?.first ?? seq), leaves).map(toHex);
    transactions.push(transactionLine(session, row, path));
  }
  return { blocks, transactions };
}

function blockLine(session: ReadSession, no: number): BlockLine {
  const row = session.store.get('block', no) ?? notFound('block', String(no));
  return {
    kind: 'block',
    no,
    prev: toHex(row.prev),
    root: toHex(row.root),
    first: row.first_seq,
    last: row.last_seq,
    recordedMs: row.recorded_ms,
    hash: toHex(row.hash),
  };
}

function transactionLine(session: ReadSession, row: TxRow, path: readonly string[]): TransactionLine {
  const entries = session.sql(ENTRIES).all(row.seq) as EntryRow[];
  return {
    kind: 'transaction',
    seq: row.seq,
    what: row.kind,
    subject: row.subject,
    key: row.key,
    request: row.request === null ? null : toHex(row.request),
    happenedMs: row.happened_ms,
    recordedMs: row.recorded_ms,
    actor: row.actor,
    body: row.body,
    entries: entries.map((one) => [one.account, one.amount, one.balance, one.grant_id, one.happened_ms, one.memo]),
    block: row.block,
    path,
  };
}

type Kept = Readonly<{ id: string; body: string; tx: number }>;

/** Bundles that were exported, newest first, each with the answers that came back; of one invoice, or of all. */
export function reviews(
  session: ReadSession,
  input: { invoice?: string | undefined; limit: number; cursor?: string | undefined },
) {
  const invoice = input.invoice === undefined ? null : findInvoice(session, input.invoice);
  if (input.invoice !== undefined && !invoice) return notFound('invoice', input.invoice);
  const from = invoice ? `${invoice.id}/` : '';
  const [before] = (readCursor(input.cursor) ?? [`${from}${LAST}`]) as [string];
  const rows = session.sql(REVIEWS).all(before, from, input.limit + 1) as Kept[];
  return paged(
    rows,
    input.limit,
    (row) => ({
      review: JSON.parse(row.body) as unknown,
      answers: (session.sql(ANSWERS).all(`${row.id}/`, `${row.id}/${LAST}`) as Kept[]).map(
        ({ body }) => JSON.parse(body) as unknown,
      ),
    }),
    ({ id }) => cursorOf(id),
  );
}
