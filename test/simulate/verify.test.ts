import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { richWorld } from '../support/rich-world.ts';
import type { World } from '../support/world.ts';
import { TABLES } from '#core/ledger/tables.ts';
import type { TableName } from '#core/ledger/rows.ts';
import { verify, verifyBooks } from '#core/ledger/verify.ts';
import type { Problem } from '#core/ledger/verify.ts';

type Row = Readonly<Record<string, unknown>>;
type Exception = Readonly<{
  because: string;
  /** What is named instead; nothing when no single row can be. */
  named?: (row: Row) => readonly [table: string, key: string];
  /** The change is not noticed, and cannot be. */
  isUnproven?: true;
  /** The change to make instead of the usual one. */
  change?: (row: Row) => unknown;
}>;

const one = (row: Row, ...columns: string[]): string => columns.map((column) => String(row[column])).join('/');
const byItsHash = (row: Row) => ['tx', one(row, 'tx')] as const;

/** Columns that are not simply named as their own row, and why. */
const EXCEPTIONS: Readonly<Record<string, Exception>> = {
  'book.book': { because: 'every other row is then of another book', named: () => ['block', '1'] },
  'book.epoch': { because: 'it counts writers, not books; only zero is wrong', change: () => 0 },
  'book.created_ms': {
    because: 'nothing hashes it; it may not be after the first block',
    change: (row) => Number(row['recorded_ms']) + 1,
  },
  'entry.memo': { because: 'one hash covers a transaction and its entries', named: byItsHash },
  'entry.grant_id': { because: 'one hash covers a transaction and its entries', named: byItsHash },
  'entry.tx': {
    because: 'moved to another transaction, the sums and hash of either are wrong',
    change: () => 1_000_000,
  },
  'run.block': { because: 'a note beside the chain: it may not lie ahead of it', change: () => 1_000_000 },
  'run.at_ms': { because: 'a note beside the chain: not before the book began', change: () => 1 },
  'run.ok': { because: 'a note beside the chain: 0 or 1', change: () => 7 },
  'run.detail': { because: 'a note beside the chain, in free words', isUnproven: true },
  'key_use.last_ms': { because: 'a note beside the chain: not before the book began', change: () => 1 },
  'refused_hour.count': {
    because: 'refusals move nothing and are not in the chain; a count is above zero',
    change: () => 0,
  },
  'seen.event_seq': { because: 'it must be an event with this value', change: () => 1_000_000 },
};

const DECIMAL = /^-?\d+$/;

/** Another value of the same type; what is set is cleared too where a column may be empty. */
function changesOf(value: unknown): unknown[] {
  if (value === null) return ['7', Buffer.from([7])];
  if (value instanceof Uint8Array) return [Buffer.from(value).map((byte, at) => (at === 3 ? byte ^ 1 : byte))];
  if (typeof value === 'bigint' || typeof value === 'number') return [Number(value) + 1];
  return [DECIMAL.test(String(value)) ? (BigInt(String(value)) + 1n).toString() : `${String(value)}x`];
}

function keyOf(table: TableName): string[] {
  return (TABLES[table].key as readonly string[]).filter((name) => name !== 'book' || table === 'book');
}

let world: World;
let books: Database.Database;
beforeAll(() => {
  world = richWorld();
  world.store.close();
  const file = new Database(world.file);
  file.pragma('journal_mode = DELETE');
  books = new Database(file.serialize());
  file.close();
});
afterAll(() => {
  books.close();
  world.dispose();
});

/** The first, the last and some rows between, so that each kind of row is met. */
function sample(table: TableName, most: number): Row[] {
  const rows = books.prepare(`SELECT * FROM ${table}`).all() as Row[];
  const step = Math.max(1, Math.floor(rows.length / most));
  return rows.filter((_, index) => index % step === 0 || index === rows.length - 1);
}

/** Changes one column of one row, says what verify finds, and changes it back. */
function findAfter(table: TableName, column: string, row: Row, value: unknown): Problem | null | 'refused' {
  const key = TABLES[table].key as readonly string[];
  const where = (from: Row) => key.map((name) => `${name} = ${literal(from[name])}`).join(' AND ');
  const set = (to: unknown, from: Row) =>
    books.exec(`UPDATE ${table} SET ${column} = ${literal(to)} WHERE ${where(from)}`);
  try {
    set(value, row);
  } catch {
    // SQLite itself refuses it: a type, a NOT NULL or a unique index.
    return 'refused';
  }
  const { problem } = verify(books);
  set(row[column], { ...row, [column]: value });
  return problem;
}

function literal(value: unknown): string {
  if (value === null) return 'NULL';
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  return typeof value === 'number' ? String(value) : `'${String(value).replaceAll("'", "''")}'`;
}

test('books in which everything happened are found right', () => {
  const outcome = verify(books);
  expect(outcome.problem).toBeNull();
  expect(outcome).toMatchObject({ done: true, ok: true });
});

