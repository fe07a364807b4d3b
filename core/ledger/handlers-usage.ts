/** Accepting usage, correcting it, and rating what was parked: loads, asks the domain, stores. */
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import { leafHash, root } from '#core/domain/merkle.ts';
import { formatMinor } from '#core/domain/money.ts';
import { quotaMonth } from '#core/domain/period.ts';
import { rateDelta } from '#core/domain/price.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { unknownCustomer, unknownMeter } from '#core/domain/unknown.ts';
import type { CustomerRecord, MeterRecord } from './catalog.ts';
import type { Engine } from './engine.ts';
import { sha256, toHex } from './hash.ts';
import { PARKED_UNCOUNTED, lazyData, pendingOf, readUnits } from './pending-event.ts';
import type { AcceptResult, AcceptUsage, Answer, Command } from './port.ts';
import type { EventRow } from './rows.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;
const no = (refusal: Refusal): Answer<never> => ({ ok: false, refusal });
const yes = <T>(value: T): Answer<T> => ({ ok: true, value });
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Writes a slice of events. The unique id decides what is new; nothing accepted is ever counted twice. */
export function acceptUsage(engine: Engine, command: AcceptUsage): Answer<AcceptResult> {
  const { desk, catalog, poster } = engine;
  if (command.whole) {
    const results = lettersBefore(engine, command);
    if (/[^ap]/.test(results)) return no(notWhole(results));
  }
  const refuseUnknown = catalog.settings().unknownUsage === 'refuse';
  const sequence = desk.nextSequence;
  const first = desk.book.event_seq + 1;
  const conflicts: number[] = [];
  let results = '';
  for (let index = 0; index < command.id.length; index += 1) {
    const isKnown = catalog.resolve(command.subject[index] ?? '') !== null;
    if (refuseUnknown && !isKnown) {
      results += 'r';
      continue;
    }
    const row = eventRow(engine, command, index, sequence);
    if (desk.store.insertIfFree('event', row)) {
      desk.book.event_seq = row.seq;
      results += isKnown ? 'a' : 'p';
      poster.add(pendingOf(row));
      continue;
    }
    const kept = desk.store.eventById(row.source, row.id);
    const same = kept !== undefined && sameBytes(kept.fingerprint, row.fingerprint);
    results += same ? 'd' : 'c';
    if (!same) conflicts.push(index);
  }
  const last = desk.book.event_seq;
  if (last >= first) writeAccepted(engine, command, { results, first, last });
  if (conflicts.length > 0) fileConflicts(engine, command, conflicts);
  return yes({ results, firstSequence: first, lastSequence: last });
}

/** What each event of a slice would be answered now, with those before it in the slice known. */
function lettersBefore(engine: Engine, command: AcceptUsage): string {
  const { desk, catalog } = engine;
  const refuseUnknown = catalog.settings().unknownUsage === 'refuse';
  const seen = new Set<string>();
  let results = '';
  for (const [index, id] of command.id.entries()) {
    const source = command.source[index] ?? '';
    const key = JSON.stringify([source, id]);
    const isKnown = catalog.resolve(command.subject[index] ?? '') !== null;
    if (refuseUnknown && !isKnown) results += 'r';
    else if (seen.has(key) || desk.store.eventById(source, id)) results += 'd';
    else results += isKnown ? 'a' : 'p';
    seen.add(key);
  }
  return results;
}

const notWhole = (results: string): Refusal => ({
  code: 'EVENT_CONFLICT',
  detail: 'Not every event is new, and they were to be taken together; none was.',
  fix: 'Leave out those that were sent before.',
  values: { results },
});

function eventRow(engine: Engine, command: AcceptUsage, index: number, tx: number): EventRow {
  const { desk } = engine;
  const occurredMs = command.occurredMs[index] ?? -1;
  return {
    seq: desk.book.event_seq + 1,
    book: desk.book.book,
    source: command.source[index] ?? '',
    id: command.id[index] ?? '',
    subject: command.subject[index] ?? '',
    type: command.kind[index] ?? '',
    meter: command.meter[index] ?? null,
    quantity: command.units[index] ?? null,
    occurred_ms: occurredMs < 0 ? desk.nowMs : occurredMs,
    data: command.data[index] ?? '{}',
    fingerprint: command.fingerprints.subarray(index * 32, index * 32 + 32),
    hold: null,
    tx,
  };
}

function writeAccepted(
  engine: Engine,
  command: AcceptUsage,
  accepted: { results: string; first: number; last: number },
): void {
  const { results, first, last } = accepted;
  const all = !/[^ap]/.test(results);
  const prints: Uint8Array[] = [];
  if (!all) {
    for (let index = 0; index < results.length; index += 1) {
      if (results[index] === 'a' || results[index] === 'p')
        prints.push(command.fingerprints.subarray(index * 32, index * 32 + 32));
    }
  }
  const top = all ? command.root : root(sha256, prints);
  engine.desk.write({
    kind: 'usage.accepted',
    subject: null,
    happenedMs: engine.desk.nowMs,
    actor: command.actor,
    body: JSON.stringify({ first, last, root: toHex(top) }),
  });
}

