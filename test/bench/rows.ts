/** The rows of the benchmark: what is measured, against which raw limit, and the ratio to reach. */
import { rawHolds, rawRows, fdatasyncP99, timeOrderedId } from './raw.ts';
import { load, quantile, requestBytes } from './http-load.ts';
import { METERS, makeWorkspace, run } from './world.ts';
import type { Running } from './world.ts';
import { holdsInProcess } from './in-process.ts';
import { importMillion, importTable, usageTable } from './import-file.ts';
import { invoiceRun } from './invoice-run.ts';
import { programs } from './programs.ts';
import { publicCounter } from './public-counter.ts';
import { consoleRows } from './console.ts';
import { scale, scaleRandom } from './scale.ts';
import { solana, solanaMemory } from './solana.ts';
import { vouchers } from './vouchers.ts';

export type Row = Readonly<{
  name: string;
  unit: string;
  ours: number;
  baseline: number;
  ratio: number;
  goal: string;
  /** Null where two things are shown beside each other and none is to be reached. */
  met: boolean | null;
  note: string;
}>;

const SECONDS = 3;
const ROUNDS = 3;
const GROUP = 500;

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Runs baseline and ours in turn, so that a noisy machine is noisy for both; the medians count. */
async function interleaved(
  ours: () => Promise<number>,
  baseline: () => Promise<number>,
): Promise<{ ours: number; baseline: number }> {
  const [mine, raw]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    raw.push(await baseline());
    mine.push(await ours());
  }
  return { ours: median(mine), baseline: median(raw) };
}

function rateRow(
  name: string,
  unit: string,
  figures: { ours: number; baseline: number },
  goal: number,
  note = '',
): Row {
  const ratio = figures.ours / figures.baseline;
  return { name, unit, ...figures, ratio, goal: `≥ ${goal}`, met: ratio >= goal, note };
}

let made = 0;
const RUN = Date.now().toString(36);

/** A batch of 500 events over 50 customers and 3 meters with time-ordered ids. */
export function batchBytes(host: string, key: string): Buffer {
  const events: string[] = [];
  const now = Date.now();
  for (let index = 0; index < GROUP; index += 1) {
    made += 1;
    events.push(
      `{"source":"bench-${RUN}","id":"${timeOrderedId(made)}","customer":"customer-${made % 50}",` +
        `"meter":"${METERS[made % 3]}",` +
        `"quantity":"7","occurredAt":${now},"dimensions":{"endpoint":"GET /"}}`,
    );
  }
  return requestBytes(host, key, { path: '/v1/usage', body: `{"events":[${events.join(',')}]}` });
}

async function withServer<T>(
  customers: number,
  use: (server: Running, key: string, dir: string) => Promise<T>,
): Promise<T> {
  const world = await makeWorkspace({ customers, credit: true });
  const server = await run('./server.ts', [world.file]);
  try {
    return await use(server, world.key, world.dir);
  } finally {
    await server.stop();
    world.remove();
  }
}

