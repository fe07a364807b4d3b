/** Rates and posts accepted events in order, in chunks behind the watermark, and knows what is not posted yet. */
import { sequenceId } from '#core/domain/id.ts';
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import type { Window } from '#core/domain/meter.ts';
import { periodAt, quotaMonth } from '#core/domain/period.ts';
import { isRateable, rateDelta } from '#core/domain/price.ts';
import type { Catalog, CustomerRecord, MeterRecord } from './catalog.ts';
import type { Desk } from './desk.ts';
import { failpoint } from './failpoint.ts';
import { addTo, emptyFold, settle } from './group.ts';
import type { Added, Group, Load } from './group.ts';
import { assignedUnits, lazyData, pendingOf, readUnits, uniqueValue } from './pending-event.ts';
import type { PendingEvent } from './pending-event.ts';
import type { LoadedWindow } from './loaded.ts';
import type { Rater } from './rater.ts';
import type { Rollups } from './rollups.ts';

/** Usage that cannot be rated yet, and why. */
type Unrated = Readonly<{ event: PendingEvent; meter: string | null; reason: string; detail: string }>;

/** After a restart events are read again in pages of this many. */
const PAGE = 10_000;
const DAY_MS = 86_400_000;
const POSTER = 'poster';

const TOO_MUCH = 'With it the month would come to more than an amount can be.';

export class Poster {
  readonly #desk: Desk;
  readonly #catalog: Catalog;
  readonly #rater: Rater;
  readonly #rollups: Rollups;
  #groups = new Map<string, Group>();
  /** The group that took the last event of a customer and meter: usage comes mostly in the order it happened. */
  readonly #recent = new Map<string, Group>();
  readonly #loads = new Map<string, Load>();
  readonly #byCustomer = new Map<string, Group[]>();
  #parked: Unrated[] = [];
  /** The last event that was added up; what lies between the watermark and it waits to be posted. */
  #addedTo = 0;

  constructor(desk: Desk, catalog: Catalog, rater: Rater, rollups: Rollups) {
    this.#desk = desk;
    this.#catalog = catalog;
    this.#rater = rater;
    this.#rollups = rollups;
    this.reload();
  }

  /** Starts again from the file: everything after the watermark is added up anew. */
  reload(): void {
    this.#clear();
    this.#addedTo = this.#desk.book.watermark;
    for (;;) {
      const rows = this.#desk.store.eventsAfter(this.#addedTo, PAGE);
      for (const row of rows) this.add(pendingOf(row));
      if (rows.length < PAGE) return;
    }
  }

