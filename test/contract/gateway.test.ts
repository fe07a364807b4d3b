/** The gateway's own API over real HTTP: what is refused and how, limits, idempotency, and one answer for one balance. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isHot, routedCommands } from '#core/gateway/mounted.ts';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await openGatewayWorld({ requestTimeoutMs: 1_000 });
  await seedTrade(world, { credit: '900000000000' });
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

const HOLD = { customer: 'acme', meter: 'api.requests', quantity: '1' };
const key = (value: string) => ({ 'idempotency-key': value });
const EVENT = { source: 'test', customer: 'acme', meter: 'api.requests', quantity: '1' };

function expectProblem(answer: Awaited<ReturnType<GatewayWorld['ask']>>, status: number, code: string): void {
  expect({ status: answer.status, code: answer.body['code'] }, answer.text).toEqual({ status, code });
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String), fix: expect.any(String) });
  expect(answer.body['type']).toBe(`urn:tollkeeper:problem:${code.toLowerCase().replaceAll('_', '-')}`);
}

describe('whoever calls', () => {
  const routes = routedCommands().map(({ method, path }) => ({ method, path: `/v1${path.replaceAll(/\{\w+\}/g, 'hld_00000000')}` }));
  const bodyOf = (method: string) => (method === 'GET' ? {} : { body: {} });

  test.each(routes)('needs a key for $method $path', async ({ method, path }) => {
    const none = await world.ask(path, { method, secret: null, ...bodyOf(method) });
    expectProblem(none, 401, 'UNAUTHENTICATED');
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    expectProblem(await world.ask(path, { method, secret: `tk_live_${'0'.repeat(64)}`, ...bodyOf(method) }), 401, 'UNAUTHENTICATED');
  });

  test.each(routes)('needs the scope for $method $path', async ({ method, path }) => {
    const scope = path === '/v1/invoices' || path.startsWith('/v1/invoices/') ? 'usage:write' : 'invoices:read';
    const { secret } = await world.key([scope]);
    const body = path.endsWith('/usage') ? { body: { events: [{ ...EVENT, id: 'x' }] } } : bodyOf(method);
    expectProblem(await world.ask(path, { method, secret, ...body }), 403, 'FORBIDDEN');
  });

  test.each(routes.filter(({ method }) => method !== 'GET'))('is refused an unknown field by $method $path', async ({ method, path }) => {
    const answer = await world.ask(path, { method, body: { surprise: true }, headers: key('unknown-field') });
    if (path.endsWith('/usage')) expect(answer.body).toMatchObject({ refused: 1, results: [{ code: 'INPUT_INVALID' }] });
    else expectProblem(answer, 400, 'INPUT_INVALID');
  });

  test.each(routes)('hears 405 with what is allowed at $path', async ({ path }) => {
    const answer = await world.ask(path, { method: 'DELETE' });
    expectProblem(answer, 405, 'INPUT_INVALID');
    expect(answer.headers.get('allow')).toMatch(/GET|POST/);
  });

  test('may name the key in X-API-Key, but not two keys', async () => {
    const headers = { 'x-api-key': world.secret };
    expect((await world.ask('/v1/meters', { secret: null, headers })).status).toBe(200);
    expectProblem(await world.ask('/v1/meters', { headers: { 'x-api-key': 'tk_live_other' } }), 401, 'UNAUTHENTICATED');
  });

  test('loses access when the key is revoked', async () => {
    const { id, secret } = await world.key();
    expect((await world.ask('/v1/meters', { secret })).status).toBe(200);
    await world.client.keys.revoke({ id });
    expectProblem(await world.ask('/v1/meters', { secret }), 401, 'UNAUTHENTICATED');
  });

  test('with a key of one customer acts for no other', async () => {
    const other = await world.client.customers.create({ name: 'Other', externalId: 'other' });
    const { secret } = await world.key(undefined, other.id);
    const ask = (path: string, body?: object) => world.ask(path, { secret, headers: key('bound'), ...(body ? { body } : {}) });
    expectProblem(await ask('/v1/gate/check', HOLD), 403, 'FORBIDDEN');
    expectProblem(await ask('/v1/holds', HOLD), 403, 'FORBIDDEN');
    expectProblem(await ask('/v1/usage', { ...EVENT, id: 'foreign' }), 403, 'FORBIDDEN');
    expectProblem(await ask('/v1/customers/acme'), 403, 'FORBIDDEN');
    expectProblem(await ask('/v1/customers'), 403, 'FORBIDDEN');
    expectProblem(await ask('/v1/meters', { key: 'mine', aggregation: 'sum' }), 403, 'FORBIDDEN');
    expect((await ask('/v1/customers/other')).status).toBe(200);
    const hold = await world.ask('/v1/holds', { body: HOLD, headers: key('acme-hold') });
    for (const path of ['', '/capture', '/release']) {
      const target = `/v1/holds/${hold.body['id']}${path}`;
      expectProblem(await world.ask(target, { secret, ...(path === '' ? {} : { body: {} }) }), 403, 'FORBIDDEN');
    }
    const mixed = await ask('/v1/usage', { events: [{ ...EVENT, id: 'a' }, { ...EVENT, id: 'b', customer: other.id }] });
    expect(mixed.status).toBe(207);
    expect(mixed.body['results']).toMatchObject([{ code: 'FORBIDDEN' }, { status: 'accepted' }]);
  });
});

describe('the form of a request', () => {
  test.each([
    ['not JSON', '{', 'application/json', 400, 'INPUT_INVALID'],
    ['another encoding', Buffer.from([0x22, 0xff, 0x22]), 'application/json', 400, 'INPUT_INVALID'],
    ['an array', '[]', 'application/json', 400, 'INPUT_INVALID'],
    ['a wrong type', '{"customer":1,"meter":"api.requests"}', 'application/json', 400, 'INPUT_INVALID'],
    ['a number beyond 2^53', '{"customer":"acme","meter":"api.requests","quantity":9007199254740993}', 'application/json', 400, 'INPUT_INVALID'],
    ['XML', '<a/>', 'application/xml', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['no content type at all', '{}', 'text/plain', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['a content type that is none', '{}', 'json', 415, 'MEDIA_TYPE_UNSUPPORTED'],
    ['more than a mebibyte', `{"customer":"${'a'.repeat(1_100_000)}"}`, 'application/json', 413, 'BODY_TOO_LARGE'],
  ])('is refused for %s', async (_, body, type, status, code) => {
    expectProblem(await world.ask('/v1/gate/check', { body, headers: { 'content-type': type } }), status, code);
  });

  test('takes parameters and a suffix in the content type', async () => {
    for (const type of ['application/json; charset=utf-8', 'application/vnd.tollkeeper+json']) {
      expect((await world.ask('/v1/gate/check', { body: HOLD, headers: { 'content-type': type } })).status).toBe(200);
    }
  });

  test('is a problem for an address that is none', async () => {
    expectProblem(await world.ask('/v1/nothing'), 404, 'NOT_FOUND');
    expectProblem(await world.ask('/v1/%zz'), 400, 'INPUT_INVALID');
  });

  test('cannot smuggle headers, and a broken request is a problem too', async () => {
    const bad = await raw(world.url, `GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\rInjected: b\r\n\r\n`);
    expect(bad).toMatch(/^HTTP\/1.1 400 /);
    expect(bad).toContain('application/problem+json');
    expectProblem(await world.ask('/v1/holds', { body: HOLD, headers: key('a b') }), 400, 'INPUT_INVALID');
  });

  test('ends a body that does not come', async () => {
    const head = `POST /v1/usage HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.secret}\r\nContent-Type: application/json\r\n`;
    expect(await raw(world.url, `${head}Content-Length: 100\r\n\r\n{`)).toMatch(/^HTTP\/1.1 408 /);
  });
});

/** Sends bytes as they are and gives all that comes back. */
function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (part: Buffer) => {
      answer += part.toString();
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

describe('the health of the gateway', () => {
  test('is told without a key', async () => {
    const answer = await world.ask('/healthz', { secret: null });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ status: 'ok', events: expect.stringMatching(/^\d+$/), watermark: expect.stringMatching(/^\d+$/) });
  });
});

