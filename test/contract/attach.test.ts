import { chmodSync, chownSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import { safe } from '@orpc/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { attach } from '#core/cli/attach.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { attachFileOf, readAttachFile, socketOf, writeAttachFile } from '#core/serve/attach-file.ts';
import { openAttachDoor } from '#core/serve/attach.ts';
import type { AttachDoor } from '#core/serve/attach.ts';
import { createRouter } from '#core/services/router.ts';
import { ADMIN, PASSPHRASE, SILENT, addOperator, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const IDLE_MS = 1_500;
let handle: CoreHandle;
let door: AttachDoor;
const open: { close: () => Promise<void> }[] = [];

beforeAll(async () => {
  await makeWorkspace(file, { operators: [{ name: 'vic', role: 'viewer' }], settings: { idleLockMs: IDLE_MS } });
  handle = await openCore(file, { log: SILENT });
  door = await openAttachDoor(handle.core, { router: createRouter() });
});

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

afterAll(async () => {
  await door.close();
  await handle.close();
  dispose();
});

/** A connection of this test, closed after it. */
async function client() {
  const connection = await attach(file);
  if (!connection) throw new TypeError('nobody answers');
  open.push(connection);
  return connection.client;
}

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const { error } = await safe(promise);
  return (error as { code?: string } | null)?.code ?? 'ok';
}

/** How the door answers an upgrade with this header. */
function knock(authorization: string): Promise<number> {
  const socket = new WebSocket('ws://x/attach', {
    headers: { authorization },
    createConnection: () => connectSocket(door.socket),
  });
  return new Promise((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => undefined);
  });
}

