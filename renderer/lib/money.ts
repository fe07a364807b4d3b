/**
 * Amounts as people read them, from integers of minor units. Formats and compares; sums only what a table shows as
 * its total.
 */
import { divide, formatMinor, isAsset, MAX_AMOUNT_MINOR, parseDecimal, scaleOf, symbolOf } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import { tickText } from './plot.ts';

const THIN = '\u2009';
const MINUS = '\u2212';
/** Assets with more decimals than this are shortened where space is short, with ≈. */
const LONGEST_SCALE = 9;
const SHORT_SCALE = 4;

/** How many decimals are written: every one, at most four for the long ones, or without the zeros at the end. */
export type Precision = 'full' | 'short' | 'trimmed';

export type AmountText = Readonly<{
  text: string;
  symbol: string;
  approximate: boolean;
  exact: string;
  minor: string;
  negative: boolean;
}>;

function groupWhole(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, THIN);
}

function groupFraction(digits: string): string {
  return digits.replace(/(\d{3})(?=\d)/g, `$1${THIN}`);
}

/** Groups the digits of a plain decimal in threes on both sides of the point, with a true minus sign. */
export function groupDecimal(plain: string): string {
  const negative = plain.startsWith('-');
  const [whole = '0', fraction] = (negative ? plain.slice(1) : plain).split('.');
  const text = fraction === undefined ? groupWhole(whole) : `${groupWhole(whole)}.${groupFraction(fraction)}`;
  return negative ? `${MINUS}${text}` : text;
}

function trimZeros(plain: string, scale: number): string {
  if (scale === 0) return plain;
  const [whole = '0', fraction = ''] = plain.split('.');
  const kept = fraction.replace(/0+$/, '').padEnd(Math.min(2, scale), '0');
  return kept === '' ? whole : `${whole}.${kept}`;
}

export function assetOf(text: string): Asset {
  return isAsset(text) ? text : `${text}/0`;
}

export function amountText(amountMinor: bigint, asset: string, precision: Precision = 'full'): AmountText {
  const typed = assetOf(asset);
  const scale = scaleOf(typed);
  const symbol = symbolOf(typed);
  const exact = formatMinor(amountMinor, scale);
  const shorten = precision !== 'full' && scale > LONGEST_SCALE;
  const step = 10n ** BigInt(Math.max(0, scale - SHORT_SCALE));
  const shortened = shorten ? formatMinor(divide(amountMinor, step, 'half-even'), SHORT_SCALE) : exact;
  const approximate = shorten && amountMinor % step !== 0n;
  const plain = precision === 'trimmed' && !approximate ? trimZeros(shortened, scale) : shortened;
  return {
    text: groupDecimal(plain),
    symbol,
    approximate,
    exact: `${groupDecimal(exact)} ${symbol}`,
    minor: amountMinor.toString(),
    negative: amountMinor < 0n,
  };
}

/** One line for buttons and sentences: `62.40 USDC`. */
export function amountLine(amountMinor: bigint, asset: string): string {
  const { text, symbol, approximate } = amountText(amountMinor, asset, 'trimmed');
  return `${approximate ? '≈ ' : ''}${text} ${symbol}`;
}

/** A tick of an axis in few letters, as `1.5 k` or `0.25`; the asset stands beside the axis. Ticks are round. */
export function amountTick(amountMinor: bigint, asset: string): string {
  const scale = scaleOf(assetOf(asset));
  const whole = 10n ** BigInt(scale);
  if (amountMinor >= 1000n * whole) return tickText(amountMinor / whole);
  const plain = formatMinor(amountMinor, scale);
  return scale === 0 ? plain : plain.replace(/\.?0+$/, '');
}

/** The plain decimal of an amount for files and forms: no groups, an ASCII minus. */
export function plainAmount(amountMinor: bigint, asset: string): string {
  return formatMinor(amountMinor, scaleOf(assetOf(asset)));
}

export function compareMinor(a: string, b: string): number {
  const left = BigInt(a);
  const right = BigInt(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** What is left of an amount when another is taken from it, for a preview; the core decides. */
export function difference(minor: string, takenMinor: string): string {
  return (BigInt(minor) - BigInt(takenMinor)).toString();
}

/** What a customer owes, as an amount to read: the books keep a debt below zero. */
export function owed(minor: string): string {
  return (-BigInt(minor)).toString();
}

/** Totals of a column, one per asset, in the order the assets appear: amounts of different assets never meet. */
export function totalsByAsset(rows: readonly { asset: string; minor: string }[]): { asset: string; minor: string }[] {
  const sums = new Map<string, bigint>();
  for (const { asset, minor } of rows) sums.set(asset, (sums.get(asset) ?? 0n) + BigInt(minor));
  return [...sums].map(([asset, sum]) => ({ asset, minor: sum.toString() }));
}

/** Reads what a person typed as an amount, spaces allowed; or says in one sentence why it is none. */
export function readAmount(typed: string, asset: string, fewestMinor = 1n): { minor: string } | { problem: string } {
  const scale = scaleOf(assetOf(asset));
  const value = parseDecimal(typed.replace(/[\s\u2009\u202f]/g, ''), scale);
  if (value === 'malformed') return { problem: 'Write a plain number such as 25 or 25.50.' };
  if (value === 'too-precise') return { problem: `This asset has ${scale} decimals; nothing smaller can be booked.` };
  if (value < fewestMinor)
    return { problem: `The amount must be ${fewestMinor === 0n ? 'zero or more' : 'above zero'}.` };
  if (value > MAX_AMOUNT_MINOR) return { problem: 'This is more than the books can hold.' };
  return { minor: value.toString() };
}

/** The change from one amount to another in words for a caption, in tenths of a per cent. */
export function changeText(now: bigint, before: bigint): string {
  if (before === 0n) return now === 0n ? 'as yesterday by now' : 'nothing yesterday by now';
  const tenths = divide((now - before) * 1000n, before < 0n ? -before : before, 'half-even');
  if (tenths === 0n) return 'as yesterday by now';
  const size = formatMinor(tenths < 0n ? -tenths : tenths, 1).replace(/\.0$/, '');
  return `${tenths < 0n ? MINUS : '+'}${groupDecimal(size)} % on yesterday by now`;
}
