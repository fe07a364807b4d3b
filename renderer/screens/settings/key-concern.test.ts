import { expect, test } from 'vitest';
import { keyConcern } from './key-concern.ts';

const DAY_MS = 86_400_000;
const nowMs = 400 * DAY_MS;
const key = { endsMs: null, customer: 'cus_1', createdMs: nowMs - DAY_MS, lastUsedMs: null };

test('a key is marked that acts for everybody, or that nobody used for 90 days', () => {
  expect(keyConcern(key, nowMs)).toBeNull();
  expect(keyConcern({ ...key, customer: null }, nowMs)).toBe('No customer');
  expect(keyConcern({ ...key, createdMs: nowMs - 91 * DAY_MS }, nowMs)).toBe('Unused for 90 days');
  expect(keyConcern({ ...key, createdMs: 0, lastUsedMs: nowMs - 89 * DAY_MS }, nowMs)).toBeNull();
  expect(keyConcern({ ...key, customer: null, lastUsedMs: nowMs - 91 * DAY_MS }, nowMs)).toBe('Unused for 90 days');
});

test('a key that has ended needs no look, one that ends later does', () => {
  expect(keyConcern({ ...key, customer: null, endsMs: nowMs }, nowMs)).toBeNull();
  expect(keyConcern({ ...key, customer: null, endsMs: nowMs + 1 }, nowMs)).toBe('No customer');
});
