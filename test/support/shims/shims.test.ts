/** The shims themselves: what they take away, what they leave, and that SQLite behaves on them as on such a disk. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Interface, createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shimsMissing } from './compile.ts';
import { type FaultyDisk, faultyDisk } from './faults.ts';
import { type PowerCut, powerCut } from './powercut.ts';

const missing = shimsMissing();
const because = missing === undefined ? '' : ` (skipped: ${missing})`;

let dir: string;
let file: string;

/** A process that does one thing at a time, as told. */
class Worker {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #lines: Interface;

  constructor(env: Readonly<Record<string, string>>) {
    const script = join(import.meta.dirname, 'worker.mjs');
    this.#child = spawn(process.execPath, [script], { env: { ...process.env, ...env } });
    this.#lines = createInterface({ input: this.#child.stdout });
    this.#answers = this.#lines[Symbol.asyncIterator]();
    this.#child.stderr.pipe(process.stderr);
  }

  /** Gives what the action gave, or the code of the error it ended in. */
  async do(...action: readonly unknown[]): Promise<unknown> {
    this.#child.stdin.write(`${JSON.stringify(action)}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the worker died at ${String(action[0])}`);
    const answer = JSON.parse(value) as { value?: unknown; code?: string };
    return answer.code ?? answer.value;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

function rowsOf(path: string): number {
  const db = new Database(path);
  const { ok, n } = db
    .prepare('SELECT (SELECT integrity_check FROM pragma_integrity_check) AS ok, count(*) AS n FROM t')
    .get() as { ok: string; n: number };
  db.close();
  expect(ok).toBe('ok');
  return n;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tollkeeper-shims-'));
  file = join(dir, 'file');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe.skipIf(missing !== undefined)(`a power cut${because}`, () => {
  let power: PowerCut;
  let worker: Worker;
  beforeEach(() => {
    power = powerCut(dir);
    worker = new Worker(power.env);
  });
  afterEach(async () => {
    await worker.kill();
    power.dispose();
  });

  const cut = async () => {
    await worker.kill();
    return power.cut();
  };
  const text = () => readFileSync(file, 'utf8');

  test.each(['fsync', 'fdatasync'])('keeps what %s made durable, and nothing written after it', async (sync) => {
    await worker.do('open', file, 'w');
    await worker.do('write', file, 'durable');
    await worker.do(sync, file);
    await worker.do('write', file, ' and lost');
    await worker.do('write', file, 'DUR', 0);
    expect(text()).toBe('DURable and lost');
    expect(await cut()).toEqual([{ path: file, writes: 2, isGone: false }]);
    expect(text()).toBe('durable');
  });

  test('takes back truncation, by length and by opening', async () => {
    writeFileSync(file, 'what was there before');
    await worker.do('open', file, 'r+');
    await worker.do('truncate', file, 4);
    await worker.do('open', file, 'w');
    await worker.do('write', file, 'new');
    await cut();
    expect(text()).toBe('what was there before');
  });

  test('removes a file that was never synced, and empties it under the name it was moved to', async () => {
    const moved = join(dir, 'moved');
    for (const path of [file, moved]) {
      await worker.do('open', path, 'w');
      await worker.do('write', path, 'never synced');
    }
    await worker.do('rename', moved, join(dir, 'final'));
    await cut();
    expect(existsSync(file)).toBe(false);
    expect(readFileSync(join(dir, 'final'), 'utf8')).toBe('');
  });

  test('forgets a file that was unlinked, though its inode comes back', async () => {
    await worker.do('open', file, 'w');
    await worker.do('write', file, 'old');
    await worker.do('close', file);
    await worker.do('unlink', file);
    await worker.do('open', file, 'w');
    await worker.do('write', file, 'new');
    await worker.do('fsync', file);
    await cut();
    expect(text()).toBe('new');
  });

  test('leaves what lies outside the folder alone', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'tollkeeper-outside-'));
    await worker.do('open', join(outside, 'file'), 'w');
    await worker.do('write', join(outside, 'file'), 'here to stay');
    expect(await cut()).toEqual([]);
    expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('here to stay');
    rmSync(outside, { recursive: true });
  });

  test('loses no commit of SQLite that syncs each, and loses those of one that does not', async () => {
    await worker.do('openDatabase', file, 'FULL');
    for (let at = 0; at < 5; at += 1) await worker.do('insert', 20);
    await cut();
    expect(rowsOf(file)).toBe(100);

    worker = new Worker(power.env);
    await worker.do('openDatabase', file, 'NORMAL');
    await worker.do('checkpoint');
    await worker.do('insert', 20);
    expect(await worker.do('count')).toBe(120);
    await cut();
    expect(rowsOf(file)).toBe(100);
  });
});

describe.skipIf(missing !== undefined)(`a faulty disk${because}`, () => {
  let disk: FaultyDisk;
  let worker: Worker;
  beforeEach(() => {
    disk = faultyDisk(dir);
    worker = new Worker(disk.env);
  });
  afterEach(async () => {
    await worker.kill();
    disk.dispose();
  });

  test('takes what still fits, then fails with ENOSPC until it is healed', async () => {
    await worker.do('open', file, 'w');
    disk.leave(5);
    expect(await worker.do('write', file, '12345678')).toBe(5);
    expect(await worker.do('write', file, '678')).toBe('ENOSPC');
    expect(await worker.do('write', file, 'abc', 0)).toBe(3);
    disk.heal();
    expect(await worker.do('write', file, '678')).toBe(3);
    expect(readFileSync(file, 'utf8')).toBe('abc45678');
  });

  test('refuses every way of writing with EROFS when it is protected', async () => {
    await worker.do('open', file, 'w');
    disk.protect();
    expect(await worker.do('write', file, 'x')).toBe('EROFS');
    expect(await worker.do('truncate', file, 0)).toBe('EROFS');
    expect(await worker.do('unlink', file)).toBe('EROFS');
    expect(await worker.do('rename', file, `${file}2`)).toBe('EROFS');
    expect(await worker.do('open', join(dir, 'other'), 'w')).toBe('EROFS');
    expect(await worker.do('open', file, 'r')).toBe(null);
  });

  test('fills up under SQLite, which keeps its books and goes on when there is space again', async () => {
    await worker.do('openDatabase', file, 'FULL');
    await worker.do('insert', 10);
    disk.leave(20_000);
    expect(await worker.do('insert', 1000)).toBe('SQLITE_FULL');
    expect(await worker.do('count')).toBe(10);
    disk.heal();
    await worker.do('insert', 1000);
    expect(await worker.do('count')).toBe(1010);
    await worker.kill();
    expect(rowsOf(file)).toBe(1010);
  });

  test('turns read-only under SQLite, which says so', async () => {
    await worker.do('openDatabase', file, 'FULL');
    await worker.do('insert', 10);
    disk.protect();
    expect(String(await worker.do('insert', 1))).toMatch(/^SQLITE_(?:READONLY|IOERR)/);
    expect(await worker.do('count')).toBe(10);
  });
});
