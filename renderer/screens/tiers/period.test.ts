import { expect, test } from 'vitest';
import { monthsUpTo, otherDays } from './period.ts';

test('months end where the next begins, over the turn of the year too', () => {
  const months = monthsUpTo(Date.UTC(2026, 1, 28, 23));
  expect(months).toHaveLength(12);
  expect(months.slice(0, 3)).toEqual([
    { from: '2026-02-01', to: '2026-03-01', words: '2026-02' },
    { from: '2026-01-01', to: '2026-02-01', words: '2026-01' },
    { from: '2025-12-01', to: '2026-01-01', words: '2025-12' },
  ]);
});

test('other days include the last one', () => {
  expect(otherDays('2026-10-30', '2026-10-31')).toMatchObject({ from: '2026-10-30', to: '2026-11-01' });
  expect(otherDays('2026-10-31', '2026-10-31')).toMatchObject({ to: '2026-11-01' });
});

test.each([
  ['', '2026-10-31'],
  ['2026-10-31', 'soon'],
  ['2026-10-31', '2026-10-30'],
])('no time from "%s" to "%s"', (first, last) => expect(otherDays(first, last)).toBeNull());
