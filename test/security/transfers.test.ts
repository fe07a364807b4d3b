/** Files through the browser door: what its own pages send and fetch, and what others, or too much, may try. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Contract } from '#core/contract/index.ts';
import type { ImportStep } from '#core/contract/imports.ts';
import { Spool } from '#core/files/spool.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { openBrowserDoor } from '#core/serve/browser-door.ts';
import type { BrowserDoor } from '#core/serve/browser-door.ts';
import { createRouter } from '#core/services/router.ts';
import { PASSPHRASE, SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
let handle: CoreHandle;
let door: BrowserDoor;

type Page = Readonly<{ cookie: string; client: ContractRouterClient<Contract>; leave: () => void }>;
let ada: Page;
let vic: Page;

beforeAll(async () => {
  mkdirSync(join(folder, 'console'));
  writeFileSync(join(folder, 'console', 'index.html'), 'the console');
  await makeWorkspace(file, {
    operators: [
      { name: 'vic', role: 'viewer' },
      { name: 'bil', role: 'billing' },
    ],
  });
  handle = await openCore(file, { log: SILENT });
  door = await openBrowserDoor(handle.core, { router: createRouter(), port: 0, filesDir: join(folder, 'console') });
  [ada, vic] = [await pageOf('ada'), await pageOf('vic')];
  await ada.client.customers.create({ name: 'Acme', externalId: 'acme' });
});
afterAll(async () => {
  ada.leave();
  vic.leave();
  await door.close();
  await handle.close();
  expect(existsSync(`${file}.spool`)).toBe(false);
  dispose();
});

type Got = Readonly<{ status: number; type: string; disposition: string; text: string }>;
type Knock = Readonly<{ method?: string; headers?: Record<string, string>; body?: string | Uint8Array }>;

function ask(path: string, { method = 'GET', headers = {}, body }: Knock = {}): Promise<Got> {
  const { hostname, port } = new URL(door.origin);
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const asked = httpRequest({ hostname, port, path, method, headers }, (response) => {
    let text = '';
    response.on('data', (part: Buffer) => (text += String(part)));
    const { 'content-type': type = '', 'content-disposition': disposition = '' } = response.headers;
    response.on('end', () => resolve({ status: response.statusCode ?? 0, type, disposition, text }));
  });
  asked.on('error', reject).end(body);
  return promise;
}

/** A browser that came in through a link and signed in. */
async function pageOf(name: string): Promise<Page> {
  const answer = await fetch(door.newLink());
  await answer.text();
  const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
  const headers = { cookie, origin: door.origin };
  const socket = new WebSocket(`${door.origin.replace('http', 'ws')}/rpc`, { headers });
  await new Promise((resolve) => socket.once('open', resolve));
  // ws keeps to the browser's interface as far as the link uses it; the two sets of types disagree on events.
  const websocket = socket as unknown as globalThis.WebSocket;
  const client: Page['client'] = createORPCClient(new RPCLink({ websocket }));
  await client.session.signIn({ name, passphrase: PASSPHRASE });
  return { cookie, client, leave: () => socket.terminate() };
}

const put = (page: Page, name: string, body: string | Uint8Array, headers: Record<string, string> = {}) =>
  ask(`/upload/${name}`, { method: 'PUT', body, headers: { cookie: page.cookie, origin: door.origin, ...headers } });
const idIn = ({ text }: Got): string => (JSON.parse(text) as { id: string }).id;
const codeIn = ({ text }: Got): string => (JSON.parse(text) as { code: string }).code;

