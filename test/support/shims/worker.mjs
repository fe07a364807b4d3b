/**
 * The process under test of the shims: does what each line on stdin says and answers each with one line.
 * Plain files through node:fs, and a database through better-sqlite3 as the ledger opens it.
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';

const fds = new Map();
let db;

const ACTIONS = {
  open: (path, flags) => void fds.set(path, openSync(path, flags)),
  write: (path, text, position) => writeSync(fds.get(path), text, position ?? null),
  truncate: (path, length) => ftruncateSync(fds.get(path), length),
  fsync: (path) => fsyncSync(fds.get(path)),
  fdatasync: (path) => fdatasyncSync(fds.get(path)),
  close: (path) => closeSync(fds.get(path)),
  rename: (from, to) => renameSync(from, to),
  unlink: (path) => unlinkSync(path),
  openDatabase: (path, synchronous) => {
    db = new Database(path);
    db.pragma('journal_mode = WAL');
    db.pragma(`synchronous = ${synchronous}`);
    db.exec('CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT');
  },
  insert: (count) => {
    const insert = db.prepare('INSERT INTO t (text) VALUES (?)');
    db.transaction(() => {
      for (let at = 0; at < count; at += 1) insert.run('x'.repeat(500));
    })();
  },
  count: () => db.prepare('SELECT count(*) AS n FROM t').get().n,
  checkpoint: () => db.pragma('wal_checkpoint(TRUNCATE)'),
};

for await (const line of createInterface({ input: process.stdin })) {
  const [action, ...args] = JSON.parse(line);
  try {
    process.stdout.write(`${JSON.stringify({ value: ACTIONS[action](...args) ?? null })}\n`);
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ code: error.code })}\n`);
  }
}
