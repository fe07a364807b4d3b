/** Who may call the gateway and in which form; the refusals are derived from the contract's routes. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isHot, routedCommands } from '#core/gateway/mounted.ts';
import { expectProblem, openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
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

describe('whoever calls', () => {
  const routes = routedCommands().map(({ method, path }) => ({
    method,
    path: `/v1${path.replaceAll(/\{\w+\}/g, 'hld_00000000')}`,
  }));
  const bodyOf = (method: string) => (method === 'GET' ? {} : { body: {} });

  test.each(routes)('needs a key for $method $path', async ({ method, path }) => {
    const none = await world.ask(path, { method, secret: null, ...bodyOf(method) });
    expectProblem(none, 401, 'UNAUTHENTICATED');
    expect(none.headers.get('www-authenticate')).toContain('Bearer');
    expectProblem(
      await world.ask(path, { method, secret: `tk_live_${'0'.repeat(64)}`, ...bodyOf(method) }),
      401,
      'UNAUTHENTICATED',
    );
  });

  test.each(routes)('needs the scope for $method $path', async ({ method, path }) => {
    const scope = path === '/v1/invoices' || path.startsWith('/v1/invoices/') ? 'usage:write' : 'invoices:read';
    const { secret } = await world.key([scope]);
    const body = path.endsWith('/usage') ? { body: { events: [{ ...EVENT, id: 'x' }] } } : bodyOf(method);
    expectProblem(await world.ask(path, { method, secret, ...body }), 403, 'FORBIDDEN');
  });

  test.each(routes.filter(({ method }) => method !== 'GET'))(
    'is refused an unknown field by $method $path',
    async ({ method, path }) => {
      const answer = await world.ask(path, { method, body: { surprise: true }, headers: key('unknown-field') });
      const codes = path.endsWith('/usage') ? answer.body['results'] : [answer.body];
      expect(codes).toMatchObject([{ code: 'INPUT_INVALID' }]);
    },
  );

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
    const ask = (path: string, body?: object) =>
      world.ask(path, { secret, headers: key('bound'), ...(body ? { body } : {}) });
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
    const mixed = await ask('/v1/usage', {
      events: [
        { ...EVENT, id: 'a' },
        { ...EVENT, id: 'b', customer: other.id },
      ],
    });
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
    [
      'a number beyond 2^53',
      '{"customer":"acme","meter":"api.requests","quantity":9007199254740993}',
      'application/json',
      400,
      'INPUT_INVALID',
    ],
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
    const type = 'Content-Type: application/json';
    const head = `POST /v1/usage HTTP/1.1\r\nHost: x\r\nX-API-Key: ${world.secret}\r\n${type}\r\n`;
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
    expect(answer.body).toEqual({
      status: 'ok',
      events: expect.stringMatching(/^\d+$/),
      watermark: expect.stringMatching(/^\d+$/),
    });
  });
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
