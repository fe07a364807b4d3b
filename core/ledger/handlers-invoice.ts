/** Closing periods into drafts and finalizing them: lines gathered, credit consumed, number taken, bytes frozen. */
import { customerAccount, discountAccount, feeAccount } from '#core/domain/account.ts';
import { canonicalJson } from '#core/domain/canonical.ts';
import { charge } from '#core/domain/charge.ts';
import { burn, giveBack } from '#core/domain/credit.ts';
import type { Burn, Paid } from '#core/domain/credit.ts';
import { sequenceId } from '#core/domain/id.ts';
import { invoiceNumber, totals, unpaidOf } from '#core/domain/invoice.ts';
import type { LineAmounts } from '#core/domain/invoice.ts';
import type { Asset } from '#core/domain/money.ts';
import { nextPeriod, periodAt } from '#core/domain/period.ts';
import type { Interval } from '#core/domain/period.ts';
import { entry } from '#core/domain/posting.ts';
import type { Entry } from '#core/domain/posting.ts';
import { invariant } from '#core/domain/refusal.ts';
import type { CustomerRecord } from './catalog.ts';
import type { Engine } from './engine.ts';
import {
  adjustments,
  baseFees,
  documentOf,
  feeRow,
  feesOf,
  firstOpenPeriod,
  linesOf,
  minimumAssets,
  minimumPeriods,
  money,
} from './invoice-lines.ts';
import type { Fee, Scope } from './invoice-lines.ts';
import { failpoint } from './failpoint.ts';
import { movesOf } from './give-back.ts';
import { sha256 } from './hash.ts';
import type { Answer, Command } from './port.ts';
import type { LoadedLine } from './loaded.ts';
import type { InvoiceRow, LineRow } from './rows.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;
/** At most 50 years of months: a guard against a clock that ran away, not a limit anybody meets. */
const MOST_PERIODS = 600;
const DAY_MS = 86_400_000;

/** Closes what ended by an instant, customer by customer; a draft that exists is brought up to date. */
export function closePeriods(engine: Engine, command: Of<'invoice.close'>): Answer {
  engine.poster.post();
  engine.rater.flushWindows();
  const done = { drafts: 0, unchanged: 0, invoices: [] as string[] };
  for (const id of command.customers) {
    const customer = engine.catalog.customer(id);
    if (customer) closeCustomer(engine, customer, command, done);
  }
  return { ok: true, value: done };
}

