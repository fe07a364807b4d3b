/** The client that customers' servers install, against a running gateway, billing real handlers. */
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  InvalidRequest,
  NotFound,
  PaymentRequired,
  RateLimited,
  Unauthorized,
  createClient,
  fastifyBilling,
  withBilling,
} from '#core/client/index.ts';
import type { Client } from '#core/client/index.ts';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

let world: GatewayWorld;
let client: Client;
const WANTED = { customer: 'acme', meter: 'api.requests', quantity: '2' };
const posted = async (): Promise<string> => {
  const { items } = await world.client.customers.balances({ customer: 'acme' });
  return `${items[0]?.postedMinor} held ${items[0]?.heldMinor}`;
};

beforeAll(async () => {
  world = await openGatewayWorld();
  await seedTrade(world, { credit: '10000000' });
  client = createClient({ baseUrl: world.url, apiKey: world.secret });
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

describe('the client', () => {
  test('checks, holds, captures and releases', async () => {
    expect(await client.check(WANTED)).toEqual({
      allowed: true,
      asset: 'USDC/6',
      balance: 10_000_000n,
      required: 2_000_000n,
    });
    const hold = await client.hold({ ...WANTED, key: 'same' });
    expect(await client.hold({ ...WANTED, key: 'same' })).toEqual(hold);
    expect(hold).toMatchObject({ state: 'open', amountMinor: 2_000_000n, quantity: '2.000' });
    const captured = await client.capture(hold.id, { quantity: '1.5', dimensions: { endpoint: '/a' } });
    expect(captured).toMatchObject({ state: 'captured', chargedMinor: 1_500_000n });
    const other = await client.hold({ ...WANTED });
    expect((await client.release(other.id)).state).toBe('released');
    expect(await posted()).toBe('8500000 held 0');
  });

  test('tells refusals apart', async () => {
    const short = await client.hold({ ...WANTED, quantity: '100' }).catch((error: unknown) => error);
    expect(short).toBeInstanceOf(PaymentRequired);
    expect(short).toMatchObject({ balance: 8_500_000n, required: 100_000_000n, asset: 'USDC/6' });
    await expect(client.hold({ ...WANTED, meter: 'nope' })).rejects.toBeInstanceOf(NotFound);
    await expect(client.hold({ ...WANTED, quantity: '-1' })).rejects.toBeInstanceOf(InvalidRequest);
    await expect(createClient({ baseUrl: world.url, apiKey: 'tk_live_x' }).check(WANTED)).rejects.toBeInstanceOf(
      Unauthorized,
    );
    await world.client.plans.create({
      key: 'one',
      name: 'One',
      asset: 'USDC/6',
      baseFeeMinor: '0',
      rateLimitPerMinute: 0,
      dailyLimit: null,
    });
    await world.client.customers.create({ name: 'Limited', externalId: 'limited', plan: 'one' });
    const limited = await client.check({ ...WANTED, customer: 'limited' }).catch((error: unknown) => error);
    expect(limited).toBeInstanceOf(RateLimited);
    expect((limited as RateLimited).retryAfterMs).toBeGreaterThan(0);
    expect((limited as RateLimited).limits).toHaveProperty('ratelimit');
  });

  test('records usage and hears what became of each event', async () => {
    const event = {
      source: 'app',
      id: 'u1',
      customer: 'acme',
      meter: 'api.requests',
      quantity: '0.5',
      occurredAt: Date.now(),
    };
    const { results } = await client.recordUsage([event, event, { ...event, id: 'u2', quantity: '0.00001' }]);
    expect(results).toMatchObject([
      { status: 'accepted' },
      { status: 'duplicate' },
      { status: 'refused', code: 'QUANTITY_INVALID' },
    ]);
  });

  test('tells why the gateway refused what was owed from an outage', async () => {
    const heard: string[] = [];
    client.backlog.onChange = ({ state, problem }) => heard.push(`${state} ${problem?.code ?? ''}`.trim());
    const event = {
      source: 'blind',
      id: 'b1',
      customer: 'acme',
      meter: 'api.requests',
      quantity: '0.00001',
      occurredAt: Date.now(),
    };
    client.backlog.restore([{ kind: 'blind', id: 'b1', event }]);
    await client.backlog.flush();
    expect(heard).toEqual(['refused QUANTITY_INVALID']);
    client.backlog.onChange = null;
  });
});

describe('a billed handler', () => {
  const options = () => ({
    client,
    meter: 'api.requests',
    endpoint: '/work',
    customerOf: (request: { headers: unknown }) => {
      const headers = request.headers as Headers | Record<string, string>;
      return headers instanceof Headers ? headers.get('x-team') : (headers['x-team'] ?? null);
    },
  });

  test('in fetch style charges success, gives back failure, and passes on 402', async () => {
    const handler = withBilling(
      (request: Request) => new Response('done', { status: request.url.endsWith('/bad') ? 500 : 200 }),
      options(),
    );
    const ask = async (path: string, team: string) => {
      const response = await handler(new Request(`http://app.test${path}`, { headers: { 'x-team': team } }));
      await response.text();
      return response.status;
    };
    const before = await posted();
    expect(await ask('/bad', 'acme')).toBe(500);
    expect(await posted()).toBe(before);
    expect(await ask('/good', 'acme')).toBe(200);
    expect(await posted()).toBe('7000000 held 0');
    await world.client.customers.create({ name: 'Broke', externalId: 'broke' });
    expect(await ask('/good', 'broke')).toBe(402);
  });

  test('in fastify charges what was sent', async () => {
    const app = fastify();
    app.get('/work', { preHandler: fastifyBilling(options()) }, () => ({ done: true }));
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    const ask = async (team: string) => (await fetch(`${url}/work`, { headers: { 'x-team': team } })).status;
    expect(await ask('acme')).toBe(200);
    expect(await ask('broke')).toBe(402);
    await expect.poll(posted, { timeout: 5_000 }).toBe('6000000 held 0');
    await app.close();
  });
});
