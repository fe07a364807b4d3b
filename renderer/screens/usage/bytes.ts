/** Sizes of files as people read them, in powers of 1024. */

const UNITS = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** One decimal from KiB on: `812 bytes`, `1.5 KiB`, `4.0 GiB`. */
export function bytesText(bytes: number): string {
  let [size, at] = [bytes, 0];
  while (size >= 1024 && at < UNITS.length - 1) [size, at] = [size / 1024, at + 1];
  return at === 0 ? `${bytes} bytes` : `${(Math.floor(size * 10) / 10).toFixed(1)} ${UNITS[at] ?? ''}`;
}