/** Periods with open lines, and every one since the customer came in which a plan or a commitment asks for money. */
function periodsToClose(engine: Engine, customer: CustomerRecord, command: Of<'invoice.close'>): Interval[] {
  const cycle = { anchorDay: customer.anchorDay, timeZone: customer.timeZone, unit: 'month' } as const;
  const periods = new Map<number, Interval>();
  for (const { row } of engine.rater.openLines(customer.id)) {
    const at = firstOpenPeriod(engine, customer, row.asset, { startMs: row.period_start, endMs: row.period_end });
    periods.set(at.startMs, at);
  }
  for (const one of minimumPeriods(engine, customer, command.untilMs)) periods.set(one.startMs, one);
  let period = periodAt(cycle, customer.createdMs);
  for (let count = 0; period.startMs < command.untilMs && count < MOST_PERIODS; count += 1) {
    if (standingAssets(engine, customer, period).length > 0) periods.set(period.startMs, period);
    period = nextPeriod(cycle, period);
  }
  return [...periods.values()]
    .filter(({ startMs, endMs }) => endMs <= command.untilMs || (command.early && startMs < command.untilMs))
    .sort((a, b) => a.startMs - b.startMs);
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
    for (const asset of assetsOf(engine, customer, period, command.untilMs)) {
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

/** In which assets a period costs something though nothing is used: base fees, and commitments of the customer's. */
function standingAssets(engine: Engine, customer: CustomerRecord, period: Interval): readonly string[] {
  const fees = baseFees(engine.catalog, customer, period).map(({ plan }) => plan.asset);
  return [...fees, ...engine.catalog.committedAssets(customer, period.startMs)];
}

function assetsOf(engine: Engine, customer: CustomerRecord, period: Interval, untilMs: number): Set<string> {
  const assets = new Set(engine.rater.openLines(customer.id).map(({ row }) => row.asset));
  for (const asset of minimumAssets(engine, customer, untilMs)) assets.add(asset);
  for (const asset of standingAssets(engine, customer, period)) assets.add(asset);
  return assets;
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
  const charged = feesOf(engine, customer, scope);
  const fees = [...charged, ...adjustments(engine, customer, scope, { lines, fees: charged })];
  if (lines.length === 0 && fees.length === 0) return 'empty';
  const { creditedMinor, freeCreditMinor } = money(engine, customer, asset);
  const amounts = withFees(lines.map(amountsOf), fees, creditedMinor);
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

const amountsOf = ({ amount, burned, waived }: LoadedLine): LineAmounts => ({
  amountMinor: amount,
  burnedMinor: burned,
  waivedMinor: waived,
});

/** Lines with the fees a draft shows. A discount beyond what is unpaid will give credit back, as finalizing does. */
function withFees(lines: readonly LineAmounts[], fees: readonly Fee[], creditedMinor: bigint): LineAmounts[] {
  const all = [...lines];
  for (const { amountMinor } of fees) {
    const beyond = amountMinor < 0n ? -amountMinor - unpaidOf(all, creditedMinor) : 0n;
    const burned = all.reduce((sum, line) => sum + line.burnedMinor, 0n);
    const backMinor = beyond > 0n ? (beyond < burned ? beyond : burned) : 0n;
    all.push({ amountMinor, burnedMinor: -backMinor, waivedMinor: 0n });
  }
  return all;
}

/** Finalizes drafts in the order given. One that is final already is left as it is. */
export function finalizeInvoices(engine: Engine, command: Of<'invoice.finalize'>): Answer {
  engine.poster.post();
  engine.rater.flushWindows();
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

function chargeFee(
  engine: Engine,
  customer: CustomerRecord,
  invoice: InvoiceRow,
  feeLine: LineRow,
  { fee, refunds }: Readonly<{ fee: Fee; refunds: readonly Burn[] }>,
): readonly Entry[] {
  const { desk, rater } = engine;
  const asset = invoice.asset as Asset;
  const paid = charge(rater.standing(customer, asset), {
    amountMinor: fee.amountMinor,
    revenue: fee.kind === 'discount' ? discountAccount(ruleKind(engine, fee), asset) : feeAccount(fee.kind, asset),
    policy: 'debt',
    atMs: desk.nowMs,
    memo: fee.kind,
    refunds,
  });
  const line = rater.addLine(feeLine);
  line.burned = paid.burnedMinor;
  const { meter, price, month, rule } = fee.row;
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
      ...(rule ? { rule } : {}),
      label: fee.description,
    }),
    entries: paid.entries,
  });
  if (fee.kind === 'minimum') {
    const name = `${customer.id}|${meter}|${price}|${month}`;
    engine.setRecord('minimum', name, { invoice: invoice.id, amount: fee.amountMinor.toString() }, engine.actor);
  }
  return paid.entries;
}

const ruleKind = (engine: Engine, fee: Fee): string => engine.catalog.discount(fee.row.rule ?? '')?.kind ?? 'unknown';

/** Books the fees of an invoice, then what discounts take off: from what is unpaid, and beyond it back to credit. */
function chargeFees(engine: Engine, customer: CustomerRecord, row: InvoiceRow, scope: Scope): void {
  const { store } = engine.desk;
  const fees = feesOf(engine, customer, scope);
  const burns: Paid[] = [];
  const book = (fee: Fee, index: number, refunds: readonly Burn[]): void => {
    const entries = chargeFee(engine, customer, row, feeRow(row, fee, index), { fee, refunds });
    for (const { grant, amountMinor } of entries) if (grant !== null) burns.unshift({ grantId: grant, amountMinor });
    failpoint('invoice.fee');
  };
  const lines = linesOf(engine, customer, scope);
  const taken = adjustments(engine, customer, scope, { lines, fees });
  for (const [index, fee] of fees.entries()) book(fee, index, []);
  for (const [index, fee] of taken.entries()) {
    const now = linesOf(engine, customer, scope);
    const { creditedMinor } = money(engine, customer, scope.asset as Asset);
    const beyond = fee.amountMinor < 0n ? -fee.amountMinor - unpaidOf(now.map(amountsOf), creditedMinor) : 0n;
    const moves = beyond > 0n ? [...burns, ...movesOf(lines.toReversed(), store)] : [];
    const refunds = giveBack(moves, beyond, (id) => engine.desk.consumedOf(id));
    book(fee, fees.length + index, refunds);
  }
}

function finalizeOne(engine: Engine, row: InvoiceRow): void {
  const { desk, rater, catalog } = engine;
  const customer = catalog.customer(row.customer);
  invariant(customer, 'an invoice names a customer that exists');
  const asset = row.asset as Asset;
  const scope = { asset, startMs: row.period_start, endMs: row.period_end };
  chargeFees(engine, customer, row, scope);
  const lines = linesOf(engine, customer, scope);
  const { standing, creditedMinor, freeCreditMinor } = money(engine, customer, asset);
  const sums = totals(lines.map(amountsOf), { creditedMinor, freeCreditMinor });
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
