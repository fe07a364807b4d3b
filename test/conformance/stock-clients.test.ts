/** Clients that we did not write, at pinned versions, against a real gateway: each in a process of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGatewayWorld } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';
import { isInstalled, runClient } from './stock-client.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await openGatewayWorld();
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});
const has = {
  openmeter: await isInstalled('openmeter'),
  cloudevents: await isInstalled('cloudevents'),
  lago: await isInstalled('lago'),
};

type Step = Readonly<{ data: readonly Record<string, unknown>[] }>;
type Steps = Record<string, Step & Record<string, unknown>>;

describe.skipIf(!has.openmeter)('@openmeter/sdk 1.0.0-beta.232', () => {
  let steps: Steps;
  beforeAll(async () => {
    const { secret } = await world.key(['usage:write', 'meters:write']);
    steps = await runClient<Steps>('./openmeter/client.mjs', { url: world.url, key: secret });
  });

  test('defines meters and reads them', () => {
    expect(steps['meter']).toMatchObject({
      slug: 'tokens_total',
      aggregation: 'SUM',
      valueProperty: '$.tokens',
      groupBy: { model: '$.model' },
    });
    expect(steps['get']).toEqual(steps['meter']);
    expect(steps['list']).toEqual(['largest', 'newest', 'prompts', 'tokens_total', 'users']);
  });

  test('takes our problems for its HTTPError', () => {
    expect(steps['average']).toMatchObject({ isHTTPError: true, status: 400, code: 'INPUT_INVALID' });
    expect(steps['conflict']).toMatchObject({ isHTTPError: true, status: 409, code: 'CONFLICT' });
    expect(steps['refused']).toMatchObject({
      isHTTPError: true,
      status: 400,
      type: 'urn:tollkeeper:problem:input-invalid',
    });
    expect(steps['unauthorised']).toMatchObject({ isHTTPError: true, status: 401 });
    expect(steps['missing']).toMatchObject({ isHTTPError: true, status: 404, code: 'METER_UNKNOWN' });
  });

  test('registers subjects, twice without harm', () => {
    expect(steps['subject']).toMatchObject([{ key: 'customer-1', displayName: 'Customer One' }]);
    expect(steps['subjectAgain']).toMatchObject([
      { key: 'customer-1', displayName: 'Customer One' },
      { key: 'customer-2' },
    ]);
    expect(steps['subjectGet']).toMatchObject({ key: 'customer-1' });
    expect(steps['subjects']).toEqual(['customer-1', 'customer-2']);
  });

  test('sees what it sent at once, and a thousand equal events once', () => {
    expect(steps['ingest']).toBe('nothing');
    expect(steps['total']?.data).toMatchObject([{ value: 12.5 + 5 + 7 + 1, subject: 'customer-1', groupBy: {} }]);
    expect(steps['same']?.data).toMatchObject([{ value: 1 }]);
  });

  test('gets days that tile over the change of the clock', () => {
    const days = steps['days']?.data ?? [];
    expect(days.map(({ value, windowStart, windowEnd }) => [value, windowStart, windowEnd])).toEqual([
      [5, '2026-03-07T08:00:00.000Z', '2026-03-08T08:00:00.000Z'],
      [7, '2026-03-08T08:00:00.000Z', '2026-03-09T07:00:00.000Z'],
      [11, '2026-03-09T07:00:00.000Z', '2026-03-10T07:00:00.000Z'],
    ]);
  });

  test('groups, filters and aggregates', () => {
    const models = (steps['models']?.data ?? []).map(({ value, groupBy }) => [value, groupBy]);
    expect(models).toEqual([
      [5, { model: 'a' }],
      [18, { model: 'b' }],
    ]);
    const bySubject = (steps['onlyB']?.data ?? []).map(({ value, subject }) => [value, subject]);
    expect(bySubject).toEqual([
      [7, 'customer-1'],
      [11, 'customer-2'],
    ]);
    expect(steps['post']?.data).toMatchObject([{ value: 11, subject: 'customer-2' }]);
    const values = ['count', 'unique', 'largest', 'newest'].map((name) => steps[name]?.data[0]?.['value']);
    expect(values).toEqual([3, 2, 11, 11]);
    expect(steps['values']).toEqual(['a', 'b', 'c']);
  });

  test('lists events newest first, and those no meter can count with the reason', () => {
    const events = steps['events'] as unknown as {
      event: { id: string; type: string };
      validationError?: string;
      customerId?: string;
    }[];
    expect(events.map(({ event }) => event.id)).toEqual(['bad-3', 'bad-2', 'bad-1', 'same']);
    expect(events.map(({ validationError }) => validationError !== undefined)).toEqual([true, true, true, true]);
    expect(events[0]?.customerId).toMatch(/^cus_/);
  });
});

describe.skipIf(!has.cloudevents)('cloudevents 10.0.0', () => {
  test("sends in every content mode and hears the dialect's statuses", async () => {
    await world.client.meters.create({
      key: 'calls',
      eventType: 'call',
      aggregation: 'sum',
      valuePath: '$.n',
      scale: 0,
    });
    const steps = await runClient<Record<string, { status: number; type: string | null }>>('./cloudevents/client.mjs', {
      url: world.url,
      key: world.secret,
    });
    const statuses = Object.fromEntries(
      Object.entries(steps).flatMap(([name, step]) => ('status' in step ? [[name, step.status]] : [])),
    );
    expect(statuses).toEqual({
      structured: 204,
      binary: 204,
      binaryName: 204,
      noData: 204,
      emptyData: 204,
      textData: 400,
      batch: 204,
      noSubject: 400,
      xml: 400,
    });
    expect(steps['xml']?.type).toBe('application/problem+json');
    expect(steps['listed']).toEqual(['e1', 'c2', 'c1', 's3', 's2', 'b2', 'b1', 's1']);
    const { items } = await world.client.meters.query({ meter: 'calls' });
    expect(items[0]?.value).toBe('12');
  });
});
