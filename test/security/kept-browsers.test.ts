/** Browsers that a core knows again after it was killed, and only then. */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createORPCClient, safe } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Contract } from '#core/contract/index.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { openBrowserDoor } from '#core/serve/browser-door.ts';
import type { BrowserDoor } from '#core/serve/browser-door.ts';
import { createRouter } from '#core/services/router.ts';
import { ADMIN, SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const filesDir = join(folder, 'console');
let handle: CoreHandle;
let door: BrowserDoor;

beforeAll(async () => {
  mkdirSync(filesDir);
  writeFileSync(join(filesDir, 'index.html'), 'the console');
  await makeWorkspace(file);
  handle = await openCore(file, { log: SILENT });
  door = await another();
});

afterAll(async () => {
  await door.close();
  await handle.close();
  dispose();
});

/** The door of the core that comes after: the one before never closed, as when it is killed. */
const another = () => openBrowserDoor(handle.core, { router: createRouter(), port: 0, filesDir });

const at = async (other: BrowserDoor, cookie: string): Promise<number> =>
  (await fetch(new URL('/', other.origin), { headers: { cookie } })).status;

/** Comes in through a link of a door; gives the cookie as a browser sends it. */
async function enter({ newLink }: BrowserDoor): Promise<string> {
  const { headers } = await fetch(newLink());
  return headers.get('set-cookie')?.split(';')[0] ?? '';
}

async function clientAt({ origin }: BrowserDoor, cookie: string): Promise<ContractRouterClient<Contract>> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/rpc`, { headers: { cookie, origin } });
  await new Promise((resolve) => socket.once('open', resolve));
  // ws keeps to the browser's interface as far as the link uses it; the two sets of types disagree on events.
  return createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }));
}

test('a core that is back knows them, and nobody is signed in by that', async () => {
  const cookie = await enter(door);
  await (await clientAt(door, cookie)).session.signIn(ADMIN);
  const kept = readFileSync(`${file}.browsers`, 'utf8');
  expect(kept).not.toContain(cookie.split('=')[1]);
  expect(statSync(`${file}.browsers`).mode & 0o077).toBe(0);
  const next = await another();
  expect(await at(next, cookie)).toBe(200);
  expect(await at(next, 'tollkeeper_session=guess')).toBe(401);
  const { error } = await safe((await clientAt(next, cookie)).customers.list({}));
  expect((error as { code?: string } | null)?.code).toBe('UNAUTHENTICATED');
  await next.close();
});

test('one that ended because it was told to lets nobody in again', async () => {
  const first = await another();
  const cookie = await enter(first);
  expect(await at(first, cookie)).toBe(200);
  await first.close();
  const second = await another();
  expect(await at(second, cookie)).toBe(401);
  await second.close();
});

test('what stands in the file and is no list of browsers lets nobody in', async () => {
  const cookie = await enter(door);
  for (const text of ['', '{', '{"a":1}', '["short"]', JSON.stringify([cookie.split('=')[1]])]) {
    writeFileSync(`${file}.browsers`, text);
    const next = await another();
    expect(await at(next, cookie)).toBe(401);
    await next.close();
  }
});
