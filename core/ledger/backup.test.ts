import { copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { richWorld } from '../../test/support/rich-world.ts';
import { plainWorld } from '../../test/support/world.ts';
import type { World } from '../../test/support/world.ts';
import { backup, restore } from './backup.ts';
import { openBook } from './book.ts';
import type { WorkspaceError } from './diagnosis.ts';
import { openForReading } from './open.ts';
import { verify } from './verify.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-backup-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'none',
    (error: WorkspaceError) => error.code,
  );

function headOf(file: string): string {
  const connection = openForReading(file);
  const head = connection.prepare('SELECT hex(head) FROM book').pluck().get() as string;
  connection.close();
  return head;
}

describe('a backup', () => {
  let world: World;
  let target: string;
  beforeEach(() => {
    world = richWorld();
    target = join(folder, 'copy.toll');
  });
  afterEach(() => world.dispose());

  test('is one file with the same chain, proven', async () => {
    const report = await backup(world.file, target);
    expect(report).toMatchObject({ verified: true, block: world.engine.head().block });
    expect(report.bytes).toBe(readFileSync(target).length);
    expect(headOf(target)).toBe(headOf(world.file));
    expect(readdirSync(folder)).toEqual(['copy.toll']);
  });

  test('overwrites nothing', async () => {
    writeFileSync(target, 'mine');
    expect(await codeOf(backup(world.file, target))).toBe('failed');
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  test('needs a folder, and books to copy', async () => {
    expect(await codeOf(backup(world.file, join(folder, 'no', 'such', 'copy')))).toBe('missing');
    expect(await codeOf(backup(join(folder, 'nothing'), target))).toBe('missing');
    expect(readdirSync(folder)).toEqual([]);
  });

  test('clears what a killed copy left, and leaves that of a living one', async () => {
    writeFileSync(`${target}.999999999.partial`, 'half');
    writeFileSync(`${target}.1.partial`, 'half of a living one');
    await backup(world.file, target);
    expect(readdirSync(folder).sort()).toEqual(['copy.toll', 'copy.toll.1.partial']);
  });

  test('restores to books that go on', async () => {
    await backup(world.file, target);
    const restored = join(folder, 'restored.toll');
    expect(await restore(target, restored)).toMatchObject({ verified: true });
    const book = await openBook(restored);
    const [answer] = await book.commit([world.script.grant('cus_b', 5n)]);
    await book.close();
    expect(answer?.ok).toBe(true);
    const connection = openForReading(restored);
    expect(verify(connection).problem).toBeNull();
    connection.close();
  });

  test('of which one row was changed is not restored', async () => {
    await backup(world.file, target);
    const changed = new Database(target);
    changed.exec(`UPDATE account SET posted = '1' WHERE id = 'cus_a:wallet:USDC/6'`);
    changed.close();
    const restored = join(folder, 'restored.toll');
    await expect(restore(target, restored)).rejects.toThrow(/account cus_a:wallet:USDC\/6/);
    expect(existsSync(restored)).toBe(false);
  });
});

test('a backup of books in use is one moment of them, while the writer goes on', async () => {
  const world = plainWorld('sqlite');
  const { script } = world;
  world.store.close();
  copyFileSync(world.file, join(folder, 'books.toll'));
  const file = join(folder, 'books.toll');
  const book = await openBook(file);
  let isCopying = true;
  let commits = 0;
  const writing = (async () => {
    while (isCopying) {
      await book.commit([
        script.usage(Array.from({ length: 50 }, () => ({ subject: 'acme', meter: 'calls', units: 1n }))),
      ]);
      commits += 1;
    }
  })();
  const reports = [await backup(file, join(folder, 'one')), await backup(file, join(folder, 'two'))];
  isCopying = false;
  await writing;
  await book.close();
  expect(commits).toBeGreaterThan(2);
  expect(reports.map(({ verified }) => verified)).toEqual([true, true]);
  expect(reports[1]?.block).toBeGreaterThan(reports[0]?.block ?? 0);
  rmSync(world.folder ?? '', { recursive: true, force: true });
});
