/** Instants in lists and spans in words. */
import { expect, test } from 'vitest';
import { absoluteTime, periodText, readInstant, relativeTime, spanText } from './time.ts';

const NOW = Date.UTC(2026, 10, 21, 11, 42, 7);

test('an instant is relative in a list and whole beside its zone', () => {
  expect(relativeTime(NOW - 4 * 60_000, NOW, 'utc')).toBe('4 min ago');
  expect(relativeTime(NOW + 3 * 3_600_000, NOW, 'utc')).toBe('in 3 h');
  expect(relativeTime(Date.UTC(2026, 0, 2), NOW, 'utc')).toBe('2 Jan 2026');
  expect(absoluteTime(NOW, 'utc')).toBe('21 Nov 2026, 11:42:07 UTC');
});

test('a period names its last day, not the instant after it', () => {
  expect(periodText(Date.UTC(2026, 9, 1), Date.UTC(2026, 10, 1), 'utc')).toMatch(/^1\s?–\s?31 Oct 2026$/);
});

test('a span is said in its largest whole unit', () => {
  expect([400, 12_000, 240_000, 7_200_000, 518_400_000].map(spanText)).toEqual([
    '0.4 s',
    '12 s',
    '4 min',
    '2 h',
    '6 d',
  ]);
});

test('an instant is read from a field as UTC, or not at all', () => {
  expect(readInstant('2026-11-21T11:42')).toBe(Date.UTC(2026, 10, 21, 11, 42));
  for (const typed of ['', '2026-11-21', '2026-13-01T00:00', '1969-01-01T00:00']) expect(readInstant(typed)).toBeNull();
});
