import { describe, expect, test } from 'vitest';
import { createClient, type Client, type UsageEvent } from './client.ts';
import {
  Conflict,
  InvalidRequest,
  NotFound,
  OutcomeUnknown,
  PaymentRequired,
  RateLimited,
  Unauthorized,
  Unavailable,
} from './errors.ts';
import { GatewayDouble } from '../../test/support/gateway-double.ts';

function world(): { gateway: GatewayDouble; client: Client } {
  const gateway = new GatewayDouble();
  const retry = { attempts: 3, baseMs: 1, maxMs: 2 };
  const client = createClient({
    baseUrl: 'http://gateway.test/',
    apiKey: 'tk_1',
    fetch: gateway.fetch,
    timeoutMs: 300,
    retry,
  });
  return { gateway, client };
}
const wanted = { customer: 'acme', meter: 'api.requests', quantity: 2 };
const event = (change: Partial<UsageEvent> = {}): UsageEvent => ({
  source: 's',
  id: '1',
  customer: 'acme',
  meter: 'api.requests',
  quantity: '1.5',
  occurredAt: 5,
  ...change,
});

describe('the client', () => {
  test('holds, captures and releases with exact amounts', async () => {
    const { gateway, client } = world();
    const hold = await client.hold({ ...wanted, ttlMs: 5_000 });
    expect(hold).toMatchObject({ state: 'open', amountMinor: 20n, asset: 'USDC/6', quantity: '2' });
    expect(JSON.parse(gateway.seen[0]?.body ?? '')).toEqual({ ...wanted, quantity: '2', ttlMs: 5_000 });
    expect(gateway.seen[0]?.authorization).toBe('Bearer tk_1');
    expect(await client.capture(hold.id, { quantity: '1' })).toMatchObject({
      state: 'captured',
      chargedMinor: 20n,
      overshootMinor: 0n,
    });
    const other = await client.hold(wanted);
    expect((await client.release(other.id)).state).toBe('released');
    expect(await client.check(wanted)).toEqual({ allowed: true, balance: 980n, required: 10n, asset: 'USDC/6' });
  });

  test('asks again with the same key when an answer is lost, and holds once', async () => {
    const { gateway, client } = world();
    gateway.faults.push('lost', 503);
    const hold = await client.hold(wanted);
    expect(gateway.seen).toHaveLength(3);
    expect(new Set(gateway.seen.map((seen) => `${seen.key} ${seen.body}`)).size).toBe(1);
    expect([...gateway.holds.keys()]).toEqual([hold.id]);
    expect(gateway.balance).toBe(980n);
  });

  test('uses a new key for each hold, and the key it is given', async () => {
    const { gateway, client } = world();
    await client.hold(wanted);
    await client.hold(wanted);
    await client.hold({ ...wanted, key: 'mine' });
    const keys = gateway.seen.map((seen) => seen.key);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe('mine');
  });

  test('says what is missing when the balance does not cover it, and does not ask again', async () => {
    const { gateway, client } = world();
    gateway.balance = 5n;
    const error = await client.hold(wanted).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(PaymentRequired);
    expect(error).toMatchObject({ status: 402, code: 'PAYMENT_REQUIRED', balance: 5n, required: 20n, asset: 'USDC/6' });
    expect(gateway.seen).toHaveLength(1);
  });

  test('says when to come back from a rate limit', async () => {
    const { gateway, client } = world();
    gateway.faults.push(429);
    const error = await client.hold(wanted).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RateLimited);
    expect(error).toMatchObject({ retryAfterMs: 7_000, limits: { 'ratelimit-policy': '"startup";q=10;w=60' } });
    expect(gateway.seen).toHaveLength(1);
  });

  test.each([
    [401, Unauthorized],
    [403, Unauthorized],
    [409, Conflict],
    [422, InvalidRequest],
    [503, Unavailable],
  ])('tells %i apart', async (status, type) => {
    const { gateway, client } = world();
    gateway.outage = status;
    await expect(client.hold(wanted)).rejects.toBeInstanceOf(type);
  });

  test('knows that a hold is unknown', async () => {
    await expect(world().client.capture('hld_no/../x')).rejects.toBeInstanceOf(NotFound);
  });

  test.each(['down', 'hang'] as const)(
    'ends within its deadline when the gateway is %s, and gives the key',
    async (fault) => {
      const { gateway, client } = world();
      gateway.outage = fault;
      const begun = performance.now();
      const error = await client.hold({ ...wanted, key: 'k1' }).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(OutcomeUnknown);
      expect(error).toMatchObject({ key: 'k1', code: 'OUTCOME_UNKNOWN' });
      expect(performance.now() - begun).toBeLessThan(600);
      expect(gateway.seen).toHaveLength(3);
    },
  );

  test('takes an answer that is not JSON for no answer', async () => {
    const page = async () => new Response('<html>', { status: 200 });
    const client = createClient({ baseUrl: 'http://x', apiKey: 'k', fetch: page, retry: { attempts: 1 } });
    await expect(client.check(wanted)).rejects.toBeInstanceOf(OutcomeUnknown);
  });

  test('records usage with a result for each event', async () => {
    const { client } = world();
    const answer = await client.recordUsage([event(), event(), event({ id: '2', customer: 'unknown' })]);
    expect(answer).toMatchObject({ accepted: 1, duplicates: 1, refused: 1 });
    expect(answer.results.map((result) => result.status)).toEqual(['accepted', 'duplicate', 'refused']);
  });

  test.each([1.5, Number.NaN, 2 ** 53])('refuses the number %d as a quantity', async (quantity) => {
    await expect(world().client.hold({ ...wanted, quantity })).rejects.toBeInstanceOf(InvalidRequest);
  });
});

describe('the backlog', () => {
  test('books each entry once, even when the answer to that is lost', async () => {
    const { gateway, client } = world();
    client.backlog.restore([{ kind: 'blind', id: 'a', event: event() }]);
    gateway.outage = 'lost';
    expect(await client.backlog.flush()).toBe(1);
    gateway.outage = null;
    expect(await client.backlog.flush()).toBe(0);
    expect(gateway.events.size).toBe(1);
    expect(client.backlog.blindCalls()).toBe(0);
  });

  test('tells of what the gateway refuses, and does not keep it', async () => {
    const { client } = world();
    const changes: string[] = [];
    client.backlog.onChange = ({ state, owed, problem }) => changes.push(`${state} ${owed.id} ${problem?.code ?? ''}`);
    client.backlog.takePlace(1);
    client.backlog.add({ kind: 'blind', id: 'a', event: event({ customer: 'unknown' }) });
    client.backlog.add({ kind: 'capture', id: 'h', holdId: 'hld_none', captured: {} });
    expect(await client.backlog.flush()).toBe(0);
    expect(changes).toEqual(['owed a ', 'owed h ', 'refused a CUSTOMER_UNKNOWN', 'refused h ']);
  });
});
