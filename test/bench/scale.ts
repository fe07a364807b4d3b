/** What events cost when there are many of them already: rows at 10⁵ and 10⁶ stored events, and 10⁷ with `--large`. */
import { createHash, randomUUID } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { fingerprintText } from '#core/domain/event.ts';
import { leafHash, root } from '#core/domain/merkle.ts';
import type { AcceptUsage } from '#core/ledger/port.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { TABLE, hasPostgres, insertOf, withPostgres } from './postgres.ts';
import type { PlainEvent } from './postgres.ts';
import { timeOrderedId } from './raw.ts';
import type { Row } from './rows.ts';
import { METERS, makeWorkspace } from './world.ts';

const BATCH = 500;
const FILL_BATCH = 5_000;
/** The last events of each size are measured. */
const MEASURED = 20_000;
const DATA = '{"endpoint":"GET /"}';
/** Batches on the way at once, as from as many clients. */
const IN_FLIGHT = 4;
const SMALLEST_COPY = 100e6;
const DAYS_MS = 30 * 86_400_000;
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

type IdOf = (n: number) => string;
const randomId: IdOf = () => randomUUID();

function eventsFrom(first: number, size: number, idOf: IdOf, count = BATCH): PlainEvent[] {
  const startMs = Date.now() - DAYS_MS;
  return Array.from({ length: count }, (_, at) => ({
    id: idOf(first + at),
    subject: `customer-${(first + at) % 50}`,
    meter: METERS[(first + at) % 3] ?? METERS[0],
    occurredMs: startMs + Math.floor(((first + at) / size) * DAYS_MS),
  }));
}

function accepting(events: readonly PlainEvent[]): AcceptUsage {
  const prints = events.map(({ id, subject, meter, occurredMs }) => {
    const named = { source: 'bench', id, subject, type: meter, meter, units: 7n, data: DATA, occurredMs, holdId: null };
    return leafHash(sha256, Buffer.from(fingerprintText(named, { timeGiven: true, scale: 0 })));
  });
  return {
    type: 'usage.accept',
    actor: 'bench',
    source: events.map(() => 'bench'),
    id: events.map(({ id }) => id),
    subject: events.map(({ subject }) => subject),
    kind: events.map(({ meter }) => meter),
    meter: events.map(({ meter }) => meter),
    units: events.map(() => 7n),
    occurredMs: events.map(({ occurredMs }) => occurredMs),
    data: events.map(() => DATA),
    fingerprints: Buffer.concat(prints),
    root: root(sha256, prints),
  };
}

const perEvent = (startedAt: number, events: number): number => ((performance.now() - startedAt) * 1000) / events;

/** Larger batches up to what is measured, which then comes in batches of the usual size. */
function* batchesOf(
  range: { from: number; to: number },
  measuredFrom: number,
): Generator<{ at: number; count: number }> {
  for (let at = range.from; at < range.to;) {
    const count = at < measuredFrom ? Math.min(FILL_BATCH, measuredFrom - at) : BATCH;
    yield { at, count };
    at += count;
  }
}

/** Fills books up to a size, some batches at a time; microseconds an event over the last of them. */
async function fill(
  { core }: CoreHandle,
  range: { from: number; to: number },
  idOf: IdOf,
  inFlight = IN_FLIGHT,
): Promise<number> {
  let startedAt = performance.now();
  const measuredFrom = range.to - MEASURED;
  const sent: Promise<void>[] = [];
  const send = async (at: number, count: number): Promise<void> => {
    const [answer] = await core.book.commit([accepting(eventsFrom(at, range.to, idOf, count))]);
    if (!answer?.ok) throw new TypeError(JSON.stringify(answer));
  };
  for (const { at, count } of batchesOf(range, measuredFrom)) {
    if (at === measuredFrom) {
      await Promise.all(sent.splice(0));
      startedAt = performance.now();
    }
    sent.push(send(at, count));
    if (sent.length >= inFlight) await sent.shift();
  }
  await Promise.all(sent);
  const cost = perEvent(startedAt, MEASURED);
  while (core.book.head().events !== core.book.head().watermark) await new Promise((done) => setTimeout(done, 20));
  return cost;
}

