/** Prices before they count: what a past period would have come to under a draft. Books nothing. */
import { formatMinor } from '#core/domain/money.ts';
import type { Rounding } from '#core/domain/money.ts';
import { monthBounds, quotaMonth } from '#core/domain/period.ts';
import type { QuotaMonth } from '#core/domain/period.ts';
import { decodeModel, isRateable, minimumTopUp, rate } from '#core/domain/price.ts';
import type { Price } from '#core/domain/price.ts';
import { refuse } from '#core/domain/refusal.ts';
import { unknownMeter } from '#core/domain/unknown.ts';
import { trimmed } from '#core/domain/words.ts';
import { planAt } from '../catalog.ts';
import type { CustomerRecord, KnownPrice } from '../catalog.ts';
import { tooMuch } from './quote.ts';
import type { ReadSession } from './session.ts';

/** A few hundredths of a second of work. */
const TXS_A_SLICE = 20_000;
const SLICES = `SELECT customer, price, month, delta, amount, happened_ms FROM slice
  WHERE tx > ? AND tx <= ? AND meter = ? AND month BETWEEN ? AND ? ORDER BY tx`;

type Draft = Readonly<{
  meter: string;
  plan: string | null;
  customer: string | null;
  asset: string;
  /** As `encodeModel` writes it. */
  model: string;
  rounding: Rounding;
  minimumMinor: string;
}>;

/** Whether the draft would have priced a window: it is of its scope, or of one that the draft's goes before. */
function wouldPrice(draft: Draft, customer: CustomerRecord, { record }: KnownPrice, month: string): boolean {
  if (draft.customer !== null) return customer.id === draft.customer;
  if (record.customer !== null) return false;
  if (draft.plan === null) return record.plan === null;
  if (record.plan !== null) return record.plan === draft.plan;
  return planAt(customer, monthBounds(month as QuotaMonth).endMs - 1) === draft.plan;
}

const RATED_SINCE = `SELECT DISTINCT customer FROM usage_window
  WHERE meter = ? AND month >= ? AND units <> '0' AND book = 'main'`;

/** Whether usage that a price of this scope would have rated was rated in the quota month of an instant or later. */
export function ratedSince(
  session: ReadSession,
  {
    meter,
    customer,
    plan,
    fromMs,
  }: Readonly<{ meter: string; customer: string | null; plan: string | null; fromMs: number }>,
): boolean {
  const rows = session.sql(RATED_SINCE).iterate(meter, quotaMonth(fromMs)) as Iterable<{ customer: string }>;
  for (const { customer: id } of rows) {
    if (customer !== null && id !== customer) continue;
    if (plan === null || session.catalog.customer(id)?.terms.some((terms) => terms.plan === plan)) return true;
  }
  return false;
}

type Order = Readonly<{ draft: Draft; fromMs: number; toMs: number; limit: number }>;
type SliceOf = Readonly<{
  customer: string;
  price: string;
  month: string;
  delta: string;
  amount: string;
  happened_ms: number;
}>;
/** What a customer used in one quota month: before the period in that month, and inside it. */
type Used = { month: string; before: bigint; inside: bigint; charged: Map<string, bigint> };
type Compared = { customer: string; name: string; units: bigint; oldMinor: bigint; newMinor: bigint };

/** How far it is, in transactions of the journal. */
export type WhatIfStep = Readonly<{ checked: number; total: number }>;

/**
 * A past period again under a draft: for each customer what the slices of the period charged that the draft would have
 * priced, and what they would have come to. A price rates running totals, so no event has to be read again: slices end
 * with each day in UTC, and so does a period. A draft counts from the beginning of each quota month; minimums are of
 * whole months, and left out of one that the period cuts.
 */
export function* whatIf(session: ReadSession, order: Order) {
  const { draft, fromMs, toMs, limit } = order;
  const meter = session.catalog.meter(draft.meter) ?? refuse(unknownMeter(draft.meter));
  const uses = new Map<string, Map<string, Used>>();
  const { seq: total } = session.book();
  let otherAsset = 0;
  const slices = session.sql(SLICES);
  for (let from = 0; from < total; from += TXS_A_SLICE) {
    const rows = slices.all(from, from + TXS_A_SLICE, meter.key, quotaMonth(fromMs), quotaMonth(toMs - 1));
    for (const row of rows as SliceOf[]) {
      if (row.happened_ms >= toMs) continue;
      const found = pricedBy(session, draft, row);
      if (found === 'another asset') otherAsset += row.happened_ms < fromMs ? 0 : 1;
      else if (found === 'the draft') addUse(uses, row, row.happened_ms >= fromMs);
    }
    yield { checked: Math.min(from + TXS_A_SLICE, total), total } satisfies WhatIfStep;
  }
  return { ...compare(session, order, uses, limit), otherAsset };
}

