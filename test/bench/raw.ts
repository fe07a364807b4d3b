/**
 * The raw limits: better-sqlite3 with the same pragmas and the same group sizes, doing the least that could be called
 * the same job.
 */
import { fsyncSync, openSync, rmSync, writeSync, fdatasyncSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

function open(dir: string, name: string): Database.Database {
  const file = join(dir, name);
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  const database = new Database(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('wal_autocheckpoint = 4000');
  database.pragma('cache_size = -32768');
  return database;
}

/** One uniquely keyed row an event, `group` rows a commit, time-ordered ids; answers rows a second. */
export function rawRows(dir: string, options: Readonly<{ seconds: number; group: number }>): number {
  const database = open(dir, 'raw-rows.db');
  database.exec(`CREATE TABLE event (seq INTEGER NOT NULL PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL,
    subject TEXT NOT NULL, meter TEXT NOT NULL, quantity INTEGER NOT NULL, occurred_ms INTEGER NOT NULL,
    data TEXT NOT NULL, UNIQUE (id, source)) STRICT`);
  const insert = database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const startedAt = performance.now();
  let seq = 0;
  const group = database.transaction(() => {
    for (let index = 0; index < options.group; index += 1) {
      seq += 1;
      insert.run(
        seq,
        'bench',
        timeOrderedId(seq),
        `customer-${seq % 50}`,
        `meter-${seq % 3}`,
        7,
        Date.now(),
        '{"endpoint":"GET /"}',
      );
    }
  });
  while (performance.now() - startedAt < options.seconds * 1000) group();
  const perSecond = seq / ((performance.now() - startedAt) / 1000);
  database.close();
  return perSecond;
}

/** A hold as a plain program would write it: read the balance, set money aside, add one uniquely keyed row. */
export function rawHolds(dir: string, options: Readonly<{ seconds: number; group: number }>): number {
  const database = open(dir, 'raw-holds.db');
  database.exec(`CREATE TABLE account (id TEXT NOT NULL PRIMARY KEY, posted INTEGER NOT NULL, held INTEGER NOT NULL)
    STRICT;
    CREATE TABLE hold (id TEXT NOT NULL PRIMARY KEY, key TEXT NOT NULL UNIQUE, account TEXT NOT NULL,
      amount INTEGER NOT NULL,
      state TEXT NOT NULL, expires_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID`);
  const account = database.prepare('INSERT INTO account VALUES (?, ?, 0)');
  for (let index = 0; index < 50; index += 1) account.run(`customer-${index}`, 1e15);
  const read = database.prepare('SELECT posted, held FROM account WHERE id = ?');
  const change = database.prepare('UPDATE account SET held = held + ? WHERE id = ?');
  const insert = database.prepare(`INSERT INTO hold VALUES (?, ?, ?, ?, 'open', ?)`);
  const startedAt = performance.now();
  let made = 0;
  const group = database.transaction(() => {
    for (let index = 0; index < options.group; index += 1) {
      made += 1;
      const id = `customer-${made % 50}`;
      const row = read.get(id) as { posted: number; held: number };
      if (row.posted - row.held < 10_000) continue;
      change.run(10_000, id);
      insert.run(timeOrderedId(made), `key-${timeOrderedId(made)}`, id, 10_000, Date.now() + 60_000);
    }
  });
  while (performance.now() - startedAt < options.seconds * 1000) group();
  const perSecond = made / ((performance.now() - startedAt) / 1000);
  database.close();
  return perSecond;
}

const STARTED = Date.now().toString(16).padStart(12, '0');

/** An id of the length and order of a UUIDv7. */
export function timeOrderedId(n: number): string {
  return `${STARTED.slice(0, 8)}-${STARTED.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** The 99th percentile of fdatasync after a small write, in milliseconds. */
export function fdatasyncP99(dir: string, count = 400): number {
  const file = join(dir, 'sync.bin');
  const fd = openSync(file, 'w');
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    writeSync(fd, Buffer.alloc(4096, index), 0, 4096, (index % 64) * 4096);
    const at = performance.now();
    fdatasyncSync(fd);
    times.push(performance.now() - at);
  }
  fsyncSync(fd);
  closeSync(fd);
  rmSync(file);
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length * 0.99)] ?? 0;
}