test('the token file and the folder of the socket are closed to other users', () => {
  expect(statSync(attachFileOf(file)).mode & 0o777).toBe(0o600);
  expect(statSync(join(door.socket, '..')).mode & 0o077).toBe(0);
  expect(door.socket.length).toBeLessThanOrEqual(103);
  expect(readAttachFile(file)).toMatchObject({ pid: process.pid, token: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('a wrong token, a shorter one and none are refused', async () => {
  const token = readAttachFile(file)?.token ?? '';
  const wrong = `${token.slice(0, -1)}${token.endsWith('0') ? '1' : '0'}`;
  expect(await Promise.all([knock(`Bearer ${wrong}`), knock('Bearer x'), knock('')])).toEqual([401, 401, 401]);
});

test('a fresh connection reads the books and may prove them', async () => {
  const { session, customers } = await client();
  const { operator, permissions } = await session.get({});
  expect(operator).toBeNull();
  expect(permissions).toContain('books:verify');
  expect(permissions.every((one) => one.endsWith(':read') || one === 'books:verify')).toBe(true);
  expect((await customers.list({})).items).toEqual([]);
});

test('a fresh connection may not write, and is told to sign in', async () => {
  const { customers } = await client();
  expect(await codeOf(customers.create({ name: 'Acme' }))).toBe('UNAUTHENTICATED');
});

test('an operator who signed in writes under their own name', async () => {
  const { session, customers, ledger } = await client();
  const { operator } = await session.signIn(ADMIN);
  await customers.create({ name: 'Acme', externalId: 'acme' });
  const { sequence } = handle.core.book.head();
  const { by } = await ledger.transaction({ id: `txn_${sequence.toString(36).padStart(11, '0')}` });
  expect(by).toBe(operator?.id);
});

test('one connection signing in gives another nothing', async () => {
  const [one, other] = [await client(), await client()];
  await one.session.signIn(ADMIN);
  expect(await codeOf(other.customers.create({ name: 'Other' }))).toBe('UNAUTHENTICATED');
});

test('a viewer who signed in still may not write', async () => {
  const { session, customers } = await client();
  await session.signIn({ name: 'vic', passphrase: PASSPHRASE });
  expect(await codeOf(customers.create({ name: 'Acme' }))).toBe('FORBIDDEN');
});

test('five wrong passphrases make every connection wait, and tell for how long', async () => {
  await addOperator(handle, { name: 'ida', role: 'billing' });
  const [one, other] = [await client(), await client()];
  const wrong = { name: 'ida', passphrase: 'not this one' };
  for (let tries = 0; tries < 5; tries += 1) expect(await codeOf(one.session.signIn(wrong))).toBe('UNAUTHENTICATED');
  const { error } = await safe(other.session.signIn({ name: 'ida', passphrase: PASSPHRASE }));
  expect(error).toMatchObject({ code: 'RATE_LIMITED', data: { values: { seconds: expect.any(Number) } } });
});

test('an idle session locks, and its passphrase opens it again', async () => {
  const { session, customers } = await client();
  await session.signIn(ADMIN);
  await expect.poll(() => session.get({}).then(({ locked }) => locked), { timeout: IDLE_MS * 3 }).toBe(true);
  expect(await codeOf(customers.list({}))).toBe('LOCKED');
  await session.signIn(ADMIN);
  expect(await codeOf(customers.list({}))).toBe('ok');
});

test('who is disabled or given another role feels it on open connections', async () => {
  const id = await addOperator(handle, { name: 'bob', role: 'billing' });
  const [admin, bob] = [await client(), await client()];
  await admin.session.signIn(ADMIN);
  await bob.session.signIn({ name: 'bob', passphrase: PASSPHRASE });
  await bob.customers.create({ name: 'By Bob' });
  await admin.operators.setRole({ id, role: 'viewer', disabled: false });
  expect(await codeOf(bob.customers.create({ name: 'Again' }))).toBe('FORBIDDEN');
  await admin.operators.setRole({ id, role: 'billing', disabled: true });
  expect(await codeOf(bob.customers.create({ name: 'Again' }))).toBe('UNAUTHENTICATED');
  expect(await codeOf(bob.session.signIn({ name: 'bob', passphrase: PASSPHRASE }))).toBe('FORBIDDEN');
});

test('changes are streamed as they happen', async () => {
  const { session, customers, workspace } = await client();
  await session.signIn(ADMIN);
  const changes = (await workspace.changes({}))[Symbol.asyncIterator]();
  const first = changes.next();
  await customers.create({ name: 'Streamed' });
  expect(await first).toMatchObject({ done: false, value: { type: expect.any(String) } });
  await changes.return?.();
});

test('an attach file whose socket is dead is stale: nobody is asked', async () => {
  const other = join(folder, 'stale.tollkeeper');
  writeFileSync(other, '');
  writeAttachFile(other, { socket: join(folder, 'dead.sock'), token: 'a'.repeat(64), pid: 1 });
  expect(await attach(other)).toBeNull();
  writeFileSync(attachFileOf(other), 'not JSON');
  expect(await attach(other)).toBeNull();
});

test('a holder that does not take the token is named, not passed by', async () => {
  const other = join(folder, 'other.tollkeeper');
  writeFileSync(other, '');
  writeAttachFile(other, { socket: door.socket, token: 'b'.repeat(64), pid: process.pid });
  await expect(attach(other)).rejects.toThrow('does not take the token');
});

test.skipIf(process.getuid?.() !== 0)('an attach file of another user is not believed (as root)', async () => {
  const other = join(folder, 'planted.tollkeeper');
  writeFileSync(other, '');
  writeAttachFile(other, { socket: door.socket, token: readAttachFile(file)?.token ?? '', pid: process.pid });
  expect(await attach(other).then((each) => each?.close())).toBeUndefined();
  chownSync(attachFileOf(other), 12_345, 12_345);
  expect(await attach(other)).toBeNull();
});

test('a folder that is open to others is not used for sockets', async () => {
  const shared = join(socketOf(file), '..');
  chmodSync(shared, 0o755);
  const instead = join(socketOf(file), '..');
  rmSync(instead, { recursive: true });
  expect(instead).not.toBe(shared);
  chmodSync(shared, 0o700);
});

test('closing takes the file away and ends connections, but not the file of a later holder', async () => {
  const other = join(folder, 'closing.tollkeeper');
  await makeWorkspace(other);
  const held = await openCore(other, { log: SILENT });
  const closing = await openAttachDoor(held.core, { router: createRouter() });
  const connection = await attach(other);
  await closing.close();
  expect(connection?.isLost()).toBe(true);
  expect(existsSync(attachFileOf(other))).toBe(false);
  const again = await openAttachDoor(held.core, { router: createRouter() });
  writeAttachFile(other, { socket: again.socket, token: 'd'.repeat(64), pid: process.pid });
  await again.close();
  expect(existsSync(attachFileOf(other))).toBe(true);
  await held.close();
});

test('an answer under way is given before the door closes', async () => {
  const other = join(folder, 'drain.tollkeeper');
  await makeWorkspace(other);
  const held = await openCore(other, { log: SILENT });
  const closing = await openAttachDoor(held.core, { router: createRouter() });
  const connection = await attach(other);
  const answer = connection?.client.session.signIn(ADMIN);
  await expect.poll(() => connection?.client.session.get({}).then(() => true)).toBe(true);
  await closing.close();
  expect((await answer)?.operator?.name).toBe(ADMIN.name);
  await held.close();
});

test('a program that is not a Tollkeeper at the other end is passed by', async () => {
  const other = join(folder, 'web.tollkeeper');
  writeFileSync(other, '');
  const socket = join(folder, 'web.sock');
  const server = createServer((_request, response) => response.end('hello')).listen(socket);
  writeAttachFile(other, { socket, token: 'c'.repeat(64), pid: 1 });
  expect(await attach(other)).toBeNull();
  server.close();
});
