/** Sizes in words. */
import { expect, test } from 'vitest';
import { bytesText } from './bytes.ts';

test('sizes are never rounded up', () => {
  expect([0, 1023, 1024, 1_048_575, 4 * 2 ** 30].map(bytesText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '1023.9 KiB',
    '4.0 GiB',
  ]);
});
