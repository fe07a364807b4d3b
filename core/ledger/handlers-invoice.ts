/** Closing periods into drafts and finalizing them: lines gathered, credit consumed, number taken, bytes frozen. */
import { customerAccount, feeAccount } from '#core/domain/account.ts';
import { canonicalJson } from '#core/domain/canonical.ts';
import { charge } from '#core/domain/charge.ts';
import { burn } from '#core/domain/credit.ts';
import { sequenceId } from '#core/domain/id.ts';
import { invoiceNumber, totals } from '#core/domain/invoice.ts';
import type { FrozenLine, InvoiceDocument, Totals } from '#core/domain/invoice.ts';
import { formatMinor } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { monthBounds, nextPeriod, periodAt } from '#core/domain/period.ts';
import type { BillingCycle, Interval, QuotaMonth } from '#core/domain/period.ts';
import { entry } from '#core/domain/posting.ts';
import type { Entry } from '#core/domain/posting.ts';
import { minimumTopUp } from '#core/domain/price.ts';
import { invariant } from '#core/domain/refusal.ts';
import { modelText, trimmed } from '#core/domain/words.ts';
import { planAt } from './catalog.ts';
import type { CustomerRecord } from './catalog.ts';
import type { Engine } from './engine.ts';
import { failpoint } from './failpoint.ts';
import { sha256 } from './hash.ts';
import type { Answer, Command } from './port.ts';
import type { LoadedLine } from './rater.ts';
import type { InvoiceRow, LineRow } from './rows.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;
type Fee = Readonly<{ kind: 'base-fee' | 'minimum'; description: string; amountMinor: bigint; row: Partial<LineRow> }>;
/** At most 50 years of months: a guard against a clock that ran away, not a limit anybody meets. */
const MOST_PERIODS = 600;
const DAY_MS = 86_400_000;

/** Closes what ended by an instant, customer by customer; a draft that exists is brought up to date. */
export function closePeriods(engine: Engine, command: Of<'invoice.close'>): Answer {
  engine.poster.post();
  const done = { drafts: 0, unchanged: 0, invoices: [] as string[] };
  for (const id of command.customers) {
    const customer = engine.catalog.customer(id);
    if (customer) closeCustomer(engine, customer, command, done);
  }
  return { ok: true, value: done };
}

/** Periods with open lines, and for a plan with a base fee every period since the customer came. */
function periodsToClose(engine: Engine, customer: CustomerRecord, command: Of<'invoice.close'>): Interval[] {
  const cycle = { anchorDay: customer.anchorDay, timeZone: customer.timeZone, unit: 'month' } as const;
  const periods = new Map<number, Interval>();
  for (const { row } of engine.rater.openLines(customer.id)) {
    const at = periodOfLine(engine, cycle, row);
    periods.set(at.startMs, at);
  }
  let period = periodAt(cycle, customer.createdMs);
  for (let count = 0; period.startMs < command.untilMs && count < MOST_PERIODS; count += 1) {
    const plan = planAt(customer, period.startMs);
    if (plan !== null && engine.catalog.plan(plan)?.baseFeeMinor !== '0') periods.set(period.startMs, period);
    period = nextPeriod(cycle, period);
  }
  return [...periods.values()]
    .filter(({ startMs, endMs }) => endMs <= command.untilMs || (command.early && startMs < command.untilMs))
    .sort((a, b) => a.startMs - b.startMs);
}

/** The period whose invoice takes a line: its own, or for late usage the first after it that is not billed yet. */
function periodOfLine(engine: Engine, cycle: BillingCycle, row: LineRow): Interval {
  const billed = new Set(
    engine.desk.store
      .invoicesOf(row.customer)
      .filter((one) => one.asset === row.asset && one.state !== 'draft' && one.state !== 'voided')
      .map((one) => one.period_start),
  );
  let period: Interval = { startMs: row.period_start, endMs: row.period_end };
  while (billed.has(period.startMs)) period = nextPeriod(cycle, period);
  return period;
}

function closeCustomer(
  engine: Engine,
  customer: CustomerRecord,
  command: Of<'invoice.close'>,
  done: { drafts: number; unchanged: number; invoices: string[] },
): void {
  for (const period of periodsToClose(engine, customer, command)) {
    const endMs = Math.min(period.endMs, Math.max(command.untilMs, period.startMs + 1));
    const invoices = engine.desk.store.invoicesOf(customer.id);
    for (const asset of assetsOf(engine, customer, period.startMs)) {
      const existing = invoices.find(
        (one) => one.asset === asset && one.period_start === period.startMs && one.state !== 'voided',
      );
      if (existing && existing.state !== 'draft') continue;
      const draft = draftFor(
        engine,
        customer,
        { asset, startMs: period.startMs, endMs: Math.max(endMs, existing?.period_end ?? 0) },
        existing,
      );
      if (draft === 'empty') continue;
      if (draft === 'unchanged') done.unchanged += 1;
      else done.drafts += 1;
      const id = existing?.id ?? engine.lastInvoice;
      if (id) done.invoices.push(id);
    }
  }
}

