import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, expect, test, vi } from 'vitest';
import { createFile } from '#core/ledger/open.ts';
import { start } from './start.ts';

const home = mkdtempSync(join(tmpdir(), 'tollkeeper-start-'));
vi.stubEnv('TOLLKEEPER_HOME', home);
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

/** A file as a version before the first release made it. */
function olderFile(name: string): string {
  const file = join(home, name);
  createFile(file);
  const books = new Database(file);
  books.exec(`UPDATE migration SET checksum = 'of another time'`);
  books.close();
  return file;
}

test('a sample that cannot be opened any more is moved aside for a new one; a named workspace never is', async () => {
  const named = olderFile('books.tollkeeper');
  await expect(start({ host: 'none', workspace: named })).rejects.toMatchObject({ code: 'other-history' });
  olderFile('sample.tollkeeper');
  const started = await start({ host: 'none' });
  expect(started).toMatchObject({ sample: true, workspace: join(home, 'sample.tollkeeper') });
  await started.close();
  const files = readdirSync(home).filter((name) => name.endsWith('.tollkeeper'));
  expect(files.filter((name) => name.startsWith('sample-'))).toHaveLength(1);
  expect(files).toContain('books.tollkeeper');
});