describe('a hold', () => {
  test('needs a key, repeats its bytes, and refuses another body under it', async () => {
    expectProblem(await world.ask('/v1/holds', { body: HOLD }), 400, 'INPUT_INVALID');
    const first = await world.ask('/v1/holds', { body: HOLD, headers: key('replay') });
    expect(first.status).toBe(201);
    await world.ask(`/v1/holds/${first.body['id']}/capture`, { body: {} });
    const again = await world.ask('/v1/holds', { body: { ...HOLD, key: 'replay' } });
    expect({ status: again.status, text: again.text }).toEqual({ status: 201, text: first.text });
    const quoted = await world.ask('/v1/holds', { body: HOLD, headers: key('"replay"') });
    expect(quoted.text).toBe(first.text);
    expectProblem(await world.ask('/v1/holds', { body: { ...HOLD, quantity: '2' }, headers: key('replay') }), 409, 'KEY_REUSED');
    expectProblem(await world.ask('/v1/holds', { body: { ...HOLD, key: 'a' }, headers: key('b') }), 400, 'INPUT_INVALID');
  });

  test('of more than there is says what there is, and leaves its key free', async () => {
    const poor = await world.client.customers.create({ name: 'Poor', externalId: 'poor' });
    const ask = () => world.ask('/v1/holds', { body: { ...HOLD, customer: 'poor' }, headers: key('poor-1') });
    const refused = await ask();
    expectProblem(refused, 402, 'PAYMENT_REQUIRED');
    expect(refused.body).toMatchObject({ balance: '0', required: '1000000', asset: 'USDC/6' });
    expect(refused.headers.get('cache-control')).toBe('no-store');
    await world.client.credits.grant({ key: 'poor', customer: poor.id, asset: 'USDC/6', amountMinor: '1000000', source: 'prepaid' });
    expect((await ask()).status).toBe(201);
  });

  test('passes exactly once where fifty ask for the last unit together', async () => {
    const last = await world.client.customers.create({ name: 'Last', externalId: 'last' });
    await world.client.credits.grant({ key: 'last', customer: last.id, asset: 'USDC/6', amountMinor: '1000000', source: 'prepaid' });
    const asked = Array.from({ length: 50 }, (_, index) =>
      world.ask('/v1/holds', { body: { ...HOLD, customer: 'last' }, headers: key(`last-${index}`) }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 402)]);
  });

  test('is captured in part and released twice; what is closed stays closed', async () => {
    const open = async (name: string) => (await world.ask('/v1/holds', { body: HOLD, headers: key(name) })).body['id'] as unknown as string;
    const first = await open('part');
    const captured = await world.ask(`/v1/holds/${first}/capture`, { body: { quantity: '0.5', dimensions: { endpoint: 'x' } } });
    expect(captured.body).toMatchObject({ state: 'captured', chargedMinor: '500000' });
    expect((await world.ask(`/v1/holds/${first}/capture`, { body: { quantity: '0.5' } })).text).toBe(captured.text);
    expectProblem(await world.ask(`/v1/holds/${first}/release`, { body: {} }), 409, 'HOLD_CLOSED');
    const second = await open('give-back');
    const released = await world.ask(`/v1/holds/${second}/release`, { method: 'POST' });
    expect((await world.ask(`/v1/holds/${second}/release`, { body: {} })).text).toBe(released.text);
    expectProblem(await world.ask('/v1/holds/hld_00000000/capture', { body: {} }), 404, 'HOLD_UNKNOWN');
    expectProblem(await world.ask(`/v1/holds/${second}/capture`, { body: { quantity: '-1' } }), 422, 'QUANTITY_INVALID');
  });
});