function assetsOf(engine: Engine, customer: CustomerRecord, startMs: number): Set<string> {
  const assets = new Set(engine.rater.openLines(customer.id).map(({ row }) => row.asset));
  const key = planAt(customer, startMs);
  const plan = key === null ? null : engine.catalog.plan(key);
  if (plan && plan.baseFeeMinor !== '0') assets.add(plan.asset);
  return assets;
}

type Scope = Readonly<{ asset: string; startMs: number; endMs: number }>;

/** The open lines an invoice takes: its own period's, and late ones of periods that were invoiced already. */
function linesOf(engine: Engine, customer: CustomerRecord, scope: Scope): LoadedLine[] {
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
function feesOf(engine: Engine, customer: CustomerRecord, scope: Scope, lines: readonly LoadedLine[]): Fee[] {
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
  const seen = new Set<string>();
  for (const { row } of lines) {
    const { meter, price, month } = row;
    const name = `${customer.id}|${meter}|${price}|${month}`;
    if (meter === null || price === null || month === null || seen.has(name)) continue;
    seen.add(name);
    const known = engine.catalog.price(price);
    if (!known || monthBounds(month as QuotaMonth).endMs > scope.endMs) continue;
    if (engine.desk.store.get('record', 'minimum', name)) continue;
    const topUp = minimumTopUp(known.price, engine.rater.window(customer.id, meter, price, month).amount);
    if (topUp <= 0n) continue;
    fees.push({
      kind: 'minimum',
      description: `Minimum for ${meter}, ${month}`,
      amountMinor: topUp,
      row: { meter, price, month },
    });
  }
  return fees;
}

function money(engine: Engine, customer: CustomerRecord, asset: Asset, feesMinor: bigint) {
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

/** Makes or refreshes a draft. Its fees are shown, and booked only when it is finalized. */
function draftFor(
  engine: Engine,
  customer: CustomerRecord,
  scope: Scope,
  existing: InvoiceRow | undefined,
): 'made' | 'unchanged' | 'empty' {
  const { desk } = engine;
  const asset = scope.asset as Asset;
  const lines = linesOf(engine, customer, scope);
  const fees = feesOf(engine, customer, scope, lines);
  if (lines.length === 0 && fees.length === 0) return 'empty';
  const feesMinor = fees.reduce((sum, fee) => sum + fee.amountMinor, 0n);
  const { creditedMinor, freeCreditMinor } = money(engine, customer, asset, feesMinor);
  const amounts = [
    ...lines.map((line) => ({ amountMinor: line.amount, burnedMinor: line.burned, waivedMinor: line.waived })),
    ...fees.map((fee) => ({ amountMinor: fee.amountMinor, burnedMinor: 0n, waivedMinor: 0n })),
  ];
  const sums = totals(amounts, { creditedMinor, freeCreditMinor });
  const sequence = desk.nextSequence;
  const row: InvoiceRow = {
    id: existing?.id ?? sequenceId('inv', sequence),
    book: desk.book.book,
    number: null,
    kind: 'usage',
    state: 'draft',
    customer: customer.id,
    asset,
    period_start: scope.startMs,
    period_end: scope.endMs,
    created_ms: existing?.created_ms ?? desk.nowMs,
    finalized_ms: null,
    due_ms: null,
    total: sums.totalMinor.toString(),
    from_credit: sums.fromCreditMinor.toString(),
    due: sums.dueMinor.toString(),
    bytes: null,
    sha256: null,
    tx: existing?.tx ?? sequence,
    final_tx: null,
  };
  const feeLines = fees.map((fee, index) => feeRow(row, fee, index));
  row.bytes = canonicalJson(documentOf(engine, customer, row, [...feeLines, ...lines.map(asRow)], sums));
  if (existing?.bytes === row.bytes) return 'unchanged';
  desk.write({
    kind: 'invoice.drafted',
    subject: customer.id,
    happenedMs: desk.nowMs,
    actor: engine.actor,
    body: JSON.stringify({ invoice: row.id, document: row.bytes }),
  });
  desk.store.put('invoice', row);
  engine.lastInvoice = row.id;
  return 'made';
}

/** A fee's line is named after its invoice, so that a draft that is drawn again is the same draft. */
function feeRow(invoice: InvoiceRow, fee: Fee, index: number): LineRow {
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

function documentOf(
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

/** Finalizes drafts in the order given. One that is final already is left as it is. */
export function finalizeInvoices(engine: Engine, command: Of<'invoice.finalize'>): Answer {
  engine.poster.post();
  let finalized = 0;
  for (const id of command.invoices) {
    const row = engine.desk.store.get('invoice', id);
    if (!row || row.state === 'voided') {
      return {
        ok: false,
        refusal: {
          code: row ? 'STATE_FORBIDS' : 'NOT_FOUND',
          detail: `There is no draft ${id}.`,
          fix: 'List the invoices again; those before it in the call are finalized.',
        },
      };
    }
    if (row.state !== 'draft') continue;
    finalizeOne(engine, row);
    finalized += 1;
  }
  return { ok: true, value: { finalized } };
}

function chargeFee(engine: Engine, customer: CustomerRecord, invoice: InvoiceRow, feeLine: LineRow, fee: Fee): void {
  const { desk, rater } = engine;
  const asset = invoice.asset as Asset;
  const paid = charge(rater.standing(customer, asset), {
    amountMinor: fee.amountMinor,
    revenue: feeAccount(fee.kind, asset),
    policy: 'debt',
    atMs: desk.nowMs,
    memo: fee.kind,
  });
  const line = rater.addLine(feeLine);
  line.burned = paid.burnedMinor;
  const { meter, price, month } = fee.row;
  desk.write({
    kind: 'fee.charged',
    subject: customer.id,
    happenedMs: invoice.period_end,
    actor: engine.actor,
    body: JSON.stringify({
      line: line.row.id,
      invoice: invoice.id,
      kind: fee.kind,
      amount: fee.amountMinor.toString(),
      burned: paid.burnedMinor.toString(),
      meter: meter ?? null,
      price: price ?? null,
      month: month ?? null,
    }),
    entries: paid.entries,
  });
  if (fee.kind === 'minimum') {
    const name = `${customer.id}|${meter}|${price}|${month}`;
    engine.setRecord('minimum', name, { invoice: invoice.id, amount: fee.amountMinor.toString() }, engine.actor);
  }
}

function finalizeOne(engine: Engine, row: InvoiceRow): void {
  const { desk, rater, catalog } = engine;
  const customer = catalog.customer(row.customer);
  invariant(customer, 'an invoice names a customer that exists');
  const asset = row.asset as Asset;
  const scope = { asset, startMs: row.period_start, endMs: row.period_end };
  for (const [index, fee] of feesOf(engine, customer, scope, linesOf(engine, customer, scope)).entries()) {
    chargeFee(engine, customer, row, feeRow(row, fee, index), fee);
    failpoint('invoice.fee');
  }
  const lines = linesOf(engine, customer, scope);
  const { standing, creditedMinor, freeCreditMinor } = money(engine, customer, asset, 0n);
  const sums = totals(
    lines.map((line) => ({ amountMinor: line.amount, burnedMinor: line.burned, waivedMinor: line.waived })),
    { creditedMinor, freeCreditMinor },
  );
  const { burns, shortMinor } = burn(standing.grants, sums.burnNowMinor, desk.nowMs);
  const due = sums.dueMinor + shortMinor;
  const unbilled = customerAccount(customer.id, 'unbilled', asset);
  const wallet = customerAccount(customer.id, 'wallet', asset);
  const entries: Entry[] = burns.map((part) => ({
    account: wallet,
    amountMinor: -part.amountMinor,
    grant: part.grantId,
    memo: 'pays invoice',
  }));
  const moved = sums.burnNowMinor - shortMinor + due;
  if (moved !== 0n) entries.push(entry(unbilled, moved, 'invoiced'));
  if (due !== 0n) entries.push(entry(customerAccount(customer.id, 'receivable', asset), -due, 'invoiced'));
  const final: InvoiceRow = {
    ...row,
    number: invoiceNumber(desk.nowMs, desk.book.invoice_no + 1),
    kind: sums.totalMinor < 0n ? 'credit-note' : 'usage',
    state: due === 0n ? 'paid' : 'finalized',
    finalized_ms: desk.nowMs,
    due_ms: desk.nowMs + catalog.settings().dueDays * DAY_MS,
    total: sums.totalMinor.toString(),
    from_credit: (sums.fromCreditMinor - shortMinor).toString(),
    due: due.toString(),
    final_tx: desk.nextSequence,
  };
  const frozen = { ...sums, fromCreditMinor: sums.fromCreditMinor - shortMinor, dueMinor: due };
  for (const line of lines) line.row.amount = line.amount.toString();
  final.bytes = canonicalJson(documentOf(engine, customer, final, lines.map(asRow), frozen));
  final.sha256 = sha256(final.bytes);
  desk.write({
    kind: 'invoice.finalized',
    subject: customer.id,
    happenedMs: row.period_end,
    actor: engine.actor,
    body: JSON.stringify({ invoice: final.id, number: final.number, document: final.bytes }),
    entries,
  });
  desk.book.invoice_no += 1;
  desk.store.put('invoice', final);
  rater.claim(customer.id, lines, final.id);
  failpoint('invoice.frozen');
}

const asRow = ({ row, units, amount, burned, waived }: LoadedLine): LineRow => ({
  ...row,
  units: units.toString(),
  amount: amount.toString(),
  burned: burned.toString(),
  waived: waived.toString(),
});
