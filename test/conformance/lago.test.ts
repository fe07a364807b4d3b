/** The stock Lago client, at a pinned version, against a real gateway: bodies, codes, and what the books made of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGatewayWorld } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';
import { isInstalled, runClient } from './stock-client.ts';

type Step = Readonly<{ status: number; body: Record<string, unknown> }>;
const isThere = await isInstalled('lago');

describe.skipIf(!isThere)('lago-javascript-client 1.53.0', () => {
  let world: GatewayWorld;
  let steps: Record<string, Step>;
  beforeAll(async () => {
    world = await openGatewayWorld();
    const { client } = world;
    await client.meters.create({
      key: 'storage',
      eventType: 'storage',
      aggregation: 'sum',
      valuePath: '$.gb',
      scale: 3,
    });
    await client.customers.create({ name: 'Acme', externalId: 'acme', subjects: ['sub-1'] });
    await client.customers.create({ name: 'Beta', externalId: 'beta', subjects: ['sub-2'] });
    const { secret } = await world.key(['usage:write']);
    const bound = await world.key(['usage:write'], 'beta');
    steps = await runClient('./lago/client.mjs', { url: world.url, key: secret, bound: bound.secret });
  });
  afterAll(async () => {
    expect(world.errors).toEqual([]);
    await world.close();
  });
  const refused = (details: object) => ({
    status: 422,
    body: { status: 422, error: 'Unprocessable Entity', code: 'validation_errors', error_details: details },
  });
  const TAKEN = { transaction_id: ['value_already_exist'] };
  const events = (name: string) => steps[name]?.body['events'] as Record<string, unknown>[];

  test('sees its event as Lago shows one', () => {
    expect(steps['created']).toEqual({
      status: 200,
      body: {
        event: {
          lago_id: expect.stringMatching(
            /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
          ) as string,
          transaction_id: 't1',
          lago_customer_id: null,
          code: 'storage',
          timestamp: '2026-01-01T00:00:00.000Z',
          precise_total_amount_cents: null,
          properties: { gb: 2, region: 'eu' },
          lago_subscription_id: null,
          external_subscription_id: 'sub-1',
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
        },
      },
    });
    expect(steps['decimal']?.body).toMatchObject({ event: { timestamp: '2026-01-01T00:00:00.501Z' } });
    expect(steps['precise']?.body).toMatchObject({ event: { precise_total_amount_cents: '1234.56' } });
    expect(steps['byCustomer']?.body).toMatchObject({ event: { external_subscription_id: 'acme' } });
  });

  test('is told 422 of a transaction id that its subscription had, with any body, and of one without a time', () => {
    for (const name of ['again', 'otherBody', 'noTimeAgain']) expect(steps[name], name).toEqual(refused(TAKEN));
    expect(steps['otherSubscription']?.status).toBe(200);
    expect(steps['noTime']?.status).toBe(200);
  });

  test('is told every fault by field', () => {
    const mandatory = ['value_is_mandatory'];
    expect(steps['empty']).toEqual(
      refused({ transaction_id: mandatory, code: mandatory, external_subscription_id: mandatory }),
    );
    expect(steps['badTime']).toEqual(refused({ timestamp: ['invalid_format'] }));
    expect(steps['nothing']).toEqual({
      status: 400,
      body: { status: 400, error: 'BadRequest: param is missing or the value is empty: event' },
    });
    expect(steps['wrongKey']).toEqual({ status: 401, body: { status: 401, error: 'Unauthorized' } });
    expect(steps['foreign']).toMatchObject({
      status: 403,
      body: { status: 403, error: 'Forbidden', code: 'forbidden' },
    });
  });

  test('sends a batch whole or not at all, in this process and in the worker', () => {
    expect(events('batch').map((one) => [one['transaction_id'], one['external_subscription_id']])).toEqual([
      ['b1', 'sub-1'],
      ['b2', 'sub-2'],
    ]);
    expect(steps['batchAgain']).toEqual(refused({ 2: { code: ['value_is_mandatory'] } }));
    expect(steps['batchTaken']).toEqual(refused({ 1: TAKEN }));
    expect(steps['batchTwice']).toEqual(refused({ 1: TAKEN }));
    expect(steps['batchEmpty']).toEqual(refused({ events: ['no_events'] }));
    expect(events('batchFull')).toHaveLength(100);
    expect(steps['batchOver']).toEqual(refused({ events: ['too_many_events'] }));
    expect(events('batchLarge')).toHaveLength(60);
    const taken = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [at + 1, TAKEN]));
    expect(steps['batchLargeAgain']).toEqual(refused(taken));
  });

  test('racing with itself is answered 200 once', () => {
    const racing = steps['racing'] as unknown as Step[];
    expect(racing.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 19 }, () => 422)]);
  });

  test('left in the books each event once, nothing of what was refused, and no conflict', async () => {
    const { core, client } = world;
    while (core.book.head().events !== core.book.head().watermark) await new Promise((done) => setImmediate(done));
    const { items } = await client.meters.query({ meter: 'storage', groupBy: ['subject'] });
    const units = Object.fromEntries(items.map((row) => [row.subject, row.value]));
    // t1 to t3, b1, a hundred, two that raced: two GB each; sixty of one. t4 and t5 say no GB and wait for a person.
    expect(units).toEqual({ 'sub-1': String((3 + 1 + 100 + 2) * 2 + 60), 'sub-2': '4' });
    expect((await client.unrated.list({})).items.map(({ event }) => event.id).toSorted()).toContain('t5');
    expect((await client.usage.conflicts({})).items).toEqual([]);
  });
});
