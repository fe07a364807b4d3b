/** A unit cost as it is typed, so much money for so many units, and as it is said. */
import { formatMinor, parseDecimal, scaleOf } from '#core/domain/money.ts';
import { assetOf, groupDecimal } from '../../lib/money.ts';

export type CostDraft = Readonly<{ amount: string; per: string; asset: string }>;
type Counted = Readonly<{ scale: number; unit: string }>;

const SPACES = /[\s\u2009\u202f]/g;

/** Minor units of the asset for quantity units of the meter; or in a sentence what is wrong. */
export function readCost(
  { amount, per, asset }: CostDraft,
  { scale }: Counted,
): { amountMinor: string; perUnits: string } | { problem: string } {
  const minor = parseDecimal(amount.replaceAll(SPACES, ''), scaleOf(assetOf(asset)));
  if (typeof minor === 'string' || minor < 0n)
    return { problem: 'Write what it costs as a plain number such as 0.40; zero is a cost, too.' };
  const units = parseDecimal(per.replaceAll(SPACES, ''), scale);
  if (typeof units === 'string' || units < 1n) return { problem: 'Write for how many units, above zero.' };
  return { amountMinor: minor.toString(), perUnits: units.toString() };
}

/** For how many units of the meter a cost is. */
export function costWords({ perUnits }: { perUnits: string }, { scale, unit }: Counted): string {
  const units = formatMinor(BigInt(perUnits), scale);
  const plain = units.includes('.') ? units.replace(/\.?0+$/, '') : units;
  return `for ${groupDecimal(plain)} ${unit === '' ? 'unit' : unit}${plain === '1' ? '' : 's'}`;
}
