/**
 * The power fails at random instants: what was not synced is gone, what was answered is there. Red with any weaker
 * sync than FULL.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { below, randomFrom } from '../simulate/random.ts';
import { shimsMissing } from '../support/shims/compile.ts';
import { type PowerCut, powerCut } from '../support/shims/powercut.ts';
import { faultsIn, runWorkload } from './aftermath.ts';
import { STEPS } from './workload.ts';

const missing = shimsMissing();
const because = missing === undefined ? '' : ` (skipped: ${missing})`;
const CUTS = 8;
/** From before the first commit to after the last. */
const [FIRST_MS, LAST_MS] = [200, 700];

describe.skipIf(missing !== undefined)(`when the power fails${because}`, () => {
  let folder: string;
  let power: PowerCut;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tollkeeper-power-'));
    power = powerCut(folder);
  });
  afterEach(() => {
    power.dispose();
    rmSync(folder, { recursive: true, force: true });
  });

  test('every answered commit is there, and the books prove', async () => {
    const seed = Date.now() % 1_000_000;
    const random = randomFrom(seed);
    const file = join(folder, 'books.toll');
    let answered = -1;
    for (let cut = 0; cut < CUTS && answered < STEPS.length - 1; cut += 1) {
      const killAfterMs = FIRST_MS + below(random, LAST_MS - FIRST_MS);
      const ended = await runWorkload(file, answered + 1, { env: power.env, killAfterMs });
      expect(ended.signal === 'SIGKILL' || ended.code === 0, `seed ${seed}: ${ended.said}`).toBe(true);
      power.cut();
      expect(faultsIn(file, ended.answered), `seed ${seed}, cut ${cut}`).toEqual([]);
      answered = ended.answered;
    }
  });

  test('at the last answer of all, nothing of it is lost', async () => {
    const file = join(folder, 'books.toll');
    // Dies when the last step but one has been answered: the log was not checkpointed, so only its syncs keep it.
    const ended = await runWorkload(file, 0, { env: power.env, killAtStep: STEPS.length - 2 });
    expect(ended.signal, ended.said).toBe('SIGKILL');
    power.cut();
    expect(ended.answered).toBeGreaterThanOrEqual(STEPS.length - 2);
    expect(faultsIn(file, ended.answered)).toEqual([]);
  });
});
