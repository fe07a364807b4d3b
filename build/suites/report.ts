/** Writes what a run of `npm test` came to: a table, and the closing line that tools read. */
import type { Outcome } from './run.ts';

const HEAD = ['part', 'passed', 'failed', 'skipped', 'seconds', 'budget', ''];

const NOTES: Record<Outcome['state'], string> = {
  passed: '',
  failed: 'FAILED',
  killed: 'KILLED: over its budget',
  empty: 'none yet',
};

function row({ part, state, tests, seconds }: Outcome): string[] {
  const counts = tests === undefined ? ['', '', ''] : [tests.passed, tests.failed, tests.skipped].map(String);
  const time = state === 'empty' ? '' : seconds.toFixed(1);
  return [part.name, ...counts, time, `${part.budgetSeconds}`, NOTES[state]];
}

/** One line per part: its tests, its time and its budget, in seconds. */
export function table(outcomes: readonly Outcome[]): string {
  const total = outcomes.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = [HEAD, ...outcomes.map(row), ['total', '', '', '', total.toFixed(1), '', '']];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: string[]) =>
    cells.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ');
  return rows.map((cells) => line(cells).trimEnd()).join('\n');
}

/** The sum over all parts. A part that failed without a failed test (a type error, a kill) counts as one. */
export function closingLine(outcomes: readonly Outcome[]): string {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const { state, tests } of outcomes) {
    sum.passed += tests?.passed ?? 0;
    sum.skipped += tests?.skipped ?? 0;
    const failed = tests?.failed ?? 0;
    sum.failed += state === 'failed' || state === 'killed' ? Math.max(1, failed) : failed;
  }
  const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
  return `${sum.passed} passed, ${sum.failed} failed${skipped}`;
}
