import { afterEach, beforeEach, expect, test } from 'vitest';
import { plainWorld } from '../../test/support/world.ts';
import type { World } from '../../test/support/world.ts';
import { encodeModel } from '#core/domain/price.ts';
import { openReader } from './read-port.ts';
import type { Reader } from './read-port.ts';

let world: World;
let reader: Reader;

/** More events than a query looks at in one go, each with a dimension of its own choice. */
beforeEach(async () => {
  world = plainWorld('sqlite');
  const { script } = world;
  world.commit(script.meter('shots', { dimensions: { size: '$.size', model: '$.model' }, eventType: 'shot' }));
  for (let batch = 0; batch < 25; batch += 1) {
    const usage = Array.from({ length: 1000 }, (_, at) => ({
      id: `s${batch}-${at}`,
      subject: 'acme',
      type: 'shot',
      data: { value: 1, size: `${at % 3}`, model: `m${batch * 1000 + at}` },
    }));
    world.commit(script.usage(usage));
  }
  world.post();
  reader = await openReader(world.file);
});

afterEach(async () => {
  await reader.close();
  world.dispose();
});

const query = (more: object = {}) => ({
  meter: 'shots',
  timeZone: 'UTC',
  subjects: [],
  groupBy: ['size'],
  filters: {},
  ...more,
});

test('a query of a free dimension goes through events in slices, and other reads are answered in between', async () => {
  const order: string[] = [];
  const long = reader.read('meterQuery', query()).then((answer) => {
    order.push('query');
    return answer;
  });
  await reader.read('customerIds', {}).then(() => order.push('list'));
  const { items } = await long;
  expect(order).toEqual(['list', 'query']);
  expect(items.map(({ value }) => value)).toEqual(['8350', '8325', '8325']);
});

test('a filter is the same total as its group', async () => {
  const { items } = await reader.read('meterQuery', query({ groupBy: [], filters: { size: ['2'] } }));
  expect(items.map(({ value }) => value)).toEqual(['8325']);
});

test('what is ended gives its place to the next, and at most eight run at once', async () => {
  const ending = new AbortController();
  const eight = Array.from({ length: 8 }, () => reader.read('meterQuery', query(), ending.signal));
  await expect(reader.read('meterQuery', query())).rejects.toMatchObject({ refusal: { code: 'BUSY' } });
  ending.abort();
  const ended = await Promise.allSettled(eight);
  expect(ended.every(({ status }) => status === 'rejected')).toBe(true);
  const { items } = await reader.read('meterQuery', query());
  expect(items).toHaveLength(3);
});

test('a dimension that is another for each event is refused before it fills the memory', async () => {
  await expect(reader.read('meterQuery', query({ groupBy: ['model'] }))).rejects.toMatchObject({
    refusal: { code: 'INPUT_INVALID', detail: expect.stringContaining('or more') },
  });
});

const WHAT_IF = {
  draft: {
    meter: 'shots',
    plan: null,
    customer: null,
    asset: 'USDC/6',
    model: encodeModel({ kind: 'per-unit', rate: { amountMinor: 1n, perUnits: 1n } }),
    rounding: 'half-even',
    minimumMinor: '0',
  },
  fromMs: 0,
  toMs: 1,
  limit: 1,
} as const;

test('a what-if tells how far it is before it answers', async () => {
  const told: number[] = [];
  const { customers } = await reader.read('whatIf', WHAT_IF, undefined, ({ checked, total }) => {
    told.push(checked / total);
  });
  expect(customers).toBe(0);
  expect(told.at(-1)).toBe(1);
});

test('a what-if that is left ends, and tells nothing more', async () => {
  const left = new AbortController();
  const told: unknown[] = [];
  const answer = reader.read('whatIf', WHAT_IF, left.signal, (step) => void told.push(step));
  left.abort();
  await expect(answer).rejects.toMatchObject({ refusal: { code: 'BUSY' } });
  await reader.read('customerIds', {});
  expect(told).toEqual([]);
});
