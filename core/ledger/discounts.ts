/** The discounts and commitments of an invoice: which lines they see, and the fees and take-offs they make of them. */
import { applyDiscounts, shortfallOf } from '#core/domain/discount.ts';
import type { DiscountRule, DiscountTerms } from '#core/domain/discount.ts';
import { LINE_KINDS } from '#core/domain/invoice.ts';
import type { InvoiceLineKind } from '#core/domain/invoice.ts';
import { formatAmount, formatMinor } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { trimmed } from '#core/domain/words.ts';

/** A line as an invoice shows it, before discounts: minor units without what was waived. */
export type ShownLine = Readonly<{ kind: InvoiceLineKind; meter: string | null; amountMinor: bigint }>;

/** A discount (below zero) or what a commitment is short of (above zero), ready to be a line. */
export type Adjustment = Readonly<{
  kind: 'discount' | 'commitment';
  description: string;
  amountMinor: bigint;
  rule: DiscountRule;
}>;

/** The order of lines on an invoice: by kind, otherwise as they came. */
export const lineOrder = (a: Pick<ShownLine, 'kind'>, b: Pick<ShownLine, 'kind'>): number =>
  LINE_KINDS.indexOf(a.kind) - LINE_KINDS.indexOf(b.kind);

const SHARE_DECIMALS = 2;

/** Basis points as a percentage. */
export const percentText = (basisPoints: number): string =>
  `${trimmed(formatMinor(BigInt(basisPoints), SHARE_DECIMALS))} %`;

function takenText(terms: DiscountTerms, baseMinor: bigint, asset: Asset): string {
  const base = formatAmount(baseMinor, asset);
  switch (terms.kind) {
    case 'amount':
      return `${formatAmount(terms.amountMinor, asset)} off ${base}`;
    case 'percent':
      return `${percentText(terms.basisPoints)} of ${base}`;
    case 'steps':
      return `${percentText(terms.steps.findLast((step) => baseMinor >= step.fromMinor)?.basisPoints ?? 0)} of ${base}`;
  }
}

/** What rules make of an invoice's lines: take-offs in stacking order, then what a commitment is short of. */
export function adjustmentsOf(
  lines: readonly ShownLine[],
  rules: readonly DiscountRule[],
  asset: Asset,
): readonly Adjustment[] {
  if (rules.length === 0) return [];
  const applied = applyDiscounts(lines.toSorted(lineOrder), rules);
  const made: Adjustment[] = applied.map(({ rule, baseMinor, amountMinor }) => ({
    kind: 'discount',
    description: `${rule.name}: ${takenText(rule.terms, baseMinor, asset)}`,
    amountMinor: -amountMinor,
    rule,
  }));
  const spentMinor = [...lines, ...made].reduce((sum, line) => sum + line.amountMinor, 0n);
  const short = shortfallOf(rules, spentMinor);
  if (short === null) return made;
  const committed = formatAmount(short.rule.committedMinor ?? 0n, asset);
  const description = `${short.rule.name}: ${committed} committed, ${formatAmount(spentMinor, asset)} spent`;
  return [...made, { kind: 'commitment', description, amountMinor: short.amountMinor, rule: short.rule }];
}
