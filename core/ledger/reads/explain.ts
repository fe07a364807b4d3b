/**
 * Why? From an invoice line to rate, rounding, events and entries, each step recomputed; and back from an event to
 * its line.
 */
import { sequenceId } from '#core/domain/id.ts';
import { formatAmount, formatMinor } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { rate, rateDelta } from '#core/domain/price.ts';
import type { PriceModel } from '#core/domain/price.ts';
import { grouped, quantityText, trimmed } from '#core/domain/words.ts';
import { priceText } from '../price-text.ts';
import type { EventRow, InvoiceRow, LineRow, SliceRow } from '../rows.ts';
import { explainDraftFee, explainFee } from './explain-fee.ts';
import { rateSteps } from './explain-rate.ts';
import { explainedEntry, lineView, nothing, paidStep } from './explain-view.ts';
import type { Step, Subject } from './explain-view.ts';
import { proveSlices } from './explain-proof.ts';
import { eventsOfSlices, sourcesOf } from './explain-events.ts';
import type { entryView } from './journal.ts';
import { findInvoice, invoiceView } from './lists.ts';
import { cursorOf, notFound, readCursor, sequenceOf } from './session.ts';
import type { ReadSession } from './session.ts';
import { eventBySequence, findEvent } from './usage.ts';

type Input = Readonly<{ id: string; source?: string | undefined; cursor?: string | undefined; limit: number }>;
const SLICES = 'SELECT * FROM slice WHERE line = ? ORDER BY tx';
const SLICE_OF_EVENT = `SELECT * FROM slice WHERE first_event <= ? AND last_event >= ? AND customer = ? AND meter = ?
  AND from_ms <= ? AND ? < to_ms AND (hold IS NULL OR hold = ?)`;
const ENTRIES = `SELECT entry.tx, entry.line, entry.account, entry.asset, entry.amount, entry.balance, entry.grant_id,
  entry.happened_ms, entry.memo, tx.kind, tx.recorded_ms, tx.block, tx.actor
  FROM slice JOIN entry ON entry.tx = slice.tx JOIN tx ON tx.seq = entry.tx AND tx.book = entry.book
  WHERE slice.line = ? ORDER BY entry.tx, entry.line LIMIT ?`;
const ENTRY_COUNT = 'SELECT COUNT(*) AS count FROM slice JOIN entry ON entry.tx = slice.tx WHERE slice.line = ?';

const date = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').slice(0, 16);

/** Explains a line, an event, a transaction, a hold or an invoice, by its id. */
export function explain(session: ReadSession, input: Input) {
  const { id } = input;
  if (input.source === undefined) {
    if (id.startsWith('lin_')) return explainLine(session, input);
    if (id.startsWith('hld_')) return explainHold(session, input);
    if (id.startsWith('txn_')) return explainTransaction(session, input);
    const invoice = findInvoice(session, id);
    if (invoice) return explainInvoice(session, invoice);
  }
  const event = findEvent(session, { source: input.source, id });
  return event ? explainEvent(session, event, input) : notFound('line, event, transaction, hold or invoice', id);
}

function explainLine(session: ReadSession, input: Input) {
  const row = session.store.get('line', input.id);
  if (!row) return explainDraftFee(session, input.id) ?? notFound('line', input.id);
  const invoice = row.invoice === null ? null : (session.store.get('invoice', row.invoice) ?? null);
  const subject: Subject = {
    kind: 'line',
    id: row.id,
    title: `Why ${formatAmount(BigInt(row.amount), row.asset as Asset)}?`,
  };
  if (row.kind !== 'usage') return explainFee(session, row, invoice);
  const slices = session.sql(SLICES).all(row.id) as SliceRow[];
  const proof = proveSlices(session, slices);
  const steps = [
    eventsStep(session, row, slices),
    priceStep(session, row, slices),
    ...rateSteps(session, row, slices),
    amountStep(session, row, slices),
    proof.step,
    paidStep(row, invoice),
  ];
  const [after] = (readCursor(input.cursor) ?? [0]) as [number];
  const found = eventsOfSlices(session, slices, { after, limit: input.limit + 1 });
  const shown = found.slice(0, input.limit);
  const last = shown.at(-1);
  const entries = session.sql(ENTRIES).all(row.id, input.limit) as Parameters<typeof entryView>[1][];
  return {
    ...nothing,
    subject,
    invoice: invoice ? invoiceView(session, invoice) : null,
    line: lineView(session, row, invoice),
    steps,
    eventCount: String(row.events),
    sources: sourcesOf(session, slices),
    events: shown.map((event) => explainedEvent(session, event, row.meter)),
    nextEventCursor: found.length > input.limit && last ? cursorOf(last.seq) : null,
    entries: entries.map((entry) => explainedEntry(session, entry)),
    entryCount: String((session.sql(ENTRY_COUNT).get(row.id) as { count: number }).count),
    firstBlock: proof.firstBlock,
    lastBlock: proof.lastBlock,
    agrees: steps.every((step) => step.ok !== false),
  };
}

