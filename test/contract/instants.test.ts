/** Every read of the contract at another instant: known then, true then, or refused with the reason. */
import { join } from 'node:path';
import { ORPCError } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach } from '#core/cli/attach.ts';
import { contractCommands } from '#core/cli/catalog.ts';
import type { ContractCommand } from '#core/cli/catalog.ts';
import type { Client, Connection } from '#core/cli/connection.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { openAttachDoor } from '#core/serve/attach.ts';
import type { AttachDoor } from '#core/serve/attach.ts';
import { createRouter } from '#core/services/router.ts';
import { event, populate, validCalls } from '../support/contract-calls.ts';
import type { Made } from '../support/contract-calls.ts';
import { SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const READS = contractCommands().filter(({ meta }) => meta.idempotent === 'read');
const pathOf = ({ noun, verb }: ContractCommand): string => `${noun}.${verb}`;
const takes = ({ fields }: ContractCommand, name: string): boolean => fields.some((field) => field.name === name);
const byPath = (commands: readonly ContractCommand[]) => commands.map((command) => [pathOf(command), command] as const);

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
let handle: CoreHandle;
let door: AttachDoor;
let connection: Connection;
let client: Client;
let made: Made;
/** Between what the tests made and what they do later. */
let thenMs = 0;

/** The next millisecond of the books: what is recorded in one cannot be told apart. */
async function nextMs(): Promise<number> {
  const fromMs = Date.now();
  while (Date.now() === fromMs) await new Promise((resolve) => setImmediate(resolve));
  return fromMs;
}

beforeAll(async () => {
  await makeWorkspace(file);
  handle = await openCore(file, { log: SILENT });
  door = await openAttachDoor(handle.core, { router: createRouter() });
  const reached = await attach(file);
  if (!reached) throw new TypeError('nobody answers');
  connection = reached;
  client = connection.client;
  made = await populate(client, folder);
  thenMs = await nextMs();
});

afterAll(async () => {
  await connection.close();
  await door.close();
  await handle.close();
  dispose();
});

async function ask({ noun, verb }: ContractCommand, input: object): Promise<unknown> {
  const nouns = client as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>; // By name.
  return nouns[noun]?.[verb]?.(input);
}

/** A valid call without the instants that it may name itself. */
function callOf(command: ContractCommand): object {
  const input = validCalls(made)[pathOf(command)] ?? {};
  return Object.fromEntries(Object.entries(input).filter(([name]) => name !== 'asOfMs' && name !== 'knownAtMs'));
}

/** What happens after the instant: money, usage, settings, names, invoices. */
async function goOn(): Promise<void> {
  const unlimited = { rateLimitPerMinute: null, dailyLimit: null };
  const money = { customer: 'acme', asset: 'USDC/6', amountMinor: '777', source: 'manual' } as const;
  await client.credits.grant({ key: 'later', ...money });
  await client.credits.clawBack({ key: 'later', grant: made.grant, amountMinor: '5', reason: 'Too much' });
  await client.usage.record({ events: [event('l1'), event('l2', { meter: 'img.upscale' })] });
  await client.usage.record({ events: [event('e1', { quantity: '4' })] });
  await client.unrated.assign({ ids: [made.parked], customer: 'acme', meter: 'api.requests' });
  await client.holds.release({ holdId: made.hold });
  await client.customers.update({ customer: 'acme', name: 'Acme renamed' });
  await client.workspace.set({ issuer: 'Another issuer', maxRateAgeMs: 60_000 });
  await client.plans.create({ key: 'later', name: 'Later', asset: 'USDC/6', baseFeeMinor: '1', ...unlimited });
  await client.meters.create({ key: 'later', aggregation: 'sum' });
  await client.discounts.end({ discount: made.discount });
  await client.operators.create({ name: 'dot', role: 'viewer', passphrase: 'a passphrase of some length' });
  await client.keys.create({ name: 'later', customer: 'acme', scopes: ['usage:read'] });
  await client.invoices.finalize({ invoice: made.draft });
}

describe('every read', () => {
  test('takes both instants, or says why not', () => {
    const silent = READS.filter((one) => !(takes(one, 'asOfMs') && takes(one, 'knownAtMs')) && !one.meta.noPast);
    expect(silent.map(pathOf)).toEqual([]);
    const both = READS.filter((one) => one.meta.noPast && takes(one, 'asOfMs') && takes(one, 'knownAtMs'));
    expect(both.map(pathOf)).toEqual([]);
    for (const { meta } of READS) expect(meta.doc).toContain(meta.noPast ?? '');
  });

  test.each(byPath(READS.filter(({ meta }) => meta.noPast)))(
    '%s refuses an instant with its reason',
    async (_, one) => {
      for (const name of ['asOfMs', 'knownAtMs'].filter((field) => !takes(one, field))) {
        const answer: unknown = await ask(one, { ...callOf(one), [name]: thenMs }).catch((error: unknown) => error);
        if (!(answer instanceof ORPCError)) throw new TypeError(`${pathOf(one)} took ${name}`);
        expect(answer).toMatchObject({ code: 'INPUT_INVALID' });
        expect((answer.data as { detail: string }).detail).toContain(one.meta.noPast);
      }
    },
  );

  test('answers of an instant that has passed what it answered then, whatever came later', async () => {
    const known = READS.filter((one) => takes(one, 'knownAtMs'));
    const before = new Map<string, unknown>();
    for (const one of known) before.set(pathOf(one), await ask(one, { ...callOf(one), knownAtMs: thenMs }));
    await goOn();
    const moved: string[] = [];
    for (const one of known) {
      const path = pathOf(one);
      expect({ path, answer: await ask(one, { ...callOf(one), knownAtMs: thenMs }) }).toEqual({
        path,
        answer: before.get(path),
      });
      const now = await ask(one, callOf(one)).catch((error: unknown) => error);
      if (JSON.stringify(now) !== JSON.stringify(before.get(path))) moved.push(path);
    }
    // The rest would hold if the instant were ignored: most of what is asked has moved since.
    for (const path of ['customers.list', 'customers.get', 'credits.list', 'keys.list', 'meters.list', 'plans.list']) {
      expect(moved).toContain(path);
    }
    expect(moved).toEqual(expect.arrayContaining(['unrated.list', 'holds.get', 'invoices.list', 'discounts.list']));
    expect(moved).toEqual(expect.arrayContaining(['operators.list', 'ledger.entries', 'usage.conflicts']));
  });

  test('shows what had happened by an instant, whenever it was recorded', async () => {
    const dayMs = Date.UTC(2026, 5, 1);
    const occurredAt = (ms: number) => new Date(ms).toISOString();
    const late = [event('d1', { occurredAt: occurredAt(dayMs) }), event('d2', { occurredAt: occurredAt(dayMs + 1) })];
    await client.usage.record({ events: late });
    const ids = async (asOfMs: number) => (await client.usage.list({ asOfMs })).items.map(({ id }) => id);
    expect(await ids(dayMs)).not.toContain('d1');
    expect(await ids(dayMs + 1)).toEqual(['d1']);
    expect(await ids(dayMs + 2)).toEqual(['d2', 'd1']);
    expect((await client.usage.list({ asOfMs: dayMs + 2, knownAtMs: thenMs })).items).toEqual([]);
    const units = { meter: 'api.requests', windowSize: 'DAY' } as const;
    expect((await client.meters.query({ ...units, asOfMs: dayMs + 1 })).items.map(({ value }) => value)).toEqual(['3']);
    expect((await client.meters.list({ asOfMs: dayMs })).items).toEqual([]);
    expect((await client.plans.list({ asOfMs: thenMs })).items).not.toHaveLength(0);
  });
});
