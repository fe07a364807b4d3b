/** The leak finder and alerts from the command line: found, ranked, left early, and nothing where nothing leaks. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';
import { here } from '../support/cli.ts';
import { makeWorkspace, scratch } from '../support/workspace.ts';

let world: GatewayWorld;
beforeAll(async () => {
  world = await openGatewayWorld();
  await seedTrade(world, { credit: '50000000' });
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

async function find() {
  const steps = [];
  for await (const step of await world.client.leaks.find({})) steps.push(step);
  const last = steps.at(-1);
  return { steps, items: last?.items ?? [], uncompared: last?.uncompared };
}

async function use(id: string, customer: string, quantity: string): Promise<void> {
  await world.client.usage.record({ events: [{ source: 't', id, customer, meter: 'api.requests', quantity }] });
  for (;;) {
    const { events, watermark } = world.core.book.head();
    if (events === watermark) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('the leak finder', () => {
  test('finds nothing in a workspace that loses nothing, check by check', async () => {
    await use('u1', 'acme', '2');
    const { steps, items, uncompared } = await find();
    expect([items, uncompared]).toEqual([[], []]);
    expect(steps.map(({ done }) => done)).toEqual([...steps.slice(1).map(() => false), true]);
    expect(steps.at(-1)).toMatchObject({ step: 6, steps: 6 });
  });

  test('ranks what it finds by amount, with evidence and a next step', async () => {
    const { costs } = world.client;
    const cost = { meter: 'api.requests', asset: 'USDC/6', amountMinor: '2500', perUnits: '1' };
    expect(await costs.set(cost)).toEqual(cost);
    await use('n1', 'nobody', '1');
    const { items } = await find();
    // Two requests brought in 2 USDC and cost 5; the one of nobody would bring 1.
    expect(items.map(({ rank, kind, amountMinor }) => [rank, kind, amountMinor])).toEqual([
      [1, 'price-below-cost', '3000000'],
      [2, 'captured-not-rated', '1000000'],
    ]);
    for (const { evidence, next, count } of items) {
      expect([evidence.length, count]).toEqual([1, 1]);
      expect(next).toMatch(/\.$/);
    }
    const parked = await world.client.unrated.list({});
    expect(items[1]?.evidence).toEqual(parked.items.map(({ id }) => id));
    await costs.remove({ meter: 'api.requests' });
    expect((await costs.list({})).items).toEqual([]);
    expect((await find()).items.map(({ kind }) => kind)).toEqual(['captured-not-rated']);
  });

  test('may be left before it is done', async () => {
    const stream = await world.client.leaks.find({});
    for await (const { done } of stream) {
      expect(done).toBe(false);
      break;
    }
    expect((await find()).items).toHaveLength(1);
  });

  test('takes no cost of a meter that is not there', async () => {
    const cost = { meter: 'unheard', asset: 'USDC/6', amountMinor: '1', perUnits: '1' };
    await expect(world.client.costs.set(cost)).rejects.toMatchObject({ code: 'METER_UNKNOWN' });
  });
});

test('the command line makes a rule, lists alerts, and looks for leaks', async () => {
  const { folder, dispose } = scratch();
  const file = join(folder, 'books.tollkeeper');
  await makeWorkspace(file);
  const run = (...args: string[]) => here([...args, '--workspace', file, '--operator', 'ada', '--json']);
  const terms = ['--name', 'Backup', '--threshold', '60', '--margin', '0', '--severity', 'danger'];
  const made = await run('alerts', 'create-rule', '--kind', 'overdue-job', '--job', 'backup', ...terms);
  expect(made).toMatchObject({ code: 0, json: { kind: 'overdue-job', unit: 'minutes' } });
  expect(await run('alerts', 'rules')).toMatchObject({ code: 0, json: { items: [{ name: 'Backup' }] } });
  expect(await run('alerts', 'list')).toMatchObject({ code: 0, json: { items: [], unseen: 0 } });
  const hook = await run('webhooks', 'create', '--name', 'Ops', '--url', 'https://hooks.example.com/a');
  expect(hook).toMatchObject({ code: 0, json: { secret: expect.stringMatching(/^whsec_/) } });
  const leaks = await run('leaks', 'find');
  expect(leaks.code).toBe(0);
  expect(JSON.parse(leaks.out.trim().split('\n').at(-1) ?? '')).toMatchObject({ done: true, items: [] });
  dispose();
});
