/** What an invoice says and what is due on it. Not for where its lines come from: the ledger gathers them. */
import type { Asset } from './money.ts';

/** The kinds of lines in the order in which an invoice shows them. */
export const LINE_KINDS = ['base-fee', 'usage', 'late-usage', 'minimum', 'discount', 'commitment'] as const;
export type InvoiceLineKind = (typeof LINE_KINDS)[number];

/** A line in minor units of the invoice's asset. `units` at the meter's scale. */
export type LineAmounts = Readonly<{ amountMinor: bigint; burnedMinor: bigint; waivedMinor: bigint }>;

export type Totals = Readonly<{
  /** What the lines ask for: amounts without what was written off or left to the next grant. */
  totalMinor: bigint;
  /** Paid from credit when the usage was posted, by later grants, and by this invoice. */
  fromCreditMinor: bigint;
  /** Paid by this invoice from credit that is still there. */
  burnNowMinor: bigint;
  /** What becomes receivable; below zero on a credit note. */
  dueMinor: bigint;
}>;

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const atLeastZero = (amount: bigint): bigint => (amount > 0n ? amount : 0n);

/** What of lines neither credit nor later grants have paid, in minor units; never below zero. */
export function unpaidOf(lines: readonly LineAmounts[], creditedMinor: bigint): bigint {
  const unpaid = lines.reduce((sum, line) => sum + line.amountMinor - line.waivedMinor - line.burnedMinor, 0n);
  return atLeastZero(unpaid - atLeastZero(creditedMinor));
}

/**
 * What is due on lines. Usage burnt credit as it was posted; grants that came later paid unbilled usage oldest first:
 * `creditedMinor` is how much of all open lines they have paid. What is left burns free credit, and the rest is due.
 */
export function totals(
  lines: readonly LineAmounts[],
  money: Readonly<{ creditedMinor: bigint; freeCreditMinor: bigint }>,
): Totals {
  const sum = (of: (line: LineAmounts) => bigint): bigint => lines.reduce((total, line) => total + of(line), 0n);
  const totalMinor = sum((line) => line.amountMinor - line.waivedMinor);
  const burnedMinor = sum((line) => line.burnedMinor);
  const unpaid = totalMinor - burnedMinor;
  const credited = least(atLeastZero(money.creditedMinor), atLeastZero(unpaid));
  const burnNowMinor = least(atLeastZero(unpaid - credited), atLeastZero(money.freeCreditMinor));
  return {
    totalMinor,
    fromCreditMinor: burnedMinor + credited + burnNowMinor,
    burnNowMinor,
    dueMinor: unpaid - credited - burnNowMinor,
  };
}

/** The number of an invoice: the year it was finalized in (UTC) and a gapless count of the issuer. */
export function invoiceNumber(finalizedMs: number, count: number): string {
  return `${new Date(finalizedMs).getUTCFullYear()}-${count.toString().padStart(6, '0')}`;
}

export type FrozenLine = Readonly<{
  id: string;
  kind: InvoiceLineKind;
  description: string;
  meter: string | null;
  month: string | null;
  price: string | null;
  priceVersion: number | null;
  quantity: string;
  unit: string;
  rate: string;
  amountMinor: string;
  /** The discount it came from; absent on every other line, and on lines frozen before there were any. */
  rule?: string;
}>;

/** The document whose canonical bytes are frozen. Amounts are integers of minor units in text. */
export type InvoiceDocument = Readonly<{
  schema: 'tollkeeper/invoice/1';
  id: string;
  number: string | null;
  kind: 'usage' | 'credit-note';
  issuer: string;
  customer: Readonly<{ id: string; externalId: string | null; name: string }>;
  asset: Asset;
  periodStartMs: number;
  periodEndMs: number;
  finalizedMs: number | null;
  dueMs: number | null;
  lines: readonly FrozenLine[];
  totalMinor: string;
  paidFromCreditMinor: string;
  dueMinor: string;
}>;
