/** What an invoice takes and says: its open lines, the fees it adds, the money around it, and its document. */
import { sequenceId } from '#core/domain/id.ts';
import type { FrozenLine, InvoiceDocument, Totals } from '#core/domain/invoice.ts';
import { formatMinor } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { monthBounds, nextPeriod, periodAt } from '#core/domain/period.ts';
import type { BillingCycle, Interval, QuotaMonth } from '#core/domain/period.ts';
import { minimumTopUp } from '#core/domain/price.ts';
import { modelText, trimmed } from '#core/domain/words.ts';
import { planAt } from './catalog.ts';
import type { CustomerRecord } from './catalog.ts';
import type { Engine } from './engine.ts';
import type { LoadedLine } from './rater.ts';
import type { InvoiceRow, LineRow } from './rows.ts';

export type Fee = Readonly<{
  kind: 'base-fee' | 'minimum';
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
  const fees: Fee[] = [];
  const key = planAt(customer, scope.startMs);
  const plan = key === null ? null : engine.catalog.plan(key);
  if (plan && plan.asset === scope.asset && plan.baseFeeMinor !== '0') {
    fees.push({
      kind: 'base-fee',
      description: `${plan.name}, monthly`,
      amountMinor: BigInt(plan.baseFeeMinor),
      row: {},
    });
  }
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

export function money(engine: Engine, customer: CustomerRecord, asset: Asset, feesMinor: bigint) {
  const standing = engine.rater.standing(customer, asset);
  let openUnpaid = feesMinor;
  for (const { row, amount, burned, waived } of engine.rater.openLines(customer.id)) {
    if (row.asset === asset) openUnpaid += amount - waived - burned;
  }
  return {
    standing,
    creditedMinor: openUnpaid + standing.unbilledMinor - feesMinor,
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
  };
}

function frozenLine(engine: Engine, invoice: InvoiceRow, row: LineRow): FrozenLine {
  const known = row.price === null ? undefined : engine.catalog.price(row.price);
  const meter = row.meter === null ? undefined : engine.catalog.meter(row.meter);
  const late = row.kind === 'usage' && row.period_start < invoice.period_start;
  const asset = invoice.asset as Asset;
  const fee = row.kind === 'base-fee' ? 'Base fee' : `Minimum for ${row.meter ?? ''}`;
  const described = row.kind === 'usage' ? (meter?.name ?? row.meter ?? '') : fee;
  return {
    id: row.id,
    kind: late ? 'late-usage' : (row.kind as FrozenLine['kind']),
    description: late ? `${described} (late)` : described,
    meter: row.meter,
    month: row.month,
    price: row.price,
    priceVersion: known?.record.version ?? null,
    quantity: row.kind === 'usage' ? trimmed(formatMinor(BigInt(row.units), meter?.scale ?? 0)) : '1',
    unit: row.kind === 'usage' ? (meter?.unit ?? '') : 'month',
    rate: known && meter && row.kind === 'usage' ? modelText(known.price.model, asset, meter) : '',
    amountMinor: (BigInt(row.amount) - BigInt(row.waived)).toString(),
  };
}

export function documentOf(
  engine: Engine,
  customer: CustomerRecord,
  invoice: InvoiceRow,
  lines: readonly LineRow[],
  sums: Totals,
): InvoiceDocument {
  const ranked = { 'base-fee': 0, usage: 1, 'late-usage': 2, minimum: 3 };
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
    lines: lines.map((row) => frozenLine(engine, invoice, row)).sort((a, b) => ranked[a.kind] - ranked[b.kind]),
    totalMinor: sums.totalMinor.toString(),
    paidFromCreditMinor: sums.fromCreditMinor.toString(),
    dueMinor: sums.dueMinor.toString(),
  };
}
