/** What an invoice takes and says: its open lines, the fees it adds, the money around it, and its document. */
import { sequenceId } from '#core/domain/id.ts';
import type { FrozenLine, InvoiceDocument, InvoiceLineKind, Totals } from '#core/domain/invoice.ts';
import { formatMinor } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { monthBounds, nextPeriod, periodAt, prorate } from '#core/domain/period.ts';
import type { BillingCycle, Interval, QuotaMonth } from '#core/domain/period.ts';
import { minimumTopUp } from '#core/domain/price.ts';
import { trimmed } from '#core/domain/words.ts';
import { localOf } from '#core/domain/zone.ts';
import { plansDuring } from './catalog.ts';
import type { Catalog, CustomerRecord } from './catalog.ts';
import { adjustmentsOf, lineOrder } from './discounts.ts';
import { priceText } from './price-text.ts';
import type { ShownLine } from './discounts.ts';
import type { Engine } from './engine.ts';
import type { LoadedLine } from './loaded.ts';
import type { InvoiceRow, LineRow } from './rows.ts';

export type Fee = Readonly<{
  kind: 'base-fee' | 'minimum' | 'discount' | 'commitment';
  description: string;
  amountMinor: bigint;
  row: Partial<LineRow>;
}>;
export type Scope = Readonly<{ asset: string; startMs: number; endMs: number }>;

/** The open lines an invoice takes: its own period's, and late ones of periods that were invoiced already. */
export function linesOf(engine: Engine, customer: CustomerRecord, scope: Scope): LoadedLine[] {
  const drafted = new Set(
    engine.desk.store
      .invoicesOf(customer.id)
      .filter((one) => one.state === 'draft' && one.asset === scope.asset)
      .map((one) => one.period_start),
  );
  return engine.rater
    .openLines(customer.id)
    .filter(({ row }) => row.asset === scope.asset)
    .filter(
      ({ row }) =>
        row.period_start === scope.startMs || (row.period_start < scope.startMs && !drafted.has(row.period_start)),
    );
}

/** Fees that the invoice adds: the plan's base fee once a period, and minimums of quota months that ended. */
export function feesOf(engine: Engine, customer: CustomerRecord, scope: Scope): Fee[] {
  const fees: Fee[] = baseFees(engine.catalog, customer, periodAt(cycleOf(customer), scope.startMs))
    .filter(({ plan }) => plan.asset === scope.asset)
    .map(({ description, amountMinor }) => ({ kind: 'base-fee', description, amountMinor, row: {} }));
  for (const { meter, price, month, topUpMinor } of unbilledMinimums(engine, customer, scope.endMs)) {
    if (engine.catalog.price(price)?.record.asset !== scope.asset) continue;
    const own = periodAt(cycleOf(customer), lastInstant(month));
    if (firstOpenPeriod(engine, customer, scope.asset, own).startMs !== scope.startMs) continue;
    fees.push({
      kind: 'minimum',
      description: `Minimum for ${meter}, ${month}`,
      amountMinor: topUpMinor,
      row: { meter, price, month },
    });
  }
  return fees;
}

/**
 * Base fees of a period: one for each plan that was in force in it, by the share of the period it held. The shares of a
 * plan that asks the same throughout sum to its fee, wherever it was cut.
 */
export function baseFees(catalog: Catalog, customer: CustomerRecord, period: Interval) {
  return plansDuring(customer, period).flatMap(({ plan: key, fromMs, toMs }) => {
    const plan = key === null ? null : catalog.plan(key);
    if (!plan || plan.baseFeeMinor === '0') return [];
    const isWhole = fromMs === period.startMs && toMs === period.endMs;
    const whole = { amountMinor: BigInt(plan.baseFeeMinor), period, rounding: 'half-even' } as const;
    const amountMinor = prorate(whole, { fromMs, toMs });
    const held = `${dateText(fromMs, customer.timeZone)} to ${dateText(toMs, customer.timeZone)}`;
    const description = `Base fee, ${plan.name}${isWhole ? '' : `, ${held}`}`;
    return [{ plan, fromMs, toMs, amountMinor, description }];
  });
}

