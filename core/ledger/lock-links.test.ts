import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { takeLock } from './lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-lock-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a workspace is locked once, whatever link leads to it', () => {
  mkdirSync(join(folder, 'real'));
  const file = join(folder, 'real', 'books.tollkeeper');
  writeFileSync(file, '');
  symlinkSync(file, join(folder, 'link.tollkeeper'));
  symlinkSync(join(folder, 'real'), join(folder, 'linked'));
  const held = takeLock(file);
  expect(held).not.toBeNull();
  expect(takeLock(join(folder, 'link.tollkeeper'))).toBeNull();
  expect(takeLock(join(folder, 'linked', 'books.tollkeeper'))).toBeNull();
  held?.release();
  const again = takeLock(join(folder, 'link.tollkeeper'));
  expect(again?.file).toBe(`${file}.lock`);
  again?.release();
});
