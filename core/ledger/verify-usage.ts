/**
 * Usage behind the watermark: every event in exactly one rated slice, the unrated queue, a gate capture, or counted
 * only.
 */
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import { sequenceId } from '#core/domain/id.ts';
import { EMPTY_WINDOW } from '#core/domain/meter.ts';
import type { Aggregation, Window } from '#core/domain/meter.ts';
import { periodAt, quotaMonth } from '#core/domain/period.ts';
import type { CustomerRecord, MeterRecord } from './catalog.ts';
import { addToFold, emptyFold, settle } from './group.ts';
import type { Fold } from './group.ts';
import { PARKED_UNCOUNTED, assignedUnits, lazyData, readUnits, uniqueValue } from './pending-event.ts';
import type { PendingEvent } from './pending-event.ts';
import type { EntryRow, LineRow, ParkedRow, SliceRow } from './rows.ts';
import { EVENT_COLUMNS } from './verify-events.ts';
import type { EventLog, StoredEvent } from './verify-events.ts';
import type { Auditor, Body, JournalItem } from './verify-journal.ts';
import { bad, match } from './verify-report.ts';
import type { Audit, Step } from './verify-report.ts';
import type { RollupFold } from './verify-rollups.ts';

/** A slice under way, filled again from the events that belong to it. */
type Claim = Readonly<{ slice: SliceRow; fold: Fold }>;
type Chunk = Readonly<{
  first: number;
  last: number;
  parked: readonly (readonly [number, string | null, string, string])[];
}>;
type Latest = Readonly<{ latestAtMs: number | null; latestId: string | null }>;

const RATED = ['usage.rated', 'hold.captured', 'usage.assigned'];

export class Usage {
  readonly #audit: Audit;
  readonly #events: EventLog;
  readonly #rollups: RollupFold;
  readonly #statements;
  /** Slices rated since the last chunk, by customer and meter. */
  #claims = new Map<string, Claim[]>();
  /** Where windows of `latest` meters stand; the totals of all windows are proven by `checkWindows`. */
  readonly latest = new Map<string, Latest>();
  /** Parked rows that are closed, with the meter they were parked for, until the journal closes them. */
  readonly #closing = new Map<string, string | null>();
  #parkedCount = 0;
  #seenCount = 0;
  readonly auditor: Auditor = {
    kinds: [...RATED, 'usage.posted', 'unrated.dismissed'],
    take: (item) => this.#take(item),
  };

