/** The door for windows of our own: one port and one sign-in a window, and no more windows than anybody opens. */
import { MessageChannel } from 'node:worker_threads';
import { join } from 'node:path';
import { createORPCClient, safe } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Contract } from '#core/contract/index.ts';
import { UNASKED } from '#core/domain/unasked.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { openWindowDoor } from '#core/serve/window-door.ts';
import type { WindowDoor } from '#core/serve/window-door.ts';
import { createRouter } from '#core/services/router.ts';
import { ADMIN, SILENT, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const IDLE_MS = 1_500;
const locked = vi.fn<() => void>();
let handle: CoreHandle;
let door: WindowDoor;

beforeAll(async () => {
  await makeWorkspace(file, { settings: { idleLockMs: IDLE_MS } });
  handle = await openCore(file, { log: SILENT });
  door = openWindowDoor(handle.core, { router: createRouter(), onLocked: locked });
});
afterAll(async () => {
  door.close();
  await handle.close();
  dispose();
});

function enter(window: number, headers: Record<string, string> = {}) {
  const { port1, port2 } = new MessageChannel();
  const closed = vi.fn<() => void>();
  port1.on('close', closed);
  const client: ContractRouterClient<Contract> = createORPCClient(new RPCLink({ port: port1, headers: () => headers }));
  door.admit(window, port2);
  port1.start();
  return { client, closed };
}

test('a window that asks again gets a new port for its sign-in, and its former port is closed', async () => {
  const first = enter(1);
  expect((await safe(first.client.customers.list({}))).error).toMatchObject({ code: 'UNAUTHENTICATED' });
  await first.client.session.signIn(ADMIN);
  const second = enter(1);
  await vi.waitFor(() => expect(first.closed).toHaveBeenCalledOnce());
  expect((await second.client.session.get({})).operator?.name).toBe(ADMIN.name);
});

test('two windows are two sign-ins, all are locked at once, and a window that is closed is signed out', async () => {
  const [one, other] = [enter(2), enter(3)];
  await one.client.session.signIn(ADMIN);
  expect((await safe(other.client.customers.list({}))).error).toMatchObject({ code: 'UNAUTHENTICATED' });
  door.lock();
  expect(locked).toHaveBeenCalled();
  expect((await safe(one.client.customers.list({}))).error).toMatchObject({ code: 'LOCKED' });
  door.leave(2);
  await vi.waitFor(() => expect(one.closed).toHaveBeenCalledOnce());
  expect((await enter(2).client.session.get({})).operator).toBeNull();
});

test('a window that only refreshes itself locks when its person left', async () => {
  const { client } = enter(4, { [UNASKED]: '1' });
  await client.session.signIn(ADMIN);
  const asked = async () => ((await safe(client.customers.list({}))).error as { code?: string } | null)?.code;
  await expect.poll(asked, { timeout: IDLE_MS * 4, interval: IDLE_MS / 10 }).toBe('LOCKED');
  door.leave(4);
});

test('a seventeenth window gets nothing, and the others go on', async () => {
  const inside = Array.from({ length: 16 }, (_, index) => enter(101 + index));
  await vi.waitFor(() => expect(inside.filter(({ closed }) => closed.mock.calls.length > 0)).toHaveLength(3));
  expect((await inside[0]?.client.session.get({}))?.locked).toBe(false);
});