describe('the limit of a plan', () => {
  test('is told in headers, refuses with 429, and leaves the key free', async () => {
    await world.client.plans.create({
      key: 'tiny', name: 'Tiny', asset: 'USDC/6', baseFeeMinor: '0', rateLimitPerMinute: 3, dailyLimit: 1000,
    });
    const slow = await world.client.customers.create({ name: 'Slow', externalId: 'slow', plan: 'tiny' });
    await world.client.credits.grant({ key: 'slow', customer: slow.id, asset: 'USDC/6', amountMinor: '9000000', source: 'prepaid' });
    const answers: Awaited<ReturnType<GatewayWorld['ask']>>[] = [];
    for (let index = 0; index < 8; index += 1) {
      answers.push(await world.ask('/v1/gate/check', { body: { ...HOLD, customer: 'slow' } }));
    }
    const passed = answers.find(({ status }) => status === 200);
    expect(passed?.headers.get('ratelimit-policy')).toBe('"minute";q=3;w=60, "day";q=1000;w=86400');
    expect(passed?.headers.get('ratelimit')).toMatch(/^"minute";r=2;t=\d+, "day";r=999;t=\d+$/);
    const refused = answers.at(-1);
    if (!refused) return;
    expectProblem(refused, 429, 'RATE_LIMITED');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit')).toMatch(/"minute";r=0/);
  });
});

