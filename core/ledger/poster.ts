/** Rates and posts accepted events in order, in chunks behind the watermark, and knows what is not posted yet. */
import { sequenceId } from '#core/domain/id.ts';
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import { EMPTY_WINDOW, advance, parseQuantity, valueAt } from '#core/domain/meter.ts';
import type { Window } from '#core/domain/meter.ts';
import { formatMinor } from '#core/domain/money.ts';
import { monthBounds, periodAt, quotaMonth } from '#core/domain/period.ts';
import type { QuotaMonth } from '#core/domain/period.ts';
import { isRateable, rateDelta } from '#core/domain/price.ts';
import type { Catalog, CustomerRecord, KnownPrice, MeterRecord } from './catalog.ts';
import type { Desk } from './desk.ts';
import { failpoint } from './failpoint.ts';
import type { Rater } from './rater.ts';
import type { Rollups } from './rollups.ts';
import type { EventRow } from './rows.ts';

/** An accepted event that waits to be posted. */
export type PendingEvent = Readonly<{
  seq: number; source: string; id: string; subject: string; type: string; meter: string | null; units: bigint | null;
  occurredMs: number; data: string; hold: string | null;
}>;

/** Events of one customer, meter, price, month and period, added up until the chunk is written. */
type Group = {
  customer: CustomerRecord; meter: MeterRecord; known: KnownPrice; month: string; fromMs: number; toMs: number;
  state: Window; delta: bigint; happenedMs: number; first: number; last: number; events: number;
};
type Waiting = { items: PendingEvent[]; summed: number; sums: Map<string, Sum> };
type Sum = { customer: CustomerRecord; known: KnownPrice; meter: string; month: string; units: bigint };

/** Beyond this backlog events are read again from the file instead of being kept in memory. */
const MEMORY_LIMIT = 100_000;
const POSTER = 'poster';

/** Why an event was parked before any meter had counted it. */
export const PARKED_UNCOUNTED: ReadonlySet<string> = new Set(['meter-unknown', 'quantity-invalid']);

/** What an event means to a meter: its quantity, or why it has none. */
export function readUnits(event: PendingEvent, meter: MeterRecord, data: () => unknown): bigint | string {
  if (event.meter !== null && event.units !== null) return event.units;
  if (event.source === CORRECTION_SOURCE && event.units !== null) return event.units;
  if (meter.aggregation === 'count') return 1n;
  const raw = event.meter === null ? valueAt(data(), meter.valuePath ?? '$') : valueAt(data(), '$.quantity');
  if (meter.aggregation === 'unique') return raw === undefined || raw === null ? 'The value to count is missing.' : 1n;
  const parsed = parseQuantity(raw, meter.scale);
  return parsed.ok ? parsed.units : parsed.reason;
}

/**
 * What a parked event means to the meter it is assigned to. The quantity of an event that names another meter is read
 * again at this meter's scale: 5 stays 5, whatever each of them counts in.
 */
export function assignedUnits(
  event: PendingEvent, meter: MeterRecord, catalog: Pick<Catalog, 'meter'>, data: () => unknown,
): bigint | string {
  const named = event.meter === null ? undefined : catalog.meter(event.meter);
  if (named && event.units !== null && named.scale !== meter.scale) {
    const parsed = parseQuantity(formatMinor(event.units, named.scale), meter.scale, true);
    return parsed.ok ? parsed.units : parsed.reason;
  }
  return readUnits({ ...event, meter: event.meter === null ? null : meter.key }, meter, data);
}

/** The value a `unique` meter counts once, as text. */
export function uniqueValue(event: PendingEvent, meter: MeterRecord, data: () => unknown): string {
  const name = Object.entries(meter.dimensions).find(([, path]) => path === meter.valuePath)?.[0];
  const raw = event.meter === null || !name ? valueAt(data(), meter.valuePath ?? '$') : valueAt(data(), `$.${name}`);
  return typeof raw === 'string' ? raw : JSON.stringify(raw ?? null);
}

const TOO_MUCH = 'With it the month would come to more than an amount can be.';

/** Whether a window can take so much more: what it came to, or one entry, must never be too large to be written. */
function isPayable(group: Pick<Group, 'known' | 'state'>, units: bigint): boolean {
  const most = group.state.quantity + (units < 0n ? -units : units);
  return isRateable(group.known.price, most);
}