  constructor(audit: Audit, rollups: RollupFold, events: EventLog) {
    this.#audit = audit;
    this.#rollups = rollups;
    this.#events = events;
    const { connection } = audit;
    this.#statements = {
      line: connection.prepare('SELECT * FROM line WHERE id = ? AND book = ?'),
      event: connection.prepare(`SELECT ${EVENT_COLUMNS} FROM event WHERE seq = ? AND book = ?`),
      parked: connection.prepare('SELECT * FROM parked WHERE id = ? AND book = ?'),
      parkedByEvent: connection.prepare('SELECT * FROM parked WHERE event_seq = ? AND book = ? ORDER BY id'),
      seen: connection.prepare(
        'SELECT event_seq FROM seen WHERE customer = ? AND meter = ? AND month = ? AND value = ? AND book = ?',
      ),
    };
  }

  #take(item: JournalItem): void {
    if (item.tx.kind === 'usage.posted') return this.#takePosted(item);
    if (item.tx.kind === 'unrated.dismissed') return this.#takeDismissed(item);
    const slice = this.#matchSlice(item);
    const claim: Claim = { slice, fold: emptyFold() };
    if (item.tx.kind === 'usage.rated') {
      const key = `${slice.customer}|${slice.meter}`;
      const known = this.#claims.get(key);
      if (known) known.push(claim);
      else this.#claims.set(key, [claim]);
    } else this.#takeSingle(item, claim);
  }

  /** A slice is what its transaction says, and its entries charge what it came to. */
  #matchSlice({ tx, body, slice, entries }: JournalItem): SliceRow {
    match('slice', tx.seq, slice, {
      customer: tx.subject,
      meter: String(body['meter']),
      price: String(body['price']),
      month: String(body['month']),
      line: String(body['line']),
      first_event: body['first'] as number,
      last_event: body['last'] as number,
      events: body['events'] as number,
      delta: String(body['delta']),
      before_units: String(body['before']),
      amount: String(body['amount']),
      burned: String(body['burned']),
      waived: String(body['waived']),
      hold: body['hold'] as string | null,
      happened_ms: tx.happened_ms,
      from_ms: body['from'] as number,
      to_ms: body['to'] as number,
      rate: (body['rate'] as string | undefined) ?? null,
    });
    const row = slice ?? bad('slice', tx.seq, 'The row is missing.');
    matchMoney(tx.seq, body, entries);
    if (row.line === sequenceId('lin', tx.seq)) this.#matchNewLine(row);
    return row;
  }

  /** The slice that made a line says whose it is and in which period it lies. */
  #matchNewLine(slice: SliceRow): void {
    const customer = this.#audit.catalog.customer(slice.customer);
    const known = this.#audit.catalog.price(slice.price, slice.rate);
    if (!customer || !known) bad('slice', slice.tx, 'Its customer or price is not known.');
    const { startMs, endMs } = periodOf(customer, slice.happened_ms);
    match('line', slice.line, this.#statements.line.get(slice.line, this.#audit.book.book) as LineRow | undefined, {
      customer: slice.customer,
      asset: known.record.asset,
      kind: 'usage',
      meter: slice.meter,
      price: slice.price,
      month: slice.month,
      period_start: startMs,
      period_end: endMs,
      before_units: slice.before_units,
      rule: null,
      label: null,
    });
  }

  #windowBefore(slice: SliceRow): Window {
    const key = `${slice.customer}|${slice.meter}|${slice.price}|${slice.month}`;
    return { ...EMPTY_WINDOW, ...this.latest.get(key), quantity: BigInt(slice.before_units) };
  }

  /** A capture or an assigned event: one event, one slice. */
  #takeSingle(item: JournalItem, claim: Claim): void {
    const { slice } = claim;
    const event = this.#statements.event.get(slice.first_event, this.#audit.book.book) as StoredEvent | undefined;
    const meter = this.#audit.catalog.meter(slice.meter);
    if (!event || !meter) bad('slice', slice.tx, 'Its event or meter is missing.');
    if (event.hold !== slice.hold) bad('event', event.seq, 'hold is not the one its slice captured.');
    if (item.tx.kind === 'hold.captured') {
      match('event', event.seq, { quantity: String(event.quantity) }, { quantity: String(item.body['units']) });
      const pending = pendingOf(event);
      const { seq, id, occurredMs } = pending;
      addToFold(claim.fold, { seq, id, occurredMs, units: pending.units ?? 0n, isCorrection: false, firstSeen: true });
    } else this.#takeAssigned(item, claim, event, meter);
    // One capture counts once on a meter that counts, whatever quantity it was promised.
    const isCount = meter.aggregation === 'count' && item.tx.kind === 'hold.captured';
    this.#closeClaim(claim, isCount ? 'sum' : meter.aggregation);
  }

  #takeAssigned({ tx, body }: JournalItem, claim: Claim, event: StoredEvent, meter: MeterRecord): void {
    const rows = this.#statements.parkedByEvent.all(event.seq, this.#audit.book.book) as ParkedRow[];
    const parked = rows.find((row) => row.closed_tx === tx.seq) ?? rows.find((row) => this.#closing.has(row.id));
    if (!parked) bad('slice', tx.seq, 'It rates an event that was not parked until then.');
    match('parked', parked.id, parked, { state: 'rated', meter: String(body['meter']), closed_tx: tx.seq });
    this.#closing.delete(parked.id);
    const pending = pendingOf(event);
    const units = assignedUnits(pending, meter, this.#audit.catalog, lazyData(pending));
    if (typeof units === 'string') bad('slice', tx.seq, 'It rates an event that has no quantity.');
    this.#count(claim, pending, meter, units);
    if (PARKED_UNCOUNTED.has(parked.reason)) this.#rollups.add(pending, meter, units);
  }

  #takeDismissed({ tx, body }: JournalItem): void {
    const id = String(body['parked']);
    const row = this.#statements.parked.get(id, this.#audit.book.book) as ParkedRow | undefined;
    match('parked', id, row, {
      state: 'dismissed',
      event_seq: body['event'] as number,
      closed_tx: tx.seq,
      meter: this.#closing.get(id),
    });
    this.#closing.delete(id);
  }

  #takePosted({ tx, body }: JournalItem): void {
    // The body's hash is proved before: it is what the poster wrote.
    const chunk = body as unknown as Chunk;
    if (chunk.first !== this.#events.posted + 1) bad('tx', tx.seq, 'It does not follow the chunk posted before.');
    const parked = new Map(chunk.parked.map((one, line) => [`${one[0]}|${one[1] ?? ''}`, { one, line }]));
    for (let seq = chunk.first; seq <= chunk.last; seq += 1) this.#place(pendingOf(this.#events.post()), parked);
    const unplaced = [...parked.values()][0];
    if (unplaced)
      bad('event', unplaced.one[0], `It was parked for ${unplaced.one[1] ?? 'no meter'}, and not there to be.`);
    this.#matchParked(tx.seq, chunk);
    for (const claims of this.#claims.values()) {
      for (const claim of claims) {
        const meter = this.#audit.catalog.meter(claim.slice.meter);
        if (!meter) bad('slice', claim.slice.tx, 'Its meter is missing.');
        this.#closeClaim(claim, meter.aggregation);
      }
    }
    this.#claims = new Map();
    this.#events.forget();
  }

  #matchParked(tx: number, { parked }: Chunk): void {
    for (const [line, [event, meter, reason, detail]] of parked.entries()) {
      const id = sequenceId('prk', tx, line + 1);
      const row = this.#statements.parked.get(id, this.#audit.book.book) as ParkedRow | undefined;
      match('parked', id, row, { event_seq: event, reason, detail, tx });
      if (row?.state === 'open') match('parked', id, row, { meter, closed_tx: null });
      else this.#closing.set(id, meter);
      this.#parkedCount += 1;
    }
  }

  /** Puts an event where it went, for each meter that takes it. */
  #place(event: PendingEvent, parked: Map<string, unknown>): void {
    const meters = metersOf(this.#audit, event);
    if (meters.length === 0) this.#mustBeParked(event, event.meter, parked);
    const data = lazyData(event);
    for (const meter of meters) {
      const units = readUnits(event, meter, data);
      if (typeof units === 'string') {
        this.#mustBeParked(event, meter.key, parked);
        continue;
      }
      this.#rollups.add(event, meter, units);
      if (!meter.billable || event.hold !== null) continue;
      if (parked.delete(`${event.seq}|${meter.key}`)) continue;
      const id = this.#audit.catalog.resolve(event.subject);
      const claim = id === null ? undefined : this.#claimOf(`${id}|${meter.key}`, event);
      if (!claim) bad('event', event.seq, `For ${meter.key} it is in no rated slice and not in the unrated queue.`);
      this.#count(claim, event, meter, units, data);
    }
  }

  #mustBeParked(event: PendingEvent, meter: string | null, parked: Map<string, unknown>): void {
    if (parked.delete(`${event.seq}|${meter ?? ''}`)) return;
    bad('event', event.seq, 'No meter can rate it, and it is not in the unrated queue.');
  }

  #claimOf(key: string, event: PendingEvent): Claim | undefined {
    let found: Claim | undefined;
    for (const claim of this.#claims.get(key) ?? []) {
      const { first_event, last_event, from_ms, to_ms } = claim.slice;
      if (
        event.seq < first_event ||
        event.seq > last_event ||
        event.occurredMs < from_ms ||
        event.occurredMs >= to_ms
      ) {
        continue;
      }
      if (found) bad('event', event.seq, 'It lies in two rated slices.');
      found = claim;
    }
    return found;
  }

  #count(claim: Claim, event: PendingEvent, meter: MeterRecord, units: bigint, data = lazyData(event)): void {
    const isCorrection = event.source === CORRECTION_SOURCE;
    const firstSeen = meter.aggregation === 'unique' && !isCorrection && this.#isFirst(claim.slice, event, meter, data);
    const { seq, id, occurredMs } = event;
    addToFold(claim.fold, { seq, id, occurredMs, units, isCorrection, firstSeen });
  }

  /** Whether a value of a `unique` meter was new with this event. */
  #isFirst(slice: SliceRow, event: PendingEvent, meter: MeterRecord, data: () => unknown): boolean {
    const key = [slice.customer, meter.key, slice.month, uniqueValue(event, meter, data)];
    const row = this.#statements.seen.get(...key, this.#audit.book.book) as { event_seq: number } | undefined;
    if (!row) bad('seen', key, 'The row is missing.');
    if (row.event_seq > this.#audit.book.event_seq) bad('seen', key, 'event_seq is no event that was accepted.');
    if (row.event_seq !== event.seq) return false;
    this.#seenCount += 1;
    return true;
  }

  /**
   * A slice is full: as many events as it says, to the quantity it says, at the price in force. Slices are closed in
   * the order of the journal, each from where the one before left their window.
   */
  #closeClaim({ slice, fold }: Claim, aggregation: Aggregation): void {
    const { window, delta } = settle(aggregation, fold, this.#windowBefore(slice));
    match('slice', slice.tx, slice, {
      events: fold.events,
      delta: delta.toString(),
      first_event: fold.first,
      last_event: fold.last,
      happened_ms: fold.happenedMs,
      month: quotaMonth(slice.from_ms),
    });
    const customer = this.#audit.catalog.customer(slice.customer);
    if (slice.hold === null && customer) {
      const found = this.#audit.catalog.priceAt(customer, slice.meter, slice.happened_ms);
      if (found?.known.snapshot?.id !== (slice.rate ?? undefined))
        bad('slice', slice.tx, 'Its rate did not count then.');
      if (found?.known.record.id !== slice.price || slice.from_ms < found.fromMs || slice.to_ms > found.toMs) {
        bad('slice', slice.tx, 'Its price was not in force for its interval.');
      }
    }
    if (window.latestId === null) return;
    const key = `${slice.customer}|${slice.meter}|${slice.price}|${slice.month}`;
    this.latest.set(key, { latestAtMs: window.latestAtMs, latestId: window.latestId });
  }

  /** After the journal: the watermark, and nothing parked or seen that no transaction made. */
  *check(): Generator<Step> {
    const { connection, book } = this.#audit;
    match('book', book.book, book, { watermark: this.#events.posted });
    for (const id of this.#closing.keys()) bad('parked', id, 'state or closed_tx: no transaction closed it.');
    yield* this.#checkSeen();
    const parked = connection.prepare('SELECT id, tx FROM parked ORDER BY id').all() as ParkedRow[];
    if (parked.length !== this.#parkedCount) {
      const extra = parked.find((row) => !row.id.startsWith(sequenceId('prk', row.tx)));
      bad('parked', extra?.id ?? '-', 'No transaction parked it.');
    }
  }

  *#checkSeen(): Generator<Step> {
    const { connection, book } = this.#audit;
    const { total } = connection.prepare('SELECT count(*) AS total FROM seen').get() as { total: number };
    let checked = 0;
    let posted = 0;
    const rows = connection.prepare('SELECT customer, meter, month, value, event_seq FROM seen').iterate();
    for (const row of rows as IterableIterator<{
      customer: string;
      meter: string;
      month: string;
      value: string;
      event_seq: number;
    }>) {
      const key = [row.customer, row.meter, row.month, row.value];
      const event = this.#statements.event.get(row.event_seq, book.book) as StoredEvent | undefined;
      const meter = this.#audit.catalog.meter(row.meter);
      if (!event || !meter) bad('seen', key, 'Its event or meter is missing.');
      const pending = pendingOf(event);
      const value = uniqueValue(pending, meter, lazyData(pending));
      if (value !== row.value || quotaMonth(event.occurred_ms) !== row.month) {
        bad('seen', key, 'event_seq is not an event with this value in this month.');
      }
      checked += 1;
      // A value is taken when its event is accepted, and counted when that is posted.
      if (row.event_seq <= book.watermark) posted += 1;
      if (checked % 2_000 === 0) yield { checked, total };
    }
    if (posted !== this.#seenCount) {
      bad('seen', '-', `There are ${posted} rows where ${this.#seenCount} values were new.`);
    }
    yield { checked, total };
  }
}

function periodOf(customer: CustomerRecord, atMs: number): { startMs: number; endMs: number } {
  return periodAt({ anchorDay: customer.anchorDay, timeZone: customer.timeZone, unit: 'month' }, atMs);
}

function metersOf({ catalog }: Audit, event: PendingEvent): readonly MeterRecord[] {
  if (event.meter === null) return catalog.metersOf(event.type);
  const meter = catalog.meter(event.meter);
  return meter ? [meter] : [];
}

function pendingOf(row: StoredEvent): PendingEvent {
  return {
    seq: row.seq,
    source: row.source,
    id: row.id,
    subject: row.subject,
    type: row.type,
    meter: row.meter,
    units: row.quantity === null ? null : BigInt(row.quantity),
    occurredMs: row.occurred_ms,
    data: row.data,
    hold: row.hold,
  };
}

/** The entries of a slice: what it came to is earned, what was burnt left the wallet, the overshoot is named. */
function matchMoney(seq: number, body: Body, entries: readonly EntryRow[]): void {
  const sum = (of: (entry: EntryRow) => boolean): bigint =>
    entries.reduce((total, entry) => (of(entry) ? total + BigInt(entry.amount) : total), 0n);
  const earned = sum(({ account }) => account.startsWith('revenue:usage:'));
  const burned = -sum(({ account }) => account.includes(':wallet:'));
  const overshoot = -sum(({ memo }) => memo === 'overshoot');
  const says = [body['amount'], body['burned'], body['overshoot']].map(String);
  if (says.join() !== [earned, burned, overshoot].join()) bad('tx', seq, 'Its entries are not the charge it states.');
}
