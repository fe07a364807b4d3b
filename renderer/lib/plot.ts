/** Integers as lengths and ticks for drawing only; nothing computed here is shown as a figure or booked. */

/** The share of a whole in per mille, clamped to 0–1000, as a drawing needs it. */
export function perMille(part: bigint, whole: bigint): number {
  if (whole <= 0n || part <= 0n) return 0;
  const share = (part * 1000n) / whole;
  return share > 1000n ? 1000 : Number(share);
}

/** A round upper end for an axis that starts at zero, and its four ticks. */
export function axisTicks(largest: bigint): bigint[] {
  if (largest <= 0n) return [0n, 1n];
  const magnitude = 10n ** BigInt(largest.toString().length - 1);
  // Twelfths and fifteenths of the next power of ten keep the bars tall; each divides into three or four round ticks.
  const steps = [10n, 12n, 15n, 20n, 30n, 40n, 60n, 80n, 90n, 100n].map((tenths) => (tenths * magnitude) / 10n);
  const top = steps.find((step) => step >= largest) ?? 10n * magnitude;
  const parts = [4n, 3n, 2n].find((count) => (top * 2n) % (count * magnitude) === 0n && top % count === 0n) ?? 1n;
  return Array.from({ length: Number(parts) + 1 }, (_, index) => (top * BigInt(index)) / parts);
}

const SUFFIXES: readonly [bigint, string][] = [
  [1_000_000_000n, 'G'],
  [1_000_000n, 'M'],
  [1_000n, 'k'],
];

/** A tick in few letters: `6 M`, `1.5 k`. Ticks are round, so nothing is lost. */
export function tickText(value: bigint): string {
  for (const [unit, suffix] of SUFFIXES) {
    if (value < unit) continue;
    const hundredths = (value * 100n) / unit;
    const fraction = (hundredths % 100n).toString().padStart(2, '0').replace(/0+$/, '');
    return `${hundredths / 100n}${fraction === '' ? '' : `.${fraction}`} ${suffix}`;
  }
  return value.toString();
}

export function sumOf(texts: readonly string[]): bigint {
  return texts.reduce((sum, text) => sum + BigInt(text), 0n);
}