describe('a list', () => {
  test('is served to a page that is signed in, as a file', async () => {
    const got = await ask('/export/customers.csv', { headers: { cookie: vic.cookie } });
    expect(got).toMatchObject({ status: 200, type: 'text/csv; charset=utf-8' });
    expect(got.disposition).toBe(`attachment; filename*=UTF-8''customers.csv`);
    expect(got.text.split('\n')[1]).toMatch(/^cus_\w+,acme,Acme,/);
    const parquet = await ask('/export/accounts.parquet', { headers: { cookie: vic.cookie } });
    expect([parquet.status, parquet.text.slice(0, 4), parquet.text.slice(-4)]).toEqual([200, 'PAR1', 'PAR1']);
  });

  test('is at no other address, and takes no filter it does not have', async () => {
    for (const path of ['/export/users.csv', '/export/customers.json', '/export/../books.tollkeeper']) {
      expect((await ask(path, { headers: { cookie: ada.cookie } })).status, path).toBeGreaterThanOrEqual(400);
    }
    const stray = await ask('/export/accounts.csv?meter=x', { headers: { cookie: ada.cookie } });
    expect([stray.status, codeIn(stray)]).toEqual([400, 'INPUT_INVALID']);
  });

  test('is not served without a link, to a session that is locked, or under another host', async () => {
    expect((await ask('/export/customers.csv')).status).toBe(401);
    const headers = { cookie: ada.cookie, host: 'evil.example' };
    expect((await ask('/export/customers.csv', { headers })).status).toBe(421);
    const bil = await pageOf('bil');
    await bil.client.session.lock({});
    const locked = await ask('/export/customers.csv', { headers: { cookie: bil.cookie } });
    expect([locked.status, codeIn(locked)]).toEqual([401, 'LOCKED']);
    bil.leave();
  });
});

