import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { newId, sequenceId } from './id.ts';

const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
const instant = fc.integer({ min: 0, max: 2 ** 48 - 1 });

property.prop([instant, instant, bytes, bytes])('ids sort by the time they were made', (a, b, x, y) => {
  fc.pre(a !== b);
  expect(newId('hld', a, x) < newId('hld', b, y)).toBe(a < b);
});

property.prop([instant, bytes, bytes])('all 80 random bits are in the id', (at, x, y) => {
  fc.pre(Buffer.compare(x, y) !== 0);
  expect(newId('hld', at, x)).not.toBe(newId('hld', at, y));
});

property.prop([fc.maxSafeNat(), fc.maxSafeNat()])('ids of sequences sort by sequence', (a, b) => {
  fc.pre(a !== b);
  expect(sequenceId('txn', a) < sequenceId('txn', b)).toBe(a < b);
});

test('an id of a line in a transaction follows its transaction', () => {
  expect(sequenceId('prk', 35, 2)).toBe('prk_0000000000z002');
});
