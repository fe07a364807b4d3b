import { expect, test } from 'vitest';
import { Desk } from './at-desk.ts';

test('what a page asks soon after a hand moved was asked by a person, and nothing else is', () => {
  let nowMs = 0;
  const desk = new Desk(() => nowMs);
  expect(desk.isSomebodyThere()).toBe(false);
  desk.touched({ isTrusted: true });
  nowMs = 2_999;
  expect(desk.isSomebodyThere()).toBe(true);
  nowMs = 3_000;
  expect(desk.isSomebodyThere()).toBe(false);
});

test('an event that a script made is nobody', () => {
  const desk = new Desk(() => 10_000);
  desk.touched({ isTrusted: false });
  expect(desk.isSomebodyThere()).toBe(false);
});