/** The first body is kept; the other is filed once, for a person to look at. */
function fileConflicts(engine: Engine, command: AcceptUsage, conflicts: readonly number[]): void {
  const { desk } = engine;
  const tx = desk.nextSequence;
  const filed: string[] = [];
  for (const index of conflicts) {
    const fingerprint = command.fingerprints.subarray(index * 32, index * 32 + 32);
    const body = JSON.stringify({
      type: command.kind[index],
      meter: command.meter[index],
      units: command.units[index]?.toString() ?? null,
      occurredMs: command.occurredMs[index],
      data: command.data[index],
    });
    const isNew = desk.store.insertIfFree('conflict', {
      tx,
      line: filed.length,
      book: desk.book.book,
      source: command.source[index] ?? '',
      id: command.id[index] ?? '',
      subject: command.subject[index] ?? '',
      body,
      fingerprint,
      recorded_ms: desk.nowMs,
    });
    if (isNew) filed.push(toHex(fingerprint));
  }
  if (filed.length === 0) return;
  desk.write({
    kind: 'usage.conflict',
    subject: null,
    happenedMs: desk.nowMs,
    actor: command.actor,
    body: JSON.stringify({ fingerprints: filed }),
  });
}

/** Appends one event that the books make themselves (a capture or a correction) and its acceptance. */
export function appendEvent(
  engine: Engine,
  event: Omit<EventRow, 'seq' | 'book' | 'tx' | 'fingerprint'> & { text: string; fingerprint: Uint8Array | null },
  actor: string,
): EventRow {
  const { desk } = engine;
  const { text, ...fields } = event;
  const seq = desk.book.event_seq + 1;
  const fingerprint = event.fingerprint ?? leafHash(sha256, new TextEncoder().encode(text));
  const row: EventRow = { ...fields, fingerprint, seq, book: desk.book.book, tx: desk.nextSequence };
  desk.store.insert('event', row);
  desk.book.event_seq = seq;
  desk.write({
    kind: 'usage.accepted',
    subject: null,
    happenedMs: desk.nowMs,
    actor,
    body: JSON.stringify({ first: seq, last: seq, root: toHex(root(sha256, [fingerprint])) }),
  });
  engine.poster.add(pendingOf(row));
  return row;
}

type Correction = Readonly<{ event: EventRow; meter: MeterRecord; customer: CustomerRecord | null; before: bigint }>;

/** Source and id are free text: joined by a separator, two events could share the record of their corrections. */
const correctionId = (event: EventRow): string => JSON.stringify([event.source, event.id]);

/** What is corrected: the event's meter and its quantity with the corrections so far. */
function correctionOf(engine: Engine, command: Of<'usage.correct'>): Correction | Refusal {
  const event = engine.desk.store.eventById(command.source, command.id);
  if (!event || event.source === CORRECTION_SOURCE) {
    return {
      code: 'NOT_FOUND',
      detail: `There is no event ${command.id} of source ${command.source} to correct.`,
      fix: 'Check source and id; a correction is corrected by correcting its event again.',
    };
  }
  const meters = event.meter === null ? engine.catalog.metersOf(event.type) : [engine.catalog.meter(event.meter)];
  const meter = meters[0];
  const units = meter ? readUnits(pendingOf(event), meter, lazyData(event)) : 'no meter';
  if (!meter || meters.length !== 1 || typeof units === 'string' || !['sum', 'count'].includes(meter.aggregation)) {
    return {
      code: 'STATE_FORBIDS',
      detail: 'Only an event of exactly one meter that sums or counts can be corrected by a quantity.',
      fix: 'Record a new event instead; a maximum or latest value follows the newest one.',
    };
  }
  const made = engine.desk.store.get('record', 'correction', correctionId(event));
  const so = made ? BigInt((JSON.parse(made.body) as { units: string }).units) : units;
  const id = engine.catalog.resolve(event.subject);
  return { event, meter, customer: id === null ? null : engine.catalog.customer(id), before: so };
}

