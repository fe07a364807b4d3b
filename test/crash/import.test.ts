/** An import that is killed in the middle and run again leaves no gap and counts nothing twice. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, expect, test } from 'vitest';
import type { ImportStep } from '#core/contract/imports.ts';
import { openForReading } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-import-crash-'));
const workspace = join(folder, 'w.tollkeeper');
const path = join(folder, 'usage.csv');
const ROWS = 60_000;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the import; kills it once it told of at least so many rows. */
async function runImport(killAtRows: number): Promise<ImportStep | undefined> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../support/import-host.ts'), workspace, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last: ImportStep | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    last = JSON.parse(line) as ImportStep;
    if (last.rows >= killAtRows) child.kill('SIGKILL');
  });
  await once(child, 'close');
  return last;
}

test('an import killed again and again ends with every row once', async () => {
  const world = await openGatewayWorld({}, workspace);
  await seedTrade(world, { credit: '900000000000' });
  await world.close();
  const rows = Array.from({ length: ROWS }, (_, at) => `e${at},acme,1`);
  writeFileSync(path, `id,customer,quantity\n${rows.join('\n')}\n`);
  for (const killAtRows of [1, 15_000, 35_000]) expect((await runImport(killAtRows))?.done).toBe(false);
  const last = await runImport(Infinity);
  expect(last).toMatchObject({ done: true, rows: ROWS, conflicts: 0, refused: 0 });
  expect((last?.accepted ?? 0) + (last?.duplicates ?? 0)).toBe(ROWS);
  expect(last?.duplicates).toBeGreaterThan(15_000);
  const books = openForReading(workspace);
  expect(verify(books).problem).toBeNull();
  expect(books.prepare(`SELECT count(*) FROM event WHERE source = 'file'`).pluck().get()).toBe(ROWS);
  expect(books.prepare('SELECT exact_sum(delta) FROM slice').pluck().get()).toBe(String(ROWS * 1000));
  books.close();
});