function explainedEvent(session: ReadSession, event: EventRow, meterKey: string | null) {
  const meter = session.catalog.meter(meterKey ?? '');
  const quantity = event.quantity === null ? '1' : trimmed(formatMinor(event.quantity, meter?.scale ?? 0));
  return {
    source: event.source,
    id: event.id,
    occurredAtMs: event.occurred_ms,
    quantity,
    sequence: String(event.seq),
    holdId: event.hold,
  };
}

function eventsStep(session: ReadSession, row: LineRow, slices: readonly SliceRow[]): Step {
  const meter = session.catalog.meter(row.meter ?? '');
  const units = slices.reduce((sum, slice) => sum + BigInt(slice.delta), 0n);
  const count = slices.reduce((sum, slice) => sum + slice.events, 0);
  const times = slices.map((slice) => slice.happened_ms);
  const span = times.length === 0 ? '' : ` up to ${date(Math.max(...times))} UTC`;
  return {
    title: meter ? quantityText(units, meter) : units.toString(),
    text:
      `from ${grouped(String(count))} events${span}, ` +
      `in the period from ${date(row.period_start)} to ${date(row.period_end)} UTC`,
    arithmetic: `sum of ${slices.length} slices = ${trimmed(formatMinor(units, meter?.scale ?? 0))}`,
    ok: units === BigInt(row.units) && count === row.events,
  };
}

function priceStep(session: ReadSession, row: LineRow, slices: readonly SliceRow[]): Step {
  const known = row.price === null ? undefined : session.catalog.price(row.price);
  const meter = session.catalog.meter(row.meter ?? '');
  if (!known || !meter)
    return { title: 'No price', text: 'The price of this line is not in the books.', arithmetic: null, ok: false };
  const { record, price } = known;
  const whose = record.customer ? 'of this customer' : record.plan ? `of plan ${record.plan}` : 'for everyone';
  const from = record.effectiveFromMs === 0 ? 'from the beginning' : `since ${date(record.effectiveFromMs)} UTC`;
  return {
    title: `Price ${whose}, version ${record.version}`,
    text: `in force ${from}; quota month ${row.month} UTC${reachedText(session, price.model, slices)}`,
    arithmetic: priceText(known, meter),
    ok: true,
  };
}

/** When the quota was used up, and by which event: found in the slice that crossed it. */
function reachedText(session: ReadSession, model: PriceModel, slices: readonly SliceRow[]): string {
  if (model.kind !== 'quota' || model.quotaUnits === null) return '';
  const quota = model.quotaUnits;
  const crossing = slices.find((slice) => {
    const before = BigInt(slice.before_units);
    return before <= quota && before + BigInt(slice.delta) > quota;
  });
  if (!crossing) return '; the quota was not used up in this line';
  let used = BigInt(crossing.before_units);
  const found = eventsOfSlices(session, [crossing], { after: 0, limit: crossing.events }).find((event) => {
    used += event.quantity ?? 1n;
    return used > quota;
  });
  return found ? `; the quota was used up on ${date(found.occurred_ms)} UTC by event ${found.id}` : '';
}

/**
 * The amount again: as one difference of cumulative rates where the line's slices follow each other, else slice by
 * slice.
 */
function amountStep(session: ReadSession, row: LineRow, slices: readonly SliceRow[]): Step {
  const known = row.price === null ? undefined : session.catalog.price(row.price);
  const meter = session.catalog.meter(row.meter ?? '');
  const asset = row.asset as Asset;
  const first = slices[0];
  if (!known || !meter || !first)
    return { title: 'Amount', text: 'Nothing was rated.', arithmetic: null, ok: row.amount === '0' };
  let at = BigInt(first.before_units);
  let contiguous = true;
  let sum = 0n;
  for (const slice of slices) {
    contiguous &&= BigInt(slice.before_units) === at;
    const charged = session.catalog.price(slice.price, slice.rate) ?? known;
    contiguous &&= slice.rate === null;
    sum += rateDelta(charged.price, BigInt(slice.before_units), BigInt(slice.delta));
    at = BigInt(slice.before_units) + BigInt(slice.delta);
  }
  const before = BigInt(first.before_units);
  const [low, high] = [rate(known.price, before), rate(known.price, at)];
  const amounts = `${formatAmount(high, asset)} for ${quantityText(at, meter)}`;
  const minus = before === 0n ? '' : ` − ${formatAmount(low, asset)} for the first ${quantityText(before, meter)}`;
  return {
    title: formatAmount(BigInt(row.amount), asset),
    text: `cumulative amount, rounded once (${known.price.rounding}); the difference is this line`,
    arithmetic: contiguous
      ? `${amounts}${minus} = ${formatAmount(high - low, asset)}`
      : `sum of ${slices.length} slices = ${formatAmount(sum, asset)}`,
    ok: sum === BigInt(row.amount) && (!contiguous || high - low === sum),
  };
}

