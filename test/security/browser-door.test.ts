/** Attacks on the browser door, each against a real one: what a page, a neighbour or a stale link may try. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { createORPCClient, safe } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { BUNDLE_MOST_BYTES } from '#core/domain/bundle.ts';
import type { Contract } from '#core/contract/index.ts';
import { UNASKED } from '#core/domain/unasked.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { openBrowserDoor } from '#core/serve/browser-door.ts';
import type { BrowserDoor } from '#core/serve/browser-door.ts';
import { CONTENT_SECURITY_POLICY } from '#core/serve/pages.ts';
import { createRouter } from '#core/services/router.ts';
import { ADMIN, SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const filesDir = join(folder, 'console');
const IDLE_MS = 1_500;
let handle: CoreHandle;
let door: BrowserDoor;

beforeAll(async () => {
  mkdirSync(join(filesDir, 'assets'), { recursive: true });
  mkdirSync(`${filesDir}-next-door`);
  writeFileSync(join(filesDir, 'index.html'), 'the console');
  writeFileSync(join(filesDir, 'assets', 'main.js'), 'the script');
  writeFileSync(join(filesDir, 'assets', 'main.js.map'), 'SECRET');
  writeFileSync(join(folder, 'secret.js'), 'SECRET');
  writeFileSync(join(`${filesDir}-next-door`, 'secret.js'), 'SECRET');
  symlinkSync(join(folder, 'secret.js'), join(filesDir, 'link.js'));
  symlinkSync(folder, join(filesDir, 'up'));
  await makeWorkspace(file, { settings: { idleLockMs: IDLE_MS } });
  handle = await openCore(file, { log: SILENT });
  door = await openBrowserDoor(handle.core, { router: createRouter(), port: 0, filesDir });
});

afterAll(async () => {
  await door.close();
  await handle.close();
  dispose();
});

type Got = Readonly<{ status: number; headers: IncomingHttpHeaders; text: string }>;
type Knock = Readonly<{ method?: string; headers?: Record<string, string> }>;

/** Sends the path as it is: `fetch` would tidy `..` away before the door sees it. */
function ask(path: string, knock: Knock = {}): Promise<Got> {
  const { hostname, port } = new URL(door.origin);
  const { promise, resolve, reject } = Promise.withResolvers<Got>();
  const request = httpRequest({ hostname, port, path, ...knock }, (response) => {
    let text = '';
    response.on('data', (part: Buffer) => (text += String(part)));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
  });
  request.on('error', reject).end();
  return promise;
}

const pathOf = (link: string): string => new URL(link).pathname;

/** Comes in through a link of its own; gives the cookie as a browser sends it. */
async function enter(): Promise<{ cookie: string }> {
  const { headers } = await ask(pathOf(door.newLink()));
  return { cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
}

function socketTo(path: string, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(`${door.origin.replace('http', 'ws')}${path}`, { headers });
  socket.on('error', () => undefined);
  return socket;
}

/** How the door answers an upgrade: 101 when it lets the page in. */
function upgrade(path: string, headers: Record<string, string>): Promise<number> {
  const socket = socketTo(path, headers);
  const { promise, resolve } = Promise.withResolvers<number>();
  socket.on('open', () => {
    socket.terminate();
    resolve(101);
  });
  socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  return promise;
}

async function opened(cookie: string): Promise<WebSocket> {
  const socket = socketTo('/rpc', { cookie, origin: door.origin });
  await new Promise((resolve) => socket.once('open', resolve));
  return socket;
}

const closing = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => socket.once('close', (code) => resolve(code)));

function clientOf(socket: WebSocket, headers: Record<string, string> = {}): ContractRouterClient<Contract> {
  // ws keeps to the browser's interface as far as the link uses it; the two sets of types disagree on events.
  return createORPCClient(
    new RPCLink({ websocket: socket as unknown as globalThis.WebSocket, headers: () => headers }),
  );
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const { error } = await safe(promise);
  return (error as { code?: string } | null)?.code ?? 'ok';
};

describe('another site', () => {
  test.each(['evil.example', 'evil.example:80', '127.0.0.1', 'localhost:1', '[::1]'])(
    'a name that only resolves to this machine is sent away: Host %j',
    async (host) => {
      const { cookie } = await enter();
      const got = await ask('/', { headers: { host, cookie } });
      expect(got.status).toBe(421);
      expect(got.text).not.toContain('the console');
    },
  );

  test('a link does not work under another name, and is not spent by it', async () => {
    const path = pathOf(door.newLink());
    expect((await ask(path, { headers: { host: 'evil.example' } })).status).toBe(421);
    expect((await ask(path)).status).toBe(200);
  });

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', ''])(
    'a socket of the origin %j is refused, cookie or not',
    async (origin) => {
      const { cookie } = await enter();
      expect(await upgrade('/rpc', { cookie, origin })).toBe(403);
    },
  );

  test('a socket under another Host is refused even when its origin says the same', async () => {
    const { cookie } = await enter();
    expect(await upgrade('/rpc', { cookie, host: 'evil.example', origin: 'http://evil.example' })).toBe(403);
  });
});

