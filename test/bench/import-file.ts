/** Importing a file of usage without HTTP: rows a second from the first to the last that is durable. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCore } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { timeOrderedId } from './raw.ts';
import { METERS } from './world.ts';

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
