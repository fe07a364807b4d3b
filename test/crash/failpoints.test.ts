/**
 * One kill at every named point of every durable write: the books prove, nothing answered is lost, and sending the
 * rest again gives the same books.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAILPOINTS } from '#core/ledger/failpoint.ts';
import { openForReading } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';
import { faultsIn, runWorkload, summaryOf } from './aftermath.ts';
import { STEPS } from './workload.ts';

/** Early, and in the middle of things, for points that are passed often. */
const TIMES: Readonly<Record<string, readonly number[]>> = { 'migrate.statement': [1, 30] };
const OFTEN = ['commit.begun', 'commit.flushed', 'commit.written', 'commit.durable'];
const KILLS = FAILPOINTS.flatMap((name) =>
  (TIMES[name] ?? (OFTEN.includes(name) ? [1, 13] : [1])).map((time) => `${name}:${time}`),
);

let folder: string;
let wanted: unknown;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-crash-'));
  const file = join(folder, 'whole.toll');
  const ended = await runWorkload(file, 0);
  expect(ended).toMatchObject({ code: 0, answered: STEPS.length - 1 });
  expect(faultsIn(file, ended.answered)).toEqual([]);
  wanted = summaryOf(file);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(KILLS)('killed at %s', async (point) => {
  const file = join(folder, `${point.replace(':', '-')}.toll`);
  const killed = await runWorkload(file, 0, { env: { TOLLKEEPER_FAILPOINT: point } });
  expect(killed.signal, killed.said).toBe('SIGKILL');
  expect(faultsIn(file, killed.answered)).toEqual([]);
  const ended = await runWorkload(file, killed.answered + 1);
  expect(ended, ended.said).toMatchObject({ code: 0, answered: STEPS.length - 1 });
  expect(faultsIn(file, ended.answered)).toEqual([]);
  expect(summaryOf(file)).toEqual(wanted);
  const copy = openForReading(`${file}.copy`);
  expect(verify(copy).problem).toBeNull();
  copy.close();
});
