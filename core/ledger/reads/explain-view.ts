/** What every explanation is made of: its shape, the view of a line, of an entry, and how a line is paid. */
import type { InvoiceLineKind } from '#core/domain/invoice.ts';
import { formatAmount, formatMinor } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { trimmed } from '#core/domain/words.ts';
import { feeText } from '../invoice-lines.ts';
import { priceText } from '../price-text.ts';
import type { InvoiceRow, LineRow } from '../rows.ts';
import { entryView } from './journal.ts';
import type { ReadSession } from './session.ts';

export type Step = { title: string; text: string; arithmetic: string | null; ok: boolean | null };
export type Subject = { kind: 'line' | 'event' | 'transaction' | 'hold' | 'invoice'; id: string; title: string };

export const nothing = {
  invoice: null,
  line: null,
  eventCount: '0',
  sources: [],
  events: [],
  nextEventCursor: null,
  entries: [],
  entryCount: '0',
  firstBlock: null,
  lastBlock: null,
};

export function lineView(session: ReadSession, row: LineRow, invoice: InvoiceRow | null) {
  const known = row.price === null ? undefined : session.catalog.price(row.price);
  const meter = row.meter === null ? undefined : session.catalog.meter(row.meter);
  const late = invoice !== null && row.kind === 'usage' && row.period_start < invoice.period_start;
  return {
    id: row.id,
    kind: late ? ('late-usage' as const) : (row.kind as InvoiceLineKind),
    description: row.kind === 'usage' ? (meter?.name ?? row.meter ?? '') : feeText(row),
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

export function explainedEntry(session: ReadSession, row: Parameters<typeof entryView>[1]) {
  const { transaction, account, label, asset, amountMinor, grant, block, recordedMs } = entryView(session, row);
  return { transaction, account, label, asset, amountMinor, grant, block, recordedMs };
}

export function paidStep(row: LineRow, invoice: InvoiceRow | null): Step {
  const asset = row.asset as Asset;
  const [amount, burned, waived] = [BigInt(row.amount), BigInt(row.burned), BigInt(row.waived)];
  const parts = [`${formatAmount(burned, asset)} from credit when it was used`];
  if (waived !== 0n) parts.push(`${formatAmount(waived, asset)} beyond the balance, not billed here`);
  parts.push(`${formatAmount(amount - burned - waived, asset)} left for the invoice`);
  const where = invoice ? `Invoice ${invoice.number ?? 'draft'}` : 'Not invoiced yet';
  return { title: where, text: parts.join('; '), arithmetic: null, ok: true };
}
