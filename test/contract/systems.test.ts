/** The data of OpenMeter, Lago and Stripe, in the forms they write it: tried, taken, taken again, and what is left. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ratioOf } from '#core/files/systems/makes.ts';
import { leftIn, madeIn, openSystemWorld } from '../support/system-world.ts';
import type { SystemWorld } from '../support/system-world.ts';

let systems: SystemWorld;
beforeAll(async () => {
  systems = await openSystemWorld();
});
afterAll(() => systems.close());

describe('OpenMeter', () => {
  const event = (id: string, more: object = {}) => ({
    specversion: '1.0',
    id,
    source: 'shop',
    type: 'prompt',
    subject: 'om-1',
    time: '2026-01-05T10:00:00Z',
    data: { tokens: 5, model: 'a' },
    ...more,
  });

  test('brings its events as they were sent and as it lists them; what the gateway took counts once', async () => {
    await systems.client.meters.create({
      key: 'om',
      eventType: 'prompt',
      aggregation: 'sum',
      valuePath: '$.tokens',
      scale: 0,
    });
    const sent = await systems.world.ask('/api/v1/events', {
      body: event('o1'),
      headers: { 'content-type': 'application/cloudevents+json' },
    });
    expect(sent.status).toBe(204);
    const listed = [event('o1'), event('o2'), event('o3', { data: null })].map((one) => ({
      event: one,
      ingestedAt: '2026-01-05T10:00:01Z',
      customerId: 'c',
      validationError: one.data === null ? 'no value' : undefined,
    }));
    const step = await systems.run('openmeter', systems.fileOf('events.json', listed));
    expect(step).toMatchObject({ accepted: 2, duplicates: 1, conflicts: 0, refused: 0 });
    expect(leftIn(step)).toEqual({ customerId: 3, validationError: 1 });
    const lines = [event('o1'), event('o2'), event('o4')].map((one) => JSON.stringify(one)).join('\n');
    expect(await systems.run('openmeter', systems.fileOf('events.ndjson', lines))).toMatchObject({
      accepted: 1,
      duplicates: 2,
    });
    const table = `id,source,type,subject,time,data\no5,shop,prompt,om-1,2026-01-05T10:00:00Z,"{""tokens"":7}"\n`;
    expect(await systems.run('openmeter', systems.fileOf('events.csv', table))).toMatchObject({
      accepted: 1,
      refused: 0,
    });
    await systems.drained();
    const { items } = await systems.client.meters.query({ meter: 'om', subjects: ['om-1'] });
    expect(items[0]?.value).toBe(String(5 + 5 + 5 + 7));
  });

  test('is told of records that are none, each in an error file that can be mended', async () => {
    const step = await systems.run(
      'openmeter',
      systems.fileOf('bad.json', [event('b1'), { ...event('b2'), subject: undefined }, event('b3', { data: 'x' }), 7]),
    );
    expect(step).toMatchObject({ rows: 4, accepted: 1, refused: 3 });
    expect(step.problems.map(({ row }) => row).toSorted()).toEqual([2, 3, 4]);
    const mended = readFileSync(step.errorFile ?? '', 'utf8').replace(
      '"source":"shop"',
      '"source":"shop","subject":"om-1"',
    );
    expect(mended).toContain('The subject is missing.');
    expect(await systems.run('openmeter', systems.fileOf('mended.ndjson', mended))).toMatchObject({ accepted: 1 });
  });
});

describe('Lago', () => {
  const event = (id: string) => ({
    lago_id: '1a901a90-1a90-1a90-1a90-1a901a901a90',
    transaction_id: id,
    lago_customer_id: null,
    code: 'storage',
    timestamp: '2026-01-01T00:00:00.000Z',
    properties: { gb: 2 },
    external_subscription_id: 'lago-sub-1',
    created_at: '2026-01-01T00:00:01Z',
  });

  test('brings customers, the names of their subscriptions, and events that count once', async () => {
    const customers = {
      customers: [
        {
          external_id: 'lago-1',
          name: 'One',
          timezone: 'Europe/Berlin',
          email: 'a@b.c',
          metadata: [],
          currency: 'EUR',
        },
        { external_id: 'lago-2', name: null, legal_name: 'Two GmbH', applicable_timezone: 'UTC' },
      ],
      meta: { current_page: 1, total_pages: 1 },
    };
    const step = await systems.thrice('lago', systems.fileOf('customers.json', customers), { customer: 2 });
    expect(leftIn(step)).toEqual({ email: 1, currency: 1 });
    expect(await systems.client.customers.get({ customer: 'lago-1' })).toMatchObject({
      name: 'One',
      timeZone: 'Europe/Berlin',
    });
    const subscriptions = {
      subscriptions: [{ external_id: 'lago-sub-1', external_customer_id: 'lago-1', plan_code: 'pro' }],
    };
    expect(leftIn(await systems.thrice('lago', systems.fileOf('subs.json', subscriptions), { subject: 1 }))).toEqual({
      plan_code: 1,
    });
    expect((await systems.client.customers.get({ customer: 'lago-sub-1' })).externalId).toBe('lago-1');
    const sent = {
      transaction_id: 't1',
      external_subscription_id: 'lago-sub-1',
      code: 'storage',
      timestamp: 1_767_225_600,
      properties: { gb: 2 },
    };
    expect((await systems.world.ask('/lago/api/v1/events', { body: { event: sent } })).status).toBe(200);
    const listed = await systems.run(
      'lago',
      systems.fileOf('events.json', { events: [event('t1'), event('t2')], meta: { total_count: 2 } }),
    );
    expect(listed).toMatchObject({ accepted: 1, duplicates: 1, conflicts: 0, refused: 0 });
    const over = await systems.world.ask('/lago/api/v1/events', { body: { event: { ...sent, transaction_id: 't2' } } });
    expect(over.status).toBe(422);
  });

  test('is told of zones and customers that do not exist, and of names that are somebody else’s', async () => {
    const step = await systems.run(
      'lago',
      systems.fileOf('bad.json', [
        { external_id: 'lago-3', name: 'x', timezone: 'Mars/Olympus' },
        { external_id: 'sub-x', external_customer_id: 'nobody' },
        { external_id: 'lago-sub-1', external_customer_id: 'lago-2' },
        { something: 'else' },
        { ...event('t9'), timestamp: 'yesterday' },
      ]),
    );
    expect(step).toMatchObject({ rows: 5, accepted: 0, refused: 5 });
    expect(step.problems.map(({ row, detail }) => [row, detail]).toSorted()).toEqual([
      [1, 'There is no time zone "Mars/Olympus".'],
      [2, 'No customer is known as "nobody".'],
      [3, '"lago-sub-1" is the name of another customer here.'],
      [4, 'The record is no event, customer or subscription of Lago.'],
      [5, 'The timestamp is not one that Lago has: invalid_format.'],
    ]);
  });
});

describe('Stripe', () => {
  const list = (...data: object[]) => ({ object: 'list', url: '/v1/x', has_more: false, data });
  const metered = { interval: 'month', interval_count: 1, usage_type: 'metered' };
  const price = (id: string, more: object = {}) => ({
    id,
    object: 'price',
    active: true,
    billing_scheme: 'per_unit',
    currency: 'usd',
    metadata: {},
    product: `prod_${id}`,
    recurring: metered,
    unit_amount: null,
    unit_amount_decimal: '0.05',
    ...more,
  });

  test('brings customers with their credit as its API lists them, and as its dashboard exports them', async () => {
    const api = list(
      {
        id: 'cus_api1',
        object: 'customer',
        name: 'Ann',
        email: 'ann@x.y',
        balance: -1250,
        currency: 'usd',
        phone: '1',
      },
      { id: 'cus_api2', object: 'customer', name: null, email: 'bo@x.y', balance: 300, currency: 'jpy' },
    );
    const step = await systems.thrice('stripe', systems.fileOf('customers.json', api), { customer: 2, grant: 1 });
    expect(leftIn(step)).toEqual({ phone: 1, email: 1, balance: 1 });
    const { items } = await systems.client.credits.list({ customer: 'cus_api1' });
    expect(items).toMatchObject([{ asset: 'USD/2', grantedMinor: '1250', source: 'prepaid' }]);
    const table =
      'id,Description,Email,Name,Created (UTC),Delinquent,Plan,Status,Total Spend,Payment Count,' +
      'Refunded Volume,Dispute Losses\n' +
      'cus_csv1,Big one,c@x.y,"Cy, Ltd",2026-01-01 05:57,false,price_x,active,12.00,1,0.00,0.00\n';
    const exported = await systems.thrice('stripe', systems.fileOf('customers.csv', table), { customer: 1 });
    expect(Object.keys(leftIn(exported))).toContain('Total Spend');
    expect((await systems.client.customers.get({ customer: 'cus_csv1' })).name).toBe('Cy, Ltd');
  });

  test('brings prices exactly: fractions of a cent, tiers, packages and monthly fees', async () => {
    const tiers = [
      { up_to: 1000, unit_amount: 0, unit_amount_decimal: '0', flat_amount: 0 },
      { up_to: null, unit_amount_decimal: '0.000125', flat_amount: 500 },
    ];
    const api = list(
      price('p1'),
      price('p2', { billing_scheme: 'tiered', tiers_mode: 'graduated', tiers, unit_amount_decimal: null }),
      price('p3', { transform_quantity: { divide_by: 100, round: 'up' }, unit_amount_decimal: '7', currency: 'jpy' }),
      price('p4', { recurring: { ...metered, usage_type: 'licensed' }, unit_amount_decimal: '2900', nickname: 'Pro' }),
      price('p5', { active: false }),
      price('p6', { recurring: null }),
      price('p7', { recurring: { ...metered, interval: 'year', usage_type: 'licensed' } }),
    );
    const step = await systems.thrice('stripe', systems.fileOf('prices.json', api), { meter: 3, price: 3, plan: 1 });
    expect(leftIn(step)).toEqual({
      'inactive prices': 1,
      'one-time prices': 1,
      'fees by another interval than a month': 1,
    });
    const { items } = await systems.client.prices.list({});
    const models = Object.fromEntries(items.map(({ meter, asset, model }) => [meter, { asset, model }]));
    expect(models).toMatchObject({
      prod_p1: { asset: 'USD/2', model: { kind: 'per-unit', rate: { amountMinor: '5', perUnits: '100' } } },
      prod_p2: {
        model: {
          kind: 'graduated',
          tiers: [
            { upTo: '1000', rate: { amountMinor: '0' }, flatMinor: '0' },
            { upTo: null, rate: { amountMinor: '125', perUnits: '1000000' }, flatMinor: '500' },
          ],
        },
      },
      prod_p3: { asset: 'JPY/0', model: { kind: 'package', sizeUnits: '100', amountMinor: '7' } },
    });
    const plans = await systems.client.plans.list({});
    expect(plans.items).toMatchObject([{ key: 'p4', name: 'Pro', asset: 'USD/2', baseFeeMinor: '2900' }]);
  });

  test('brings prices of the dashboard’s table', async () => {
    const head =
      'Price ID,Product ID,Product Name,Product Statement Descriptor,Product Tax Code,Description,' +
      'Created (UTC),Amount,Currency,' +
      'Interval,Interval Count,Usage Type,Aggregate Usage,Billing Scheme,Trial Period Days,Tax Behavior';
    const rows = [
      'price_c1,prod_c1,Social Pro,,,Heyo,2025-03-19 05:57,29.90,aud,month,1,licensed,,per_unit,7,unspecified',
      'price_c2,prod_c2,Calls,,,,2025-03-19 05:57,0.0015,usd,month,1,metered,sum,per_unit,,unspecified',
      'price_c3,prod_c3,Tiers,,,,2025-03-19 05:57,,usd,month,1,metered,sum,tiered,,unspecified',
    ];
    const step = await systems.run('stripe', systems.fileOf('prices.csv', [head, ...rows, ''].join('\n')));
    expect(madeIn(step)).toEqual({ plan: [1, 0, 0], meter: [1, 0, 0], price: [1, 0, 0] });
    expect(step.problems).toMatchObject([{ row: 3, column: 'Billing Scheme' }]);
    expect(leftIn(step)).toEqual({ 'Trial Period Days': 1 });
    const { items } = await systems.client.prices.list({ meter: 'prod_c2' });
    expect(items[0]?.model).toEqual({ kind: 'per-unit', rate: { amountMinor: '15', perUnits: '100' } });
  });

  test('never takes the place of a price or a plan that somebody else set', async () => {
    await systems.client.plans.create({
      key: 'p9',
      name: 'Ours',
      asset: 'USD/2',
      baseFeeMinor: '1',
      rateLimitPerMinute: null,
      dailyLimit: null,
    });
    const api = list(
      price('p8', { product: 'prod_p1' }),
      price('p9', { recurring: { ...metered, usage_type: 'licensed' }, unit_amount_decimal: '2900' }),
    );
    const step = await systems.run('stripe', systems.fileOf('again.json', api));
    expect(madeIn(step)).toMatchObject({ price: [0, 0, 1], plan: [0, 0, 1] });
    expect(step.problems.map(({ detail }) => detail)).toEqual([
      'The meter prod_p1 has a price for everyone already.',
      'The plan p9 is here with another fee.',
    ]);
  });

  test('of any decimal is the same ratio', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 15n), fc.integer({ min: 0, max: 12 }), (digits, scale) => {
        const text = String(digits).padStart(scale + 1, '0');
        const decimal = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
        const { amountMinor, perUnits } = ratioOf(decimal, 'x');
        expect(BigInt(amountMinor) * 10n ** BigInt(scale)).toBe(digits * BigInt(perUnits));
      }),
    );
  });
});
