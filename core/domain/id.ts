/**
 * Ids that sort by time: a prefix, 48 bits of milliseconds and 80 random bits (the layout of UUIDv7, in base 32).
 * Clock and randomness come in from outside.
 */

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** Ids of one prefix made in one millisecond by one maker differ by 80 random bits. `random` is 10 bytes. */
export function newId(prefix: string, nowMs: number, random: Uint8Array): string {
  let text = '';
  let time = nowMs;
  for (let digit = 0; digit < 10; digit += 1) {
    text = (DIGITS[time % 32] ?? '0') + text;
    time = Math.floor(time / 32);
  }
  let bits = 0;
  let held = 0;
  for (const byte of random.subarray(0, 10)) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += DIGITS[(held >> bits) & 31] ?? '0';
    }
    held &= (1 << bits) - 1;
  }
  return `${prefix}_${text}`;
}

/** An id that follows from a transaction's sequence: unique in its book, and in order. */
export function sequenceId(prefix: string, sequence: number, line = 0): string {
  const tail = line === 0 ? '' : line.toString(36).padStart(3, '0');
  return `${prefix}_${sequence.toString(36).padStart(11, '0')}${tail}`;
}
