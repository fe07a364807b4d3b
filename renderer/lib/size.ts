/** Sizes of files as people read them. */

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A number of bytes, given as text, with one decimal of the unit that fits: `812 bytes`, `4.2 MiB`. */
export function sizeText(bytes: string): string {
  let tenths = BigInt(bytes) * 10n;
  let unit = 0;
  for (; tenths >= 10_240n && unit < UNITS.length - 1; unit += 1) tenths /= 1024n;
  if (unit === 0) return `${bytes} bytes`;
  return `${tenths / 10n}.${tenths % 10n} ${UNITS[unit] ?? ''}`;
}
