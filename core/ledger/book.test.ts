import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openBook } from './book.ts';
import { createFile } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-book-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('books that are closed while they close end once, and without a complaint', async () => {
  const file = join(folder, 'w.tollkeeper');
  createFile(file);
  const book = await openBook(file);
  const deaths: Error[] = [];
  book.onDeath((error) => deaths.push(error));
  const first = book.close();
  await new Promise((resolve) => setTimeout(resolve, 1));
  await Promise.all([first, book.close()]);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(deaths).toEqual([]);
});
