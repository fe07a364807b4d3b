import { expect, test } from 'vitest';
import { sizeText } from './size.ts';

test('a size is told in the unit that fits', () => {
  expect(['0', '1023', '1024', '4404020', '1073741824', '9007199254740993'].map(sizeText)).toEqual([
    '0 bytes',
    '1023 bytes',
    '1.0 KiB',
    '4.2 MiB',
    '1.0 GiB',
    '8192.0 TiB',
  ]);
});
