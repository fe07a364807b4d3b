import fc from 'fast-check';
import { expect, test } from 'vitest';
import { REST, USAGE_SPANS, seriesOf, windowsOf } from './series.ts';
import type { MeterRow } from './series.ts';

const NOW_MS = Date.UTC(2026, 10, 21, 22, 41);

test.each(USAGE_SPANS)('the windows of a %s meet each other and end after now', (span) => {
  const { starts, toMs } = windowsOf(span, NOW_MS);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  expect(starts.at(-1)).toBeLessThanOrEqual(NOW_MS);
  expect(toMs).toBeGreaterThan(NOW_MS);
  expect(new Set(starts).size).toBe({ day: 24, month: 30, year: 12 }[span]);
});

const windows = windowsOf('day', NOW_MS);
const row = (at: number, value: string, subject: string | null): MeterRow => ({
  value,
  windowStartMs: windows.starts[at] ?? 0,
  windowEndMs: 0,
  subject,
  groupBy: {},
});

test('windows without usage are bars of nothing, and quantities keep their decimals', () => {
  const { names, bars } = seriesOf([row(3, '1.5', null)], windows, { by: undefined, meter: 'gpu.hours', scale: 2 });
  expect(names).toEqual(['gpu.hours']);
  expect(bars).toHaveLength(24);
  expect(bars[3]?.parts).toEqual([{ name: 'gpu.hours', value: '150' }]);
  expect(bars[4]?.parts).toEqual([]);
});

const some = fc.array(
  fc.record({ at: fc.nat({ max: 23 }), units: fc.nat({ max: 99 }), who: fc.constantFrom(...'abcdefghij') }),
  { maxLength: 40 },
);

test('the bars sum to the rows, however many names there are', () => {
  fc.assert(
    fc.property(some, (used) => {
      const rows = used.map(({ at, units, who }) => row(at, String(units), who));
      const { names, bars } = seriesOf(rows, windows, { by: 'subject', meter: 'calls', scale: 0 });
      const sum = bars.flatMap(({ parts }) => parts).reduce((total, { value }) => total + BigInt(value), 0n);
      expect(sum).toBe(BigInt(used.reduce((total, { units }) => total + units, 0)));
      expect(names.length).toBeLessThanOrEqual(6);
      expect(names.includes(REST)).toBe(new Set(used.map(({ who }) => who)).size > 6);
    }),
  );
});