export class Poster {
  readonly #desk: Desk;
  readonly #catalog: Catalog;
  readonly #rater: Rater;
  readonly #rollups: Rollups;
  #queue: PendingEvent[] = [];
  #head = 0;
  /** The last event kept in memory; what follows it is still only in the file. */
  #loadedTo = 0;
  readonly #waiting = new Map<string, Waiting>();
  #isStale = false;
  #groups = new Map<string, Group>();
  #parked: { event: PendingEvent; meter: string | null; reason: string; detail: string }[] = [];

  constructor(desk: Desk, catalog: Catalog, rater: Rater, rollups: Rollups) {
    this.#desk = desk;
    this.#catalog = catalog;
    this.#rater = rater;
    this.#rollups = rollups;
    this.reload();
  }

  /** Starts again from the file: everything after the watermark waits. */
  reload(): void {
    this.#queue = [];
    this.#head = 0;
    this.#waiting.clear();
    this.#loadedTo = this.#desk.book.watermark;
    this.#loadMore();
  }

  #loadMore(): void {
    if (this.#queue.length - this.#head > 0 || this.#loadedTo >= this.#desk.book.event_seq) return;
    for (const row of this.#desk.store.eventsAfter(this.#loadedTo, MEMORY_LIMIT)) this.#keep(pendingOf(row));
  }

  get backlog(): number {
    return this.#desk.book.event_seq - this.#desk.book.watermark;
  }

  /** Takes an event that was just accepted. */
  add(event: PendingEvent): void {
    if (this.#loadedTo === event.seq - 1 && this.#queue.length - this.#head < MEMORY_LIMIT) this.#keep(event);
  }

  #keep(event: PendingEvent): void {
    this.#queue.push(event);
    this.#loadedTo = event.seq;
    this.#wait(event);
  }

  #wait(event: PendingEvent): void {
    if (event.hold !== null) return;
    const customer = this.#catalog.resolve(event.subject);
    if (customer === null) return;
    const waiting = this.#waiting.get(customer);
    if (waiting) waiting.items.push(event);
    else this.#waiting.set(customer, { items: [event], summed: 0, sums: new Map() });
  }

  /** After a change of customers, meters or prices: what waits may belong to others or come to something else. */
  reprice(): void {
    this.#isStale = true;
  }

