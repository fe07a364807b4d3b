/** Importing a file of usage without HTTP: rows a second from the first to the last that is durable. */
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attach } from '#core/cli/attach.ts';
import { openCore } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { SAMPLE_OPERATOR } from '#core/runtime/sample.ts';
import { timeOrderedId } from './raw.ts';
import type { Row } from './rows.ts';
import { METERS, run } from './world.ts';

/** A table with the events of the batch benchmark: as many customers, meters and fields. */
export function usageTable(rows: number): Readonly<{ path: string; remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-bench-import-'));
  const path = join(folder, 'usage.csv');
  const now = Date.now();
  const lines = ['id,customer,meter,quantity,at,endpoint'];
  for (let at = 0; at < rows; at += 1) {
    lines.push(`${timeOrderedId(at)},customer-${at % 50},${METERS[at % 3]},7,${now},GET /`);
  }
  writeFileSync(path, `${lines.join('\n')}\n`);
  return { path, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Imports the table under a source of its own, so that every round is new to the books. */
export async function importTable(file: string, { path, source }: { path: string; source: string }): Promise<number> {
  const { core, close } = await openCore(file, { log: createLog('error') });
  const mapping = {
    source: { value: source },
    id: { column: 'id' },
    customer: { column: 'customer' },
    meter: { column: 'meter' },
    quantity: { column: 'quantity' },
    occurredAt: { column: 'at', as: 'milliseconds' as const },
    dimensions: { endpoint: 'endpoint' },
  };
  const principal = { kind: 'nobody', actor: 'bench', permissions: [] } as const;
  const startedAt = performance.now();
  let rows = 0;
  for await (const step of core.files.importUsage({ path, mapping, book: true }, principal)) {
    if (step.refused + step.duplicates > 0) throw new Error(JSON.stringify(step.problems));
    rows = step.accepted;
  }
  const perSecond = rows / ((performance.now() - startedAt) / 1000);
  // The next round begins with all of this one posted.
  while (core.book.head().events !== core.book.head().watermark) await new Promise((done) => setTimeout(done, 20));
  await close();
  return perSecond;
}

const MILLION = 1_000_000;
const CHUNK = 10_000;

function writeMillion(path: string): void {
  const handle = openSync(path, 'w');
  writeSync(handle, 'id,customer,meter,quantity,at\n');
  const now = Date.now();
  for (let from = 0; from < MILLION; from += CHUNK) {
    const lines = Array.from({ length: CHUNK }, (_, at) => `${timeOrderedId(from + at)},orbit,api.requests,1,${now}\n`);
    writeSync(handle, lines.join(''));
  }
  closeSync(handle);
}

/** A million rows in one go, into the product in a process of its own: all of them taken, and its memory meanwhile. */
export async function importMillion(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-bench-million-'));
  const [workspace, path] = [join(folder, 'sample.tollkeeper'), join(folder, 'usage.csv')];
  writeMillion(path);
  const server = await run('./console-server.ts', [workspace]);
  try {
    const connection = await attach(workspace);
    if (connection === null) throw new TypeError('nobody answers for the workspace');
    await connection.client.session.signIn(SAMPLE_OPERATOR);
    const before = server.peakRss();
    const startedAt = performance.now();
    let accepted = 0;
    const mapping = {
      source: { value: 'bench' },
      id: { column: 'id' },
      customer: { column: 'customer' },
      meter: { column: 'meter' },
      quantity: { column: 'quantity' },
      occurredAt: { column: 'at', as: 'milliseconds' as const },
    };
    for await (const step of await connection.client.imports.run({ path, mapping, book: true })) ({ accepted } = step);
    const seconds = (performance.now() - startedAt) / 1000;
    connection.close();
    if (accepted !== MILLION) throw new TypeError(`${accepted} rows were taken`);
    const [ours, baseline] = [server.peakRss() / 2 ** 20, before / 2 ** 20];
    const note = `${Math.round(MILLION / seconds)} rows/s; the baseline is before the import`;
    const row = { name: 'memory while a million rows are imported', unit: 'MiB', ours, baseline };
    return [{ ...row, ratio: ours / baseline, goal: 'bounded', met: null, note }];
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