function pricedBy(session: ReadSession, draft: Draft, row: SliceOf): 'the draft' | 'another asset' | 'others' {
  const customer = session.catalog.customer(row.customer);
  const known = session.catalog.price(row.price);
  if (!customer || !known || !wouldPrice(draft, customer, known, row.month)) return 'others';
  // What was charged in another asset, by rates of the moment, has no amount to compare in this one.
  return (known.record.chargedIn ?? known.record.asset) === draft.asset ? 'the draft' : 'another asset';
}

function addUse(uses: Map<string, Map<string, Used>>, row: SliceOf, isInside: boolean): void {
  const months = uses.get(row.customer) ?? new Map<string, Used>();
  uses.set(row.customer, months);
  const used = months.get(row.month) ?? { month: row.month, before: 0n, inside: 0n, charged: new Map() };
  months.set(row.month, used);
  if (!isInside) {
    used.before += BigInt(row.delta);
    return;
  }
  used.inside += BigInt(row.delta);
  used.charged.set(row.price, (used.charged.get(row.price) ?? 0n) + BigInt(row.amount));
}

/** Whether a quota month lies in the period as a whole, so that its minimum is compared as well. */
function isWhole(month: string, { fromMs, toMs }: Order): boolean {
  const { startMs, endMs } = monthBounds(month as QuotaMonth);
  return fromMs <= startMs && endMs <= toMs;
}

function compareMonth(session: ReadSession, order: Order, used: Used): { oldMinor: bigint; newMinor: bigint } {
  const { model, rounding, minimumMinor, meter } = order.draft;
  const price: Price = { model: decodeModel(model), rounding, minimumMinor: BigInt(minimumMinor) };
  const end = used.before + used.inside;
  if (!isRateable(price, end) || !isRateable(price, used.before)) refuse(tooMuch(meter));
  const whole = isWhole(used.month, order);
  const rated = rate(price, end) - rate(price, used.before);
  let oldMinor = 0n;
  for (const [id, amount] of used.charged) {
    const known = session.catalog.price(id);
    oldMinor += amount + (whole && known ? minimumTopUp(known.price, amount) : 0n);
  }
  return { oldMinor, newMinor: rated + (whole ? minimumTopUp(price, rated) : 0n) };
}

function compare(session: ReadSession, order: Order, uses: Map<string, Map<string, Used>>, limit: number) {
  const scale = session.catalog.meter(order.draft.meter)?.scale ?? 0;
  const rows = [...uses].flatMap(([id, months]) => {
    const inside = [...months.values()].filter(({ charged }) => charged.size > 0);
    if (inside.length === 0) return [];
    const name = session.catalog.customer(id)?.name ?? id;
    const one: Compared = { customer: id, name, units: 0n, oldMinor: 0n, newMinor: 0n };
    for (const used of inside) {
      const { oldMinor, newMinor } = compareMonth(session, order, used);
      one.units += used.inside;
      one.oldMinor += oldMinor;
      one.newMinor += newMinor;
    }
    return [{ ...one, differenceMinor: one.newMinor - one.oldMinor }];
  });
  // Who would pay most more comes first; equal ones by id, so that the list stays as it is.
  rows.sort((a, b) => sign(b.differenceMinor - a.differenceMinor) || (a.customer < b.customer ? -1 : 1));
  const sum = (of: (row: (typeof rows)[number]) => bigint) =>
    rows.reduce((total, row) => total + of(row), 0n).toString();
  return {
    customers: rows.length,
    more: rows.filter((row) => row.differenceMinor > 0n).length,
    less: rows.filter((row) => row.differenceMinor < 0n).length,
    oldMinor: sum((row) => row.oldMinor),
    newMinor: sum((row) => row.newMinor),
    differenceMinor: sum((row) => row.differenceMinor),
    items: shown(rows, limit).map((row) => ({
      customer: row.customer,
      name: row.name,
      quantity: trimmed(formatMinor(row.units, scale)),
      oldMinor: row.oldMinor.toString(),
      newMinor: row.newMinor.toString(),
      differenceMinor: row.differenceMinor.toString(),
    })),
  };
}

const sign = (value: bigint): number => (value > 0n ? 1 : value < 0n ? -1 : 0);

/** Both ends of the list where it is longer than asked: who would pay most more, and who most less. */
function shown<T>(rows: readonly T[], limit: number): readonly T[] {
  if (rows.length <= limit) return rows;
  const front = Math.ceil(limit / 2);
  return [...rows.slice(0, front), ...rows.slice(rows.length - (limit - front))];
}
