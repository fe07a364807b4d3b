/** Money and usage through the gateway: holds, limits and batches, when they are repeated, contradicted or refused. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectProblem, openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await openGatewayWorld();
  await seedTrade(world, { credit: '900000000000' });
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

const HOLD = { customer: 'acme', meter: 'api.requests', quantity: '1' };
const key = (value: string) => ({ 'idempotency-key': value });
const EVENT = { source: 'test', customer: 'acme', meter: 'api.requests', quantity: '1' };

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
    expectProblem(
      await world.ask('/v1/holds', { body: { ...HOLD, quantity: '2' }, headers: key('replay') }),
      409,
      'KEY_REUSED',
    );
    expectProblem(
      await world.ask('/v1/holds', { body: { ...HOLD, key: 'a' }, headers: key('b') }),
      400,
      'INPUT_INVALID',
    );
  });

  test('of more than there is says what there is, and leaves its key free', async () => {
    const poor = await world.client.customers.create({ name: 'Poor', externalId: 'poor' });
    const ask = () => world.ask('/v1/holds', { body: { ...HOLD, customer: 'poor' }, headers: key('poor-1') });
    const refused = await ask();
    expectProblem(refused, 402, 'PAYMENT_REQUIRED');
    expect(refused.body).toMatchObject({ balance: '0', required: '1000000', asset: 'USDC/6' });
    expect(refused.headers.get('cache-control')).toBe('no-store');
    await world.client.credits.grant({
      key: 'poor',
      customer: poor.id,
      asset: 'USDC/6',
      amountMinor: '1000000',
      source: 'prepaid',
    });
    expect((await ask()).status).toBe(201);
  });

  test('passes exactly once where fifty ask for the last unit together', async () => {
    const last = await world.client.customers.create({ name: 'Last', externalId: 'last' });
    await world.client.credits.grant({
      key: 'last',
      customer: last.id,
      asset: 'USDC/6',
      amountMinor: '1000000',
      source: 'prepaid',
    });
    const asked = Array.from({ length: 50 }, (_, index) =>
      world.ask('/v1/holds', { body: { ...HOLD, customer: 'last' }, headers: key(`last-${index}`) }),
    );
    const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 49 }, () => 402)]);
  });

  test('is captured in part and released twice; what is closed stays closed', async () => {
    const open = async (name: string) =>
      (await world.ask('/v1/holds', { body: HOLD, headers: key(name) })).body['id'] as unknown as string;
    const first = await open('part');
    const captured = await world.ask(`/v1/holds/${first}/capture`, {
      body: { quantity: '0.5', dimensions: { endpoint: 'x' } },
    });
    expect(captured.body).toMatchObject({ state: 'captured', chargedMinor: '500000' });
    expect((await world.ask(`/v1/holds/${first}/capture`, { body: { quantity: '0.5' } })).text).toBe(captured.text);
    expectProblem(await world.ask(`/v1/holds/${first}/release`, { body: {} }), 409, 'HOLD_CLOSED');
    const second = await open('give-back');
    const released = await world.ask(`/v1/holds/${second}/release`, { method: 'POST' });
    expect((await world.ask(`/v1/holds/${second}/release`, { body: {} })).text).toBe(released.text);
    expectProblem(await world.ask('/v1/holds/hld_00000000/capture', { body: {} }), 404, 'HOLD_UNKNOWN');
    expectProblem(
      await world.ask(`/v1/holds/${second}/capture`, { body: { quantity: '-1' } }),
      422,
      'QUANTITY_INVALID',
    );
  });
});

describe('the limit of a plan', () => {
  test('is told in headers, refuses with 429, and leaves the key free', async () => {
    await world.client.plans.create({
      key: 'tiny',
      name: 'Tiny',
      asset: 'USDC/6',
      baseFeeMinor: '0',
      rateLimitPerMinute: 3,
      dailyLimit: 1000,
    });
    const slow = await world.client.customers.create({ name: 'Slow', externalId: 'slow', plan: 'tiny' });
    await world.client.credits.grant({
      key: 'slow',
      customer: slow.id,
      asset: 'USDC/6',
      amountMinor: '9000000',
      source: 'prepaid',
    });
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
      [null, 'INPUT_INVALID'],
      [[], 'INPUT_INVALID'],
      [{ ...EVENT }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', surprise: 1 }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', source: 'gate' }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', source: 'correction' }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'a\u0000b' }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'a\ud800' }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x'.repeat(201) }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', quantity: '-1' }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: 'NaN' }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: '1e3' }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: 2 ** 60 }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: '9'.repeat(30) }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: '1.0001' }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', quantity: null }, 'QUANTITY_INVALID'],
      [{ ...EVENT, id: 'x', occurredAt: Date.now() + 3 * 86_400_000 }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', occurredAt: '2026-02-30T00:00:00Z' }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', occurredAt: 1.5 }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', dimensions: { a: 1 } }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', dimensions: { quantity: '1' } }, 'INPUT_INVALID'],
      [{ ...EVENT, id: 'x', holdId: 'hld_00000000' }, 'HOLD_UNKNOWN'],
      [{ ...EVENT, id: 'x', holdId: 'nope' }, 'INPUT_INVALID'],
    ];
    const events = bad.flatMap(([event], index) => [{ ...EVENT, id: `good-${index}` }, event]);
    const answer = await world.ask('/v1/usage', { body: JSON.stringify({ events }) });
    expect(answer.status).toBe(207);
    const results = answer.body['results'] as unknown as {
      status: string;
      code?: string;
      detail?: string;
      fix?: string;
    }[];
    expect(results.filter((_, index) => index % 2 === 0).map(({ status }) => status)).toEqual(
      bad.map(() => 'accepted'),
    );
    expect(results.filter((_, index) => index % 2 === 1).map(({ code }) => code)).toEqual(bad.map(([, code]) => code));
    expect(results.every(({ status, fix }) => status === 'accepted' || typeof fix === 'string')).toBe(true);
    expect(answer.body).toMatchObject({ accepted: bad.length, refused: bad.length, duplicates: 0 });
  });

  test.each([
    ['small', 1],
    ['large', 400],
  ])('answers the same from either thread: %s', async (name, count) => {
    const events = Array.from({ length: count }, (_, index) => ({
      ...EVENT,
      id: `${name}-${index}`,
      quantity: index % 2 ? 1 : '1.000',
      dimensions: { endpoint: `/${'x'.repeat(100)}` },
    }));
    const first = await world.ask('/v1/usage', { body: { events } });
    expect([first.status, first.body['accepted']]).toEqual([200, count]);
    const again = await world.ask('/v1/usage', { body: events });
    expect([again.status, again.body['duplicates']]).toEqual([200, count]);
    const changed = await world.ask('/v1/usage', {
      body: { events: events.map((event) => ({ ...event, quantity: '2' })) },
    });
    expect([changed.status, changed.body['refused']]).toEqual([207, count]);
    expect((changed.body['results'] as unknown as object[])[0]).toMatchObject({
      status: 'conflict',
      code: 'EVENT_CONFLICT',
    });
  });

  test('counts an id once within a batch, and tells its conflict', async () => {
    const events = [
      { ...EVENT, id: 'twin' },
      { ...EVENT, id: 'twin' },
      { ...EVENT, id: 'twin', quantity: '2' },
    ];
    const answer = await world.ask('/v1/usage', { body: { events } });
    expect((answer.body['results'] as unknown as { status: string }[]).map(({ status }) => status)).toEqual([
      'accepted',
      'duplicate',
      'conflict',
    ]);
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
    expect((await world.ask('/v1/usage', { body: event })).body['results']).toEqual([
      { index: 0, status: 'duplicate' },
    ]);
    const other = await world.ask('/v1/usage', { body: { ...event, id: 'too-late' } });
    expect(other.body['results']).toMatchObject([{ status: 'refused', code: 'HOLD_CLOSED' }]);
    expect((await world.ask(`/v1/holds/${hold.body['id']}`)).body).toMatchObject({
      state: 'captured',
      chargedMinor: '250000',
    });
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
    body: {
      events: [
        { ...EVENT, id: 'r1' },
        { ...EVENT, id: 'r2', meter: 'never' },
        { ...EVENT, id: 'r3', customer: 'never' },
      ],
    },
  });
  expect(answer.body['results']).toMatchObject([
    { status: 'accepted' },
    { code: 'METER_UNKNOWN' },
    { code: 'CUSTOMER_UNKNOWN' },
  ]);
  await world.client.workspace.set({ unknownUsage: 'park' });
});

test('the books that all this traffic made are proven, every fingerprint included', async () => {
  const reports: unknown[] = [];
  await expect.poll(async () => (await world.ask('/healthz')).text).toMatch(/"events":"(\d+)","watermark":"\1"/);
  for await (const report of await world.client.ledger.verify({})) reports.push(report);
  expect(reports.at(-1)).toMatchObject({ done: true, ok: true, problem: null });
});