describe('who did not come in', () => {
  test.each(['/', '/customers', '/assets/main.js', '/index.html'])('%s shows nothing', async (path) => {
    for (const cookie of [
      '',
      'tollkeeper_session=',
      'tollkeeper_session=guess',
      `tollkeeper_session=${'A'.repeat(43)}`,
    ]) {
      const got = await ask(path, { headers: { cookie } });
      expect(got.status).toBe(401);
      expect(got.text).toContain('npx tollkeeper open');
    }
  });

  test('a socket of our own origin without a session is refused', async () => {
    expect(await upgrade('/rpc', { origin: door.origin })).toBe(401);
    expect(await upgrade('/rpc', { origin: door.origin, cookie: 'tollkeeper_session=guess' })).toBe(401);
  });

  test('a socket to another address than the contract is none', async () => {
    const { cookie } = await enter();
    expect(await upgrade('/', { cookie, origin: door.origin })).toBe(404);
    expect(await upgrade('/rpc', { cookie, origin: door.origin })).toBe(101);
  });

  test('a link lets one browser in, once', async () => {
    const path = pathOf(door.newLink());
    expect((await ask(path)).status).toBe(200);
    const again = await ask(path);
    expect(again.status).toBe(403);
    expect(again.headers['set-cookie']).toBeUndefined();
  });

  test('a look at a link with HEAD, as previews do, does not spend it', async () => {
    const path = pathOf(door.newLink());
    const looked = await ask(path, { method: 'HEAD' });
    expect(looked.headers['set-cookie']).toBeUndefined();
    expect((await ask(path)).status).toBe(200);
  });

  test('a shorter link, a longer one, garbage and none are refused', async () => {
    const path = pathOf(door.newLink());
    for (const wrong of [
      path.slice(0, -1),
      `${path}A`,
      '/open/',
      '/open/../',
      '/open/%00',
      `/open/${'x'.repeat(4000)}`,
    ])
      expect((await ask(wrong)).status).toBe(403);
    expect((await ask(path)).status).toBe(200);
  });

  test('the cookie is for this door alone and out of reach of scripts', async () => {
    const [cookie] = (await ask(pathOf(door.newLink()))).headers['set-cookie'] ?? [];
    const [value, ...flags] = (cookie ?? '').split('; ');
    expect(value).toMatch(/^tollkeeper_session=[\w-]{43}$/);
    expect(flags.toSorted()).toEqual(['HttpOnly', 'Path=/', 'SameSite=Strict']);
  });
});

describe('every answer', () => {
  const cases: readonly (readonly [number, string, Knock, boolean])[] = [
    [200, '/', {}, true],
    [200, '/assets/main.js', {}, true],
    [200, '/healthz', {}, false],
    [401, '/', {}, false],
    [403, '/open/used', {}, false],
    [404, '/none.js', {}, true],
    [204, '/favicon.ico', {}, true],
    [405, '/', { method: 'POST' }, true],
    [421, '/', { headers: { host: 'evil.example' } }, false],
  ];
  test.each(cases)('%i of %s carries the policy', async (status, path, knock, isIn) => {
    const cookie = isIn ? await enter() : {};
    const { status: got, headers } = await ask(path, { ...knock, headers: { ...cookie, ...knock.headers } });
    expect(got).toBe(status);
    expect(headers).toMatchObject({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
  });

  test('the policy has no way for inline code, markup out of text, frames, forms or other origins', () => {
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|https?:|\*/);
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "connect-src 'self'",
      "frame-ancestors 'none'",
      "form-action 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ])
      expect(CONTENT_SECURITY_POLICY.split('; ')).toContain(rule);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])('%s changes nothing', async (method) => {
    const got = await ask('/', { method, headers: await enter() });
    expect(got.status).toBe(405);
    expect(got.headers.allow).toBe('GET, HEAD');
  });
});

describe('ways out of the folder', () => {
  test.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.js',
    '/..%2fconsole-next-door/secret.js',
    '/%252e%252e/secret.js',
    '/..\\secret.js',
    '/..%5csecret.js',
    '/assets/main.js%00.css',
    '/assets/main.js%00',
    '/%ff.js',
    '/link.js',
    '/up/secret.js',
    '//etc/passwd.js',
    '/assets/main.js.map',
    '/assets/none.js',
  ])('%s leads nowhere', async (path) => {
    const got = await ask(path, { headers: await enter() });
    expect(got.status).toBe(404);
    expect(got.text).not.toMatch(/SECRET|root:/);
  });

  test('a file of the console itself is served with its own type', async () => {
    const got = await ask('/assets/main.js', { headers: await enter() });
    expect(got).toMatchObject({ status: 200, text: 'the script' });
    expect(got.headers['content-type']).toBe('text/javascript; charset=utf-8');
  });
});

