/** Why a fee or a discount? They are booked when an invoice is finalized; a draft says what they will be. */
import { STACKING } from '#core/domain/discount.ts';
import type { InvoiceDocument } from '#core/domain/invoice.ts';
import { sequenceId } from '#core/domain/id.ts';
import { formatAmount } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { periodAt } from '#core/domain/period.ts';
import type { Interval } from '#core/domain/period.ts';
import { minimumTopUp } from '#core/domain/price.ts';
import { adjustmentsOf } from '../discounts.ts';
import { baseFees } from '../invoice-lines.ts';
import type { InvoiceRow, LineRow } from '../rows.ts';
import { explainedEntry, lineView, nothing, paidStep } from './explain-view.ts';
import type { Step, Subject } from './explain-view.ts';
import type { entryView } from './journal.ts';
import { invoiceView } from './lists.ts';
import { sequenceOf } from './session.ts';
import type { ReadSession } from './session.ts';

const FEE_ENTRIES = `SELECT entry.tx, entry.line, entry.account, entry.asset, entry.amount, entry.balance,
  entry.grant_id, entry.happened_ms, entry.memo, tx.kind, tx.recorded_ms, tx.block, tx.actor, tx.body
  FROM tx JOIN entry ON entry.tx = tx.seq AND entry.book = tx.book
  WHERE tx.seq > ? AND tx.seq < ? AND tx.kind = 'fee.charged' AND tx.subject = ? ORDER BY entry.tx, entry.line`;
const DRAFT_OF = `SELECT * FROM invoice WHERE tx = ? AND state = 'draft' AND book = 'main'`;
const USAGE_KINDS: ReadonlySet<string> = new Set(['usage', 'late-usage']);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A fee writes its charge and, for a minimum, one record; both stand right before the finalizing transaction. */
const MOST_TX_A_FEE = 2;

type FeeEntry = Parameters<typeof entryView>[1] & { body: string };

const isRevenue = (account: string): boolean => account.startsWith('revenue:') || account.startsWith('discount:');
const subjectOf = (row: LineRow): Subject => ({
  kind: 'line',
  id: row.id,
  title: `Why ${formatAmount(BigInt(row.amount), row.asset as Asset)}?`,
});

const documentOf = (invoice: InvoiceRow): InvoiceDocument => JSON.parse(invoice.bytes ?? '{"lines":[]}');

/** A fee that was booked. */
export function explainFee(session: ReadSession, row: LineRow, invoice: InvoiceRow | null) {
  const entries = entriesOf(session, row, invoice);
  const earned = entries.reduce((sum, { account, amount }) => sum + (isRevenue(account) ? BigInt(amount) : 0n), 0n);
  const booked: Step = {
    title: `Booked when ${invoice?.number ?? 'the invoice'} was finalized`,
    text: 'in a transaction of its own, before the invoice was frozen',
    arithmetic: formatAmount(earned, row.asset as Asset),
    ok: earned === BigInt(row.amount),
  };
  const steps = [feeStep(session, row, invoice), booked, paidStep(row, invoice)];
  return {
    ...nothing,
    subject: subjectOf(row),
    invoice: invoice ? invoiceView(session, invoice) : null,
    line: lineView(session, row, invoice),
    steps,
    entries: entries.map((entry) => explainedEntry(session, entry)),
    entryCount: String(entries.length),
    agrees: steps.every((step) => step.ok !== false),
  };
}

/** A fee that a draft shows and nothing has booked yet; null where no draft shows it. */
export function explainDraftFee(session: ReadSession, id: string) {
  const invoice = session.sql(DRAFT_OF).get(sequenceOf(id)) as InvoiceRow | undefined;
  const line = invoice && documentOf(invoice).lines.find((one) => one.id === id);
  if (!invoice || !line) return null;
  const row: LineRow = {
    id,
    book: invoice.book,
    customer: invoice.customer,
    asset: invoice.asset,
    kind: line.kind,
    meter: line.meter,
    price: line.price,
    month: line.month,
    period_start: invoice.period_start,
    period_end: invoice.period_end,
    before_units: '0',
    units: '1',
    amount: line.amountMinor,
    burned: '0',
    waived: '0',
    events: 0,
    invoice: invoice.id,
    rule: line.rule ?? null,
    label: line.description,
  };
  const booked: Step = {
    title: 'Draft',
    text: 'not booked yet: finalizing the invoice charges it, and more usage until then can change it',
    arithmetic: `drawn in ${sequenceId('txn', invoice.tx)}`,
    ok: null,
  };
  const steps = [feeStep(session, row, invoice), booked];
  return {
    ...nothing,
    subject: subjectOf(row),
    invoice: invoiceView(session, invoice),
    line: lineView(session, row, invoice),
    steps,
    agrees: steps.every((step) => step.ok !== false),
  };
}

function feeStep(session: ReadSession, row: LineRow, invoice: InvoiceRow | null): Step {
  if (row.kind === 'base-fee') return baseFeeStep(session, row);
  return row.rule === null ? minimumStep(session, row, invoice) : adjustmentStep(session, row, row.rule, invoice);
}