/** The minute of an instant on a customer's clock. */
function dateText(instantMs: number, timeZone: string): string {
  return new Date(localOf(timeZone, instantMs)).toISOString().slice(0, 16).replace('T', ' ');
}

/** The discounts and commitments of an invoice, as fees: from its lines and the fees before them. */
export function adjustments(
  engine: Engine,
  customer: CustomerRecord,
  scope: Scope,
  shown: Readonly<{ lines: readonly LoadedLine[]; fees: readonly Fee[] }>,
): Fee[] {
  const lines: ShownLine[] = [
    ...shown.fees.map(({ kind, amountMinor, row }) => ({ kind, meter: row.meter ?? null, amountMinor })),
    ...shown.lines.map(({ row, amount, waived }) => ({
      kind: kindOf(row, scope.startMs),
      meter: row.meter,
      amountMinor: amount - waived,
    })),
  ];
  const rules = engine.catalog.discountsFor(customer, scope.asset, scope.startMs);
  return adjustmentsOf(lines, rules, scope.asset as Asset).map(({ kind, description, amountMinor, rule }) => ({
    kind,
    description,
    amountMinor,
    row: { rule: rule.id },
  }));
}

const kindOf = (row: LineRow, invoiceStartMs: number): InvoiceLineKind =>
  row.kind === 'usage' && row.period_start < invoiceStartMs ? 'late-usage' : (row.kind as InvoiceLineKind);

type UnbilledMinimum = Readonly<{ meter: string; price: string; month: string; topUpMinor: bigint }>;
const lastInstant = (month: string): number => monthBounds(month as QuotaMonth).endMs - 1;

/** Quota months that ended by an instant, came to less than their price asks, and were not brought up to it yet. */
function unbilledMinimums(engine: Engine, customer: CustomerRecord, untilMs: number): UnbilledMinimum[] {
  const { catalog, desk } = engine;
  return desk.store.windowsOf(customer.id).flatMap(({ meter, price, month, amount }) => {
    const known = catalog.price(price);
    if (!known || known.price.minimumMinor === 0n || lastInstant(month) >= untilMs) return [];
    if (desk.store.get('record', 'minimum', `${customer.id}|${meter}|${price}|${month}`)) return [];
    const topUpMinor = minimumTopUp(known.price, BigInt(amount));
    return topUpMinor > 0n ? [{ meter, price, month, topUpMinor }] : [];
  });
}

/** Periods that have a minimum to ask for though nothing else happened in them: after an early close, say. */
export function minimumPeriods(engine: Engine, customer: CustomerRecord, untilMs: number): Interval[] {
  return unbilledMinimums(engine, customer, untilMs).map(({ price, month }) => {
    const own = periodAt(cycleOf(customer), lastInstant(month));
    return firstOpenPeriod(engine, customer, engine.catalog.price(price)?.record.asset ?? '', own);
  });
}

export function minimumAssets(engine: Engine, customer: CustomerRecord, untilMs: number): string[] {
  const minimums = unbilledMinimums(engine, customer, untilMs);
  return minimums.flatMap(({ price }) => engine.catalog.price(price)?.record.asset ?? []);
}

const cycleOf = (customer: CustomerRecord): BillingCycle => ({
  anchorDay: customer.anchorDay,
  timeZone: customer.timeZone,
  unit: 'month',
});

/** The period whose invoice takes what belongs to `own`: that one, or the first after it that is not billed yet. */
export function firstOpenPeriod(engine: Engine, customer: CustomerRecord, asset: string, own: Interval): Interval {
  const billed = new Set(
    engine.desk.store
      .invoicesOf(customer.id)
      .filter((one) => one.asset === asset && one.state !== 'draft')
      .map((one) => one.period_start),
  );
  let period = own;
  while (billed.has(period.startMs)) period = nextPeriod(cycleOf(customer), period);
  return period;
}

