/** Checks of the file and its chain: SQLite's own, schema, migrations, one book, and every block up to the head. */
import SQLite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { GENESIS, blockHash } from './hash.ts';
import { checksumOf, migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { TABLES } from './tables.ts';
import type { BlockRow, BookRow, TableName } from './rows.ts';
import { bad, match } from './verify-report.ts';
import type { Step } from './verify-report.ts';

const CHUNK = 2_000;
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/**
 * SQLite's integrity check: pages, indexes, types and uniqueness. It is one statement and yields nothing in between.
 */
export function* checkSqlite(connection: Database): Generator<Step> {
  yield { checked: 0, total: 1 };
  const said = connection.pragma('integrity_check(1)', { simple: true });
  if (said !== 'ok') bad('sqlite', '-', `SQLite's integrity check says: ${String(said)}.`);
  const orphans = connection.pragma('foreign_key_check') as { table: string; rowid: number | null }[];
  const orphan = orphans[0];
  if (orphan) bad(orphan.table, orphan.rowid ?? '-', 'The row refers to one that is missing.');
  yield { checked: 1, total: 1 };
}

type Shape = { type: string; name: string; sql: string | null };

function shapesOf(connection: Database): Map<string, Shape> {
  const rows = connection
    .prepare(`SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name`)
    .all() as Shape[];
  return new Map(rows.map((row) => [`${row.type} ${row.name}`, row]));
}

let wantedShapes: ReadonlyMap<string, Shape> | undefined;

/** What the migrations of this version make of an empty file. */
function shapesWanted(): ReadonlyMap<string, Shape> {
  if (wantedShapes) return wantedShapes;
  const fresh = new SQLite(':memory:');
  migrate(fresh, ':memory:');
  wantedShapes = shapesOf(fresh);
  fresh.close();
  return wantedShapes;
}

/** The schema is what the migrations make, statement by statement: a dropped unique index would let anything in. */
export function* checkSchema(connection: Database): Generator<Step> {
  const wanted = shapesWanted();
  const found = shapesOf(connection);
  for (const [name, { sql }] of wanted) {
    const row = found.get(name);
    if (!row) bad('sqlite_schema', name, 'It is missing.');
    if (row.sql !== sql) bad('sqlite_schema', name, 'Its definition is not the one the migrations made.');
  }
  for (const name of found.keys()) if (!wanted.has(name)) bad('sqlite_schema', name, 'No migration made it.');
  yield { checked: wanted.size, total: wanted.size };
}

/** Every migration is recorded once, with the checksum of the text this version ships. */
export function* checkMigrations(connection: Database): Generator<Step> {
  const rows = connection.prepare('SELECT version, name, checksum FROM migration ORDER BY version').all() as {
    version: number;
  }[];
  for (const known of MIGRATIONS) {
    const row = rows.find((one) => one.version === known.version);
    match('migration', known.version, row, { name: known.name, checksum: checksumOf(known) });
  }
  const unknown = rows.find((row) => !MIGRATIONS.some((known) => known.version === row.version));
  if (unknown) bad('migration', unknown.version, 'This version does not know it.');
  const version = connection.pragma('user_version', { simple: true });
  if (version !== MIGRATIONS.length) bad('migration', String(version), 'The file claims another schema version.');
  yield { checked: rows.length, total: rows.length };
}

const keyOf = (table: TableName): string =>
  (TABLES[table].key as readonly string[]).filter((name) => name !== 'book').join(", '/', ");

/** Every row belongs to the one book there is. */
export function* checkBooks(connection: Database, book: BookRow): Generator<Step> {
  const tables = (Object.keys(TABLES) as TableName[]).filter((table) => table !== 'book');
  for (const [index, table] of tables.entries()) {
    const row = connection
      .prepare(`SELECT concat(${keyOf(table)}) AS key FROM ${table} WHERE book IS NOT ? LIMIT 1`)
      .get(book.book) as { key: string } | undefined;
    if (row) bad(table, row.key, `The row is of another book than ${book.book}.`);
    yield { checked: index + 1, total: tables.length };
  }
}

/** Rows whose key lies outside what the head counts, before anything is streamed by it. */
export function* checkRanges(connection: Database, book: BookRow): Generator<Step> {
  const ranges = [
    ['tx', 'seq', 'seq', book.seq],
    ['entry', 'tx', "concat(tx, '/', line)", book.seq],
    ['slice', 'tx', 'tx', book.seq],
    ['conflict', 'tx', "concat(tx, '/', line)", book.seq],
    ['event', 'seq', 'seq', book.event_seq],
    ['block', 'no', 'no', book.block],
  ] as const;
  for (const [index, [table, column, key, last]] of ranges.entries()) {
    const row = connection
      .prepare(`SELECT ${key} AS key FROM ${table} WHERE ${column} < 1 UNION ALL
        SELECT ${key} FROM ${table} WHERE ${column} > ? LIMIT 1`)
      .get(last) as { key: string } | undefined;
    if (row) bad(table, row.key, `Its number is outside 1 to ${last}, where the head of the book stands.`);
    yield { checked: index + 1, total: ranges.length };
  }
}

type Before = Pick<BlockRow, 'no' | 'hash' | 'last_seq' | 'recorded_ms'>;

/** The head is that of the last block; told apart from a last block that is gone. */
function checkHead(book: BookRow, last: Before): void {
  if (last.no < book.block && !same(last.hash, book.head)) bad('block', last.no + 1, 'The block is missing.');
  match('book', book.book, book, {
    block: last.no,
    head: last.hash,
    seq: last.last_seq,
    recorded_ms: last.recorded_ms,
  });
  if (book.epoch < 1) bad('book', book.book, 'epoch counts the writers there were, at least one.');
}

/** Numbers without gap, each block on the one before it, its hash over its fields, ranges that tile, time forward. */
export function* checkBlocks(connection: Database, book: BookRow): Generator<Step> {
  const read = connection.prepare(
    `SELECT no, prev, root, hash, first_seq, last_seq, recorded_ms FROM block WHERE no > ? ORDER BY no LIMIT ${CHUNK}`,
  );
  let before: Before = { no: 0, hash: GENESIS, last_seq: 0, recorded_ms: book.created_ms };
  for (let rows = read.all(0) as BlockRow[]; rows.length > 0; rows = read.all(before.no) as BlockRow[]) {
    for (const row of rows) {
      if (row.no !== before.no + 1) bad('block', before.no + 1, 'The block is missing.');
      match('block', row.no, row, { prev: before.hash, first_seq: before.last_seq + 1, hash: blockHash(row) });
      if (row.last_seq < row.first_seq) bad('block', row.no, 'Its range is empty.');
      if (row.recorded_ms < before.recorded_ms) {
        if (row.no === 1) bad('book', book.book, 'created_ms is after the first block.');
        bad('block', row.no, 'Recorded time ran back.');
      }
      before = row;
    }
    yield { checked: before.no, total: book.block };
  }
  checkHead(book, before);
}
