/** The closing line of `npm test`, which tools read. */
import { expect, test } from 'vitest';
import { PARTS, type Part } from './list.ts';
import { closingLine, table } from './report.ts';
import type { Outcome } from './run.ts';

const part: Part = { name: 'unit', budgetSeconds: 9, testSeconds: 1, files: [] };

function outcome(state: Outcome['state'], passed = 0, failed = 0, skipped = 0): Outcome {
  return { part, state, seconds: 1.25, tests: { passed, failed, skipped } };
}

test('passed and failed tests are summed over the parts', () => {
  expect(closingLine([outcome('passed', 3), outcome('failed', 4, 2)])).toBe('7 passed, 2 failed');
});

test('skipped tests are named only when there are some', () => {
  expect(closingLine([outcome('passed', 3, 0, 2)])).toBe('3 passed, 0 failed, 2 skipped');
});

test('a part that failed without a failed test counts as one failure', () => {
  expect(closingLine([outcome('killed', 3), { part, state: 'failed', seconds: 1 }])).toBe('3 passed, 2 failed');
});

test('the table shows time and budget, and says what has no test so far', () => {
  const lines = table([outcome('passed', 3), outcome('empty'), outcome('killed')]).split('\n');
  expect(lines[1]).toMatch(/^unit +3 +0 +0 +1\.\d +9$/);
  expect(lines[2]).toMatch(/none yet$/);
  expect(lines[3]).toMatch(/KILLED: over its budget$/);
});

test('the whole run stays under 30 minutes, and the quick checks under three', () => {
  const sum = (parts: readonly Part[]) => parts.reduce((total, { budgetSeconds }) => total + budgetSeconds, 0);
  expect(sum(PARTS)).toBeLessThan(30 * 60);
  expect(sum(PARTS.filter(({ isQuick }) => isQuick))).toBeLessThan(180);
});