async function drained(url: string): Promise<void> {
  for (;;) {
    const health = (await (await fetch(`${url}/healthz`)).json()) as { events: string; watermark: string };
    if (health.events === health.watermark) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function ingest(): Promise<Row[]> {
  return withServer(50, async (server, key, dir) => {
    const host = new URL(server.url).host;
    const accept = async (): Promise<number> => {
      const result = await load({
        url: server.url,
        connections: 4,
        seconds: SECONDS,
        next: () => batchBytes(host, key),
      });
      if (result.statuses['200'] !== result.requests)
        throw new Error(`ingest answered ${JSON.stringify(result.statuses)}`);
      await drained(server.url);
      return result.perSecond * GROUP;
    };
    const posted = async (): Promise<number> => {
      const startedAt = performance.now();
      const result = await load({
        url: server.url,
        connections: 4,
        seconds: SECONDS,
        next: () => batchBytes(host, key),
      });
      await drained(server.url);
      return (result.requests * GROUP) / ((performance.now() - startedAt) / 1000);
    };
    const raw = async () => rawRows(dir, { seconds: SECONDS, group: GROUP });
    await accept();
    return [
      rateRow('batch ingest over HTTP, accepted', 'events/s', await interleaved(accept, raw), 0.5),
      rateRow('batch ingest over HTTP, accepted and posted', 'events/s', await interleaved(posted, raw), 0.3),
      {
        name: 'core memory during ingest',
        unit: 'MiB',
        ours: server.peakRss() / 2 ** 20,
        baseline: 350,
        ratio: server.peakRss() / 2 ** 20 / 350,
        goal: '≤ 350 MiB',
        met: server.peakRss() <= 350 * 2 ** 20,
        note: '',
      },
    ];
  });
}

const TABLE_ROWS = 150_000;

/** A file of events against batches of the same over HTTP, in turn, each into books of its own. */
async function importFile(): Promise<Row[]> {
  const table = usageTable(TABLE_ROWS);
  const books = await makeWorkspace({ customers: 50, credit: true });
  try {
    return await withServer(50, async (server, key) => {
      const host = new URL(server.url).host;
      const next = () => batchBytes(host, key);
      let round = 0;
      const figures = await interleaved(
        () => importTable(books.file, { path: table.path, source: `import-${RUN}-${(round += 1)}` }),
        async () => {
          const result = await load({ url: server.url, connections: 4, seconds: SECONDS, next });
          await drained(server.url);
          return result.perSecond * GROUP;
        },
      );
      const note = `a CSV of ${TABLE_ROWS.toLocaleString('en-GB')} rows against batches of ${GROUP}, both accepted`;
      return [rateRow('import of a file', 'events/s', figures, 0.6, note)];
    });
  } finally {
    books.remove();
    table.remove();
  }
}

async function singles(): Promise<Row[]> {
  const constant = await run('./constant-server.ts');
  try {
    return await withServer(50, async (server, key) => {
      const host = new URL(server.url).host;
      let n = 0;
      const at =
        (url: string, path: string, body: () => string, more: () => string = () => '') =>
        async () => {
          const next = () => requestBytes(host, key, { path, body: body(), headers: more() });
          const result = await load({ url, connections: 64, seconds: SECONDS, next });
          const good = (result.statuses['200'] ?? 0) + (result.statuses['201'] ?? 0);
          if (good !== result.requests) throw new Error(`${path} answered ${JSON.stringify(result.statuses)}`);
          return result.perSecond;
        };
      const event = () =>
        `{"events":[{"source":"one","id":"${timeOrderedId((n += 1))}","customer":"customer-${n % 50}",` +
        `"meter":"api.calls","quantity":"1"}]}`;
      const hold = () => `{"customer":"customer-${(n += 1) % 50}","meter":"api.calls","quantity":"1"}`;
      const baseline = at(constant.url, '/v1/constant', hold);
      await at(server.url, '/v1/usage', event)();
      return [
        rateRow(
          'single event over HTTP',
          'requests/s',
          await interleaved(at(server.url, '/v1/usage', event), baseline),
          0.5,
        ),
        rateRow(
          'gate check + hold over HTTP',
          'requests/s',
          await interleaved(
            at(server.url, '/v1/holds', hold, () => `Idempotency-Key: ${timeOrderedId((n += 1))}\r\n`),
            baseline,
          ),
          0.5,
        ),
      ];
    });
  } finally {
    await constant.stop();
  }
}

async function gateInProcess(): Promise<Row[]> {
  const world = await makeWorkspace({ customers: 50, credit: true });
  try {
    const figures = await interleaved(
      () => holdsInProcess(world.file, { callers: 64, seconds: SECONDS }),
      async () => rawHolds(world.dir, { seconds: SECONDS, group: 64 }),
    );
    return [rateRow('gate in process, 64 callers', 'holds/s', figures, 0.5)];
  } finally {
    world.remove();
  }
}

async function gateUnderIngest(): Promise<Row[]> {
  return withServer(50, async (server, key, dir) => {
    const host = new URL(server.url).host;
    const most = await load({ url: server.url, connections: 4, seconds: SECONDS, next: () => batchBytes(host, key) });
    await drained(server.url);
    let n = 0;
    const hold = () =>
      requestBytes(host, key, {
        path: '/v1/holds',
        body: `{"customer":"customer-${(n += 1) % 50}","meter":"api.calls","quantity":"1"}`,
        headers: `Idempotency-Key: ${timeOrderedId(n)}\r\n`,
      });
    const [gate] = await Promise.all([
      load({ url: server.url, connections: 32, seconds: 8, next: hold, perSecond: 2000 }),
      load({
        url: server.url,
        connections: 2,
        seconds: 8,
        next: () => batchBytes(host, key),
        perSecond: most.perSecond / 2,
      }),
    ]);
    const sync = fdatasyncP99(dir);
    const p99 = quantile(gate.latenciesMs, 0.99);
    const limit = 2 + 2 * sync;
    return [
      {
        name: 'gate p99 at 2,000/s during ingest at half its maximum',
        unit: 'ms',
        ours: p99,
        baseline: limit,
        ratio: p99 / limit,
        goal: '≤ 2 ms + 2 × fdatasync p99',
        met: p99 <= limit,
        note:
          `${Math.round(gate.perSecond)} holds/s, ${Math.round((most.perSecond / 2) * GROUP)} events/s, ` +
          `p50 ${quantile(gate.latenciesMs, 0.5).toFixed(2)} ms, fdatasync p99 ${sync.toFixed(2)} ms`,
      },
    ];
  });
}

async function readyTime(): Promise<Row[]> {
  const world = await makeWorkspace({ customers: 50, credit: true });
  const times: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const server = await run('./server.ts', [world.file]);
    times.push(server.readyMs);
    await server.stop();
  }
  world.remove();
  const ours = median(times);
  return [
    {
      name: 'ready on a built tree',
      unit: 'ms',
      ours,
      baseline: 1500,
      ratio: ours / 1500,
      goal: '< 1500 ms',
      met: ours < 1500,
      note: '',
    },
  ];
}

/** How many stored events the rows of `scale` are measured at. */
export type Options = Readonly<{ sizes: readonly number[] }>;

/** What `--only` may name. */
export const ROWS: Readonly<Record<string, (options: Options) => Promise<Row[]>>> = {
  ingest,
  import: importFile,
  'import-million': importMillion,
  singles,
  gate: gateInProcess,
  'gate-under-ingest': gateUnderIngest,
  invoices: invoiceRun,
  ready: readyTime,
  solana,
  'solana-memory': solanaMemory,
  vouchers,
  programs,
  'public-counter': publicCounter,
  scale: ({ sizes }) => scale(sizes),
  'scale-random': ({ sizes }) => scaleRandom(sizes),
  console: ({ sizes }) => consoleRows(sizes),
};