describe('a batch of usage', () => {
  test('keeps its good events whatever the bad ones are', async () => {
    const bad: readonly (readonly [unknown, string])[] = [
      [null, 'INPUT_INVALID'], [[], 'INPUT_INVALID'], [{ ...EVENT }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', surprise: 1 }, 'INPUT_INVALID'], [{ ...EVENT, id: 'x', source: 'gate' }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', source: 'correction' }, 'INPUT_INVALID'], [{ ...EVENT, id: 'a\u0000b' }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'a\ud800' }, 'INPUT_INVALID'], [{ ...EVENT, id: 'x'.repeat(201) }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', quantity: '-1' }, 'QUANTITY_INVALID'], [{ ...EVENT, id: 'x', quantity: 'NaN' }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: '1e3' }, 'QUANTITY_INVALID'], [{ ...EVENT, id: 'x', quantity: 2 ** 60 }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: '9'.repeat(30) }, 'QUANTITY_INVALID'], [{ ...EVENT, id: 'x', quantity: '1.0001' }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: null }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', occurredAt: Date.now() + 3 * 86_400_000 }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', occurredAt: '2026-02-30T00:00:00Z' }, 'INPUT_INVALID'], [{ ...EVENT, id: 'x', occurredAt: 1.5 }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', dimensions: { a: 1 } }, 'INPUT_INVALID'], [{ ...EVENT, id: 'x', dimensions: { quantity: '1' } }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', holdId: 'hld_00000000' }, 'HOLD_UNKNOWN'], [{ ...EVENT, id: 'x', holdId: 'nope' }, 'INPUT_INVALID'],
    ];
    const events = bad.flatMap(([event], index) => [{ ...EVENT, id: `good-${index}` }, event]);
    const answer = await world.ask('/v1/usage', { body: JSON.stringify({ events }) });
    expect(answer.status).toBe(207);
    const results = answer.body['results'] as unknown as { status: string; code?: string; detail?: string; fix?: string }[];
    expect(results.filter((_, index) => index % 2 === 0).map(({ status }) => status)).toEqual(bad.map(() => 'accepted'));
    expect(results.filter((_, index) => index % 2 === 1).map(({ code }) => code)).toEqual(bad.map(([, code]) => code));
    expect(results.every(({ status, fix }) => status === 'accepted' || typeof fix === 'string')).toBe(true);
    expect(answer.body).toMatchObject({ accepted: bad.length, refused: bad.length, duplicates: 0 });
  });

  test.each([['small', 1], ['large', 400]])('answers the same from either thread: %s', async (name, count) => {
    const events = Array.from({ length: count }, (_, index) => ({
      ...EVENT, id: `${name}-${index}`, quantity: index % 2 ? 1 : '1.000', dimensions: { endpoint: `/${'x'.repeat(100)}` },
    }));
    const first = await world.ask('/v1/usage', { body: { events } });
    expect([first.status, first.body['accepted']]).toEqual([200, count]);
    const again = await world.ask('/v1/usage', { body: events });
    expect([again.status, again.body['duplicates']]).toEqual([200, count]);
    const changed = await world.ask('/v1/usage', { body: { events: events.map((event) => ({ ...event, quantity: '2' })) } });
    expect([changed.status, changed.body['refused']]).toEqual([207, count]);
    expect((changed.body['results'] as unknown as object[])[0]).toMatchObject({ status: 'conflict', code: 'EVENT_CONFLICT' });
  });

  test('counts an id once within a batch, and tells its conflict', async () => {
    const events = [{ ...EVENT, id: 'twin' }, { ...EVENT, id: 'twin' }, { ...EVENT, id: 'twin', quantity: '2' }];
    const answer = await world.ask('/v1/usage', { body: { events } });
    expect((answer.body['results'] as unknown as { status: string }[]).map(({ status }) => status)).toEqual(['accepted', 'duplicate', 'conflict']);
  });

  test('parks what it does not know, and takes it as a repeat when it is known', async () => {
    const event = { ...EVENT, id: 'unknown', meter: 'later', quantity: '2.50', dimensions: { region: 'eu' } };
    const send = () => world.ask('/v1/usage', { body: event });
    expect((await send()).body['results']).toEqual([{ index: 0, status: 'parked' }]);
    const stranger = await world.ask('/v1/usage', { body: { ...EVENT, id: 'stranger', customer: 'stranger' } });
    expect(stranger.body['results']).toEqual([{ index: 0, status: 'parked' }]);
    await world.client.meters.create({ key: 'later', aggregation: 'sum', scale: 2 });
    expect((await send()).body['results']).toEqual([{ index: 0, status: 'duplicate' }]);
  });

  test('captures a hold by its event, once, for its own customer and meter', async () => {
    const hold = await world.ask('/v1/holds', { body: HOLD, headers: key('event-hold') });
    const event = { ...EVENT, id: 'captures', holdId: hold.body['id'], quantity: '0.25' };
    expect((await world.ask('/v1/usage', { body: event })).body['results']).toEqual([{ index: 0, status: 'accepted' }]);
    expect((await world.ask('/v1/usage', { body: event })).body['results']).toEqual([{ index: 0, status: 'duplicate' }]);
    const other = await world.ask('/v1/usage', { body: { ...event, id: 'too-late' } });
    expect(other.body['results']).toMatchObject([{ status: 'refused', code: 'HOLD_CLOSED' }]);
    expect((await world.ask(`/v1/holds/${hold.body['id']}`)).body).toMatchObject({ state: 'captured', chargedMinor: '250000' });
  });

  test('has limits of its own', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => ({ ...EVENT, id: `m${index}` }));
    expectProblem(await world.ask('/v1/usage', { body: { events: many } }), 400, 'INPUT_INVALID');
    expectProblem(await world.ask('/v1/usage', { body: { events: [] } }), 400, 'INPUT_INVALID');
    expectProblem(await world.ask('/v1/usage', { body: { events: [EVENT], more: 1 } }), 400, 'INPUT_INVALID');
    expectProblem(await world.ask('/v1/usage', { body: Buffer.alloc(9 * 1024 * 1024, 0x20) }), 413, 'BODY_TOO_LARGE');
    expectProblem(await world.ask('/v1/usage', { body: Buffer.alloc(40_000, 0x5b) }), 400, 'INPUT_INVALID');
  });
});

test('usage that is unknown is refused, event by event, where the workspace says so', async () => {
  await world.client.workspace.set({ unknownUsage: 'refuse' });
  const answer = await world.ask('/v1/usage', {
    body: { events: [{ ...EVENT, id: 'r1' }, { ...EVENT, id: 'r2', meter: 'never' }, { ...EVENT, id: 'r3', customer: 'never' }] },
  });
  expect(answer.body['results']).toMatchObject([{ status: 'accepted' }, { code: 'METER_UNKNOWN' }, { code: 'CUSTOMER_UNKNOWN' }]);
  await world.client.workspace.set({ unknownUsage: 'park' });
});

test('asks to come back while too much is under way', async () => {
  const small = await openGatewayWorld({ bodyBudget: 10 });
  const answer = await small.ask('/v1/gate/check', { body: HOLD });
  expectProblem(answer, 503, 'BUSY');
  expect(answer.headers.get('retry-after')).toBe('1');
  await small.close();
});

test('every route of the contract is served', () => {
  expect(routedCommands().filter(({ path }) => isHot(path))).toHaveLength(6);
});