/** The same into a table of SQLite with the same pragmas, and nothing else. */
function fillRaw(dir: string, size: number, idOf: IdOf): number {
  const file = join(dir, 'raw-scale.db');
  const database = new Database(file);
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'wal_autocheckpoint = 4000', 'cache_size = -32768'])
    database.pragma(pragma);
  database.exec(`CREATE TABLE event (seq INTEGER NOT NULL PRIMARY KEY, source TEXT NOT NULL, id TEXT NOT NULL,
    subject TEXT NOT NULL, meter TEXT NOT NULL, quantity INTEGER NOT NULL, occurred_ms INTEGER NOT NULL,
    data TEXT NOT NULL, UNIQUE (id, source)) STRICT`);
  const insert = database.prepare('INSERT INTO event VALUES (?, ?, ?, ?, ?, 7, ?, ?)');
  const group = database.transaction((first: number, count: number) => {
    for (const [at, { id, subject, meter, occurredMs }] of eventsFrom(first, size, idOf, count).entries())
      insert.run(first + at + 1, 'bench', id, subject, meter, occurredMs, DATA);
  });
  let startedAt = performance.now();
  for (const { at, count } of batchesOf({ from: 0, to: size }, size - MEASURED)) {
    if (at === size - MEASURED) startedAt = performance.now();
    group(at, count);
  }
  const cost = perEvent(startedAt, MEASURED);
  database.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true });
  return cost;
}

async function fillPostgres(size: number): Promise<number> {
  return withPostgres(async ({ send }) => {
    await send(TABLE);
    let startedAt = performance.now();
    for (const { at, count } of batchesOf({ from: 0, to: size }, size - MEASURED)) {
      if (at === size - MEASURED) startedAt = performance.now();
      await send(insertOf(eventsFrom(at, size, timeOrderedId, count), at));
    }
    return perEvent(startedAt, MEASURED);
  });
}

type Limit = Readonly<{ name: string; unit: string; ours: number; baseline: number; goal: string; note?: string }>;
/** Met where ours is at most the goal's multiple of the baseline. */
const atMost = (most: number, { note = '', ...row }: Limit): Row => {
  const ratio = row.ours / row.baseline;
  return { ...row, ratio, met: ratio <= most, note };
};

async function slowestQuery({ core }: CoreHandle): Promise<number> {
  const times: number[] = [];
  for (const windowSize of ['HOUR', 'DAY', 'MONTH'] as const) {
    const groupBy = windowSize === 'HOUR' ? [] : ['subject'];
    const query = { meter: METERS[0], windowSize, timeZone: 'Europe/Berlin', subjects: [], groupBy, filters: {} };
    await core.reader.read('meterQuery', query);
    const startedAt = performance.now();
    await core.reader.read('meterQuery', query);
    times.push(performance.now() - startedAt);
  }
  return Math.max(...times);
}

async function verifyRate({ core }: CoreHandle): Promise<number> {
  const startedAt = performance.now();
  for await (const step of core.verify()) {
    if (step.done && !step.ok) throw new TypeError(JSON.stringify(step.problem));
  }
  const { sequence, events } = core.book.head();
  return (sequence + events) / ((performance.now() - startedAt) / 1000);
}

