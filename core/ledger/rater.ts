/**
 * Turns billable quantity into money: windows, invoice lines and one transaction a slice. Which events are in a slice
 * is the poster's business.
 */
import { customerAccount, revenueAccount } from '#core/domain/account.ts';
import { charge } from '#core/domain/charge.ts';
import type { Standing } from '#core/domain/charge.ts';
import { sequenceId } from '#core/domain/id.ts';
import { EMPTY_WINDOW } from '#core/domain/meter.ts';
import type { Window } from '#core/domain/meter.ts';
import type { Asset } from '#core/domain/money.ts';
import { periodAt } from '#core/domain/period.ts';
import { rateDelta } from '#core/domain/price.ts';
import { invariant } from '#core/domain/refusal.ts';
import type { Catalog, CustomerRecord, KnownPrice } from './catalog.ts';
import { leftOf } from './desk.ts';
import type { Desk } from './desk.ts';
import { refundsOf } from './give-back.ts';
import { loadLine } from './loaded.ts';
import type { LoadedLine, LoadedWindow } from './loaded.ts';
import type { LineRow, TxRow } from './rows.ts';

/** Quantity of one customer, meter, price, quota month and billing period, to be rated in one transaction. */
export type SliceToRate = Readonly<{
  customer: CustomerRecord;
  meter: string;
  known: KnownPrice;
  month: string;
  happenedMs: number;
  fromMs: number;
  toMs: number;
  delta: bigint;
  after: Window;
  firstEvent: number;
  lastEvent: number;
  events: number;
  /** The hold this slice captures, with what it set aside. */
  hold?: Readonly<{ id: string; openedMs: number }>;
  actor: string;
  kind?: string;
  note?: Readonly<Record<string, string | number | boolean | null>>;
}>;
export type Rated = Readonly<{
  tx: TxRow;
  amountMinor: bigint;
  burnedMinor: bigint;
  overshootMinor: bigint;
  line: string;
}>;

type SliceBody = Readonly<{
  line: string;
  delta: string;
  before: string;
  amount: string;
  burned: string;
  waived: string;
  hold: string | null;
}>;

const HOUR_MS = 3_600_000;

export class Rater {
  readonly #desk: Desk;
  readonly #catalog: Catalog;
  readonly #windows = new Map<string, LoadedWindow>();
  readonly #dirtyWindows = new Set<LoadedWindow>();
  readonly #lines = new Map<string, LoadedLine[]>();
  readonly #dirtyLines = new Set<LoadedLine>();
  readonly #revenue = new Map<string, { key: [number, string, string, string]; addMinor: bigint }>();
  /** Held units by window, rebuilt from open holds; they outlive the cache. */
  readonly #held = new Map<string, bigint>();

