import { cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { richWorld } from '../../test/support/rich-world.ts';
import { root as merkleRoot } from '#core/domain/merkle.ts';
import { GENESIS, blockHash, sha256, transactionHash } from './hash.ts';
import type { BlockRow, EntryRow, TxRow } from './rows.ts';
import { verify } from './verify.ts';
import { verifyInThread } from './verify-thread.ts';
import type { VerifyProgress } from './verify-thread.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-verify-thread-'));
const right = join(folder, 'right.tollkeeper');
let copies = 0;

beforeAll(() => {
  const world = richWorld();
  world.connection.prepare('VACUUM INTO ?').run(right);
  world.dispose();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The books with something changed behind their back. */
function changed(...statements: readonly string[]): string {
  const file = join(folder, `changed-${(copies += 1)}.tollkeeper`);
  cpSync(right, file);
  const connection = new Database(file);
  connection.pragma('journal_mode = WAL');
  for (const statement of statements) expect(connection.prepare(statement).run().changes).toBeGreaterThan(0);
  connection.close();
  return file;
}

async function found(file: string, signal?: AbortSignal) {
  const steps: VerifyProgress[] = [];
  for await (const step of verifyInThread(file, signal)) steps.push(step);
  return { steps, last: steps.at(-1) };
}

test('right books are proven, by both threads and to the last step', async () => {
  const { steps, last } = await found(changed('UPDATE book SET epoch = epoch + 1'));
  expect(last).toMatchObject({ done: true, ok: true, problem: null });
  expect(steps.filter(({ done }) => done)).toHaveLength(1);
  const checks = new Set(steps.map(({ check }) => check));
  expect([...checks]).toEqual(expect.arrayContaining(['schema', 'journal', 'rollups', 'notes']));
});

const WRONG: readonly (readonly [what: string, table: string, ...string[]])[] = [
  ['an event of another quantity', 'event', 'UPDATE event SET quantity = quantity + 1'],
  ['an event of another instant', 'event', 'UPDATE event SET occurred_ms = occurred_ms + 1 WHERE seq = 7'],
  ['an event whose data is not JSON', 'event', `UPDATE event SET data = '{' WHERE seq = 4`],
  ['a fingerprint', 'event', 'UPDATE event SET fingerprint = zeroblob(32) WHERE seq = 3'],
  ['a capture', 'event', 'UPDATE event SET fingerprint = zeroblob(32) WHERE hold IS NOT NULL'],
  ['an acceptance', 'tx', `UPDATE tx SET body = replace(body, '"root":"', '"root":"0') WHERE kind = 'usage.accepted'`],
  ['when an acceptance was recorded', 'tx', `UPDATE tx SET recorded_ms = 1 WHERE kind = 'usage.accepted'`],
  [
    'a meter as it was set',
    'tx',
    `UPDATE tx SET body = replace(body, 'scale', 'scalf') WHERE instr(body, '"kind":"meter"')`,
  ],
  ['an entry', 'tx', `UPDATE entry SET memo = 'changed' WHERE tx = 30`],
  ['a rollup', 'rollup', `UPDATE rollup SET units = '7'`],
  [
    'an event and an entry of an earlier transaction',
    'event',
    'UPDATE event SET quantity = 99',
    `UPDATE entry SET balance = '7' WHERE tx = (SELECT min(tx) FROM entry)`,
  ],
  [
    'a balance and the last fingerprint',
    'event',
    `UPDATE account SET posted = '1'`,
    'UPDATE event SET fingerprint = zeroblob(32) WHERE seq = (SELECT max(seq) FROM event)',
  ],
];

test.each(WRONG)('%s is named as one thread alone names it', async (_what, table, ...statements) => {
  const file = changed(...statements);
  const connection = new Database(file, { readonly: true });
  const alone = verify(connection);
  connection.close();
  expect(alone.problem).toMatchObject({ table });
  const { last } = await found(file);
  expect(last).toMatchObject({ done: true, ok: false, check: alone.check, problem: alone.problem });
});

test('a page that is damaged is found', async () => {
  const file = changed('UPDATE book SET epoch = epoch + 1');
  const pages = readFileSync(file).length / 4096;
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(64, 0xee), 0, 64, Math.floor(pages / 2) * 4096);
  closeSync(handle);
  const { last } = await found(file);
  expect(last).toMatchObject({ done: true, ok: false });
});

/** Hashes every transaction and block anew, as whoever has the file and this code can. */
function hashAnew(connection: InstanceType<typeof Database>): void {
  const setTx = connection.prepare('UPDATE tx SET hash = ? WHERE seq = ?');
  const setBlock = connection.prepare('UPDATE block SET prev = ?, root = ?, hash = ? WHERE no = ?');
  let prev: Uint8Array = GENESIS;
  for (const block of connection.prepare('SELECT * FROM block ORDER BY no').all() as BlockRow[]) {
    const rows = connection.prepare('SELECT * FROM tx WHERE block = ? ORDER BY seq').all(block.no) as TxRow[];
    const hashes = rows.map((row) => {
      const entries = connection.prepare('SELECT * FROM entry WHERE tx = ? ORDER BY line').all(row.seq) as EntryRow[];
      const hash = transactionHash(row, entries);
      setTx.run(hash, row.seq);
      return hash;
    });
    const root = merkleRoot(sha256, hashes);
    const hash = blockHash({ ...block, prev, root });
    setBlock.run(prev, root, hash, block.no);
    prev = hash;
  }
  connection.prepare('UPDATE book SET head = ?').run(prev);
}

test('the root over accepted events is proven, also where all was hashed anew', async () => {
  const file = changed(`UPDATE tx SET body = replace(body, '"root":"', '"root":"0') WHERE seq =
    (SELECT max(seq) FROM tx WHERE kind = 'usage.accepted')`);
  const connection = new Database(file);
  hashAnew(connection);
  const { seq } = connection.prepare(`SELECT max(seq) AS seq FROM tx WHERE kind = 'usage.accepted'`).get() as {
    seq: number;
  };
  connection.close();
  const { last } = await found(file);
  expect(last).toMatchObject({ ok: false, check: 'roots', problem: { table: 'tx', key: String(seq) } });
});

test('it ends without an outcome when nobody wants it any more', async () => {
  const over = new AbortController();
  over.abort();
  const { last } = await found(right, over.signal);
  expect(last?.done ?? false).toBe(false);
});
