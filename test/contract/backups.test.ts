/** Backups, drills and who is signed in, as an operator meets them: over the socket, with a core of its own. */
import { readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ORPCError } from '@orpc/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attach } from '#core/cli/attach.ts';
import type { Client, Connection } from '#core/cli/connection.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { openAttachDoor } from '#core/serve/attach.ts';
import type { AttachDoor } from '#core/serve/attach.ts';
import { createRouter } from '#core/services/router.ts';
import { ADMIN, PASSPHRASE, SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const connections: Connection[] = [];
let handle: CoreHandle;
let door: AttachDoor;
let admin: Client;

async function connected(operator: { name: string; passphrase: string }): Promise<Client> {
  const connection = await attach(file);
  if (!connection) throw new TypeError('nobody answers');
  connections.push(connection);
  await connection.client.session.signIn(operator);
  return connection.client;
}

beforeAll(async () => {
  await makeWorkspace(file, { operators: [{ name: 'vic', role: 'viewer' }] });
  handle = await openCore(file, { log: SILENT });
  door = await openAttachDoor(handle.core, { router: createRouter() });
  admin = await connected(ADMIN);
});
afterAll(async () => {
  for (const { close } of connections) await close();
  await door.close();
  await handle.close();
  dispose();
});

async function last<T>(stream: AsyncIterable<T>): Promise<T | undefined> {
  let step: T | undefined;
  for await (step of stream);
  return step;
}

const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing',
    (error: unknown) => (error instanceof ORPCError ? error.code : error),
  );

test('a backup is made, tried and listed; a damaged one is found by its drill', { timeout: 60_000 }, async () => {
  expect(await refusal(admin.backups.drill({}).then(last))).toBe('STATE_FORBIDS');
  const made = await last(await admin.backups.make({ file: 'kept.tollkeeper' }));
  // A relative name is beside the books.
  expect(made).toMatchObject({ done: true, ok: true, file: join(folder, 'kept.tollkeeper'), problem: null });
  const tried = await last(await admin.backups.drill({}));
  expect(tried).toMatchObject({ done: true, ok: true, file: made?.file, block: made?.block });
  const { items } = await admin.backups.list({});
  expect(items.map(({ kind, ok, bytes }) => ({ kind, ok, bytes }))).toEqual([
    { kind: 'drill', ok: true, bytes: tried?.bytes },
    { kind: 'backup', ok: true, bytes: made?.bytes },
  ]);
  truncateSync(join(folder, 'kept.tollkeeper'), 8192);
  const bad = await last(await admin.backups.drill({}));
  expect(bad).toMatchObject({ done: true, ok: false });
  expect(bad?.problem).not.toBe('');
  expect((await admin.backups.list({ limit: 1 })).items).toMatchObject([{ kind: 'drill', ok: false }]);
  expect(readdirSync(folder).filter((name) => name.includes('drill') || name.includes('partial'))).toEqual([]);
  const proof = await last(await admin.ledger.verify({}));
  expect(proof).toMatchObject({ ok: true });
});

test('one copy is made at a time, and one that was left makes way', { timeout: 60_000 }, async () => {
  const first = (await admin.backups.make({}))[Symbol.asyncIterator]();
  expect(await first.next()).toMatchObject({ value: { phase: 'copying', ok: null } });
  const second = await admin.backups
    .make({})
    .then(last)
    .catch((error: unknown) => error);
  expect(second).toMatchObject({ code: 'BUSY' });
  await first.return?.();
  expect(await last(await admin.backups.make({}))).toMatchObject({ ok: true });
  expect((await admin.backups.list({})).items.filter(({ file: kept }) => kept.includes('-backup-'))).toHaveLength(1);
});

test('who is signed in is told, with which session is the own one', async () => {
  const viewer = await connected({ name: 'vic', passphrase: PASSPHRASE });
  const { items } = await admin.operators.sessions({});
  expect(items.map(({ name, own, locked }) => ({ name, own, locked }))).toEqual(
    expect.arrayContaining([
      { name: ADMIN.name, own: true, locked: false },
      { name: 'vic', own: false, locked: false },
    ]),
  );
  await viewer.session.lock({});
  const after = await admin.operators.sessions({});
  expect(after.items.find(({ name }) => name === 'vic')?.locked).toBe(true);
  const before = Date.now();
  await admin.operators.list({});
  const seen = (await admin.operators.list({})).items.find(({ name }) => name === ADMIN.name);
  expect(seen?.lastSeenMs).toBeGreaterThanOrEqual(before);
  await connections.at(-1)?.close();
  await expect.poll(async () => (await admin.operators.sessions({})).items.length).toBe(1);
  expect((await admin.operators.list({})).items.find(({ name }) => name === 'vic')?.lastSeenMs).not.toBeNull();
});