/** The customer's money around an invoice: what later grants paid of open lines, and credit nobody counts on. */
export function money(engine: Engine, customer: CustomerRecord, asset: Asset) {
  const standing = engine.rater.standing(customer, asset);
  let openUnpaid = 0n;
  for (const { row, amount, burned, waived } of engine.rater.openLines(customer.id)) {
    if (row.asset === asset) openUnpaid += amount - waived - burned;
  }
  return {
    standing,
    creditedMinor: openUnpaid + standing.unbilledMinor,
    freeCreditMinor: standing.walletMinor - standing.heldMinor,
  };
}

/** A fee's line is named after its invoice, so that a draft that is drawn again is the same draft. */
export function feeRow(invoice: InvoiceRow, fee: Fee, index: number): LineRow {
  return {
    id: sequenceId('lin', invoice.tx, index + 1),
    book: invoice.book,
    customer: invoice.customer,
    asset: invoice.asset,
    kind: fee.kind,
    meter: fee.row.meter ?? null,
    price: fee.row.price ?? null,
    month: fee.row.month ?? null,
    period_start: invoice.period_start,
    period_end: invoice.period_end,
    before_units: '0',
    units: '1',
    amount: fee.amountMinor.toString(),
    burned: '0',
    waived: '0',
    events: 0,
    invoice: null,
    rule: fee.row.rule ?? null,
    label: fee.description,
  };
}

function frozenLine(engine: Engine, invoice: InvoiceRow, row: LineRow): FrozenLine {
  const known = row.price === null ? undefined : engine.catalog.price(row.price);
  const meter = row.meter === null ? undefined : engine.catalog.meter(row.meter);
  const kind = kindOf(row, invoice.period_start);
  const late = kind === 'late-usage';
  const described = row.kind === 'usage' ? (meter?.name ?? row.meter ?? '') : feeText(row);
  return {
    id: row.id,
    kind,
    description: late ? `${described} (late)` : described,
    meter: row.meter,
    month: row.month,
    price: row.price,
    priceVersion: known?.record.version ?? null,
    quantity: row.kind === 'usage' ? trimmed(formatMinor(BigInt(row.units), meter?.scale ?? 0)) : '1',
    unit: row.kind === 'usage' ? (meter?.unit ?? '') : 'month',
    rate: known && meter && row.kind === 'usage' ? priceText(known, meter) : '',
    amountMinor: (BigInt(row.amount) - BigInt(row.waived)).toString(),
    ...(row.rule === null ? {} : { rule: row.rule }),
  };
}

/** What a fee is for; fees of before there were labels say their kind. */
export function feeText({ kind, label, meter }: Pick<LineRow, 'kind' | 'label' | 'meter'>): string {
  return label ?? (kind === 'base-fee' ? 'Base fee' : `Minimum for ${meter ?? ''}`);
}

export function documentOf(
  engine: Engine,
  customer: CustomerRecord,
  invoice: InvoiceRow,
  lines: readonly LineRow[],
  sums: Totals,
): InvoiceDocument {
  return {
    schema: 'tollkeeper/invoice/1',
    id: invoice.id,
    number: invoice.number,
    kind: sums.totalMinor < 0n ? 'credit-note' : 'usage',
    issuer: engine.catalog.settings().issuer,
    customer: { id: customer.id, externalId: customer.externalId, name: customer.name },
    asset: invoice.asset as Asset,
    periodStartMs: invoice.period_start,
    periodEndMs: invoice.period_end,
    finalizedMs: invoice.finalized_ms,
    dueMs: invoice.due_ms,
    lines: lines.map((row) => frozenLine(engine, invoice, row)).sort(lineOrder),
    totalMinor: sums.totalMinor.toString(),
    paidFromCreditMinor: sums.fromCreditMinor.toString(),
    dueMinor: sums.dueMinor.toString(),
  };
}
