/**
 * `npm run torture -- --kills N --seed S`: kills the workload at random instants, and after each kill proves the
 * books and goes on.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { below, randomFrom } from '../simulate/random.ts';
import { clear, faultsIn, runWorkload } from './aftermath.ts';
import { STEPS } from './workload.ts';

/** A run takes about this long, from the start of the process to its end. */
const LONGEST_MS = 600;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Kills as often as asked; gives the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: { kills: { type: 'string', default: '20' }, seed: { type: 'string' } },
  });
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Math.trunc(+values.seed);
  const random = randomFrom(seed);
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-torture-'));
  const file = join(folder, 'books.toll');
  say(`seed ${seed}`);
  let [kills, answered, runs] = [0, -1, 0];
  while (kills < Math.trunc(+values.kills)) {
    const ended = await runWorkload(file, answered + 1, { killAfterMs: below(random, LONGEST_MS) });
    answered = ended.answered;
    runs += 1;
    const faults = faultsIn(file, answered);
    if (ended.signal !== 'SIGKILL' && ended.code !== 0) faults.push(`it ended by itself: ${ended.said}`);
    if (faults.length > 0) {
      say(`seed ${seed}, kill ${kills + 1}, after step ${answered}: ${faults.join('; ')}. Kept: ${file}`);
      return 1;
    }
    if (ended.signal === 'SIGKILL') kills += 1;
    if (answered === STEPS.length - 1) {
      clear(file);
      answered = -1;
    }
  }
  rmSync(folder, { recursive: true, force: true });
  say(`${kills} kills in ${runs} runs: the books proved after each, and nothing answered was lost.`);
  return 0;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
