import { expect, test } from 'vitest';
import { SPANS, instantOf, oldSideOf, rangeOf } from './instants.ts';

test.each(SPANS)('the slider over a %s ends at or after now, on whole steps', (span) => {
  const nowMs = Date.UTC(2026, 10, 21, 9, 41, 7, 3);
  const { fromMs, toMs, stepMs } = rangeOf(span, nowMs);
  expect(toMs - nowMs).toBeGreaterThanOrEqual(0);
  expect(toMs - nowMs).toBeLessThan(stepMs);
  expect((toMs - fromMs) % stepMs).toBe(0);
  expect(toMs % stepMs).toBe(0);
});

test('what had happened and what was known are two questions', () => {
  expect([instantOf('happened', 5), instantOf('known', 5)]).toEqual([{ asOfMs: 5 }, { knownAtMs: 5 }]);
  expect([oldSideOf('happened', 5), oldSideOf('known', 5)]).toEqual([{ oldAsOfMs: 5 }, { oldKnownAtMs: 5 }]);
});
