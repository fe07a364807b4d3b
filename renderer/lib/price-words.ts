/** Prices and discounts in words, from the answers of the contract. */
import { symbolOf } from '#core/domain/money.ts';
import type { PriceModel } from '#core/domain/price.ts';
import { modelText } from '#core/domain/words.ts';
import { amountLine, assetOf } from './money.ts';
import type { Discount, Meter, Price } from './shapes.ts';

type WireModel = Price['model'];
const ratio = (rate: { amountMinor: string; perUnits: string }) => ({
  amountMinor: BigInt(rate.amountMinor),
  perUnits: BigInt(rate.perUnits),
});

/** The model as the domain rates it. */
export function modelOf(model: WireModel): PriceModel {
  switch (model.kind) {
    case 'per-unit':
      return { kind: model.kind, rate: ratio(model.rate) };
    case 'package':
      return { kind: model.kind, sizeUnits: BigInt(model.sizeUnits), amountMinor: BigInt(model.amountMinor) };
    case 'quota':
      return {
        kind: model.kind,
        quotaUnits: model.quotaUnits === null ? null : BigInt(model.quotaUnits),
        overage: ratio(model.overage),
      };
    case 'graduated':
    case 'volume':
      return {
        kind: model.kind,
        tiers: model.tiers.map((tier) => ({
          upTo: tier.upTo === null ? null : BigInt(tier.upTo),
          rate: ratio(tier.rate),
          flatMinor: BigInt(tier.flatMinor),
        })),
      };
  }
}

/** The price in words: as it is stated, and in which asset it is charged. */
export function priceWords(price: Price, meter: Meter | undefined): string {
  const stated = modelText(modelOf(price.model), assetOf(price.asset), meter ?? { scale: 0, unit: 'unit' });
  return price.chargedIn === null ? stated : `${stated}, charged in ${symbolOf(assetOf(price.chargedIn))}`;
}

/** For whom a price or a discount is. */
export function whose(
  one: { customer: string | null; plan: string | null },
  names: ReadonlyMap<string, string>,
): string {
  if (one.customer !== null) return names.get(one.customer) ?? one.customer;
  return one.plan === null ? 'Everyone' : `Plan ${one.plan}`;
}

/** Ten thousandths as a percentage: 250 is 2.5 %. */
export function percentWords(basisPoints: number): string {
  const whole = Math.floor(basisPoints / 100);
  const rest = basisPoints % 100;
  const fraction = rest === 0 ? '' : `.${String(rest).padStart(2, '0').replace(/0$/, '')}`;
  return `${whole}${fraction} %`;
}

/** What a discount takes, in words. */
export function termsWords({ terms, asset, mostMinor, committedMinor }: Discount): string {
  const parts: string[] = [];
  if (terms.kind === 'percent' && terms.basisPoints > 0) parts.push(`${percentWords(terms.basisPoints)} off`);
  if (terms.kind === 'amount') parts.push(`${amountLine(BigInt(terms.amountMinor), asset)} off`);
  if (terms.kind === 'steps') {
    for (const step of terms.steps) {
      parts.push(`${percentWords(step.basisPoints)} from ${amountLine(BigInt(step.fromMinor), asset)}`);
    }
  }
  if (mostMinor !== null) parts.push(`at most ${amountLine(BigInt(mostMinor), asset)}`);
  if (committedMinor !== null) parts.push(`${amountLine(BigInt(committedMinor), asset)} committed`);
  return parts.join(', ');
}

/** A model with every amount changed by so many basis points; exact, as the divisors take the rest. */
export function scaled(model: WireModel, basisPoints: number): WireModel {
  const whole = 10_000n;
  const times = whole + BigInt(basisPoints);
  const rate = (one: { amountMinor: string; perUnits: string }) => ({
    amountMinor: (BigInt(one.amountMinor) * times).toString(),
    perUnits: (BigInt(one.perUnits) * whole).toString(),
  });
  // Amounts that stand alone cannot carry a divisor: they are rounded to the minor unit.
  const alone = (minor: string): string => ((BigInt(minor) * times + whole / 2n) / whole).toString();
  switch (model.kind) {
    case 'per-unit':
      return { ...model, rate: rate(model.rate) };
    case 'quota':
      return { ...model, overage: rate(model.overage) };
    case 'package':
      return { ...model, amountMinor: alone(model.amountMinor) };
    case 'graduated':
    case 'volume':
      return {
        ...model,
        tiers: model.tiers.map((tier) => ({ ...tier, rate: rate(tier.rate), flatMinor: alone(tier.flatMinor) })),
      };
  }
}
