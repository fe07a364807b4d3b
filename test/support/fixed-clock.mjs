/**
 * For pictures that shall not change: `node --import ./test/support/fixed-clock.mjs …` with TOLLKEEPER_TEST_CLOCK (ms)
 * and every thread of the process reads that instant from its clock, and gets the same random bytes in the same order.
 * Timers and performance.now() go on as ever.
 */
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const at = Number(process.env['TOLLKEEPER_TEST_CLOCK']);
if (!Number.isSafeInteger(at)) throw new RangeError('TOLLKEEPER_TEST_CLOCK is the instant in milliseconds');

const RealDate = Date;
class FixedDate extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [at] : given));
  }
  static now() {
    return at;
  }
}
globalThis.Date = FixedDate;

let state = isMainThread ? 0x9e3779b9 : 0x85ebca6b;
/** xorshift32 (Marsaglia, 2003): enough for ids that only have to differ. */
function nextByte() {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return state & 255;
}
function fill(bytes) {
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = nextByte();
  return bytes;
}
crypto.randomBytes = (size) => fill(Buffer.alloc(size));
crypto.randomFillSync = (bytes) => (fill(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)), bytes);
syncBuiltinESMExports();
