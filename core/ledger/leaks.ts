/** Looks for money that is lost: one read of the books in steps, each find with its evidence. Changes nothing. */
import { decodeSnapshot, snapshotAt } from '#core/domain/exchange.ts';
import type { Snapshot } from '#core/domain/exchange.ts';
import type { Leak, LeakKind, UnitCost, UnitCostRecord } from '#core/domain/leak.ts';
import { divide } from '#core/domain/money.ts';
import { quotaMonth } from '#core/domain/period.ts';
import { isRateable, rate } from '#core/domain/price.ts';
import { planAt } from './catalog.ts';
import type { KnownPrice } from './catalog.ts';
import { lazyData, pendingOf, readUnits } from './pending-event.ts';
import type { ReadSession } from './reads/session.ts';
import { anyone } from './reads/quote.ts';
import type { GrantRow, HoldRow, LineRow, WindowRow } from './rows.ts';

const EXPIRED = `SELECT id, customer, meter, asset, amount FROM hold WHERE state = 'expired' AND opened_ms >= ?
  ORDER BY id`;
const PARKED = `SELECT parked.id, parked.meter AS parked_meter, parked.reason, tx.actor, event.seq, event.source,
    event.id AS event_id, event.subject, event.type, event.meter, event.quantity, event.occurred_ms, event.data,
    event.hold
  FROM parked JOIN event ON event.seq = parked.event_seq JOIN tx ON tx.seq = event.tx AND tx.book = event.book
  WHERE parked.state = 'open' ORDER BY parked.id`;
const WINDOWS = `SELECT customer, meter, price, month, units, amount FROM usage_window
  WHERE month >= ? AND month < ? ORDER BY price, customer, month`;
const LINES = `SELECT id, customer, asset, kind, meter, units, amount FROM line WHERE period_end > ? ORDER BY customer`;
const GRANTS = 'SELECT * FROM credit_grant WHERE created_ms < ? ORDER BY id';
const LAST_USED = 'SELECT happened_ms FROM entry WHERE grant_id = ? ORDER BY tx DESC LIMIT 1';

/** Ids that a find shows; the rest are counted. */
const EVIDENCE = 20;
const PER_STEP = 2_000;

export type LeakOrder = Readonly<{ nowMs: number; fromMs: number; idleMs: number }>;
export type Found = Readonly<{ leaks: Leak[]; uncompared: string[] }>;
type Step = Readonly<{ check: LeakKind; checked: number }>;

/** Things of one kind that belong together, added up. */
class Heap {
  readonly #leaks = new Map<string, Leak & { amountMinor: bigint | null; evidence: string[]; count: number }>();

  add(key: string, id: string, one: Omit<Leak, 'count' | 'evidence'>): void {
    const known = this.#leaks.get(key);
    if (known === undefined) {
      this.#leaks.set(key, { ...one, count: 1, evidence: [id] });
      return;
    }
    known.count += 1;
    if (known.amountMinor !== null) known.amountMinor += one.amountMinor ?? 0n;
    if (known.evidence.length < EVIDENCE) known.evidence.push(id);
  }

  drop(key: string): void {
    this.#leaks.delete(key);
  }