/** Seconds that a backup of one gigabyte would take at the rate of this one, while events go on coming. */
async function backupSeconds(
  handle: CoreHandle,
  dir: string,
  size: number,
): Promise<{ seconds: number; bytes: number }> {
  const { core } = handle;
  const target = join(dir, 'copy.tollkeeper');
  let isOver = false;
  const ingest = (async () => {
    for (let at = size; !isOver; at += BATCH) await core.book.commit([accepting(eventsFrom(at, at, timeOrderedId))]);
  })();
  const startedAt = performance.now();
  const { verified } = await core.backup(target);
  const seconds = (performance.now() - startedAt) / 1000;
  isOver = true;
  await ingest;
  const bytes = statSync(target).size;
  rmSync(target, { force: true });
  if (!verified) throw new TypeError('the backup did not verify');
  return { seconds: (seconds * 1e9) / bytes, bytes };
}

type Measured = Readonly<{ rows: Row[]; cost: number; alone: number }>;

async function atSize(size: number, smallest: number | null): Promise<Measured> {
  const world = await makeWorkspace({ customers: 50, credit: true });
  const handle = await openCore(world.file, { log: createLog('error') });
  const at = `at ${size.toLocaleString('en-GB').replaceAll(',', ' ')} events`;
  try {
    const cost = await fill(handle, { from: 0, to: size }, timeOrderedId);
    const alone = await fill(handle, { from: size, to: size + MEASURED }, timeOrderedId, 1);
    const query = await slowestQuery(handle);
    const rate = await verifyRate(handle);
    const backup = await backupSeconds(handle, world.dir, size + MEASURED);
    const mebibytes = `${Math.round(backup.bytes / 2 ** 20)} MiB copied and verified while events come in`;
    const rows = [
      atMost(1.5, {
        name: `an event ${at}`,
        unit: 'µs',
        ours: cost,
        baseline: smallest ?? cost,
        goal: '≤ 1.5 × smallest',
      }),
      atMost(1, { name: `slowest meter query ${at}`, unit: 'ms', ours: query, baseline: 100, goal: '< 100 ms' }),
      {
        ...atMost(1, {
          name: `verify ${at}`,
          unit: 'transactions and events/s',
          ours: rate,
          baseline: 200_000,
          goal: '≥ 200 000',
        }),
        met: rate >= 200_000,
      },
      // Of a small file the start of two threads is most of the time, and says nothing of a gigabyte.
      ...(backup.bytes < SMALLEST_COPY
        ? []
        : [
            atMost(1, {
              name: `backup of 1 GB ${at}`,
              unit: 's',
              ours: backup.seconds,
              baseline: 30,
              goal: '< 30 s',
              note: mebibytes,
            }),
          ]),
    ];
    return { rows, cost, alone };
  } finally {
    await handle.close();
    world.remove();
  }
}

async function randomRow(size: number): Promise<Row> {
  const world = await makeWorkspace({ customers: 50, credit: true });
  const handle = await openCore(world.file, { log: createLog('error') });
  try {
    const ours = await fill(handle, { from: 0, to: size }, randomId);
    const baseline = fillRaw(world.dir, size, randomId);
    return atMost(1.2, {
      name: `an event with a random id at ${size}`,
      unit: 'µs',
      ours,
      baseline,
      goal: '≤ 1.2 × raw SQLite',
    });
  } finally {
    await handle.close();
    world.remove();
  }
}

export async function scale(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  let smallest: number | null = null;
  for (const size of sizes) {
    const found = await atSize(size, smallest);
    smallest ??= found.cost;
    rows.push(...found.rows);
    if (!hasPostgres()) process.stderr.write('PostgreSQL 15 is not installed: its rows are left out.\n');
    else {
      const baseline = await fillPostgres(size);
      rows.push({
        name: `an event, one batch of ${BATCH} at a time, beside PostgreSQL 15 at ${size}`,
        unit: 'µs',
        ours: found.alone,
        baseline,
        ratio: found.alone / baseline,
        goal: 'side by side',
        met: null,
        note: 'psql over one loopback connection; ours is metered, rated and chained as well',
      });
    }
  }
  return rows;
}

/** Rows of ids in no order, beside the least that SQLite can do with the same. */
export async function scaleRandom(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of sizes) rows.push(await randomRow(size));
  return rows;
}