  #clear(): void {
    this.#groups = new Map();
    this.#recent.clear();
    this.#loads.clear();
    this.#byCustomer.clear();
    this.#parked = [];
    this.#rollups.clear();
  }

  /** How many accepted events are not posted. */
  get backlog(): number {
    return this.#desk.book.event_seq - this.#desk.book.watermark;
  }

  /** What posting now would write: slices and parked rows. */
  get weight(): number {
    return this.#groups.size + this.#parked.length;
  }

  /** Adds an event that was just accepted to its groups. */
  add(event: PendingEvent): void {
    this.#addedTo = event.seq;
    const meters = this.#metersOf(event);
    if (meters.length === 0) {
      return this.#park(event, event.meter, 'meter-unknown', `No meter takes events of ${event.meter ?? event.type}.`);
    }
    const data = lazyData(event);
    for (const meter of meters) {
      const units = readUnits(event, meter, data);
      if (typeof units === 'string') this.#park(event, meter.key, 'quantity-invalid', units);
      else this.#addFor(event, meter, units, data);
    }
  }

  #metersOf(event: PendingEvent): readonly MeterRecord[] {
    if (event.meter === null) return this.#catalog.metersOf(event.type);
    const meter = this.#catalog.meter(event.meter);
    return meter ? [meter] : [];
  }

  #addFor(event: PendingEvent, meter: MeterRecord, units: bigint, data: () => unknown): void {
    this.#rollups.add(event, meter, units);
    if (!meter.billable || event.hold !== null) return;
    const customerId = this.#catalog.resolve(event.subject);
    const customer = customerId === null ? null : this.#catalog.customer(customerId);
    if (!customer) return this.#park(event, meter.key, 'customer-unknown', `No customer is known as ${event.subject}.`);
    const group = this.#groupFor(customer, meter, event);
    if (!group) {
      const { reason, detail } = this.#catalog.whyNoPrice(customer, meter.key, event.occurredMs);
      return this.#park(event, meter.key, reason, detail);
    }
    if (!this.#isPayable(group, units)) return this.#park(event, meter.key, 'quantity-invalid', TOO_MUCH);
    addTo(group, this.#added(group, event, units, data));
  }

  #added(group: Group, event: PendingEvent, units: bigint, data: () => unknown): Added {
    const isCorrection = event.source === CORRECTION_SOURCE;
    const isUnique = group.meter.aggregation === 'unique' && !isCorrection;
    const firstSeen = isUnique && this.#isFirstSeen(group, event, data);
    return { seq: event.seq, id: event.id, occurredMs: event.occurredMs, units, isCorrection, firstSeen };
  }

  /** Whether the event brought its value into the window; asked again after a restart, the answer is the same. */
  #isFirstSeen(group: Group, event: PendingEvent, data: () => unknown): boolean {
    const { customer, meter, month } = group;
    const value = uniqueValue(event, meter, data);
    const row = {
      customer: customer.id,
      meter: meter.key,
      month,
      value,
      book: this.#desk.book.book,
      event_seq: event.seq,
    };
    if (this.#desk.store.insertIfFree('seen', row)) return true;
    return this.#desk.store.get('seen', customer.id, meter.key, month, value)?.event_seq === event.seq;
  }

  /** Whether all that a window may come to is an amount; asked anew only each time what waits for it has doubled. */
  #isPayable(group: Group, units: bigint): boolean {
    const { load } = group;
    const size = load.size + (units < 0n ? -units : units);
    if (size <= load.payableTo) return true;
    const { quantity } = this.#windowOf(group).state;
    if (isRateable(group.known.price, quantity + 2n * size)) load.payableTo = 2n * size;
    return size <= load.payableTo || isRateable(group.known.price, quantity + size);
  }

  #loadOf(customer: string, meter: string, price: string, month: string): Load {
    const key = `${customer}|${meter}|${price}|${month}`;
    const known = this.#loads.get(key);
    if (known) return known;
    const load = { size: 0n, payableTo: 0n };
    this.#loads.set(key, load);
    return load;
  }

  #windowOf(group: Group): LoadedWindow {
    return this.#rater.window(group.customer.id, group.meter.key, group.known.record.id, group.month);
  }

  #park(event: PendingEvent, meter: string | null, reason: string, detail: string): void {
    this.#parked.push({ event, meter, reason, detail });
  }

  /** The group an event belongs to; null where no price was in force. */
  #groupFor(customer: CustomerRecord, meter: MeterRecord, event: PendingEvent): Group | null {
    const hint = `${customer.id}|${meter.key}`;
    const at = event.occurredMs;
    const recent = this.#recent.get(hint);
    if (recent && recent.fromMs <= at && at < recent.toMs) return recent;
    const group = this.#groupAt(customer, meter, event);
    if (group) this.#recent.set(hint, group);
    return group;
  }

  #groupAt(customer: CustomerRecord, meter: MeterRecord, event: PendingEvent): Group | null {
    const bounds = this.#boundsOf(customer, meter, event.occurredMs);
    if (!bounds) return null;
    const key = `${customer.id}|${meter.key}|${bounds.fromMs}`;
    const known = this.#groups.get(key);
    if (known) return known;
    const load = this.#loadOf(customer.id, meter.key, bounds.known.record.id, bounds.month);
    const group: Group = { customer, meter, ...bounds, load, ...emptyFold() };
    this.#groups.set(key, group);
    const own = this.#byCustomer.get(customer.id);
    if (own) own.push(group);
    else this.#byCustomer.set(customer.id, [group]);
    return group;
  }

  /** Price and quota month at an instant, and the part of its day in which they and the billing period are the same. */
  #boundsOf(customer: CustomerRecord, meter: MeterRecord, at: number) {
    const found = this.#catalog.priceAt(customer, meter.key, at);
    if (!found) return null;
    const dayMs = Math.floor(at / DAY_MS) * DAY_MS;
    const period = periodAt({ anchorDay: customer.anchorDay, timeZone: customer.timeZone, unit: 'month' }, at);
    return {
      known: found.known,
      month: quotaMonth(at),
      fromMs: Math.max(found.fromMs, dayMs, period.startMs),
      toMs: Math.min(found.toMs, dayMs + DAY_MS, period.endMs),
    };
  }

  /** What a customer's accepted, unposted events come to in an asset, at the prices they will get (minor units). */
  pendingMinor(customer: CustomerRecord, asset: string): bigint {
    let total = 0n;
    for (const { group, before, delta } of this.#settled(customer)) {
      if (group.known.record.asset === asset) total += rateDelta(group.known.price, before.quantity, delta);
    }
    return total > 0n ? total : 0n;
  }

  /** The quantity that waits for a window, so that a hold is not promised the same quota. */
  pendingUnits(customer: CustomerRecord, meter: string, price: string, month: string): bigint {
    let units = 0n;
    for (const { group, delta } of this.#settled(customer)) {
      if (group.meter.key === meter && group.known.record.id === price && group.month === month) units += delta;
    }
    return units;
  }

  /** What each group of a customer will add when it is posted: each one after those that go to the same window. */
  *#settled(customer: CustomerRecord): Generator<{ group: Group; before: Window; delta: bigint }> {
    const reached = new Map<Load, Window>();
    for (const group of this.#byCustomer.get(customer.id) ?? []) {
      const before = reached.get(group.load) ?? this.#windowOf(group).state;
      const { window, delta } = settle(group.meter.aggregation, group, before);
      reached.set(group.load, window);
      yield { group, before, delta };
    }
  }

  /** Posts everything accepted so far as one chunk inside the commit under way. */
  post(): void {
    const first = this.#desk.book.watermark + 1;
    const last = this.#addedTo;
    if (last < first) return;
    for (const group of this.#groups.values()) this.#rate(group, POSTER);
    failpoint('post.rated');
    this.#rollups.settle();
    this.#writeChunk(first, last);
    this.#clear();
    failpoint('post.chunk');
  }

  #rate(group: Group, actor: string, kind?: string): void {
    const { window, delta } = settle(group.meter.aggregation, group, this.#windowOf(group).state);
    this.#rater.rate({
      customer: group.customer,
      meter: group.meter.key,
      known: group.known,
      month: group.month,
      happenedMs: group.happenedMs,
      fromMs: group.fromMs,
      toMs: group.toMs,
      delta,
      after: window,
      firstEvent: group.first,
      lastEvent: group.last,
      events: group.events,
      actor,
      ...(kind === undefined ? {} : { kind }),
    });
  }

  #writeChunk(first: number, last: number): void {
    const sequence = this.#desk.nextSequence;
    this.#parked.forEach(({ event, meter, reason, detail }, line) => {
      this.#desk.store.insert('parked', {
        id: sequenceId('prk', sequence, line + 1),
        book: this.#desk.book.book,
        event_seq: event.seq,
        meter,
        reason,
        detail,
        state: 'open',
        tx: sequence,
        closed_tx: null,
      });
    });
    const parked = this.#parked.map(({ event, meter, reason, detail }) => [event.seq, meter, reason, detail]);
    this.#desk.write({
      kind: 'usage.posted',
      subject: null,
      happenedMs: this.#desk.nowMs,
      actor: POSTER,
      body: JSON.stringify({ first, last, parked }),
    });
    this.#desk.book.watermark = last;
  }

  /**
   * Rates one parked event now, as a customer and meter; null, or the sentence why it still cannot be. `isCounted`: it
   * is in the hourly totals already, because only its customer or price was missing.
   */
  rateOne(
    event: PendingEvent,
    customer: CustomerRecord,
    meter: MeterRecord,
    how: { actor: string; isCounted: boolean },
  ): string | null {
    const data = lazyData(event);
    const units = assignedUnits(event, meter, this.#catalog, data);
    if (typeof units === 'string') return units;
    const bounds = this.#boundsOf(customer, meter, event.occurredMs);
    if (!bounds) return this.#catalog.whyNoPrice(customer, meter.key, event.occurredMs).detail;
    // What waits for the window is posted later, and must still be payable then.
    const { size } = this.#loadOf(customer.id, meter.key, bounds.known.record.id, bounds.month);
    const group: Group = { customer, meter, ...bounds, load: { size, payableTo: 0n }, ...emptyFold() };
    if (!this.#isPayable(group, units)) return TOO_MUCH;
    addTo(group, this.#added(group, event, units, data));
    this.#rate(group, how.actor, 'usage.assigned');
    if (!how.isCounted) this.#rollups.addNow(event, meter, units);
    return null;
  }
}
