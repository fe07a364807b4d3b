/** Exact amounts: integers of minor units with an asset that states its scale. Not for exchange between assets. */
import { refuse, invariant } from './refusal.ts';

/** A symbol and its number of decimals, as `USDC/6`. */
export type Asset = `${string}/${number}`;

/** How a division that does not come out even is settled; named at every division. */
export type Rounding = 'floor' | 'ceil' | 'half-even' | 'half-away';
export const ROUNDINGS = ['floor', 'ceil', 'half-even', 'half-away'] as const;

/**
 * Amounts lie within ± (2^128 − 1) minor units: 0G with 18 decimals does not fit 64 bits, and nothing real needs
 * more.
 */
export const MAX_AMOUNT_MINOR = 2n ** 128n - 1n;

const ASSET = /^[A-Z0-9]{1,12}\/(?:[0-9]|1[0-8])$/;

/** Says whether a text is an asset: 1–12 capitals or digits, a slash, a scale of 0–18. */
export function isAsset(text: string): text is Asset {
  return ASSET.test(text);
}

/** The number of decimals an asset is written with. */
export function scaleOf(asset: Asset): number {
  return Number(asset.slice(asset.indexOf('/') + 1));
}

/** The asset's name without its scale, as people say it. */
export function symbolOf(asset: Asset): string {
  return asset.slice(0, asset.indexOf('/'));
}

/** Writes minor units as a decimal with every decimal of the scale: `12400000` of USDC/6 is `12.400000`. */
export function formatMinor(amountMinor: bigint, scale: number): string {
  const negative = amountMinor < 0n;
  const digits = (negative ? -amountMinor : amountMinor).toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const text = scale === 0 ? whole : `${whole}.${digits.slice(digits.length - scale)}`;
  return negative ? `-${text}` : text;
}

/** Writes an amount with its asset, for people and for messages. */
export function formatAmount(amountMinor: bigint, asset: Asset): string {
  return `${formatMinor(amountMinor, scaleOf(asset))} ${symbolOf(asset)}`;
}

const DECIMAL = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/;

/**
 * Reads a plain decimal (no exponent, no separators) into an integer of `10^-scale` units.
 * Refuses more decimals than the scale, unless they are zeros: a digit is never dropped.
 */
export function parseDecimal(text: string, scale: number): bigint | 'malformed' | 'too-precise' {
  const match = DECIMAL.exec(text);
  if (match === null) return 'malformed';
  const [, sign, whole = '', fraction = ''] = match;
  const kept = fraction.slice(0, scale).padEnd(scale, '0');
  if (/[1-9]/.test(fraction.slice(scale))) return 'too-precise';
  const value = BigInt(whole + kept);
  return sign === '-' ? -value : value;
}

/** Reads a decimal amount of an asset, or refuses it with AMOUNT_INVALID. */
export function parseAmount(text: string, asset: Asset): bigint {
  const value = parseDecimal(text, scaleOf(asset));
  if (typeof value === 'bigint' && value >= -MAX_AMOUNT_MINOR && value <= MAX_AMOUNT_MINOR) return value;
  return refuse({
    code: 'AMOUNT_INVALID',
    detail: `"${text.slice(0, 60)}" is not an amount of ${asset}.`,
    fix: `Send a plain decimal with at most ${scaleOf(asset)} decimals.`,
  });
}

/** Divides exactly and settles the rest by the named rounding. The denominator must be positive. */
export function divide(numerator: bigint, denominator: bigint, rounding: Rounding): bigint {
  invariant(denominator > 0n, 'a division has a positive denominator');
  const quotient = numerator / denominator;
  const rest = numerator % denominator;
  if (rest === 0n) return quotient;
  const floor = numerator < 0n ? quotient - 1n : quotient;
  switch (rounding) {
    case 'floor':
      return floor;
    case 'ceil':
      return floor + 1n;
    case 'half-away':
    case 'half-even': {
      const above = 2n * (numerator - floor * denominator);
      if (above !== denominator) return above > denominator ? floor + 1n : floor;
      if (rounding === 'half-even') return floor % 2n === 0n ? floor : floor + 1n;
      return numerator < 0n ? floor : floor + 1n;
    }
  }
}

/**
 * Splits an amount by integer weights. Each part is rounded toward zero and the remainder goes to the first part
 * (the treasury, by convention), so that the parts always sum to the whole.
 */
export function split(amountMinor: bigint, weights: readonly bigint[]): bigint[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0n);
  invariant(total > 0n && weights.every((weight) => weight >= 0n), 'weights are not negative and sum above zero');
  const parts = weights.map((weight) => (amountMinor * weight) / total);
  const rest = amountMinor - parts.reduce((sum, part) => sum + part, 0n);
  parts[0] = (parts[0] ?? 0n) + rest;
  invariant(parts.reduce((sum, part) => sum + part, 0n) === amountMinor, 'the parts of a split sum to the whole');
  return parts;
}
