/**
 * A workspace for benchmarks: customers, three meters with prices, plenty of credit, one key; and processes around
 * it.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createFile } from '#core/ledger/open.ts';
import type { Command } from '#core/ledger/port.ts';
import { DEFAULT_SETTINGS } from '#core/ledger/catalog.ts';
import { openCore } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { commitAll, setRecord } from '#core/runtime/seed.ts';
import { newSecret } from '#core/services/key-ring.ts';
import { SCOPES } from '#core/contract/permissions.ts';

export const METERS = ['api.calls', 'llm.tokens', 'cpu.seconds'] as const;
const RATE = '{"kind":"per-unit","rate":{"amountMinor":"100","perUnits":"1"}}';

function customerCommand(index: number, createdMs: number): Command {
  const id = `cus_${String(index).padStart(8, '0')}`;
  const body = {
    id,
    externalId: `customer-${index}`,
    name: `Customer ${index}`,
    terms: [{ fromMs: 0, plan: null }],
    anchorDay: 1,
    timeZone: 'UTC',
    overdrafts: {},
    subjects: [],
    addresses: [],
    createdMs,
  };
  return {
    type: 'record.set',
    actor: 'bench',
    kind: 'customer',
    id,
    body,
    names: [{ kind: 'customer', name: `customer-${index}` }],
  };
}

function meterCommands(): Command[] {
  return METERS.flatMap((key, index) => [
    setRecord('meter', key, {
      key,
      name: key,
      eventType: key,
      aggregation: 'sum',
      scale: 0,
      unit: 'unit',
      valuePath: '$.value',
      dimensions: {},
      billable: true,
      window: 'month',
      overshoot: 'debt',
      createdMs: 0,
    }),
    setRecord('price', `prc_0000000${index}`, {
      id: `prc_0000000${index}`,
      version: 1,
      meter: key,
      plan: null,
      customer: null,
      asset: 'USDC/6',
      model: RATE,
      rounding: 'half-even',
      minimumMinor: '0',
      effectiveFromMs: 0,
      createdMs: 0,
      createdBy: 'bench',
    }),
  ]);
}

/** Makes a workspace in a folder of its own; answers its file and a key. */
export async function makeWorkspace(options: Readonly<{ customers: number; credit: boolean; createdMs?: number }>) {
  const dir = mkdtempSync(join(process.env.BENCH_DIR ?? '.cache', 'bench-'));
  const file = join(dir, 'bench.tollkeeper');
  createFile(file);
  const { core, close } = await openCore(file, { log: createLog('error') });
  const { secret, prefix, hash } = newSecret();
  const key = {
    id: 'key_00000001',
    customer: null,
    name: 'bench',
    prefix,
    hash,
    scopes: SCOPES,
    createdMs: 0,
    endsMs: null,
    replacedBy: null,
  };
  const createdMs = options.createdMs ?? core.now();
  const customers = Array.from({ length: options.customers }, (_, index) => customerCommand(index, createdMs));
  const grants: Command[] = options.credit
    ? customers.map((_, index) => ({
        type: 'credit.grant',
        actor: 'bench',
        key: `grant-${index}`,
        request: '',
        id: core.newId('grt'),
        customer: `customer-${index}`,
        asset: 'USDC/6',
        amountMinor: 10n ** 15n,
        source: 'prepaid',
        note: '',
        priority: 100,
        expiresAtMs: null,
      }))
    : [];
  await commitAll(core.book, [
    setRecord('settings', 'workspace', { ...DEFAULT_SETTINGS, name: 'Bench' }),
    ...meterCommands(),
    { type: 'record.set', actor: 'bench', kind: 'key', id: key.id, body: key, names: [{ kind: 'key', name: hash }] },
    ...customers,
    ...grants,
  ]);
  await close();
  return { dir, file, key: secret, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

export type Running = Readonly<{
  url: string;
  /** What else the script told. */
  facts: Readonly<Record<string, string>>;
  readyMs: number;
  peakRss: () => number;
  stop: () => Promise<void>;
}>;

/** Starts a script of this folder in a process of its own and waits until it tells its address. */
export async function run(script: string, args: readonly string[] = []): Promise<Running> {
  const child: ChildProcess = fork(new URL(script, import.meta.url), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // As `npm start` runs it: see build/launch.mjs.
    execArgv: ['--max-semi-space-size=4'],
  });
  const ready = Promise.withResolvers<{ url: string; readyMs?: number; facts?: Record<string, string> }>();
  let peak = 0;
  child.on('message', (message: { url?: string; readyMs?: number; rss?: number; facts?: Record<string, string> }) => {
    if (message.rss !== undefined) peak = Math.max(peak, message.rss);
    if (message.url !== undefined) ready.resolve({ ...message, url: message.url });
  });
  child.once('exit', (code) => ready.reject(new Error(`${script} ended with ${code}`)));
  const { url, readyMs = 0, facts = {} } = await ready.promise;
  return {
    url,
    facts,
    readyMs,
    peakRss: () => peak,
    stop: async () => {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.send('stop');
      await ended;
    },
  };
}
