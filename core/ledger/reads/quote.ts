/** What a month of some quantities would cost, line by line. Books nothing. */
import { formatAmount, formatMinor } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { explainRate, isRateable, minimumTopUp, rate } from '#core/domain/price.ts';
import type { Price } from '#core/domain/price.ts';
import { refuse } from '#core/domain/refusal.ts';
import { unknownMeter } from '#core/domain/unknown.ts';
import { quantityText, trimmed } from '#core/domain/words.ts';
import { planAt } from '../catalog.ts';
import type { CustomerRecord, MeterRecord } from '../catalog.ts';
import { adjustmentsOf } from '../discounts.ts';
import { priceText } from '../price-text.ts';
import type { ShownLine } from '../discounts.ts';
import { requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

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

export function tooMuch(meter: string) {
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
