/** The OpenMeter dialect beyond what its stock client sends: modes, malformed events, CSV, keys of one customer. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGatewayWorld } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await openGatewayWorld();
  await world.ask('/api/v1/meters', {
    body: {
      slug: 'tokens',
      aggregation: 'SUM',
      eventType: 'prompt',
      valueProperty: '$.tokens',
      groupBy: { model: '$.model' },
    },
  });
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

const EVENT = { specversion: '1.0', source: 'dialect', type: 'prompt', subject: 'acme', data: { tokens: 1 } };
const send = (body: unknown, type = 'application/cloudevents+json', headers: Record<string, string> = {}) =>
  world.ask('/api/v1/events', { body, headers: { 'content-type': type, ...headers } });
const total = async (query = '') =>
  (await world.ask(`/api/v1/meters/tokens/query${query}`)).body['data'] as unknown as { value: number }[];

describe('an event in the dialect', () => {
  test.each([
    ['structured', 'application/cloudevents+json; charset=utf-8', (id: string) => ({ ...EVENT, id })],
    ['a batch', 'application/cloudevents-batch+json', (id: string) => [{ ...EVENT, id }]],
    ['an empty batch', 'application/cloudevents-batch+json', () => []],
    ['plain JSON', 'application/json', (id: string) => ({ ...EVENT, id })],
    ['a plain array', 'Application/JSON; charset=UTF-8', (id: string) => [{ ...EVENT, id }]],
    ['no data', 'application/json', (id: string) => ({ ...EVENT, id, data: undefined })],
    ['null data and time', 'application/json', (id: string) => ({ ...EVENT, id, data: null, time: null })],
    ['a future time', 'application/json', (id: string) => ({ ...EVENT, id, time: '2090-01-01T00:00:00Z' })],
    ['an extension', 'application/json', (id: string) => ({ ...EVENT, id, traceparent: '00-a' })],
  ])('is taken as %s', async (name, type, body) => {
    const answer = await send(body(name), type);
    expect([answer.status, answer.text]).toEqual([204, '']);
  });

  test('is taken in binary mode, with percent-encoded attributes', async () => {
    const headers = {
      'ce-specversion': '1.0',
      'ce-id': 'caf%C3%A9',
      'ce-source': 'dialect',
      'ce-type': 'prompt',
      'ce-subject': 'acme',
    };
    expect((await send({ tokens: 2 }, 'application/json', headers)).status).toBe(204);
    const listed = (await world.ask('/api/v1/events?id=caf%C3%A9')).body as unknown as {
      event: { id: string; data: unknown };
    }[];
    expect(listed.map(({ event }) => [event.id, event.data])).toEqual([['café', { tokens: 2 }]]);
  });

  test.each(['specversion', 'id', 'source', 'type', 'subject'])(
    'is refused without %s, as a problem',
    async (attribute) => {
      const answer = await send({ ...EVENT, id: 'x', [attribute]: undefined });
      expect([answer.status, answer.headers.get('content-type'), answer.body['code']]).toEqual([
        400,
        'application/problem+json',
        'INPUT_INVALID',
      ]);
      expect(answer.body['detail']).toContain(attribute);
    },
  );

  test.each([
    ['XML', '<event/>', 'application/xml'],
    ['XML events', '<event/>', 'application/cloudevents+xml'],
    ['text data', { ...EVENT, id: 'x', data: 'text' }, 'application/cloudevents+json'],
    ['list data', { ...EVENT, id: 'x', data: [1] }, 'application/cloudevents+json'],
    ['binary data', { ...EVENT, id: 'x', data_base64: 'AA==' }, 'application/cloudevents+json'],
    ['a time that is none', { ...EVENT, id: 'x', time: 'yesterday' }, 'application/cloudevents+json'],
    ['a reserved source', { ...EVENT, id: 'x', source: 'gate' }, 'application/cloudevents+json'],
    ['an array as one event', [{ ...EVENT, id: 'x' }], 'application/cloudevents+json'],
    ['one event as a batch', { ...EVENT, id: 'x' }, 'application/cloudevents-batch+json'],
    ['broken JSON', '{', 'application/cloudevents+json'],
  ])('is refused for %s', async (_, body, type) => {
    const answer = await send(body, type);
    expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'INPUT_INVALID']);
  });

  test('is taken with all of its request or not at all', async () => {
    const before = await total();
    const answer = await send(
      [
        { ...EVENT, id: 'half-1' },
        { ...EVENT, id: 'half-2', subject: '' },
      ],
      'application/json',
    );
    expect([answer.status, answer.body['detail']]).toEqual([400, 'Event 1: The subject is missing.']);
    expect(await total()).toEqual(before);
  });

  test('under a used id counts once and is filed for a person, with no error to its sender', async () => {
    for (const tokens of [3, 4])
      expect((await send({ ...EVENT, id: 'used', time: '2025-01-01T00:00:00Z', data: { tokens } })).status).toBe(204);
    expect(await total('?from=2025-01-01T00:00:00Z&to=2025-01-02T00:00:00Z')).toMatchObject([{ value: 3 }]);
    expect((await world.client.usage.conflicts({})).items).toMatchObject([{ id: 'used', kept: '{"tokens":3}' }]);
  });

  test('is refused whole where the workspace refuses what it does not know', async () => {
    await world.client.workspace.set({ unknownUsage: 'refuse' });
    const type = await send({ ...EVENT, id: 'r1', type: 'unheard' });
    expect([type.status, type.body['code']]).toEqual([404, 'METER_UNKNOWN']);
    for (const count of [1, 400]) {
      const batch = Array.from({ length: count }, (_, index) => ({
        ...EVENT,
        id: `r${index}`,
        subject: 'stranger',
        data: { tokens: 1, text: 'x'.repeat(80) },
      }));
      const subject = await send(batch, 'application/json');
      expect([subject.status, subject.body['code']]).toEqual([404, 'CUSTOMER_UNKNOWN']);
    }
    await world.client.workspace.set({ unknownUsage: 'park' });
  });
});

describe('a meter in the dialect', () => {
  test('is queried as CSV that no spreadsheet takes for a formula', async () => {
    await send({
      ...EVENT,
      id: 'csv',
      subject: '=1+1',
      time: '2024-05-05T05:05:00Z',
      data: { tokens: '0.000001', model: 'a,"b"' },
    });
    const answer = await world.ask('/api/v1/meters/tokens/query?subject=%3D1%2B1&groupBy=model&windowSize=HOUR', {
      headers: { accept: 'text/csv' },
    });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(answer.text).toBe(
      'window_start,window_end,subject,model,value\r\n' +
        '2024-05-05T05:00:00.000Z,2024-05-05T06:00:00.000Z,\'=1+1,"a,""b""",0.000001\r\n',
    );
  });

  test.each([
    'windowSize=WEEK',
    'windowTimeZone=Mars/Base&windowSize=DAY',
    'from=yesterday',
    'groupBy=unknown',
    'filterGroupBy[unknown]=1',
  ])('refuses the query %s', async (query) => {
    const answer = await world.ask(`/api/v1/meters/tokens/query?${query}`);
    expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'INPUT_INVALID']);
  });

  test('is defined once, and neither changed nor removed', async () => {
    const definition = { slug: 'once', aggregation: 'COUNT', eventType: 'a' };
    const first = await world.ask('/api/v1/meters', { body: definition });
    expect((await world.ask('/api/v1/meters', { body: definition })).text).toBe(first.text);
    for (const [field, value] of [
      ['slug', 'UPPER'],
      ['aggregation', 'MIN'],
      ['eventType', ''],
      ['groupBy', { 'a b': '$.a' }],
      ['groupBy', { a: 'x' }],
    ] as const) {
      const answer = await world.ask('/api/v1/meters', { body: { ...definition, slug: 'other', [field]: value } });
      expect([field, answer.status]).toEqual([field, 400]);
    }
    expect((await world.ask('/api/v1/meters/once', { method: 'DELETE' })).body['code']).toBe('STATE_FORBIDS');
    expect((await world.ask('/api/v1/meters/once', { method: 'PUT', body: { name: 'x' } })).body['code']).toBe(
      'STATE_FORBIDS',
    );
  });
});

test('a key of one customer sends, lists and sums that customer only', async () => {
  const own = await world.client.customers.create({ name: 'Own', externalId: 'own', subjects: ['own-team'] });
  const { secret } = await world.key(undefined, own.id);
  const ask = (path: string, body?: unknown) => world.ask(path, { secret, ...(body === undefined ? {} : { body }) });
  expect((await ask('/api/v1/events', { ...EVENT, id: 'o1' })).status).toBe(403);
  expect((await ask('/api/v1/events', { ...EVENT, id: 'o2', subject: 'own-team', data: { tokens: 9 } })).status).toBe(
    204,
  );
  expect((await ask('/api/v1/events')).body).toMatchObject([{ event: { id: 'o2' } }]);
  expect((await ask('/api/v1/meters/tokens/query')).body['data']).toMatchObject([{ value: 9, subject: 'own-team' }]);
  expect((await ask('/api/v1/meters/tokens/query?subject=acme')).status).toBe(403);
  expect((await ask('/api/v1/events?customerId=acme')).status).toBe(403);
  expect((await ask('/api/v1/subjects', { key: 'mine' })).status).toBe(403);
  expect((await ask('/api/v1/subjects')).body).toMatchObject([{ key: 'own-team' }]);
});
