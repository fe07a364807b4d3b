import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ORPCError } from '@orpc/server';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { attach } from '#core/cli/attach.ts';
import type { Client, Connection } from '#core/cli/connection.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { openReadOnlyCore } from '#core/runtime/read-only.ts';
import { openAttachDoor } from '#core/serve/attach.ts';
import { createRouter } from '#core/services/router.ts';
import { openCurve } from '#core/signing/secp256k1.ts';
import { here } from '../support/cli.ts';
import { ADMIN, PASSPHRASE, SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const own = join(folder, 'own.tollkeeper');
const NEW_PASSPHRASE = 'another horse entirely';
const wish = { name: 'Our books', issuer: 'Ours Ltd', operator: 'nia', passphrase: NEW_PASSPHRASE };
const log: string[] = [];
const ends: (() => Promise<void>)[] = [];
const connections: Connection[] = [];
let admin: Client;

async function hold(file: string): Promise<CoreHandle> {
  const handle = await openCore(file, { log: createLog('debug', (line) => void log.push(line)) });
  const door = await openAttachDoor(handle.core, { router: createRouter() });
  ends.unshift(door.close, handle.close);
  return handle;
}

async function signedIn(file: string, who: { name: string; passphrase: string }): Promise<Client> {
  const connection = await attach(file);
  if (!connection) throw new TypeError('nobody answers');
  connections.push(connection);
  await connection.client.session.signIn(who);
  return connection.client;
}

beforeAll(async () => {
  await makeWorkspace(own, { operators: [{ name: 'vic', role: 'viewer' }] });
  await hold(own);
  admin = await signedIn(own, ADMIN);
});

afterEach(() => {
  expect(readdirSync(folder).filter((name) => name.includes('.new-'))).toEqual([]);
});

afterAll(async () => {
  for (const { close } of connections) await close();
  for (const end of ends) await end();
  dispose();
});

async function refusal(asked: Promise<unknown>): Promise<{ code: string; detail: string }> {
  const error = await asked.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ORPCError)) throw new TypeError('It was not refused.', { cause: error });
  const { code, data } = error;
  expect(data).toMatchObject({ fix: expect.stringMatching(/\S/) });
  return { code, detail: (data as { detail: string }).detail };
}

test('a workspace made beside this one opens, proves, and lets its operator in', async () => {
  const file = join(folder, 'our books.tollkeeper');
  const made = await admin.workspace.create({ ...wish, file: 'our books.tollkeeper' });
  expect(made).toEqual({ file, command: `npm start -- --workspace '${file}'` });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(await here(['verify', '--workspace', file])).toMatchObject({ code: 0, json: { ok: true } });
  await hold(file);
  const nia = await signedIn(file, { name: 'nia', passphrase: NEW_PASSPHRASE });
  expect((await nia.session.get({})).operator).toMatchObject({ name: 'nia', role: 'admin' });
  expect(await nia.workspace.info({})).toMatchObject({
    name: 'Our books',
    sample: false,
    curve: openCurve().implementation,
    settings: { issuer: 'Ours Ltd' },
  });
  expect((await nia.plans.list({})).items.map(({ key }) => key)).toContain('growth');
  expect((await refusal(signedIn(file, { name: 'nia', passphrase: PASSPHRASE }))).code).toBe('UNAUTHENTICATED');
});

test('a file that exists is a conflict and stays as it was, whatever it is', async () => {
  const file = join(folder, 'twice.tollkeeper');
  await admin.workspace.create({ ...wish, file });
  const text = join(folder, 'text.tollkeeper');
  writeFileSync(text, 'a shopping list');
  for (const taken of [file, text]) {
    const before = readFileSync(taken);
    expect(await refusal(admin.workspace.create({ ...wish, file: taken }))).toEqual({
      code: 'CONFLICT',
      detail: `${taken} exists already.`,
    });
    expect(Buffer.compare(readFileSync(taken), before)).toBe(0);
  }
  expect((await refusal(admin.workspace.create({ ...wish, file: own }))).code).toBe('CONFLICT');
});

test('of two who make one name at once, one makes it whole', async () => {
  const file = join(folder, 'raced.tollkeeper');
  const make = (operator: string) => admin.workspace.create({ ...wish, file, operator });
  const said = await Promise.allSettled([make('nia'), make('ona')]);
  const refused = said.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject([{ reason: { code: 'CONFLICT' } }]);
  expect(await here(['verify', '--workspace', file])).toMatchObject({ code: 0, json: { ok: true } });
});

test('where nothing can be made it says why, and nothing is made', async () => {
  const missing = join(folder, 'nowhere', 'new.tollkeeper');
  expect(await refusal(admin.workspace.create({ ...wish, file: missing }))).toEqual({
    code: 'STATE_FORBIDS',
    detail: `The folder ${join(folder, 'nowhere')} does not exist.`,
  });
  mkdirSync(join(folder, 'long'));
  const long = join(folder, 'long', `${'n'.repeat(300)}.tollkeeper`);
  const { code, detail } = await refusal(admin.workspace.create({ ...wish, file: long }));
  expect(code).toBe('STATE_FORBIDS');
  expect(detail).toContain(basename(long));
  expect(detail).not.toContain('.new-');
  expect(readdirSync(join(folder, 'long'))).toEqual([]);
});

test('a viewer may not, and neither may anybody where the books are only read', async () => {
  const vic = await signedIn(own, { name: 'vic', passphrase: PASSPHRASE });
  const file = join(folder, 'forbidden.tollkeeper');
  expect((await refusal(vic.workspace.create({ ...wish, file }))).code).toBe('FORBIDDEN');
  const { core, close } = await openReadOnlyCore(own, { log: SILENT });
  await expect(core.createWorkspace({ ...wish, file })).rejects.toMatchObject({ refusal: { code: 'READ_ONLY' } });
  await close();
  expect(readdirSync(folder)).not.toContain('forbidden.tollkeeper');
});

test('the command line makes one too, with the passphrase outside the log and the books', async () => {
  const file = join(folder, 'lined.tollkeeper');
  const args = ['workspace', 'create', file, '--name', 'Lined', '--issuer', 'Lined', '--first-operator', 'nia'];
  const json = ['--json', JSON.stringify({ passphrase: NEW_PASSPHRASE })];
  const ran = await here([...args, ...json, '--workspace', own, '--operator', 'ada']);
  expect(ran).toMatchObject({ code: 0, json: { file } });
  expect(log.join('')).toContain('workspace made');
  expect(log.join('')).not.toContain(NEW_PASSPHRASE);
  const kept = readdirSync(folder).map((name) => join(folder, name));
  const files = kept.filter((path) => statSync(path).isFile());
  expect(files.filter((path) => readFileSync(path).includes(NEW_PASSPHRASE))).toEqual([]);
});
