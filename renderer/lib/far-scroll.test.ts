import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { MOST_PX, barOf, drawnPx, isAdrift, moved } from './far-scroll.ts';

const ROW_PX = 32;
const viewPx = 700;
const far = { rowsPx: 10_000_000 * ROW_PX, viewPx };

test('a list that fits scrolls as it is', () => {
  const extent = { rowsPx: 1_000 * ROW_PX, viewPx };
  expect(moved({ top: 0, bar: 0 }, 31_000, extent)).toEqual({ top: 31_000, bar: 31_000 });
  expect(barOf(12_345, extent)).toBe(12_345);
});

test('the bar of ten million rows reaches both ends, and a wheel moves by its own pixels', () => {
  const lastBar = MOST_PX - viewPx;
  expect(moved({ top: 0, bar: 0 }, lastBar, far).top).toBe(far.rowsPx - viewPx);
  expect(moved({ top: far.rowsPx - viewPx, bar: lastBar }, 0, far).top).toBe(0);
  const middle = moved({ top: 0, bar: 0 }, lastBar / 2, far);
  expect(middle.top / far.rowsPx).toBeCloseTo(0.5, 3);
  expect(moved(middle, middle.bar + 100, far).top - middle.top).toBeCloseTo(100, 3);
});

const anyTop = fc.double({ min: 0, max: far.rowsPx - viewPx, noNaN: true });

property.prop([anyTop])('a bar that rests shows the rows that it stands for', (top) => {
  const bar = barOf(top, far);
  expect(bar).toBeGreaterThanOrEqual(0);
  expect(bar).toBeLessThanOrEqual(drawnPx(far.rowsPx) - viewPx);
  expect(isAdrift({ top, bar }, far)).toBe(false);
  const awayBar = bar > MOST_PX / 2 ? 0 : MOST_PX;
  expect(Math.abs(moved({ top: 0, bar: awayBar }, bar, far).top - top)).toBeLessThan(0.01);
});

property.prop([anyTop, anyTop])('further down the rows is never further up the bar', (a, b) => {
  const [low, high] = a < b ? [a, b] : [b, a];
  expect(barOf(low, far)).toBeLessThanOrEqual(barOf(high, far));
});

test('a wheel that reaches the end of the bar before that of the rows has it set right', () => {
  const middle = moved({ top: 0, bar: 0 }, 50_000, far);
  let at = middle;
  while (!isAdrift(at, far)) at = moved(at, at.bar - 100, far);
  expect(at.top).toBeGreaterThan(0);
  expect(at.bar).toBeGreaterThan(1_000);
});