  constructor(desk: Desk, catalog: Catalog) {
    this.#desk = desk;
    this.#catalog = catalog;
    desk.onFlush(() => this.#flush());
    desk.onForget(() => this.#forget());
  }

  /** The customer's money in an asset, as decisions see it. */
  standing(customer: CustomerRecord, asset: Asset): Standing {
    const of = (role: 'wallet' | 'unbilled' | 'advance') =>
      this.#desk.account(customerAccount(customer.id, role, asset));
    const wallet = of('wallet');
    return {
      customer: customer.id,
      asset,
      walletMinor: wallet.posted,
      heldMinor: wallet.held,
      unbilledMinor: of('unbilled').posted,
      advanceMinor: of('advance').posted,
      overdraftMinor: BigInt(customer.overdrafts[asset] ?? '0'),
      grants: this.#desk.grants(customer.id, asset).map((grant) => ({
        id: grant.row.id,
        priority: grant.row.priority,
        expiresAtMs: grant.row.expires_ms,
        createdAtMs: grant.row.created_ms,
        grantedMinor: grant.granted,
        remainingMinor: leftOf(grant),
      })),
    };
  }

  window(customer: string, meter: string, price: string, month: string): LoadedWindow {
    const key = `${customer}|${meter}|${price}|${month}`;
    const known = this.#windows.get(key);
    if (known) return known;
    const row = this.#desk.store.get('usage_window', customer, meter, price, month);
    const state: Window = row
      ? { quantity: BigInt(row.units), latestAtMs: row.latest_ms, latestId: row.latest_id }
      : EMPTY_WINDOW;
    const loaded = {
      customer,
      meter,
      price,
      month,
      state,
      amount: BigInt(row?.amount ?? '0'),
      heldUnits: this.#held.get(key) ?? 0n,
    };
    this.#windows.set(key, loaded);
    return loaded;
  }

  /** Promises quantity to a hold, or takes the promise back. */
  promise(window: LoadedWindow, byUnits: bigint): void {
    const key = `${window.customer}|${window.meter}|${window.price}|${window.month}`;
    window.heldUnits += byUnits;
    invariant(window.heldUnits >= 0n, 'promised units are never below zero');
    if (window.heldUnits === 0n) this.#held.delete(key);
    else this.#held.set(key, window.heldUnits);
  }

  /** Forgets every promise; the engine makes them again from the open holds. */
  forgetPromises(): void {
    this.#held.clear();
    for (const window of this.#windows.values()) window.heldUnits = 0n;
  }

  openLines(customer: string): LoadedLine[] {
    const known = this.#lines.get(customer);
    if (known) return known;
    const loaded = this.#desk.store.openLines(customer).map(loadLine);
    this.#lines.set(customer, loaded);
    return loaded;
  }

  /** Adds a line that is not usage, such as a base fee. */
  addLine(row: LineRow): LoadedLine {
    const line = loadLine(row);
    this.openLines(row.customer).push(line);
    this.#dirtyLines.add(line);
    return line;
  }

  touchLine(line: LoadedLine): void {
    this.#dirtyLines.add(line);
  }

  /** Closes lines onto an invoice. */
  claim(customer: string, lines: readonly LoadedLine[], invoice: string): void {
    for (const line of lines) {
      line.row.invoice = invoice;
      this.#dirtyLines.add(line);
    }
    const claimed = new Set(lines);
    this.#lines.set(
      customer,
      this.openLines(customer).filter((line) => !claimed.has(line)),
    );
  }

  #lineFor(slice: SliceToRate, asset: Asset, beforeUnits: bigint): LoadedLine {
    const { customer, meter, known, month, happenedMs } = slice;
    const cycle = { anchorDay: customer.anchorDay, timeZone: customer.timeZone, unit: 'month' } as const;
    const lines = this.openLines(customer.id);
    const found = lines.find(
      ({ row }) =>
        row.kind === 'usage' &&
        row.meter === meter &&
        row.price === known.record.id &&
        row.month === month &&
        row.period_start <= happenedMs &&
        happenedMs < row.period_end,
    );
    if (found) return found;
    const period = periodAt(cycle, happenedMs);
    return this.addLine({
      id: sequenceId('lin', this.#desk.nextSequence),
      book: this.#desk.book.book,
      customer: customer.id,
      asset,
      kind: 'usage',
      meter,
      price: known.record.id,
      month,
      period_start: period.startMs,
      period_end: period.endMs,
      before_units: beforeUnits.toString(),
      units: '0',
      amount: '0',
      burned: '0',
      waived: '0',
      events: 0,
      invoice: null,
      rule: null,
      label: null,
    });
  }

  /** Rates a slice in one transaction: charges it, moves its window and adds it to its invoice line. */
  rate(slice: SliceToRate): Rated {
    const { customer, meter, known, month, delta } = slice;
    const asset = known.record.asset;
    const window = this.window(customer.id, meter, known.record.id, month);
    const beforeUnits = window.state.quantity;
    const amountMinor = rateDelta(known.price, beforeUnits, delta);
    const standing = this.standing(customer, asset);
    const policy = this.#catalog.meter(meter)?.overshoot ?? 'debt';
    const paid = charge(standing, {
      amountMinor,
      revenue: revenueAccount(meter, asset),
      policy,
      atMs: slice.hold?.openedMs ?? this.#desk.nowMs,
      memo: meter,
      refunds: amountMinor < 0n ? refundsOf(this, this.#desk, window, amountMinor) : [],
    });
    // What is written off or left to the next grant is no part of what this line asks for.
    const waivedMinor = policy === 'debt' ? 0n : paid.overshootMinor;
    const line = this.#lineFor(slice, asset, beforeUnits);
    const body = {
      line: line.row.id,
      meter,
      price: known.record.id,
      month,
      first: slice.firstEvent,
      last: slice.lastEvent,
      from: slice.fromMs,
      to: slice.toMs,
      events: slice.events,
      before: beforeUnits.toString(),
      delta: delta.toString(),
      amount: amountMinor.toString(),
      burned: paid.burnedMinor.toString(),
      overshoot: paid.overshootMinor.toString(),
      waived: waivedMinor.toString(),
      asset,
      hold: slice.hold?.id ?? null,
      ...(known.snapshot === null ? {} : { rate: known.snapshot.id }),
      ...slice.note,
    };
    const tx = this.#desk.write({
      kind: slice.kind ?? 'usage.rated',
      subject: customer.id,
      happenedMs: slice.happenedMs,
      actor: slice.actor,
      body: JSON.stringify(body),
      entries: paid.entries,
    });
    this.#writeSlice(slice, body, tx);
    window.state = slice.after;
    window.amount += amountMinor;
    this.#dirtyWindows.add(window);
    line.units += delta;
    line.amount += amountMinor;
    line.burned += paid.burnedMinor;
    line.waived += waivedMinor;
    line.row.events += slice.events;
    this.#dirtyLines.add(line);
    this.#earn([Math.floor(slice.happenedMs / HOUR_MS) * HOUR_MS, customer.id, meter, asset], amountMinor);
    return { tx, amountMinor, burnedMinor: paid.burnedMinor, overshootMinor: paid.overshootMinor, line: line.row.id };
  }

  #writeSlice(slice: SliceToRate, body: SliceBody, tx: TxRow): void {
    this.#desk.store.insert('slice', {
      tx: tx.seq,
      book: tx.book,
      customer: slice.customer.id,
      meter: slice.meter,
      price: slice.known.record.id,
      month: slice.month,
      line: body.line,
      first_event: slice.firstEvent,
      last_event: slice.lastEvent,
      events: slice.events,
      delta: body.delta,
      before_units: body.before,
      amount: body.amount,
      burned: body.burned,
      waived: body.waived,
      hold: body.hold,
      happened_ms: slice.happenedMs,
      from_ms: slice.fromMs,
      to_ms: slice.toMs,
      rate: slice.known.snapshot?.id ?? null,
    });
  }

  #earn(key: [number, string, string, string], amountMinor: bigint): void {
    if (amountMinor === 0n) return;
    const name = key.join('|');
    const known = this.#revenue.get(name);
    if (known) known.addMinor += amountMinor;
    else this.#revenue.set(name, { key, addMinor: amountMinor });
  }

  #flush(): void {
    this.flushWindows();
    this.#flushLines();
  }

  /** Writes windows that moved, so that billing finds those of a customer in the store. */
  flushWindows(): void {
    const { store, book } = this.#desk;
    for (const { customer, meter, price, month, state, amount } of this.#dirtyWindows) {
      store.put('usage_window', {
        customer,
        meter,
        price,
        month,
        book: book.book,
        units: state.quantity.toString(),
        amount: amount.toString(),
        latest_ms: state.latestAtMs,
        latest_id: state.latestId,
      });
    }
    this.#dirtyWindows.clear();
  }

  #flushLines(): void {
    const { store, book } = this.#desk;
    for (const { row, units, amount, burned, waived } of this.#dirtyLines) {
      row.units = units.toString();
      row.amount = amount.toString();
      row.burned = burned.toString();
      row.waived = waived.toString();
      store.put('line', row);
    }
    for (const { key, addMinor } of this.#revenue.values()) {
      const [hour_ms, customer, meter, asset] = key;
      const before = store.get('revenue_hour', hour_ms, customer, meter, asset);
      const amount = (BigInt(before?.amount ?? '0') + addMinor).toString();
      store.put('revenue_hour', { hour_ms, customer, meter, asset, book: book.book, amount });
    }
    this.#dirtyLines.clear();
    this.#revenue.clear();
  }

  #forget(): void {
    this.#windows.clear();
    this.#dirtyWindows.clear();
    this.#lines.clear();
    this.#dirtyLines.clear();
    this.#revenue.clear();
    this.#catalog.forget();
  }
}
