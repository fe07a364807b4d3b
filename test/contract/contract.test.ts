import { join } from 'node:path';
import { ORPCError, createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach } from '#core/cli/attach.ts';
import { contractCommands } from '#core/cli/catalog.ts';
import type { ContractCommand } from '#core/cli/catalog.ts';
import type { Client, Connection } from '#core/cli/connection.ts';
import { PERMISSIONS, ROLE_PERMISSIONS } from '#core/contract/permissions.ts';
import { REFUSALS } from '#core/domain/refusal.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { openAttachDoor } from '#core/serve/attach.ts';
import type { AttachDoor } from '#core/serve/attach.ts';
import type { Principal } from '#core/services/core.ts';
import { NOBODY } from '#core/services/operators.ts';
import { createRouter } from '#core/services/router.ts';
import { BEYOND_DOUBLE, HUGE, REFUSED_HERE, populate, validCalls } from '../support/contract-calls.ts';
import type { Made } from '../support/contract-calls.ts';
import { negatives, unlimited } from '../support/negatives.ts';
import { ADMIN, PASSPHRASE, SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const COMMANDS = contractCommands();
const pathOf = ({ noun, verb }: ContractCommand): string => `${noun}.${verb}`;
const ALL = COMMANDS.map((command) => [pathOf(command), command] as const);
const GUARDED = ALL.filter(([, { meta }]) => meta.permission !== 'anyone');
/** What these answer tells what this very call did, so the second answer differs from the first; the third does not. */
const TELLS_WHAT_IT_DID = new Set([
  'usage.record',
  'invoices.close',
  'unrated.assign',
  'imports.run',
  'imports.runFrom',
]);
/** What a local connection may do before anyone signs in. */
const OPEN = [...ROLE_PERMISSIONS.viewer, 'books:verify'] as const;

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const seen = new Set<string>();
/** Refusals outside the closed set, and such as do not say what happened and what to do. */
const unclear: string[] = [];
let handle: CoreHandle;
let door: AttachDoor;
let made: Made;
const connections: Connection[] = [];

async function connected(operator?: { name: string; passphrase: string }): Promise<Client> {
  const connection = await attach(file);
  if (!connection) throw new TypeError('nobody answers');
  connections.push(connection);
  if (operator) await connection.client.session.signIn(operator);
  return connection.client;
}

let admin: Client;
let viewer: Client;
let stranger: Client;
let locked: Client;

beforeAll(async () => {
  await makeWorkspace(file, { operators: [{ name: 'vic', role: 'viewer' }] });
  handle = await openCore(file, { log: SILENT });
  door = await openAttachDoor(handle.core, { router: createRouter() });
  made = await populate(await connected(), folder);
  admin = await connected(ADMIN);
  viewer = await connected({ name: 'vic', passphrase: PASSPHRASE });
  stranger = await connected();
  locked = await connected(ADMIN);
  await locked.session.lock({});
});

afterAll(async () => {
  for (const { close } of connections) await close();
  await door.close();
  await handle.close();
  dispose();
});

/** The first value of a stream stands for all of it. */
async function settle(answer: unknown): Promise<unknown> {
  if (typeof answer !== 'object' || answer === null || !(Symbol.asyncIterator in answer)) return answer;
  const stream = (answer as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  const { value } = await stream.next();
  await stream.return?.();
  return value;
}

type Said = { code: string; answer?: unknown; data?: unknown };

/** Asks, and notes a "no" that is none of the closed set or does not say what happened and what to do. */
async function ask(client: Client, { noun, verb }: ContractCommand, input: unknown): Promise<Said> {
  const nouns = client as unknown as Record<string, Record<string, (input: unknown) => Promise<unknown>>>; // By name.
  try {
    return { code: 'ok', answer: await settle(await nouns[noun]?.[verb]?.(input)) };
  } catch (error) {
    if (!(error instanceof ORPCError)) throw error;
    const code: string = error.code;
    seen.add(code);
    const { detail, fix } = (error.data ?? {}) as { detail?: string; fix?: string };
    if (!(code in REFUSALS) || !detail || !fix) unclear.push(`${noun}.${verb}: ${code}`);
    return { code, data: error.data };
  }
}

const validOf = (command: ContractCommand) => validCalls(made)[pathOf(command)] ?? {};

/** In this process, as somebody without a session. */
function as(principal: Principal): Client {
  return createRouterClient(createRouter(), {
    context: { core: handle.core, principal: () => principal, session: null },
  }) as Client;
}

test('every command has a valid call here', () => {
  expect(Object.keys(validCalls(made)).toSorted()).toEqual(COMMANDS.map(pathOf).toSorted());
});

test('no field takes text or a list without a limit', () => {
  const free = COMMANDS.flatMap((command) => unlimited(command).map((name) => `${pathOf(command)} ${name}`));
  expect(free).toEqual([]);
});

describe('input that does not fit is refused', () => {
  test.each(ALL)('%s', async (_path, command) => {
    const cases = negatives(command, validOf(command));
    const said = await Promise.all(
      cases.map(async ({ name, input }) => [name, (await ask(admin, command, input)).code]),
    );
    expect(said.filter(([, code]) => code !== 'INPUT_INVALID')).toEqual([]);
  });
});

describe('without a permission nothing is done', () => {
  test.each(GUARDED)('%s', async (_path, command) => {
    const input = validOf(command);
    const others = PERMISSIONS.filter((one) => one !== command.meta.permission);
    const key: Principal = {
      kind: 'key',
      id: 'key_test0000',
      customer: null,
      actor: 'key_test0000',
      permissions: others,
    };
    expect((await ask(as(key), command, input)).code).toBe('FORBIDDEN');
    expect((await ask(as(NOBODY), command, input)).code).toBe('UNAUTHENTICATED');
    expect((await ask(locked, command, input)).code).toBe('LOCKED');
  });

  const closed = GUARDED.filter(([, { meta }]) => !OPEN.some((one) => one === meta.permission));
  test.each(closed)('%s, as a viewer and as nobody', async (_path, command) => {
    expect((await ask(viewer, command, validOf(command))).code).toBe('FORBIDDEN');
    expect((await ask(stranger, command, validOf(command))).code).toBe('UNAUTHENTICATED');
  });

  test('a viewer may not prove the books, and whoever can read the file may', async () => {
    const [, verify] = GUARDED.find(([path]) => path === 'ledger.verify') ?? [];
    expect(verify && (await ask(viewer, verify, {})).code).toBe('FORBIDDEN');
    expect(verify && (await ask(stranger, verify, {})).code).toBe('ok');
  });
});

/** How fast a job went is no part of what it did. */
const SPEED = /"rowsPerSecond":\d+/;
const REPEATABLE: ReadonlySet<string> = new Set(['by key', 'by nature']);

describe('a valid call passes, and a repeated one answers byte for byte alike', () => {
  test.each(ALL)('%s', async (path, command) => {
    const client = path.startsWith('session.') ? await connected(ADMIN) : admin;
    const input = validOf(command);
    const said = [await ask(client, command, input)];
    expect(said).toMatchObject([{ code: REFUSED_HERE[path] ?? 'ok' }]);
    const isRepeatable = REPEATABLE.has(command.meta.idempotent);
    if (isRepeatable) said.push(await ask(client, command, input), await ask(client, command, input));
    const alike = said.slice(TELLS_WHAT_IT_DID.has(path) ? 1 : 0).map((one) => JSON.stringify(one).replace(SPEED, ''));
    expect(new Set(alike).size).toBe(1);
  });
});

describe('a used key with another body is refused', () => {
  test.each(ALL.filter(([path, { meta }]) => meta.idempotent === 'by key' && !(path in REFUSED_HERE)))(
    '%s',
    async (_path, command) => {
      const other = { customer: 'beta', quantity: '77', reason: 'Other', minimumMinor: '1', note: 'other' };
      const fields = new Set(command.fields.map(({ name }) => name));
      const changed = Object.fromEntries(Object.entries(other).filter(([name]) => fields.has(name)));
      const { code } = await ask(admin, command, { ...validOf(command), ...changed });
      expect(['KEY_REUSED', 'EVENT_CONFLICT']).toContain(code);
    },
  );
});

test('of all events the one of sequence n is the n-th, so a list can begin anywhere', async () => {
  const { items } = await admin.usage.list({ limit: 500 });
  const sequences = items.map(({ sequence }) => Number(sequence));
  expect(sequences).toEqual(Array.from(sequences, (_, at) => sequences.length - at));
  const beforeSequence = items[1]?.sequence;
  const from = await admin.usage.list({ limit: 1, beforeSequence });
  expect(from.items).toEqual(items.slice(2, 3));
  const next = await admin.usage.list({ limit: 1, beforeSequence, cursor: from.nextCursor ?? '' });
  expect(next.items).toEqual(items.slice(3, 4));
  expect(next.items).toHaveLength(1);
  expect((await admin.usage.list({ beforeSequence: '1' })).items).toEqual([]);
});

describe('minor units stay exact beyond 2^53', () => {
  test('a grant, an overdraft, a plan and a price come back digit by digit', async () => {
    const balances = await admin.customers.balances({ customer: 'acme' });
    expect(balances.items.find(({ asset }) => asset === '0G/18')).toMatchObject({
      walletMinor: HUGE,
      overdraftMinor: HUGE,
      spendableMinor: (BigInt(HUGE) * 2n).toString(),
    });
    const plans = await admin.plans.list({});
    expect(plans.items.find(({ key }) => key === 'huge')?.baseFeeMinor).toBe(HUGE);
    const { items } = await admin.prices.list({ meter: 'api.requests', plan: 'growth' });
    const tiers = items.map(({ model }) => model).find(({ kind }) => kind === 'graduated');
    expect(tiers).toMatchObject({ tiers: [{ upTo: HUGE, rate: { amountMinor: BEYOND_DOUBLE } }, {}] });
  });

  const AMOUNTS = ALL.filter(([, { fields }]) => fields.some(({ name }) => name.endsWith('Minor')));
  test.each(AMOUNTS)('%s takes no amount as a number', async (_path, command) => {
    const fields = command.fields.filter(({ name }) => name.endsWith('Minor'));
    for (const { name } of fields) {
      const { code } = await ask(admin, command, { ...validOf(command), [name]: 1_000 });
      expect(`${name}: ${code}`).toBe(`${name}: INPUT_INVALID`);
    }
  });
});

describe('in this process the same is answered as over the socket', () => {
  const VOLATILE = new Set([
    'workspace.overview',
    'gate.check',
    'ledger.verify',
    'session.get',
    'operators.sessions',
    'webhooks.deliveries',
    'mail.deliveries',
  ]);
  const reads = GUARDED.filter(([path, { meta }]) => meta.idempotent === 'read' && !VOLATILE.has(path));
  test.each(reads)('%s', async (_path, command) => {
    const { operator, permissions } = await admin.session.get({});
    const principal: Principal = {
      kind: 'operator',
      id: operator?.id ?? '',
      name: 'ada',
      role: 'admin',
      actor: operator?.id ?? '',
      permissions,
    };
    const input = validOf(command);
    const [over, here] = [await ask(admin, command, input), await ask(as(principal), command, input)];
    expect(JSON.parse(JSON.stringify(here))).toEqual(over);
  });
});

test('nothing broke on our side, and refusals of many kinds were met', () => {
  expect(unclear).toEqual([]);
  expect(seen).not.toContain('INTERNAL');
  expect([...seen]).toEqual(
    expect.arrayContaining(['INPUT_INVALID', 'FORBIDDEN', 'UNAUTHENTICATED', 'LOCKED', 'STATE_FORBIDS', 'KEY_REUSED']),
  );
});
