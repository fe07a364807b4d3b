/** Imports a file into a workspace in a process of its own, so that a test can kill it; says each step as a line. */
import { importUsage } from '#core/files/import.ts';
import { openCore } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';

const [workspace = '', path = ''] = process.argv.slice(2);
const { core, close } = await openCore(workspace, { log: createLog('error') });
const mapping = {
  source: { value: 'file' },
  id: { column: 'id' },
  customer: { column: 'customer' },
  meter: { value: 'api.requests' },
  quantity: { column: 'quantity' },
  dimensions: {},
};
const principal = { kind: 'nobody', actor: 'test', permissions: [] } as const;
for await (const step of importUsage(core, { path, mapping, book: true }, principal)) {
  process.stdout.write(`${JSON.stringify(step)}\n`);
}
await close();