/** Shows, and with `book` books, what another quantity would do to the money. The change is a new event. */
export function correctUsage(engine: Engine, command: Of<'usage.correct'>): Answer {
  const known = engine.desk.store.eventById(CORRECTION_SOURCE, command.key);
  const found = correctionOf(engine, command);
  if ('code' in found) return no(found);
  const { event, meter, customer } = found;
  if (known && command.book) return repeatCorrection(engine, command, known);
  const delta = command.units - found.before;
  const effect = moneyEffect(engine, found, delta);
  const shown = {
    quantityBefore: formatMinor(found.before, meter.scale),
    quantityAfter: formatMinor(command.units, meter.scale),
    ...effect,
    booked: command.book,
  };
  if (!command.book || delta === 0n) return yes(shown);
  const data = JSON.stringify({ corrects: [event.source, event.id], reason: command.reason, shown });
  appendEvent(
    engine,
    {
      source: CORRECTION_SOURCE,
      id: command.key,
      subject: event.subject,
      type: event.type,
      meter: meter.key,
      quantity: delta,
      occurred_ms: event.occurred_ms,
      data,
      hold: null,
      fingerprint: null,
      text: JSON.stringify([CORRECTION_SOURCE, command.key, event.source, event.id, command.units.toString(), data]),
    },
    command.actor,
  );
  engine.setRecord('correction', correctionId(event), { units: command.units.toString() }, command.actor);
  if (customer) engine.poster.post();
  return yes(shown);
}

function repeatCorrection(engine: Engine, command: Of<'usage.correct'>, known: EventRow): Answer {
  const data = JSON.parse(known.data) as {
    corrects: [string, string];
    reason: string;
    shown: { quantityAfter: string };
  };
  const meter = engine.catalog.meter(known.meter ?? '');
  const same =
    data.corrects[0] === command.source &&
    data.corrects[1] === command.id &&
    data.reason === command.reason &&
    data.shown.quantityAfter === formatMinor(command.units, meter?.scale ?? 0);
  if (same) return yes(data.shown);
  return no({
    code: 'EVENT_CONFLICT',
    detail: `The key ${command.key} was used for another correction.`,
    fix: 'Use a new key for a new correction.',
  });
}

function moneyEffect(engine: Engine, found: Correction, delta: bigint) {
  const { event, meter, customer } = found;
  const at = event.occurred_ms;
  const price = customer && meter.billable ? engine.catalog.priceAt(customer, meter.key, at) : null;
  if (!customer || !price || delta === 0n) return { effects: [], lands: 'nowhere' as const };
  const { known } = price;
  const window = engine.rater.window(customer.id, meter.key, known.record.id, quotaMonth(at));
  const before =
    window.state.quantity + engine.poster.pendingUnits(customer, meter.key, known.record.id, quotaMonth(at));
  const amount = rateDelta(known.price, before, delta);
  const closed = engine.desk.store
    .invoicesOf(customer.id)
    .some(
      (invoice) =>
        invoice.final_tx !== null &&
        invoice.asset === known.record.asset &&
        invoice.period_start <= at &&
        at < invoice.period_end,
    );
  const lands = !closed ? 'open-period' : amount < 0n ? 'credit-note' : 'next-invoice';
  return { effects: [{ asset: known.record.asset, amountMinor: amount.toString() }], lands };
}

/** Rates parked events once, or dismisses them. What still cannot be rated stays, with its new reason. */
export function assignUnrated(engine: Engine, command: Of<'unrated.assign'>): Answer {
  const { desk, catalog } = engine;
  const done = { rated: 0, dismissed: 0, stillParked: 0 };
  const customerId = command.customer === null ? null : catalog.resolve(command.customer);
  if (command.customer !== null && customerId === null) return no(unknownCustomer(command.customer));
  if (command.meter !== null && !catalog.meter(command.meter)) return no(unknownMeter(command.meter));
  // An id that came twice would find its row as it was before the first was rated.
  const ids = [...new Set(command.ids)];
  const rows = ids.map((id) => desk.store.get('parked', id));
  const missing = rows.findIndex((row) => row === undefined);
  if (missing >= 0) {
    return no({
      code: 'NOT_FOUND',
      detail: `Nothing is parked under ${ids[missing]}.`,
      fix: 'List the queue again; the whole call was left undone.',
    });
  }
  for (const row of rows) {
    if (!row || row.state !== 'open') continue;
    const event = desk.store.get('event', row.event_seq);
    if (!event) continue;
    if (command.dismiss !== null) {
      const tx = desk.write({
        kind: 'unrated.dismissed',
        subject: null,
        happenedMs: desk.nowMs,
        actor: command.actor,
        body: JSON.stringify({ parked: row.id, event: row.event_seq, reason: command.dismiss }),
      });
      desk.store.put('parked', { ...row, state: 'dismissed', closed_tx: tx.seq });
      done.dismissed += 1;
      continue;
    }
    const id = customerId ?? catalog.resolve(event.subject);
    const customer = id === null ? null : catalog.customer(id);
    const meter = catalog.meter(command.meter ?? row.meter ?? event.meter ?? '') ?? catalog.metersOf(event.type)[0];
    const how = { actor: command.actor, isCounted: !PARKED_UNCOUNTED.has(row.reason) };
    const problem = customer && meter ? engine.poster.rateOne(pendingOf(event), customer, meter, how) : 'unknown';
    if (problem === null) {
      desk.store.put('parked', { ...row, meter: meter?.key ?? null, state: 'rated', closed_tx: desk.book.seq });
      done.rated += 1;
    } else done.stillParked += 1;
  }
  return yes(done);
}
