/** Runs one part of `npm test` within its time budget and says how it went. */
import { type ChildProcess, spawn } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Part, type Suite, isSuite } from './list.ts';

export type Outcome = Readonly<{
  part: Part;
  /** `empty`: the suite has no file so far. `killed`: it was over its budget. */
  state: 'passed' | 'failed' | 'killed' | 'empty';
  tests?: Readonly<{ passed: number; failed: number; skipped: number }>;
  seconds: number;
}>;

const REPORTS = '.cache/suites';

/** Between the polite signal and the other one. */
const GRACE_MS = 3000;

let running: ChildProcess | undefined;

/** Ends the part that runs now, with everything it started. */
export function endRunning(signal: NodeJS.Signals): void {
  if (running?.pid === undefined) return;
  try {
    process.kill(-running.pid, signal); // The whole group: test workers, servers, browsers.
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // ESRCH: it has ended meanwhile.
  }
}

/** Runs a script in a process group of its own; `undefined` means that it ran out of time. */
function runWithin(args: readonly string[], budgetSeconds: number): Promise<number | undefined> {
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const lifeline = pathToFileURL('build/lifeline.mjs').href;
  const child = spawn(process.execPath, ['--import', lifeline, ...args], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  });
  running = child;
  let isOverdue = false;
  let harder: NodeJS.Timeout | undefined;
  const budget = setTimeout(() => {
    isOverdue = true;
    endRunning('SIGTERM');
    harder = setTimeout(() => endRunning('SIGKILL'), GRACE_MS);
  }, budgetSeconds * 1000);
  child.on('exit', (code) => {
    clearTimeout(budget);
    clearTimeout(harder); // Or it would end the part after this one.
    endRunning('SIGKILL'); // What outlives its leader is an orphan.
    running = undefined;
    resolve(isOverdue ? undefined : (code ?? 1));
  });
  return promise;
}

type VitestReport = { numPassedTests: number; numFailedTests: number; numPendingTests: number; numTodoTests: number };

/** Reads what vitest counted; a report that is missing counts as nothing, as the exit code tells the rest. */
function readCounts(path: string): { passed: number; failed: number; skipped: number } {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8')) as VitestReport;
    const skipped = report.numPendingTests + report.numTodoTests;
    return { passed: report.numPassedTests, failed: report.numFailedTests, skipped };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

function vitestArgs({ name, isShared }: Suite, report: string): string[] {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const workers = isShared === true ? ['--maxWorkers=2'] : [];
  return ['node_modules/vitest/vitest.mjs', 'run', '--project', name, ...reporters, ...workers];
}

/** Runs a part. A part that failed or was killed counts at least one failed test, so no failure is lost in the sum. */
export async function runPart(part: Part): Promise<Outcome> {
  const startedAtMs = performance.now();
  const seconds = () => (performance.now() - startedAtMs) / 1000;
  if (!isSuite(part)) {
    const code = await runWithin(part.command, part.budgetSeconds);
    return { part, state: code === undefined ? 'killed' : code === 0 ? 'passed' : 'failed', seconds: seconds() };
  }
  if (globSync([...part.files]).length === 0) return { part, state: 'empty', seconds: 0 };
  const report = `${REPORTS}/${part.name}.json`;
  mkdirSync(REPORTS, { recursive: true });
  rmSync(report, { force: true });
  const code = await runWithin(vitestArgs(part, report), part.budgetSeconds);
  const tests = readCounts(report);
  const state = code === undefined ? 'killed' : code === 0 && tests.failed === 0 ? 'passed' : 'failed';
  return { part, state, tests, seconds: seconds() };
}