  #regroup(): void {
    this.#isStale = false;
    this.#waiting.clear();
    for (let index = this.#head; index < this.#queue.length; index += 1) {
      const event = this.#queue[index];
      if (event) this.#wait(event);
    }
  }

  /** What a customer's accepted, unposted events come to in an asset, at the prices they will get (minor units). */
  pendingMinor(customer: CustomerRecord, asset: string): bigint {
    if (this.#isStale) this.#regroup();
    const waiting = this.#waiting.get(customer.id);
    if (!waiting) return 0n;
    for (; waiting.summed < waiting.items.length; waiting.summed += 1) {
      const event = waiting.items[waiting.summed];
      if (event) this.#sum(waiting.sums, customer, event);
    }
    let total = 0n;
    for (const { known, meter, month, units } of waiting.sums.values()) {
      if (known.record.asset !== asset) continue;
      const window = this.#rater.window(customer.id, meter, known.record.id, month);
      total += rateDelta(known.price, window.state.quantity, units);
    }
    return total > 0n ? total : 0n;
  }

  /** The quantity that waits for a window, so that a hold is not promised the same quota. */
  pendingUnits(customer: CustomerRecord, meter: string, price: string, month: string): bigint {
    this.pendingMinor(customer, '');
    return this.#waiting.get(customer.id)?.sums.get(`${meter}|${price}|${month}`)?.units ?? 0n;
  }

  #sum(sums: Map<string, Sum>, customer: CustomerRecord, event: PendingEvent): void {
    for (const meter of this.#metersOf(event)) {
      if (!meter.billable) continue;
      const found = this.#catalog.priceAt(customer, meter.key, event.occurredMs);
      const units = found ? readUnits(event, meter, lazyData(event)) : 'no price';
      if (!found || typeof units === 'string') continue;
      const month = quotaMonth(event.occurredMs);
      const key = `${meter.key}|${found.known.record.id}|${month}`;
      const known = sums.get(key);
      // A maximum or a latest value replaces; counting each event as a rise is the cautious side for the gate.
      if (known) known.units += units;
      else sums.set(key, { customer, known: found.known, meter: meter.key, month, units });
    }
  }

  #metersOf(event: PendingEvent): readonly MeterRecord[] {
    if (event.meter === null) return this.#catalog.metersOf(event.type);
    const meter = this.#catalog.meter(event.meter);
    return meter ? [meter] : [];
  }

  /** Posts the next events, at most `limit`, as one chunk inside the commit under way. Answers how many. */
  post(limit: number): number {
    this.#loadMore();
    const end = Math.min(this.#head + limit, this.#queue.length);
    const from = this.#head;
    if (end === from) return 0;
    this.#groups = new Map();
    this.#parked = [];
    for (let index = from; index < end; index += 1) {
      const event = this.#queue[index];
      if (event) this.#take(event);
    }
    for (const group of this.#groups.values()) this.#rateGroup(group);
    failpoint('post.rated');
    this.#writeChunk(this.#queue[from]?.seq ?? 0, this.#queue[end - 1]?.seq ?? 0);
    this.#drop(end);
    failpoint('post.chunk');
    return end - from;
  }

  /** By sequence, not by customer: a subject may lead to another one than when its event was accepted. */
  #drop(end: number): void {
    const last = this.#queue[end - 1]?.seq ?? 0;
    for (const [customer, { items }] of this.#waiting) {
      let posted = 0;
      while ((items[posted]?.seq ?? Infinity) <= last) posted += 1;
      if (posted === items.length) this.#waiting.delete(customer);
      else if (posted > 0) this.#waiting.set(customer, { items: items.slice(posted), summed: 0, sums: new Map() });
    }
    this.#head = end;
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
  }

  #writeChunk(first: number, last: number): void {
    const sequence = this.#desk.nextSequence;
    this.#parked.forEach(({ event, meter, reason, detail }, line) => {
      this.#desk.store.insert('parked', {
        id: sequenceId('prk', sequence, line + 1), book: this.#desk.book.book, event_seq: event.seq, meter, reason,
        detail, state: 'open', tx: sequence, closed_tx: null,
      });
    });
    const parked = this.#parked.map(({ event, meter, reason, detail }) => [event.seq, meter, reason, detail]);
    this.#desk.write({
      kind: 'usage.posted', subject: null, happenedMs: this.#desk.nowMs, actor: POSTER,
      body: JSON.stringify({ first, last, parked }),
    });
    this.#desk.book.watermark = last;
  }

  #park(event: PendingEvent, meter: string | null, reason: string, detail: string): void {
    this.#parked.push({ event, meter, reason, detail });
  }

  #take(event: PendingEvent): void {
    const meters = this.#metersOf(event);
    if (meters.length === 0) {
      return this.#park(event, event.meter, 'meter-unknown', `No meter takes events of ${event.meter ?? event.type}.`);
    }
    const data = lazyData(event);
    for (const meter of meters) {
      const units = readUnits(event, meter, data);
      if (typeof units === 'string') this.#park(event, meter.key, 'quantity-invalid', units);
      else this.#takeFor(event, meter, units, data);
    }
  }

  #takeFor(event: PendingEvent, meter: MeterRecord, units: bigint, data: () => unknown): void {
    this.#rollups.add(event, meter, units);
    if (!meter.billable || event.hold !== null) return;
    const customerId = this.#catalog.resolve(event.subject);
    const customer = customerId === null ? null : this.#catalog.customer(customerId);
    if (!customer) return this.#park(event, meter.key, 'customer-unknown', `No customer is known as ${event.subject}.`);
    const group = this.#groupFor(customer, meter, event);
    if (group && !isPayable(group, units)) return this.#park(event, meter.key, 'quantity-invalid', TOO_MUCH);
    if (!group) {
      return this.#park(event, meter.key, 'price-unknown', `No price for ${meter.key} was in force for ${customer.name}.`);
    }
    this.#advance(group, event, units, data);
  }

  #advance(group: Group, event: PendingEvent, units: bigint, data: () => unknown): void {
    const { meter, customer } = group;
    let firstSeen = false;
    if (meter.aggregation === 'unique' && event.source !== CORRECTION_SOURCE) {
      firstSeen = this.#desk.store.insertIfFree('seen', {
        customer: customer.id, meter: meter.key, month: group.month, value: uniqueValue(event, meter, data),
        book: this.#desk.book.book, event_seq: event.seq,
      });
    }
    // A correction states the change itself, whatever the meter makes of ordinary events.
    const aggregation = event.source === CORRECTION_SOURCE ? 'sum' : meter.aggregation;
    const step = advance(aggregation, group.state, {
      quantity: units, occurredAtMs: event.occurredMs, id: event.id, firstSeen,
    });
    group.state = step.window;
    group.delta += step.delta;
    group.last = event.seq;
    group.events += 1;
    if (event.occurredMs > group.happenedMs) group.happenedMs = event.occurredMs;
  }

  #groupFor(customer: CustomerRecord, meter: MeterRecord, event: PendingEvent): Group | null {
    const hint = `${customer.id}|${meter.key}`;
    const at = event.occurredMs;
    const recent = this.#groups.get(hint);
    if (recent && recent.fromMs <= at && at < recent.toMs) return recent;
    const found = this.#catalog.priceAt(customer, meter.key, at);
    if (!found) return null;
    const month = quotaMonth(at);
    const bounds = monthBounds(month as QuotaMonth);
    const period = periodAt({ anchorDay: customer.anchorDay, timeZone: customer.timeZone, unit: 'month' }, at);
    const fromMs = Math.max(found.fromMs, bounds.startMs, period.startMs);
    const toMs = Math.min(found.toMs, bounds.endMs, period.endMs);
    // The first group of a customer and meter is found by the hint; others, rare, by their start as well.
    const key = recent ? `${hint}|${fromMs}` : hint;
    const known = this.#groups.get(key);
    if (known && known.fromMs <= at && at < known.toMs) return known;
    // Two groups of one window must follow each other: the earlier one is written first.
    for (const [other, group] of this.#groups) {
      if (group.customer.id === customer.id && group.meter.key === meter.key && group.month === month) {
        this.#rateGroup(group);
        this.#groups.delete(other);
      }
    }
    const window = this.#rater.window(customer.id, meter.key, found.known.record.id, month);
    const group: Group = {
      customer, meter, known: found.known, month, fromMs, toMs, state: window?.state ?? EMPTY_WINDOW, delta: 0n,
      happenedMs: at, first: event.seq, last: event.seq, events: 0,
    };
    this.#groups.set(this.#groups.has(hint) ? key : hint, group);
    return group;
  }

  #rateGroup(group: Group): void {
    this.#rater.rate({
      customer: group.customer, meter: group.meter.key, known: group.known, month: group.month,
      happenedMs: group.happenedMs, fromMs: group.fromMs, toMs: group.toMs, delta: group.delta, after: group.state, firstEvent: group.first,
      lastEvent: group.last, events: group.events, actor: POSTER,
    });
  }

  /**
   * Rates one parked event now, as a customer and meter; null when it still cannot be. `isCounted`: it is in the hourly
   * totals already, because only its customer or price was missing.
   */
  rateOne(
    event: PendingEvent, customer: CustomerRecord, meter: MeterRecord, how: { actor: string; isCounted: boolean },
  ): string | null {
    const data = lazyData(event);
    const units = assignedUnits(event, meter, this.#catalog, data);
    if (typeof units === 'string') return units;
    const kept = this.#groups;
    this.#groups = new Map();
    const group = this.#groupFor(customer, meter, event);
    if (group && !isPayable(group, units)) {
      this.#groups = kept;
      return TOO_MUCH;
    }
    if (group) {
      this.#advance(group, event, units, data);
      this.#rater.rate({
        customer, meter: meter.key, known: group.known, month: group.month, happenedMs: event.occurredMs, fromMs: group.fromMs,
        toMs: group.toMs, delta: group.delta, after: group.state, firstEvent: event.seq, lastEvent: event.seq, events: 1,
        actor: how.actor, kind: 'usage.assigned',
      });
      if (!how.isCounted) this.#rollups.add(event, meter, units);
    }
    this.#groups = kept;
    return group ? null : `No price for ${meter.key} was in force for ${customer.name}.`;
  }
}

/** Parses an event's data once, if anybody asks. */
export function lazyData(event: Pick<PendingEvent, 'data'>): () => unknown {
  let parsed: unknown;
  return () => (parsed ??= JSON.parse(event.data));
}

export function pendingOf(row: EventRow): PendingEvent {
  return {
    seq: row.seq, source: row.source, id: row.id, subject: row.subject, type: row.type, meter: row.meter,
    units: row.quantity, occurredMs: row.occurred_ms, data: row.data, hold: row.hold,
  };
}
