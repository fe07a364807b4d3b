import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { richWorld } from '../../test/support/rich-world.ts';
import { openBook } from './book.ts';
import { WorkspaceError } from './diagnosis.ts';
import { checksumOf } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { SCHEMA_VERSION, createFile, openForReading, openForWriting } from './open.ts';
import { verify } from './verify.ts';

let good: string;
let folder: string;
let file: string;

beforeAll(() => {
  const world = richWorld();
  world.store.close();
  good = join(mkdtempSync(join(tmpdir(), 'tollkeeper-good-')), 'good.toll');
  copyFileSync(world.file, good);
  rmSync(world.folder ?? '', { recursive: true });
});
afterAll(() => rmSync(join(good, '..'), { recursive: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-open-'));
  file = join(folder, 'books.toll');
  copyFileSync(good, file);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function codeOf(open: () => { close(): void }): string {
  try {
    open().close();
    return 'opened';
  } catch (error) {
    expect(error).toBeInstanceOf(WorkspaceError);
    expect((error as WorkspaceError).message).toContain(folder);
    expect((error as WorkspaceError).fix.length).toBeGreaterThan(10);
    return (error as WorkspaceError).code;
  }
}
const codes = (): string[] => [codeOf(() => openForWriting(file)), codeOf(() => openForReading(file))];

describe('a workspace file', () => {
  test('opens for writing and for reading', () => expect(codes()).toEqual(['opened', 'opened']));

  test('that is missing is said to be', () => {
    rmSync(file);
    expect(codes()).toEqual(['missing', 'missing']);
    expect(existsSync(file)).toBe(false);
  });

  test('of no bytes is no workspace, and stays as it is', () => {
    writeFileSync(file, '');
    expect(codes()).toEqual(['not-a-workspace', 'not-a-workspace']);
    expect(readFileSync(file)).toHaveLength(0);
  });

  test('that is no SQLite file is no workspace, and stays as it is', () => {
    writeFileSync(file, 'dear diary,\n'.repeat(1000));
    expect(codes()).toEqual(['not-a-workspace', 'not-a-workspace']);
    expect(readFileSync(file, 'utf8').startsWith('dear diary')).toBe(true);
  });

  test('that is another SQLite file is no workspace, and gets no tables of ours', () => {
    rmSync(file);
    const other = new Database(file);
    other.exec('CREATE TABLE mine (id INTEGER)');
    other.close();
    expect(codes()).toEqual(['not-a-workspace', 'not-a-workspace']);
    const again = new Database(file, { readonly: true });
    expect(again.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['mine']);
    again.close();
  });

  test('of a newer version is left alone', () => {
    const newer = new Database(file);
    newer.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
    newer.close();
    expect(codes()).toEqual(['newer-version', 'newer-version']);
  });

  test('that is a folder is no workspace', () => {
    rmSync(file);
    mkdirSync(file);
    expect(codes()).toEqual(['not-a-workspace', 'not-a-workspace']);
  });

  test('whose migration is not the one this version ships is not written to', () => {
    const changed = new Database(file);
    changed.exec(`UPDATE migration SET checksum = 'x'`);
    changed.close();
    expect(codeOf(() => openForWriting(file))).toBe('other-history');
  });

  test.each([1, 4096, 8192, 30_000])(
    'cut to %i bytes is diagnosed by whoever opens or verifies it, and never crashes',
    (size) => {
      truncateSync(file, size);
      expectDamageFound();
    },
  );

  test.each([20, 100, 5000, 50_000, 100_000])('with a flipped byte at %i is diagnosed or proven whole', (offset) => {
    const bytes = readFileSync(file);
    const at = offset % bytes.length;
    bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    writeFileSync(file, bytes);
    expectDamageFound(true);
  });

  test('with any page of its middle overwritten never proves', () => {
    const bytes = readFileSync(file);
    for (let page = 2; page < bytes.length / 4096; page += 7) {
      const broken = Buffer.from(bytes);
      broken.fill(0xaa, page * 4096, page * 4096 + 2048);
      writeFileSync(file, broken);
      rmSync(`${file}-wal`, { force: true });
      rmSync(`${file}-shm`, { force: true });
      expectDamageFound();
    }
  });

  /** Opening says what is wrong, or reading works and verify names it. */
  function expectDamageFound(mayBeHarmless = false): void {
    const code = codeOf(() => openForReading(file));
    if (code !== 'opened') {
      expect(['not-a-workspace', 'damaged', 'failed', 'newer-version']).toContain(code);
      return;
    }
    const connection = openForReading(file);
    const { problem } = verify(connection);
    connection.close();
    if (!mayBeHarmless) expect(problem).not.toBeNull();
    if (problem) expect(problem.detail.length).toBeGreaterThan(10);
  }
});

describe('opening', () => {
  test('sets synchronous to FULL on every open, and the writer finds it so', async () => {
    for (let time = 0; time < 2; time += 1) {
      const connection = openForWriting(file);
      expect(connection.pragma('synchronous', { simple: true })).toBe(2);
      expect(connection.pragma('journal_mode', { simple: true })).toBe('wal');
      expect(connection.pragma('foreign_keys', { simple: true })).toBe(1);
      connection.close();
    }
    const book = await openBook(file);
    await book.close();
  });

  test('for reading cannot write', () => {
    const connection = openForReading(file);
    expect(() => connection.exec('DELETE FROM tx')).toThrow(/readonly/);
    connection.close();
  });

  test('for reading goes on beside a writer, and each sees whole commits', () => {
    const writer = openForWriting(file);
    const reader = openForReading(file);
    writer.exec('BEGIN IMMEDIATE; UPDATE book SET epoch = 1000');
    expect(reader.prepare('SELECT epoch FROM book').pluck().get()).toBeLessThan(1000);
    writer.exec('COMMIT');
    expect(reader.prepare('SELECT epoch FROM book').pluck().get()).toBe(1000);
    reader.close();
    writer.close();
  });

  test('a file that another program writes to is said to be in use', () => {
    const other = new Database(file);
    other.exec('BEGIN IMMEDIATE; UPDATE book SET epoch = epoch + 1');
    expect(codeOf(() => openForWriting(file))).toBe('locked');
    other.exec('ROLLBACK');
    other.close();
  });

  test('through the writer thread gives the same diagnosis', async () => {
    writeFileSync(file, 'nothing of ours');
    await expect(openBook(file)).rejects.toMatchObject({ code: 'not-a-workspace' });
  });

  test('creating overwrites nothing', () => {
    const before = readFileSync(file);
    expect(
      codeOf(() => {
        createFile(file);
        return openForReading(file);
      }),
    ).toBe('failed');
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

test('migrations that shipped never change', () => {
  expect(MIGRATIONS.map((one) => [one.version, one.name])).toEqual([
    [1, 'spine'],
    [2, 'credit'],
    [3, 'sends'],
    [4, 'notices'],
  ]);
  expect(MIGRATIONS.map(checksumOf).every((sum) => /^[0-9a-f]{64}$/.test(sum))).toBe(true);
});