describe('an upload', () => {
  const table = 'id,customer,meter,quantity\nu1,acme,calls,1\nu2,acme,calls,two\n';

  test('is looked at, tried and imported; its error file is fetched, mended and sent again', async () => {
    const upload = idIn(await put(ada, 'usage.csv.gz', gzipSync(table)));
    const { mapping } = await ada.client.imports.preview({ upload });
    expect(mapping?.source).toEqual({ value: 'import/usage.csv.gz' });
    const steps: ImportStep[] = [];
    for (const book of [false, true]) {
      const order = { upload, mapping: mapping ?? ({} as never), book };
      for await (const step of await ada.client.imports.run(order)) if (step.done) steps.push(step);
    }
    expect(steps).toMatchObject([
      { accepted: 1, refused: 1 },
      { accepted: 1, refused: 1, errorFile: `/upload/${upload}/errors` },
    ]);
    const errors = await ask(steps[1]?.errorFile ?? '', { headers: { cookie: ada.cookie } });
    expect(errors).toMatchObject({ status: 200, disposition: `attachment; filename*=UTF-8''usage.csv.gz.errors.csv` });
    const mended = idIn(await put(ada, 'mended.csv', errors.text.replace('two', '2')));
    for await (const step of await ada.client.imports.run({
      upload: mended,
      mapping: mapping ?? ({} as never),
      book: true,
    })) {
      if (step.done) expect(step).toMatchObject({ accepted: 1, refused: 0, errorFile: null });
    }
    const { items } = await ada.client.imports.uploads({});
    expect(items.map(({ name }) => name)).toEqual(['usage.csv.gz', 'mended.csv']);
    for (const { id } of items) await ada.client.imports.discard({ upload: id });
    expect((await ada.client.imports.uploads({})).items).toEqual([]);
    await expect(ada.client.imports.preview({ upload })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is the one’s who sent it', async () => {
    const upload = idIn(await put(ada, 'mine.csv', table));
    const bil = await pageOf('bil');
    await expect(bil.client.imports.preview({ upload })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(bil.client.imports.previewFrom({ upload, from: 'stripe' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(bil.client.imports.discard({ upload })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect((await bil.client.imports.uploads({})).items).toEqual([]);
    bil.leave();
    await ada.client.imports.discard({ upload });
  });

  test('is taken only from our own pages, by those who may record usage', async () => {
    const foreign = await put(ada, 'x.csv', table, { origin: 'http://evil.example' });
    expect(foreign.status).toBe(403);
    const headers = { cookie: ada.cookie };
    expect((await ask('/upload/x.csv', { method: 'PUT', body: table, headers })).status).toBe(403);
    expect((await ask('/upload/x.csv', { method: 'PUT', body: table, headers: { origin: door.origin } })).status).toBe(
      401,
    );
    const viewer = await put(vic, 'x.csv', table);
    expect([viewer.status, codeIn(viewer)]).toEqual([403, 'FORBIDDEN']);
    expect((await ada.client.imports.uploads({})).items).toEqual([]);
  });

  test.each([
    ['..%2F..%2Fbooks.tollkeeper', 'books.tollkeeper'],
    ['%2e%2e%5c%2e%2e%5cx.csv', 'x.csv'],
    ['.hidden', 'hidden'],
    ['%00%0a.csv', '__.csv'],
    ['', 'upload'],
  ])('named %j lies in a folder of its own as %j', async (name, kept) => {
    const got = await put(ada, name, table);
    expect(JSON.parse(got.text)).toMatchObject({ name: kept, bytes: table.length });
    expect(readdirSync(join(`${file}.spool`, idIn(got)))).toEqual([kept]);
    await ada.client.imports.discard({ upload: idIn(got) });
  });

  test('that says it is too large is refused before it is read', async () => {
    const got = await put(ada, 'x.csv', '', { 'content-length': String(5 * 2 ** 30) });
    expect([got.status, codeIn(got)]).toEqual([413, 'BODY_TOO_LARGE']);
  });

  test('that breaks off leaves nothing', async () => {
    const { hostname, port } = new URL(door.origin);
    const headers = { cookie: ada.cookie, origin: door.origin, 'content-length': '1000' };
    const asked = httpRequest({ hostname, port, path: '/upload/x.csv', method: 'PUT', headers });
    const gone = new Promise((resolve) => asked.once('close', resolve));
    asked.on('error', () => undefined);
    asked.write('id,customer\n', () => asked.destroy());
    await gone;
    await expect.poll(() => readdirSync(`${file}.spool`)).toEqual([]);
  });
});

describe('the spool', () => {
  const limits = { fileBytes: 100, allBytes: 250, files: 3, lifeMs: 1000 };
  async function* chunks(count: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < count; at += 1) yield Buffer.alloc(10, 65);
  }
  let nowMs = 0;
  const about = { name: 'a.csv', actor: 'ada', statedBytes: null };
  const withSpool = async (use: (spool: Spool, place: string) => Promise<void>): Promise<void> => {
    const place = join(mkdtempSync(join(tmpdir(), 'tollkeeper-spool-')), 'spool');
    const spool = new Spool(place, () => nowMs, limits);
    await use(spool, place);
    spool.close();
    rmSync(join(place, '..'), { recursive: true, force: true });
  };

  test('ends a file at its limit, and all of them at theirs, and forgets what it did not keep', async () => {
    await withSpool(async (spool, place) => {
      await expect(spool.receive(chunks(11), about)).rejects.toThrow(/BODY_TOO_LARGE/);
      expect(readdirSync(place)).toEqual([]);
      await spool.receive(chunks(10), about);
      await spool.receive(chunks(10), about);
      await expect(spool.receive(chunks(6), about)).rejects.toThrow(/take more than 250 bytes together/);
      await spool.receive(chunks(5), about);
      await expect(spool.receive(chunks(0), about)).rejects.toThrow(/3 uploaded files wait/);
    });
  });

  test('lets go of files that nobody came for, and of what a process left that was killed', async () => {
    await withSpool(async (spool, place) => {
      const { id } = await spool.receive(chunks(1), about);
      nowMs += 1000;
      expect(() => spool.find(id, 'ada')).toThrow(/NOT_FOUND/);
      expect(readdirSync(place)).toEqual([]);
      await spool.receive(chunks(1), about);
      const next = new Spool(place, () => nowMs, limits);
      expect([existsSync(place), next.list('ada')]).toEqual([false, []]);
    });
  });
});
