import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openBook } from '#core/ledger/book.ts';
import { checksumOf, migrate, schemaVersion } from '#core/ledger/migrate.ts';
import { MIGRATIONS } from '#core/ledger/migrations/index.ts';
import { SCHEMA_VERSION, openForReading, openForWriting } from '#core/ledger/open.ts';
import { verify } from '#core/ledger/verify.ts';
import { headOf, richWorld } from '../support/rich-world.ts';
import { Script } from '../support/world.ts';
import { goldenOf } from './make-golden.ts';

/** A migration that shipped never changes: its checksum is in every workspace. Add a line a version; edit none. */
const CHECKSUMS: Readonly<Record<number, string>> = {
  1: '6c07f7a08a77f1daa146493eb44af2b43fee3e65896ea80d62353d8f0b80084b',
  2: 'd9bbd297900b25a660cbbe86571c319370f1d64bad77ae06ae997e7c5ba8936b',
  3: '6173d3e7b7f2c04021d5d8be281a73f1c05c5a15e03fa450b24e776159746f71',
  4: '566774a21402bf9805c23c65072a63370817e388511b10fcdfe0a1866e543ad5',
};

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollkeeper-golden-'));
  file = join(folder, 'books.toll');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('the checksums of migrations are those that shipped', () => {
  expect(Object.fromEntries(MIGRATIONS.map((one) => [one.version, checksumOf(one)]))).toEqual(CHECKSUMS);
});

describe.each(MIGRATIONS.map(({ version }) => version))('a workspace of version %i', (version) => {
  beforeEach(() => writeFileSync(file, gunzipSync(readFileSync(goldenOf(version)))));

  test('says its version, is brought to the newest, and proves', () => {
    const before = new Database(file, { readonly: true });
    expect(schemaVersion(before)).toBe(version);
    const counts = before
      .prepare('SELECT (SELECT count(*) FROM tx) AS tx, (SELECT count(*) FROM event) AS event')
      .get();
    before.close();
    const connection = openForWriting(file);
    expect(schemaVersion(connection)).toBe(SCHEMA_VERSION);
    expect(
      connection.prepare('SELECT (SELECT count(*) FROM tx) AS tx, (SELECT count(*) FROM event) AS event').get(),
    ).toEqual(counts);
    expect(verify(connection).problem).toBeNull();
    connection.close();
  });

  test('goes on: new usage is taken on top of the old chain', async () => {
    const book = await openBook(file);
    const sequence = book.head().sequence;
    const [answer] = await book.commit([new Script({ nowMs: 0 }).grant('cus_b', 5n)]);
    await book.close();
    expect(answer?.ok).toBe(true);
    expect(book.head().sequence).toBeGreaterThan(sequence);
    const connection = openForReading(file);
    expect(verify(connection).problem).toBeNull();
    connection.close();
  });
});

test('the same business makes the same chain today as when the newest version was made', () => {
  writeFileSync(file, gunzipSync(readFileSync(goldenOf(SCHEMA_VERSION))));
  const golden = openForReading(file);
  const head = golden.prepare('SELECT lower(hex(head)) FROM book').pluck().get();
  golden.close();
  const world = richWorld();
  expect(headOf(world)).toBe(head);
  world.dispose();
});

describe('migrating', () => {
  test('an empty file gives the newest version, sound and recorded', () => {
    const connection = new Database(file);
    migrate(connection, file);
    expect(schemaVersion(connection)).toBe(SCHEMA_VERSION);
    expect(connection.prepare('SELECT count(*) FROM migration').pluck().get()).toBe(MIGRATIONS.length);
    connection.close();
  });

  test('a file whose history is another is refused and left alone', () => {
    const connection = new Database(file);
    migrate(connection, file);
    connection.exec(`UPDATE migration SET checksum = 'x'`);
    expect(() => migrate(connection, file)).toThrow(/was made with another migration 1 than this version ships/);
    connection.close();
  });

  test('a migration that fails half way leaves nothing behind', () => {
    const connection = new Database(file);
    connection.exec('CREATE TABLE revenue_hour (mine INTEGER)');
    expect(() => migrate(connection, file)).toThrow(/revenue_hour/);
    expect(schemaVersion(connection)).toBe(0);
    expect(connection.prepare(`SELECT count(*) FROM sqlite_schema WHERE name = 'tx'`).pluck().get()).toBe(0);
    connection.close();
  });
});
