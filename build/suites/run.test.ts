/** Budgets are enforced: what runs over is ended, with everything it started. */
import { expect, test } from 'vitest';
import { runPart } from './run.ts';

const FOREVER = 'setInterval(() => {}, 1000)';

test('a part that passes and one that fails are told apart', async () => {
  const part = { name: 'probe', budgetSeconds: 9 };
  expect(await runPart({ ...part, command: ['-e', ''] })).toMatchObject({ state: 'passed' });
  expect(await runPart({ ...part, command: ['-e', 'process.exit(3)'] })).toMatchObject({ state: 'failed' });
});

test('a suite without a file is empty, not passed', async () => {
  const part = { name: 'probe', budgetSeconds: 9, testSeconds: 1, files: ['test/no-such-folder/*.test.ts'] };
  expect(await runPart(part)).toMatchObject({ state: 'empty', seconds: 0 });
});

test('a part over its budget is killed and has failed, and so is what it started', async () => {
  const marker = `probe-${process.pid}`;
  const child = `require('node:child_process').spawn(process.execPath, ['-e', '${FOREVER}', '${marker}'])`;
  const outcome = await runPart({ name: 'probe', budgetSeconds: 0.7, command: ['-e', `${child}; ${FOREVER}`] });
  expect(outcome).toMatchObject({ state: 'killed' });
  expect(outcome.seconds).toBeLessThan(5);
  const { execFileSync } = await import('node:child_process');
  expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(`${FOREVER} ${marker}`);
});