test('a screen whose address ends as a file does is opened again; a missing part of a page is not', async () => {
  const headers = await enter();
  const page = { ...headers, accept: 'text/html,application/xhtml+xml;q=0.9' };
  for (const path of ['/usage/event/gw-1/a.b', '/explain/event/gw-1/2026.js', '/usage/event/gw-1/x.css?show=charts']) {
    expect(await ask(path, { headers: page })).toMatchObject({ status: 200, text: 'the console' });
    expect((await ask(path, { headers })).status).toBe(404);
  }
  expect((await ask('/assets/none.js', { headers: page })).status).toBe(404);
  const out = await ask('/../secret.js', { headers: page });
  expect(out.text).not.toContain('SECRET');
});

describe('an open socket', () => {
  test('a message over the limit ends it', async () => {
    const socket = await opened((await enter()).cookie);
    const closed = closing(socket);
    socket.send(Buffer.alloc(BUNDLE_MOST_BYTES + 1024 * 1024 + 1, 'x'));
    expect(await closed).toBe(1009);
    expect((await ask('/healthz')).text).toBe('ok');
  });

  test('garbage is answered with nothing and the door goes on', async () => {
    // The protocol's library says so on the console.
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { cookie } = await enter();
    const socket = await opened(cookie);
    for (const text of ['', '{', 'null', '[]', '{"i":"99","p":{"u":"/__proto__/x"}}']) socket.send(text);
    expect(await codeOf(clientOf(socket).session.get({}))).toBe('ok');
    said.mockRestore();
  });

  test('nobody is signed in by the link alone; who signs in is locked when idle, and so is every tab', async () => {
    const { cookie } = await enter();
    const [one, other] = [clientOf(await opened(cookie)), clientOf(await opened(cookie))];
    expect(await codeOf(one.customers.list({}))).toBe('UNAUTHENTICATED');
    await one.session.signIn(ADMIN);
    expect(await codeOf(other.customers.list({}))).toBe('ok');
    await expect.poll(() => one.session.get({}).then(({ locked }) => locked), { timeout: IDLE_MS * 4 }).toBe(true);
    expect(await codeOf(other.customers.list({}))).toBe('LOCKED');
    await other.session.signIn(ADMIN);
    expect(await codeOf(one.customers.list({}))).toBe('ok');
  });

  test('what no person asked for does not keep a session open', async () => {
    const { cookie } = await enter();
    const socket = await opened(cookie);
    const [person, page] = [clientOf(socket), clientOf(socket, { [UNASKED]: '1' })];
    await person.session.signIn(ADMIN);
    const asked = () => codeOf(page.customers.list({}));
    await expect.poll(asked, { timeout: IDLE_MS * 4, interval: IDLE_MS / 10 }).toBe('LOCKED');
    // Said of a sign-in it changes nothing: whoever gives the passphrase is a person.
    await page.session.signIn(ADMIN);
    expect(await codeOf(page.customers.list({}))).toBe('ok');
  });

  test('a lock ends what streams to the session, in every tab', async () => {
    const { cookie } = await enter();
    const [one, other] = [clientOf(await opened(cookie)), clientOf(await opened(cookie))];
    await one.session.signIn(ADMIN);
    const changes = (await other.workspace.changes({}))[Symbol.asyncIterator]();
    const heard = codeOf(Promise.resolve(changes.next()));
    await one.session.lock({});
    expect(await heard).toBe('LOCKED');
  });

  test('a browser pushed out by newer ones loses its page and its open socket', async () => {
    const { cookie } = await enter();
    const socket = await opened(cookie);
    await clientOf(socket).session.signIn(ADMIN);
    const closed = closing(socket);
    for (let count = 0; count < 32; count += 1) await enter();
    expect(await closed).toBe(1006);
    expect((await ask('/', { headers: { cookie } })).status).toBe(401);
  });
});