  get leaks(): Leak[] {
    return [...this.#leaks.values()];
  }
}

const nameOf = (session: ReadSession, customer: string): string => session.catalog.customer(customer)?.name ?? customer;

/** Work that the gate let through and nobody captured: its holds ran out, and nothing was charged. */
function* expiredHolds(session: ReadSession, { fromMs }: LeakOrder, found: Found): Generator<Step> {
  const heap = new Heap();
  let checked = 0;
  for (const hold of session.sql(EXPIRED).iterate(fromMs) as Iterable<HoldRow>) {
    const { customer, meter, asset } = hold;
    heap.add(`${customer}|${meter}|${asset}`, hold.id, {
      kind: 'gated-not-captured',
      asset,
      amountMinor: BigInt(hold.amount),
      title: `${nameOf(session, customer)} was let through for ${meter} and never charged`,
      detail: 'These holds ran out without a capture or a release. The amount is what they set aside.',
      customer,
      meter,
    });
    checked += 1;
    if (checked % PER_STEP === 0) yield { check: 'gated-not-captured', checked };
  }
  found.leaks.push(...heap.leaks);
  yield { check: 'gated-not-captured', checked };
}

type ParkedEvent = Readonly<{
  id: string;
  event_id: string;
  parked_meter: string | null;
  reason: string;
  actor: string;
}>;

/** What an event would come to at the price of its day, for its customer or else for anyone; null where none says. */
function worthOf(session: ReadSession, raw: Record<string, unknown>, meterKey: string | null) {
  const event = pendingOf({
    ...raw,
    id: raw.event_id,
    seq: Number(raw.seq),
    occurred_ms: Number(raw.occurred_ms),
  } as never);
  const meter = meterKey === null ? undefined : session.catalog.meter(meterKey);
  if (meter === undefined) return null;
  const units = readUnits(event, meter, lazyData(event));
  const id = session.catalog.resolve(event.subject);
  const customer = (id === null ? null : session.catalog.customer(id)) ?? anyone(null);
  const priced = session.catalog.priceAt(customer, meter.key, event.occurredMs)?.known;
  if (typeof units === 'string' || priced === undefined || units < 0n || !isRateable(priced.price, units)) return null;
  return { asset: priced.record.asset as string, amountMinor: rate(priced.price, units) };
}

/** Work that was reported and not charged; apart from it, what keys without a customer report for nobody known. */
function* unratedEvents(session: ReadSession, _order: LeakOrder, found: Found): Generator<Step> {
  const heap = new Heap();
  const orphans = new Map(
    session.store
      .records('key')
      .map(({ id, body }) => [id, JSON.parse(body) as { customer: string | null; name: string }] as const)
      .filter(([, key]) => key.customer === null),
  );
  let checked = 0;
  for (const raw of session.bigSql(PARKED).iterate() as Iterable<Record<string, unknown>>) {
    // Text columns are read as they are stored.
    const { id, reason, actor, parked_meter: meter } = raw as unknown as ParkedEvent;
    const worth = worthOf(session, raw, meter);
    const asset = worth?.asset ?? null;
    const key = reason === 'customer-unknown' ? orphans.get(actor) : undefined;
    const money = { asset, amountMinor: worth?.amountMinor ?? null, customer: null, meter };
    if (key === undefined) {
      heap.add(`${reason}|${meter}|${asset}`, id, {
        ...money,
        kind: 'captured-not-rated',
        title: `Usage of ${meter ?? 'an unknown meter'} waits unrated`,
        detail: `The reason is ${reason}. The amount is what each would cost alone at the price of its day.`,
      });
    } else {
      heap.add(`${actor}|${asset}`, id, {
        ...money,
        meter: null,
        kind: 'key-without-customer',
        title: `The key "${key.name}" sends usage of nobody known`,
        detail: `The key ${actor} belongs to no customer, and these events name none that there is.`,
      });
    }
    checked += 1;
    if (checked % PER_STEP === 0) yield { check: 'captured-not-rated', checked };
  }
  found.leaks.push(...heap.leaks);
  yield { check: 'captured-not-rated', checked };
}

/** Whether a window of a quota price earned anything: overage, a minimum, or the base fee of the customer's plan. */
function earns(session: ReadSession, row: WindowRow, { record, price }: KnownPrice, nowMs: number): boolean {
  if (BigInt(row.amount) > 0n || price.minimumMinor > 0n) return true;
  const customer = session.catalog.customer(row.customer);
  const plan = record.plan ?? (customer === null ? null : planAt(customer, nowMs));
  return plan !== null && BigInt(session.catalog.plan(plan)?.baseFeeMinor ?? '0') > 0n;
}

/** Quotas that nobody ever reached in whole months, on plans without a fee: all of it was given away. */
function* idleQuotas(session: ReadSession, { nowMs, fromMs }: LeakOrder, found: Found): Generator<Step> {
  const heap = new Heap();
  const billing = new Set<string>();
  let checked = 0;
  for (const row of session.sql(WINDOWS).iterate(quotaMonth(fromMs), quotaMonth(nowMs)) as Iterable<WindowRow>) {
    checked += 1;
    const known = session.catalog.price(row.price);
    const units = BigInt(row.units);
    if (known?.price.model.kind !== 'quota' || units <= 0n) continue;
    if (earns(session, row, known, nowMs)) billing.add(row.price);
    const { overage, quotaUnits } = known.price.model;
    heap.add(row.price, `${row.customer} ${row.month}`, {
      kind: 'quota-never-bills',
      asset: known.record.asset,
      amountMinor: divide(units * overage.amountMinor, overage.perUnits, 'floor'),
      title: `The quota of ${row.meter} in price ${row.price} never bills`,
      detail: `${quotaUnits === null ? 'It has no end' : 'Nobody reached its end'} in whole months, and its plan has no
        base fee. The amount is that usage at the overage price.`.replaceAll(/\s+/g, ' '),
      customer: known.record.customer,
      meter: row.meter,
    });
    if (checked % PER_STEP === 0) yield { check: 'quota-never-bills', checked };
  }
  for (const price of billing) heap.drop(price);
  found.leaks.push(...heap.leaks);
  yield { check: 'quota-never-bills', checked };
}

/** Unit costs by meter, and what one asset is worth in another now. */
function costsOf(session: ReadSession, nowMs: number) {
  const costs = new Map<string, UnitCost>();
  for (const { body } of session.store.records('unit-cost')) {
    const { removedMs, meter, asset, amountMinor, perUnits } = JSON.parse(body) as UnitCostRecord;
    if (removedMs !== null) continue;
    costs.set(meter, { meter, asset, amountMinor: BigInt(amountMinor), perUnits: BigInt(perUnits) });
  }
  const rates = new Map<string, Snapshot[]>();
  for (const { body } of session.store.records('rate')) {
    const one = decodeSnapshot(body);
    rates.set(`${one.from}>${one.to}`, [...(rates.get(`${one.from}>${one.to}`) ?? []), one]);
  }
  const { maxRateAgeMs } = session.catalog.settings();
  const worth = (from: string, to: string): Readonly<{ numerator: bigint; denominator: bigint }> | null => {
    if (from === to) return { numerator: 1n, denominator: 1n };
    const list = (rates.get(`${from}>${to}`) ?? []).toSorted((a, b) => a.observedMs - b.observedMs);
    return snapshotAt(list, nowMs, maxRateAgeMs)?.snapshot ?? null;
  };
  return { costs, worth };
}

type Sum = { revenue: bigint; units: Map<string, bigint>; lines: string[]; count: number };

/** Customers who bring in less than their usage costs: every line of theirs, fees and discounts too, against it. */
function* belowCost(session: ReadSession, { nowMs, fromMs }: LeakOrder, found: Found): Generator<Step> {
  const { costs, worth } = costsOf(session, nowMs);
  const sums = new Map<string, Sum>();
  let checked = 0;
  for (const line of costs.size === 0 ? [] : (session.sql(LINES).iterate(fromMs) as Iterable<LineRow>)) {
    const key = `${line.customer}|${line.asset}`;
    const sum = sums.get(key) ?? { revenue: 0n, units: new Map<string, bigint>(), lines: [], count: 0 };
    sums.set(key, sum);
    sum.revenue += BigInt(line.amount);
    if (line.kind === 'usage' && line.meter !== null && costs.has(line.meter)) {
      sum.units.set(line.meter, (sum.units.get(line.meter) ?? 0n) + BigInt(line.units));
      sum.count += 1;
      if (sum.lines.length < EVIDENCE) sum.lines.push(line.id);
    }
    checked += 1;
    if (checked % PER_STEP === 0) yield { check: 'price-below-cost', checked };
  }
  for (const [key, { revenue, units, lines, count }] of sums) {
    const [customer = '', asset = ''] = key.split('|');
    let cost = 0n;
    for (const [meter, used] of units) {
      const unit = costs.get(meter);
      const by = unit && worth(unit.asset, asset);
      if (!unit) continue;
      if (!by) found.uncompared.push(`${nameOf(session, customer)}: ${meter} costs ${unit.asset}, is sold in ${asset}`);
      else cost += divide(used * unit.amountMinor * by.numerator, unit.perUnits * by.denominator, 'floor');
    }
    if (cost <= revenue) continue;
    found.leaks.push({
      kind: 'price-below-cost',
      asset,
      amountMinor: cost - revenue,
      title: `${nameOf(session, customer)} costs more than it brings in`,
      detail: 'The amount is the unit costs of its usage less all its lines, fees and discounts among them.',
      customer,
      meter: units.size === 1 ? ([...units.keys()][0] ?? null) : null,
      count,
      evidence: lines,
    });
  }
  yield { check: 'price-below-cost', checked };
}

/** Credit that lies about: it was granted, it does not expire soon, and nothing was paid from it for long. */
function* idleGrants(session: ReadSession, { nowMs, idleMs }: LeakOrder, found: Found): Generator<Step> {
  let checked = 0;
  for (const grant of session.sql(GRANTS).all(nowMs - idleMs) as GrantRow[]) {
    checked += 1;
    if (checked % PER_STEP === 0) yield { check: 'idle-grant', checked };
    const left = BigInt(grant.granted) - BigInt(grant.consumed) - BigInt(grant.expired) - BigInt(grant.clawed);
    const isOver = grant.expires_ms !== null && grant.expires_ms <= nowMs;
    const lastMs = session.sql(LAST_USED).pluck().get(grant.id) as number | undefined;
    if (left <= 0n || isOver || (lastMs ?? grant.created_ms) > nowMs - idleMs) continue;
    const since = new Date(lastMs ?? grant.created_ms).toISOString().slice(0, 10);
    found.leaks.push({
      kind: 'idle-grant',
      asset: grant.asset,
      amountMinor: left,
      title: `A grant of ${nameOf(session, grant.customer)} lies idle since ${since}`,
      detail: `${grant.source}${grant.expires_ms === null ? ', without an expiry' : ''}. You owe it until it is used.`,
      customer: grant.customer,
      meter: null,
      count: 1,
      evidence: [grant.id],
    });
  }
  yield { check: 'idle-grant', checked };
}

const CHECKS = [expiredHolds, unratedEvents, idleQuotas, belowCost, idleGrants];

/** Runs every check in turn over one snapshot; what it found is the generator's result. */
export function* findLeaks(session: ReadSession, order: LeakOrder): Generator<Step, Found> {
  const found: Found = { leaks: [], uncompared: [] };
  for (const check of CHECKS) yield* check(session, order, found);
  return found;
}
