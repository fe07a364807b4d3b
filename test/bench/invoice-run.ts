/** A month's end: 10,000 customers and a million posted events become finalized invoices. */
import { createRouterClient } from '@orpc/server';
import { ROLE_PERMISSIONS } from '#core/contract/permissions.ts';
import { leafHash, root } from '#core/domain/merkle.ts';
import { sha256 } from '#core/ledger/hash.ts';
import type { AcceptUsage } from '#core/ledger/port.ts';
import { openCore } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { createRouter } from '#core/services/router.ts';
import type { Principal } from '#core/services/core.ts';
import { timeOrderedId } from './raw.ts';
import type { Row } from './rows.ts';
import { METERS, makeWorkspace } from './world.ts';

const CUSTOMERS = 10_000;
const EVENTS = 1_000_000;
const SLICE = 50;

function slice(first: number, occurredMs: number): AcceptUsage {
  const columns = {
    source: [] as string[],
    id: [] as string[],
    subject: [] as string[],
    kind: [] as string[],
    meter: [] as string[],
    units: [] as bigint[],
    occurredMs: [] as number[],
    data: [] as string[],
  };
  const prints: Uint8Array[] = [];
  for (let n = first; n < first + SLICE; n += 1) {
    const meter = METERS[n % 3] ?? METERS[0];
    columns.source.push('bench');
    columns.id.push(timeOrderedId(n));
    columns.subject.push(`customer-${n % CUSTOMERS}`);
    columns.kind.push(meter);
    columns.meter.push(meter);
    columns.units.push(7n);
    columns.occurredMs.push(occurredMs + n);
    columns.data.push('{}');
    prints.push(leafHash(sha256, new TextEncoder().encode(`invoice-run-${n}`)));
  }
  const fingerprints = new Uint8Array(32 * SLICE);
  prints.forEach((print, index) => fingerprints.set(print, index * 32));
  return { type: 'usage.accept', actor: 'bench', ...columns, fingerprints, root: root(sha256, prints) };
}

export async function invoiceRun(): Promise<Row[]> {
  const lastMonth = new Date();
  lastMonth.setUTCDate(1);
  lastMonth.setUTCHours(0, 0, 0, 0);
  const periodEndMs = lastMonth.getTime();
  lastMonth.setUTCMonth(lastMonth.getUTCMonth() - 1);
  const world = await makeWorkspace({ customers: CUSTOMERS, credit: false, createdMs: lastMonth.getTime() });
  const { core, close } = await openCore(world.file, { log: createLog('error') });
  for (let n = 0; n < EVENTS; n += SLICE * 40) {
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        core.book.commit([slice(n + index * SLICE, lastMonth.getTime() + 3_600_000)]),
      ),
    );
  }
  await core.book.commit([{ type: 'post', actor: 'bench' }]);
  const principal: Principal = {
    kind: 'operator',
    id: 'opr_bench0000',
    name: 'bench',
    role: 'admin',
    actor: 'bench',
    permissions: ROLE_PERMISSIONS.admin,
  };
  const client = createRouterClient(createRouter(), { context: { core, principal: () => principal, session: null } });
  const startedAt = performance.now();
  const run = await client.invoices.close({ untilMs: periodEndMs, finalize: true });
  const seconds = (performance.now() - startedAt) / 1000;
  const rss = process.memoryUsage.rss() / 2 ** 20;
  await close();
  world.remove();
  if (run.finalized !== CUSTOMERS) throw new Error(`${run.finalized} invoices were finalized, not ${CUSTOMERS}`);
  return [
    {
      name: 'invoice run, 10,000 customers and 1 million events',
      unit: 's',
      ours: seconds,
      baseline: 10,
      ratio: seconds / 10,
      goal: '< 10 s',
      met: seconds < 10,
      note: `memory of the whole process ${Math.round(rss)} MiB`,
    },
  ];
}