/** A discount or a commitment again, from the lines its invoice shows. A rule that was changed since proves nothing. */
function adjustmentStep(session: ReadSession, row: LineRow, id: string, invoice: InvoiceRow | null): Step {
  const asset = row.asset as Asset;
  const rule = session.catalog.discount(id);
  const customer = session.catalog.customer(row.customer);
  const lines = invoice ? documentOf(invoice).lines : [];
  const rules = customer ? session.catalog.discountsFor(customer, asset, row.period_start) : [];
  const made = adjustmentsOf(
    lines
      .filter(({ rule: from }) => from === undefined)
      .map((line) => ({ ...line, amountMinor: BigInt(line.amountMinor) })),
    rules,
    asset,
  );
  const same = made.find((one) => one.rule.id === id && one.kind === row.kind);
  return {
    title: rule ? `${rule.name}, ${row.kind === 'commitment' ? 'a commitment' : `a ${rule.kind} discount`}` : row.kind,
    text:
      row.kind === 'commitment'
        ? 'what was promised for the period less what it came to after discounts'
        : `discounts apply ${STACKING.join(', then ')}; each to what is left of the lines it is for`,
    arithmetic: `${row.label ?? ''} = ${formatAmount(BigInt(row.amount), asset)}`,
    ok: same?.amountMinor === BigInt(row.amount) ? true : null,
  };
}

/** The plan in force when the period began, and what it asks; recomputed from the plan as it stands in the books. */
function baseFeeStep(session: ReadSession, row: LineRow): Step {
  const customer = session.catalog.customer(row.customer);
  const asset = row.asset as Asset;
  if (!customer) return { title: 'Base fee', text: 'Its customer is not in the books.', arithmetic: null, ok: false };
  const cycle = { anchorDay: customer.anchorDay, timeZone: customer.timeZone, unit: 'month' } as const;
  const period = periodAt(cycle, row.period_start);
  const found = baseFees(session.catalog, customer, period).find(
    ({ plan, amountMinor, description }) =>
      plan.asset === asset && amountMinor === BigInt(row.amount) && (row.label ?? description) === description,
  );
  const whole = found && formatAmount(BigInt(found.plan.baseFeeMinor), asset);
  const days = found && `${shareText(found, period)} of the period`;
  return {
    title: 'Base fee',
    text: `plan ${found?.plan.name ?? 'unknown'} asks ${whole ?? 'this'} a period, for the part it was in force`,
    arithmetic: `${whole ?? '?'} × ${days ?? '?'} = ${formatAmount(BigInt(row.amount), asset)}`,
    // A plan whose fee was changed since explains the next invoice, not this one.
    ok: found ? true : null,
  };
}

/** Which part of a period a plan was in force, as a fraction of days where it is whole days, else of hours. */
function shareText({ fromMs, toMs }: Readonly<{ fromMs: number; toMs: number }>, period: Interval): string {
  if (fromMs === period.startMs && toMs === period.endMs) return 'all';
  const [part, whole] = [toMs - fromMs, period.endMs - period.startMs];
  const unitMs = [DAY_MS, HOUR_MS].find((one) => part % one === 0 && whole % one === 0) ?? 1;
  const unit = unitMs === DAY_MS ? 'days' : unitMs === HOUR_MS ? 'hours' : 'ms';
  return `${part / unitMs}/${whole / unitMs} ${unit}`;
}

/** What the price asks at least, less what the month's usage came to. */
function minimumStep(session: ReadSession, row: LineRow, invoice: InvoiceRow | null): Step {
  const asset = row.asset as Asset;
  const { customer, meter, price, month } = row;
  const known = price === null ? undefined : session.catalog.price(price);
  if (!known || meter === null || price === null || month === null) {
    return { title: 'Minimum', text: 'The price of this fee is not in the books.', arithmetic: null, ok: false };
  }
  const words = (minor: bigint): string => formatAmount(minor, asset);
  const least = known.price.minimumMinor;
  const used = least - BigInt(row.amount);
  const isOpen = invoice === null || invoice.state === 'draft';
  const window = BigInt(session.store.get('usage_window', customer, meter, price, month)?.amount ?? '0');
  return {
    title: `Minimum for ${meter}, ${month}`,
    text: 'the price asks at least so much for a quota month; usage that came to less is brought up to it',
    arithmetic: `${words(least)} − ${words(used)} of usage = ${words(least - used)}`,
    // Usage that came after the fee was booked has a line of its own, so only a draft can still be compared.
    ok: isOpen ? minimumTopUp(known.price, window) === BigInt(row.amount) : null,
  };
}

function entriesOf(session: ReadSession, row: LineRow, invoice: InvoiceRow | null): FeeEntry[] {
  if (!invoice?.final_tx) return [];
  const fees = documentOf(invoice).lines.filter(({ kind }) => !USAGE_KINDS.has(kind)).length;
  const from = invoice.final_tx - MOST_TX_A_FEE * fees - 1;
  const found = session.sql(FEE_ENTRIES).all(from, invoice.final_tx, row.customer) as FeeEntry[];
  return found.filter(({ body }) => (JSON.parse(body) as { line: string }).line === row.id);
}
