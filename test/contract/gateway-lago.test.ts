/** The Lago dialect without its client: what a batch leaves behind, bound keys, and bodies that nobody meant. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await openGatewayWorld();
  await seedTrade(world);
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

const event = (id: string, more: object = {}) => ({
  transaction_id: id,
  external_subscription_id: 'acme-team',
  code: 'storage',
  properties: { gb: 1 },
  ...more,
});
const batch = (events: readonly object[]) => world.ask('/lago/api/v1/events/batch', { body: { events } });
const stored = () => world.core.book.head().events;

describe('a batch of Lago events', () => {
  test('with one that the books have leaves nothing behind', async () => {
    expect((await batch([event('w1'), event('w2')])).status).toBe(200);
    const before = stored();
    const refused = await batch([event('w3'), event('w2', { properties: { gb: 2 } }), event('w4')]);
    expect(refused.body).toEqual({
      status: 422,
      error: 'Unprocessable Entity',
      code: 'validation_errors',
      error_details: { 1: { transaction_id: ['value_already_exist'] } },
    });
    expect(stored()).toBe(before);
    expect((await batch([event('w3'), event('w4')])).status).toBe(200);
    expect((await world.client.usage.conflicts({})).items).toEqual([]);
  });

  test('is not joined with others that come at the same time: one of equals is taken', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, at) => batch([event(`own-${at}`), event('common')])),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(29);
  });

  test('names whom the workspace does not know where it refuses unknown usage', async () => {
    const { client } = world;
    await client.workspace.set({ unknownUsage: 'refuse' });
    const nobody = event('u1', { code: 'api.requests', external_subscription_id: 'nobody' });
    const answer = await batch([event('u0', { code: 'api.requests' }), nobody]);
    expect(answer.body['error_details']).toEqual({ 1: { external_subscription_id: ['subscription_not_found'] } });
    expect((await batch([event('u2')])).body['error_details']).toEqual({ 0: { code: ['metric_not_found'] } });
    await client.workspace.set({ unknownUsage: 'park' });
  });

  test('of a customer with a key of its own is that customer’s', async () => {
    const { secret } = await world.key(['usage:write'], 'acme');
    const send = (id: string, subject: string) =>
      world.ask('/lago/api/v1/events', { secret, body: { event: event(id, { external_subscription_id: subject }) } });
    expect((await send('k1', 'acme-team')).status).toBe(200);
    expect((await send('k2', 'somebody')).body).toMatchObject({ status: 403, error: 'Forbidden' });
  });
});

test.each([
  ['a type that is no JSON', { body: 'x', headers: { 'content-type': 'text/plain' } }, 415],
  ['no key', { body: {}, secret: null }, 401],
  ['no JSON', { body: '{"event":' }, 400],
  ['a method it does not have', { method: 'PUT', body: {} }, 405],
])('with %s is answered in the form of Lago', async (_, init, status) => {
  const answer = await world.ask('/lago/api/v1/events', init);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).not.toContain('problem');
  expect(answer.body).toMatchObject({ status, error: expect.any(String) as string });
});

test('any JSON at all is answered 200, 400 or 422, and never harms the books', async () => {
  const member = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom('acme-team', 'storage', -1, 1e300, '1e5', 253_402_300_800, '12.', null),
  );
  const loose = fc.record(
    {
      transaction_id: member,
      external_subscription_id: member,
      external_customer_id: member,
      code: member,
      timestamp: member,
      properties: member,
      precise_total_amount_cents: member,
    },
    { requiredKeys: [] },
  );
  // An object that cannot be turned into text was once an error of ours.
  const stubborn = { transaction_id: 'tx', precise_total_amount_cents: { toString: '' } };
  expect((await batch([stubborn])).status).toBe(422);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(loose, member), { maxLength: 4 }), async (events) => {
      const answers = await Promise.all([
        batch(events as object[]),
        world.ask('/lago/api/v1/events', { body: { event: events[0] ?? null } }),
      ]);
      for (const { status, body } of answers) {
        expect([200, 400, 422]).toContain(status);
        if (status !== 200) expect(body['status']).toBe(status);
      }
    }),
    { numRuns: 150 },
  );
});
