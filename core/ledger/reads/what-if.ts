/** Prices before they count: what a quantity would cost, and what a past month would have come to. Books nothing. */
import { formatAmount, formatMinor } from '#core/domain/money.ts';
import type { Asset, Rounding } from '#core/domain/money.ts';
import { monthBounds, quotaMonth } from '#core/domain/period.ts';
import type { QuotaMonth } from '#core/domain/period.ts';
import { decodeModel, explainRate, isRateable, minimumTopUp, rate } from '#core/domain/price.ts';
import type { Price } from '#core/domain/price.ts';
import { refuse } from '#core/domain/refusal.ts';
import { unknownMeter } from '#core/domain/unknown.ts';
import { quantityText, trimmed } from '#core/domain/words.ts';
import { planAt } from '../catalog.ts';
import type { CustomerRecord, KnownPrice, MeterRecord } from '../catalog.ts';
import { adjustmentsOf } from '../discounts.ts';
import { priceText } from '../price-text.ts';
import type { ShownLine } from '../discounts.ts';
import type { WindowRow } from '../rows.ts';
import { requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

const WINDOWS = `SELECT customer, meter, price, month, units, amount FROM usage_window
  WHERE meter = ? AND month = ? AND book = 'main' ORDER BY customer, price`;

type QuoteInput = Readonly<{
  customer?: string | undefined;
  plan?: string | undefined;
  atMs: number;
  items: readonly Readonly<{ meter: string; units: bigint }>[];
}>;

/** Nobody in particular, on a plan: whom a quote without a customer is for. */
export const anyone = (plan: string | null): CustomerRecord => ({
  id: '-',
  externalId: null,
  name: '-',
  terms: [{ fromMs: 0, plan }],
  anchorDay: 1,
  timeZone: 'UTC',
  overdrafts: {},
  subjects: [],
  addresses: [],
  createdMs: 0,
});

function quoteLine(session: ReadSession, customer: CustomerRecord, item: QuoteInput['items'][number], atMs: number) {
  const meter = session.catalog.meter(item.meter) ?? refuse(unknownMeter(item.meter));
  const found = session.catalog.priceAt(customer, meter.key, atMs);
  if (!found) {
    return refuse({
      code: 'PRICE_UNKNOWN',
      detail: `No price for ${meter.key} is in force then.`,
      fix: 'Publish a price for the meter, the plan or the customer.',
      values: { meter: meter.key },
    });
  }
  const { record, price } = found.known;
  if (!isRateable(price, item.units)) return refuse(tooMuch(meter.key));
  const asset = record.asset as Asset;
  const usedMinor = rate(price, item.units);
  const minimumMinor = minimumTopUp(price, usedMinor);
  return {
    meter: meter.key,
    quantity: trimmed(formatMinor(item.units, meter.scale)),
    unit: meter.unit,
    price: record.id,
    priceVersion: record.version,
    rate: priceText(session.catalog.price(record.id) ?? found.known, meter),
    asset: record.asset,
    steps: explainRate(price, item.units).map((step) => ({
      label: step.label,
      quantity: quantityText(step.quantity, meter),
      amountMinor: step.amountMinor.toString(),
    })),
    usedMinor: usedMinor.toString(),
    minimumMinor: minimumMinor.toString(),
    amountMinor: (usedMinor + minimumMinor).toString(),
    warning: dropAhead(price, item.units, asset, meter),
  };
}

function tooMuch(meter: string) {
  return {
    code: 'QUANTITY_INVALID',
    detail: `This quantity of ${meter} comes to more than an amount can be.`,
    fix: 'Check the quantity and its unit.',
  } as const;
}

/** A volume price may drop where a tier begins: then more usage costs less, which whoever quotes should know. */
function dropAhead({ model, ...terms }: Price, units: bigint, asset: Asset, meter: MeterRecord): string | null {
  if (model.kind !== 'volume') return null;
  const price = { model, ...terms };
  const now = rate(price, units);
  for (const { upTo } of model.tiers) {
    if (upTo === null || upTo < units) continue;
    const next = rate(price, upTo + 1n);
    if (next >= now) continue;
    return `${quantityText(upTo + 1n, meter)} would cost less: ${formatAmount(next, asset)}.`;
  }
  return null;
}

type Quoted = Readonly<{
  lines: readonly Readonly<{ meter: string; asset: string; usedMinor: string; minimumMinor: string }>[];
  fee: Readonly<{ asset: string; amountMinor: string }> | null;
  atMs: number;
}>;

/** The discounts and commitments that a period which begins then would have, for these quantities. */
function quoteAdjustments(session: ReadSession, customer: CustomerRecord, { lines, fee, atMs }: Quoted) {
  const assets = new Set([...lines.map(({ asset }) => asset), ...(fee ? [fee.asset] : [])]);
  return [...assets].flatMap((asset) => {
    const seen: ShownLine[] = lines
      .filter((line) => line.asset === asset)
      .flatMap(({ meter, usedMinor, minimumMinor }) => [
        { kind: 'usage' as const, meter, amountMinor: BigInt(usedMinor) },
        { kind: 'minimum' as const, meter, amountMinor: BigInt(minimumMinor) },
      ]);
    if (fee?.asset === asset) seen.push({ kind: 'base-fee', meter: null, amountMinor: BigInt(fee.amountMinor) });
    const rules = session.catalog.discountsFor(customer, asset, atMs);
    return adjustmentsOf(seen, rules, asset as Asset).map(({ kind, description, amountMinor, rule }) => ({
      kind,
      rule: rule.id,
      text: description,
      asset,
      amountMinor: amountMinor.toString(),
    }));
  });
}

/** What a month of these quantities costs, line by line, from zero; with the plan's base fee and minimums. */
export function quote(session: ReadSession, { customer: ref, plan, atMs, items }: QuoteInput) {
  const customer = ref === undefined ? anyone(plan ?? null) : requireCustomer(session, ref);
  const lines = items.map((item) => quoteLine(session, customer, item, atMs));
  const key = planAt(customer, atMs);
  const known = key === null ? null : session.catalog.plan(key);
  if (ref === undefined && plan !== undefined && !known) {
    refuse({ code: 'NOT_FOUND', detail: `There is no plan "${plan.slice(0, 63)}".`, fix: 'List the plans.' });
  }
  const fee = known && known.baseFeeMinor !== '0' ? { asset: known.asset, amountMinor: known.baseFeeMinor } : null;
  const adjustments = quoteAdjustments(session, customer, { lines, fee, atMs });
  const totals = new Map<string, bigint>();
  for (const { asset, amountMinor } of [...lines, ...(fee ? [fee] : []), ...adjustments]) {
    totals.set(asset, (totals.get(asset) ?? 0n) + BigInt(amountMinor));
  }
  return {
    plan: key,
    baseFee: fee,
    lines,
    adjustments,
    totals: [...totals].map(([asset, amountMinor]) => ({ asset, amountMinor: amountMinor.toString() })),
  };
}

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

type Compared = { customer: string; name: string; units: bigint; oldMinor: bigint };

/**
 * A past quota month again under a draft: for each customer what was billed by the windows that the draft would have
 * priced, and what they would have come to together. A price rates running totals, so no event has to be read again.
 */
export function whatIf(session: ReadSession, { draft, month, limit }: { draft: Draft; month: string; limit: number }) {
  const meter = session.catalog.meter(draft.meter) ?? refuse(unknownMeter(draft.meter));
  const { model, rounding, minimumMinor } = draft;
  const price: Price = { model: decodeModel(model), rounding, minimumMinor: BigInt(minimumMinor) };
  const byCustomer = new Map<string, Compared>();
  let otherAsset = 0;
  for (const row of session.sql(WINDOWS).iterate(meter.key, month) as Iterable<WindowRow>) {
    const customer = session.catalog.customer(row.customer);
    const known = session.catalog.price(row.price);
    if (!customer || !known || !wouldPrice(draft, customer, known, month)) continue;
    // What was charged in another asset, by rates of the moment, has no amount to compare in this one.
    if ((known.record.chargedIn ?? known.record.asset) !== draft.asset) {
      otherAsset += 1;
      continue;
    }
    const amount = BigInt(row.amount);
    const one = byCustomer.get(customer.id) ?? { customer: customer.id, name: customer.name, units: 0n, oldMinor: 0n };
    one.units += BigInt(row.units);
    one.oldMinor += amount + minimumTopUp(known.price, amount);
    byCustomer.set(customer.id, one);
  }
  return { ...compare([...byCustomer.values()], price, meter, limit), otherAsset };
}

function compare(all: readonly Compared[], price: Price, meter: MeterRecord, limit: number) {
  const rows = all.map((one) => {
    if (!isRateable(price, one.units)) return refuse(tooMuch(meter.key));
    const used = rate(price, one.units);
    const newMinor = used + minimumTopUp(price, used);
    return { ...one, newMinor, differenceMinor: newMinor - one.oldMinor };
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
      quantity: trimmed(formatMinor(row.units, meter.scale)),
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
