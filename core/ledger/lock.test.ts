import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockedBy, takeLock } from './lock.ts';

let folder: string;
let file: string;
let children: ChildProcess[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-lock-'));
  file = join(folder, 'books.toll');
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Another process that holds the lock and waits. */
async function holder(): Promise<ChildProcess> {
  const script = `const { takeLock } = await import(${JSON.stringify(join(import.meta.dirname, 'lock.ts'))});
    globalThis.lock = takeLock(${JSON.stringify(file)}); // Or it is collected, and free again.
    process.stdout.write(globalThis.lock ? 'held' : 'not held');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  expect(said.toString()).toBe('held');
  return child;
}

test('one lock at a time, within a process and after a release', () => {
  const lock = takeLock(file);
  expect(lock).not.toBeNull();
  expect(takeLock(file)).toBeNull();
  lock?.release();
  const again = takeLock(file);
  expect(again).not.toBeNull();
  again?.release();
});

test('a lock in another process keeps us out, and is free at once when that process is killed', async () => {
  const child = await holder();
  expect(takeLock(file)).toBeNull();
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const lock = takeLock(file);
  expect(lock).not.toBeNull();
  lock?.release();
});

test('locks of two workspaces do not meet', () => {
  const [one, two] = [takeLock(file), takeLock(`${file}2`)];
  expect(one && two).not.toBeNull();
  one?.release();
  two?.release();
});

test('a folder that does not exist is a diagnosis, not a lock', () => {
  expect(() => takeLock(join(folder, 'no', 'such', 'books.toll'))).toThrow(
    expect.objectContaining({ name: 'WorkspaceError' }),
  );
});

test('the diagnosis of a held lock says what to do', () => {
  expect(lockedBy(file)).toMatchObject({ code: 'locked', message: expect.stringContaining('Close it') as string });
});

test('a workspace is locked once, whatever link leads to it', () => {
  const real = join(realpathSync(folder), 'real');
  mkdirSync(real);
  const books = join(real, 'books.toll');
  writeFileSync(books, '');
  symlinkSync(books, join(folder, 'link.toll'));
  symlinkSync(real, join(folder, 'linked'));
  const held = takeLock(books);
  expect(held).not.toBeNull();
  expect(takeLock(join(folder, 'link.toll'))).toBeNull();
  expect(takeLock(join(folder, 'linked', 'books.toll'))).toBeNull();
  held?.release();
  const again = takeLock(join(folder, 'link.toll'));
  expect(again?.file).toBe(`${books}.lock`);
  again?.release();
});
