/** Prices and quantities in words, for invoices and explanations. */
import type { Asset } from './money.ts';
import { formatAmount, formatMinor, scaleOf, symbolOf } from './money.ts';
import type { PriceModel, Ratio } from './price.ts';

/** Groups thousands with a thin space, as the console shows figures. */
export function grouped(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, '\u2009');
  return fraction === undefined ? spaced : `${spaced}.${fraction}`;
}

/** A quantity with its unit, without trailing zeros. */
export function quantityText(units: bigint, meter: Readonly<{ scale: number; unit: string }>): string {
  const quantity = trimmed(formatMinor(units, meter.scale));
  return `${grouped(quantity)} ${quantity === '1' ? meter.unit : plural(meter.unit)}`;
}

/** English words of four letters or more take a plural; signs such as GB, ms or kWh stay as they are. */
export function plural(unit: string): string {
  if (!/(^|[ -])[a-z]{4,}$/.test(unit) || unit.endsWith('s')) return unit;
  if (/[^aeiou]y$/.test(unit)) return `${unit.slice(0, -1)}ies`;
  return /(?:x|z|ch|sh)$/.test(unit) ? `${unit}es` : `${unit}s`;
}

/** A decimal without the zeros behind its last digit. */
export function trimmed(decimal: string): string {
  return decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
}

/** The price of one whole unit when it comes out even, else the ratio as it is stated. */
export function ratioText(rate: Ratio, asset: Asset, meter: Readonly<{ scale: number; unit: string }>): string {
  const perUnit = rate.amountMinor * 10n ** BigInt(meter.scale);
  if (perUnit % rate.perUnits === 0n) {
    return `${trimmed(formatMinor(perUnit / rate.perUnits, scaleOf(asset)))} ${symbolOf(asset)} a ${meter.unit}`;
  }
  return `${formatAmount(rate.amountMinor, asset)} per ${quantityText(rate.perUnits, meter)}`;
}

/** A whole price model in one sentence. */
export function modelText(model: PriceModel, asset: Asset, meter: Readonly<{ scale: number; unit: string }>): string {
  switch (model.kind) {
    case 'per-unit':
      return ratioText(model.rate, asset, meter);
    case 'package':
      return `${formatAmount(model.amountMinor, asset)} for each ${quantityText(model.sizeUnits, meter)} begun`;
    case 'quota':
      return quotaText(model, asset, meter);
    case 'graduated':
    case 'volume':
      return `${model.kind}: ${model.tiers
        .map((tier) => {
          const until = tier.upTo === null ? 'beyond' : `to ${quantityText(tier.upTo, meter)}`;
          const flat = tier.flatMinor === 0n ? '' : ` + ${formatAmount(tier.flatMinor, asset)}`;
          return `${until} ${ratioText(tier.rate, asset, meter)}${flat}`;
        })
        .join(', ')}`;
  }
}

type Quota = Extract<PriceModel, { kind: 'quota' }>;

function quotaText(model: Quota, asset: Asset, meter: Readonly<{ scale: number; unit: string }>): string {
  if (model.quotaUnits === null) return 'included without limit';
  const beyond = ratioText(model.overage, asset, meter);
  return `${quantityText(model.quotaUnits, meter)} a month included, then ${beyond}`;
}