function explainEvent(session: ReadSession, event: EventRow, input: Input) {
  const subject: Subject = { kind: 'event', id: event.id, title: `Event ${event.id} of ${event.source}` };
  const meters = event.meter === null ? session.catalog.metersOf(event.type).map(({ key }) => key) : [event.meter];
  const customer = session.catalog.resolve(event.subject) ?? '';
  const accepted: Step = {
    title: `Accepted as event ${event.seq}`,
    text: `for ${event.subject}, happened ${date(event.occurred_ms)} UTC`,
    arithmetic: `transaction ${sequenceId('txn', event.tx)}`,
    ok: true,
  };
  for (const meter of meters) {
    const slice = session
      .sql(SLICE_OF_EVENT)
      .get(event.seq, event.seq, customer, meter, event.occurred_ms, event.occurred_ms, event.hold) as
      | SliceRow
      | undefined;
    if (!slice) continue;
    const counted = slice.events === 1 ? 'one event' : `${slice.events} events`;
    const rated: Step = {
      title: `Rated in ${sequenceId('txn', slice.tx)}`,
      text: `with ${counted} of ${meter}, quota month ${slice.month}`,
      arithmetic: null,
      ok: true,
    };
    const line = explainLine(session, { ...input, id: slice.line });
    return { ...line, subject, steps: [accepted, rated, ...line.steps] };
  }
  const waiting = event.seq > session.book().watermark;
  const text = waiting
    ? 'It waits behind the watermark and is posted next.'
    : 'It is parked, or its meter is counted only.';
  const steps: Step[] = [
    accepted,
    { title: waiting ? 'Not posted yet' : 'Not rated', text, arithmetic: null, ok: null },
  ];
  return {
    ...nothing,
    subject,
    steps,
    events: [explainedEvent(session, event, meters[0] ?? null)],
    eventCount: '1',
    agrees: true,
  };
}

function explainHold(session: ReadSession, input: Input) {
  const row = session.store.get('hold', input.id);
  if (!row) return notFound('hold', input.id);
  const closed = row.closed_tx === null ? null : session.store.get('slice', row.closed_tx);
  const asset = row.asset as Asset;
  const opened: Step = {
    title: `Held ${formatAmount(BigInt(row.amount), asset)}`,
    text: `for ${row.units} units of ${row.meter}, opened ${date(row.opened_ms)} UTC; now ${row.state}`,
    arithmetic: `transaction ${sequenceId('txn', row.tx)}`,
    ok: true,
  };
  const subject: Subject = { kind: 'hold', id: row.id, title: `Hold ${row.id}` };
  if (!closed) return { ...nothing, subject, steps: [opened], agrees: true };
  const line = explainLine(session, { ...input, id: closed.line });
  const event = eventBySequence(session, closed.first_event);
  const captured: Step = {
    title: `Captured as event ${closed.first_event}`,
    text: `charged ${formatAmount(BigInt(closed.amount), asset)}`,
    arithmetic: event ? `${event.source} ${event.id}` : null,
    ok: event !== null,
  };
  return { ...line, subject, steps: [opened, captured, ...line.steps] };
}

function explainTransaction(session: ReadSession, input: Input) {
  const sequence = sequenceOf(input.id);
  const slice = sequence === null ? undefined : session.store.get('slice', sequence);
  if (slice) {
    const line = explainLine(session, { ...input, id: slice.line });
    return { ...line, subject: { kind: 'transaction' as const, id: input.id, title: `Transaction ${input.id}` } };
  }
  const row = sequence === null ? undefined : session.store.get('tx', sequence);
  if (!row) return notFound('transaction', input.id);
  const step: Step = {
    title: row.kind,
    text: `by ${row.actor}, recorded ${date(row.recorded_ms)} UTC`,
    arithmetic: row.body.slice(0, 400),
    ok: true,
  };
  return {
    ...nothing,
    subject: { kind: 'transaction' as const, id: input.id, title: `Transaction ${input.id}` },
    steps: [step],
    firstBlock: String(row.block),
    lastBlock: String(row.block),
    agrees: true,
  };
}

function explainInvoice(session: ReadSession, row: InvoiceRow) {
  const asset = row.asset as Asset;
  const document = JSON.parse(row.bytes ?? '{"lines":[]}') as { lines: { amountMinor: string }[] };
  const sum = document.lines.reduce((total, line) => total + BigInt(line.amountMinor), 0n);
  const due = BigInt(row.total) - BigInt(row.from_credit);
  const inWords = (amountMinor: string): string => formatAmount(BigInt(amountMinor), asset);
  const steps: Step[] = [
    {
      title: `${document.lines.length} lines`,
      text: 'sum to the total',
      arithmetic: formatAmount(sum, asset),
      ok: sum === BigInt(row.total),
    },
    {
      title: `Due ${formatAmount(BigInt(row.due), asset)}`,
      text: `${formatAmount(BigInt(row.from_credit), asset)} paid from credit`,
      arithmetic: `${inWords(row.total)} − ${inWords(row.from_credit)} = ${formatAmount(due, asset)}`,
      ok: due === BigInt(row.due),
    },
  ];
  return {
    ...nothing,
    subject: { kind: 'invoice' as const, id: row.id, title: `Invoice ${row.number ?? 'draft'}` },
    invoice: invoiceView(session, row),
    steps,
    agrees: steps.every((step) => step.ok !== false),
  };
}