test('every table has rows to change', () => {
  for (const table of Object.keys(TABLES) as TableName[]) {
    expect(books.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBeGreaterThan(0);
  }
});

describe.each(Object.keys(TABLES) as TableName[])('one changed value in %s', (table) => {
  test.each(TABLES[table].columns as readonly string[])('%s is found and its row named', (column) => {
    const exception = EXCEPTIONS[`${table}.${column}`];
    let tried = 0;
    for (const row of sample(table, 2)) {
      const values = exception?.change ? [exception.change(row)] : changesOf(row[column]);
      for (const value of values) {
        const found = findAfter(table, column, row, value);
        if (found === 'refused') continue;
        tried += 1;
        const label = `${table} ${one(row, ...keyOf(table))}: ${column} = ${String(value)}`;
        if (exception?.isUnproven) {
          expect(found, label).toBeNull();
          continue;
        }
        const moved = { ...row, [column]: value };
        const [named, key] = exception?.named?.(row) ?? [table, one(row, ...keyOf(table))];
        expect(found, label).not.toBeNull();
        expect([found?.table, [found?.key]], label).toEqual([
          named,
          [exception?.named ? key : expect.toBeOneOf([key, one(moved, ...keyOf(table))])],
        ]);
      }
    }
    expect(tried).toBeGreaterThan(0);
  });
});

/** Tables whose rows prove nothing, so that one more or less is not noticed; and what is named for others. */
const NOTES = new Set(['run', 'key_use', 'refused_hour']);
const NAMED_FOR: Readonly<Record<string, readonly string[]>> = {
  entry: ['tx', 'entry'],
  tx: ['tx'],
  event: ['event', 'book', 'hold'],
  book: ['book'],
  seen: ['seen', 'slice'],
};
const wholeRow = (table: TableName, row: Row): string =>
  `INSERT INTO ${table} (${TABLES[table].columns.join(', ')})
   VALUES (${(TABLES[table].columns as readonly string[]).map((column) => literal(row[column])).join(', ')})`;
const removal = (table: TableName, row: Row): string =>
  `DELETE FROM ${table} WHERE ${(TABLES[table].key as readonly string[])
    .map((name) => `${name} = ${literal(row[name])}`)
    .join(' AND ')}`;

describe.each(Object.keys(TABLES) as TableName[])('rows of %s', (table) => {
  const names = NAMED_FOR[table] ?? [table];

  test.skipIf(NOTES.has(table))('are missed', () => {
    for (const row of sample(table, 3)) {
      books.exec(removal(table, row));
      const { problem } = verify(books);
      books.exec(wholeRow(table, row));
      expect(problem, one(row, ...keyOf(table))).not.toBeNull();
      expect(names, one(row, ...keyOf(table))).toContain(problem?.table);
    }
  });

  test.skipIf(NOTES.has(table))('that do not belong are found', () => {
    const key = (TABLES[table].key as readonly string[])[0] ?? '';
    for (const row of sample(table, 3)) {
      const [value] = changesOf(row[key]);
      const added = { ...row, [key]: typeof value === 'number' ? 1_000_000 : value };
      try {
        books.exec(wholeRow(table, added));
      } catch {
        // A unique index refuses it.
        continue;
      }
      const { problem } = verify(books);
      books.exec(removal(table, added));
      expect(problem, one(added, ...keyOf(table))).not.toBeNull();
      expect([...names, 'event', 'line'], one(added, ...keyOf(table))).toContain(problem?.table);
    }
  });
});

describe('beside the rows', () => {
  /** Runs statements on a copy and says what verify finds in it. */
  function foundIn(...statements: string[]): Problem | null {
    const copy = new Database(books.serialize());
    for (const statement of statements) copy.exec(statement);
    const { problem } = verify(copy);
    copy.close();
    return problem;
  }

  test('a unique index that is gone is found', () => {
    expect(foundIn('DROP INDEX event_by_id')).toMatchObject({ table: 'sqlite_schema', key: 'index event_by_id' });
  });

  test('a table that no migration made is found', () => {
    expect(foundIn('CREATE TABLE mine (id INTEGER)')).toMatchObject({ table: 'sqlite_schema', key: 'table mine' });
  });

  test.each([
    ['checksum', `UPDATE migration SET checksum = 'x'`],
    ['name', `UPDATE migration SET name = 'x'`],
    ['absence', 'DELETE FROM migration'],
    ['surplus', `INSERT INTO migration VALUES (99, 'more', 'x')`],
    ['version', 'PRAGMA user_version = 7'],
  ])('a migration whose %s is wrong is found', (_, statement) => {
    expect(foundIn(statement)).toMatchObject({ table: 'migration' });
  });

  test('two books in one workspace are found', () => {
    expect(
      foundIn(`INSERT INTO book SELECT 'other', epoch, seq, event_seq, block, head, recorded_ms, watermark,
      invoice_no, created_ms, open_hold FROM book`),
    ).toMatchObject({ table: 'book', key: 'main/other' });
  });

  test('a sum that is moved between two accounts, entries and all, is found by the hash', () => {
    expect(foundIn(`UPDATE entry SET memo = 'nothing to see' WHERE tx = (SELECT max(tx) FROM entry)`)).toMatchObject({
      table: 'tx',
    });
  });

  test('a chain rewritten from the first changed hash on is still not the head', () => {
    expect(foundIn(`UPDATE block SET hash = zeroblob(32) WHERE no = (SELECT max(no) FROM block)`)).toMatchObject({
      table: 'block',
    });
  });
});

describe('a verification', () => {
  test('reads one moment, and leaves the connection as it was', () => {
    const steps = verifyBooks(books, () => 123);
    const checks = new Set<string>();
    let step = steps.next();
    for (; !step.done; step = steps.next()) {
      expect(books.inTransaction).toBe(true);
      expect(step.value).toMatchObject({ done: false, ok: null, problem: null });
      expect(Number(step.value.checked)).toBeLessThanOrEqual(Number(step.value.total));
      checks.add(step.value.check);
    }
    expect(books.inTransaction).toBe(false);
    expect(step.value).toMatchObject({
      done: true,
      ok: true,
      finishedMs: 123,
      block: String(world.engine.head().block),
    });
    expect(checks.size).toBeGreaterThan(15);
  });

  test('may be left at any step', () => {
    for (let most = 0; most < 20; most += 1) {
      const steps = verifyBooks(books);
      for (let taken = 0; taken <= most; taken += 1) steps.next();
      steps.return(undefined as never);
      expect(books.inTransaction).toBe(false);
    }
    expect(verify(books).ok).toBe(true);
  });
});
