import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebhookRecord } from '#core/domain/notice.ts';
import type { Resolve } from './checked-lookup.ts';
import type { ToSend } from './payload.ts';
import { postNotice } from './post.ts';

let server: Server;
let port = 0;
let hits = 0;
beforeAll(async () => {
  server = createServer((_request, response) => {
    hits += 1;
    response.end();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

const notice = (mayLoopBack: boolean): ToSend => ({
  id: 'ntc_1',
  event: 'notice.test',
  attempts: 0,
  queuedMs: 0,
  channel: null,
  secrets: ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  alert: null,
  mayLoopBack,
});
const webhook = (url: string): WebhookRecord => ({
  id: 'whk_1',
  name: 'Ops',
  url,
  createdMs: 0,
  isOn: true,
  removedMs: null,
  secrets: [],
});

/** A name that answers with one list of addresses after the other, the last one for ever. */
function names(...answers: string[][]): { resolve: Resolve; asked: () => number } {
  let asked = 0;
  const resolve: Resolve = (_name, _options, found) => {
    const addresses = answers[Math.min(asked, answers.length - 1)] ?? [];
    asked += 1;
    found(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { resolve, asked: () => asked };
}

const stop = new AbortController().signal;
const post = (url: string, resolve: Resolve, mayLoopBack = false, timeoutMs = 2_000) =>
  postNotice(notice(mayLoopBack), webhook(url), { nowMs: 0, stop, resolve, timeoutMs });

describe('a webhook is not posted to', () => {
  test.each([
    ['a name of this machine', ['127.0.0.1']],
    ['a name in a private network', ['10.0.0.8']],
    ['a cloud’s metadata', ['169.254.169.254']],
    ['a mapped address', ['::ffff:127.0.0.1']],
    ['a name with one bad address among good ones', ['93.184.215.14', '127.0.0.1']],
  ])('%s', async (_name, addresses) => {
    const { resolve } = names(addresses);
    const before = hits;
    const went = await post(`https://hook.example:${port}/`, resolve);
    expect(went).toMatchObject({ ok: false, status: null, detail: expect.stringMatching(/is no public address/) });
    expect(hits).toBe(before);
  });

  test('a literal address, for which no name is asked', async () => {
    const { resolve, asked } = names(['93.184.215.14']);
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:7f00:1]', '2130706433']) {
      const went = await post(`https://${host}:${port}/`, resolve);
      expect(went.detail, host).toMatch(/is no public address/);
    }
    expect(asked()).toBe(0);
  });

  test('anything in the clear, but this machine where that is allowed', async () => {
    const { resolve } = names(['127.0.0.1']);
    expect((await post(`http://hook.example:${port}/`, resolve, true)).detail).toMatch(/Only https/);
    expect((await post(`http://127.0.0.1:${port}/`, resolve)).detail).toMatch(/Only https/);
    expect(await post(`http://localhost:${port}/`, resolve, true)).toMatchObject({ ok: true, status: 200 });
  });
});

test('a name is asked for once: what it answers afterwards leads nowhere', async () => {
  // 192.0.2.1 would be refused; the first answer is this machine, as if it were a public one.
  const { resolve, asked } = names(['127.0.0.1'], ['192.0.2.1']);
  const before = hits;
  expect(await post(`http://localhost:${port}/`, resolve, true)).toMatchObject({ ok: true });
  expect([asked(), hits]).toEqual([1, before + 1]);
});

test('a receiver that says nothing is left after a while', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  const { resolve } = names(['127.0.0.1']);
  const { port: at } = silent.address() as AddressInfo;
  const went = await post(`http://localhost:${at}/`, resolve, true, 100);
  expect(went).toEqual({ ok: false, status: null, detail: 'No answer in 0.1 s.', isGone: false });
  silent.closeAllConnections();
  await new Promise<void>((done) => void silent.close(() => done()));
});

test('a try that was stopped has no outcome', async () => {
  const { resolve } = names(['127.0.0.1']);
  const stopped = AbortSignal.abort();
  const options = { nowMs: 0, stop: stopped, resolve };
  await expect(postNotice(notice(true), webhook(`http://localhost:${port}/`), options)).rejects.toThrow(/abort/i);
});
