/**
 * `npm test`: the checks and every suite, one after the other, each within a budget that is enforced.
 * `--only unit,contract` selects parts, `--check` those of `npm run check`, `--list` shows them.
 */
import { parseArgs } from 'node:util';
import { ensureChromium } from '../test/support/chromium.ts';
import { PARTS, type Part, isSuite } from './suites/list.ts';
import { closingLine, table } from './suites/report.ts';
import { type Outcome, endRunning, runPart } from './suites/run.ts';

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function list(): void {
  for (const part of PARTS) {
    const what = isSuite(part) ? part.files.join(' ') : part.command.join(' ');
    say(`${part.name.padEnd(12)} ${String(part.budgetSeconds).padStart(4)} s  ${what}`);
  }
}

/** The parts that were asked for, or the names that are none. */
function choose(only: string | undefined, isCheck: boolean): Part[] | { unknown: string[] } {
  if (only === undefined) return PARTS.filter((part) => !isCheck || part.isQuick === true);
  const names = only.split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !PARTS.some((part) => part.name === name));
  return unknown.length > 0 ? { unknown } : PARTS.filter((part) => names.includes(part.name));
}

async function runAll(parts: readonly Part[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const part of parts) {
    say(`\n── ${part.name} (budget ${part.budgetSeconds} s)`);
    if (part.name === 'e2e') ensureChromium();
    const outcome = await runPart(part);
    if (outcome.state === 'empty') say('none yet');
    if (outcome.state === 'killed') say(`killed: over its budget of ${part.budgetSeconds} s`);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, check: { type: 'boolean' }, list: { type: 'boolean' } },
  });
  if (values.list) {
    list();
    return 0;
  }
  const parts = choose(values.only, values.check ?? false);
  if ('unknown' in parts) {
    say(`There is no part named ${parts.unknown.join(', ')}; there are ${PARTS.map(({ name }) => name).join(', ')}.`);
    return 2;
  }
  const outcomes = await runAll(parts);
  say(`\n${table(outcomes)}\n\n${closingLine(outcomes)}`);
  return outcomes.every(({ state }) => state === 'passed' || state === 'empty') ? 0 : 1;
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.on(signal, () => {
    endRunning('SIGKILL');
    process.exit(code);
  });
}
process.exitCode = await main();
