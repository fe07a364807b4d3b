/** `tollkeeper import --from`: files in their order, what they made, what was left out; stopped and run again. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { here } from '../support/cli.ts';
import { openSystemWorld } from '../support/system-world.ts';
import { makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const customers = join(folder, 'customers.json');
const subscriptions = join(folder, 'subscriptions.json');
beforeAll(async () => {
  await makeWorkspace(file);
  writeFileSync(customers, JSON.stringify({ customers: [{ external_id: 'c1', name: 'One', email: 'a@b.c' }] }));
  const names = ['s1', 's2'].map((external_id) => ({ external_id, external_customer_id: 'c1' }));
  writeFileSync(subscriptions, JSON.stringify({ subscriptions: names }));
});
afterAll(dispose);

const bring = (...args: string[]) =>
  here(['import', '--from', 'lago', ...args, '--workspace', file, '--operator', 'ada', '--output', 'table']);

test('tries files, takes them in their order, and says what was left out', async () => {
  const tried = await bring(customers, subscriptions);
  expect(tried.out).toContain('nothing was booked');
  expect(tried.out).toContain('No customer is known as "c1"');
  const taken = await bring(customers, subscriptions, '--book');
  expect(taken.code).toBe(0);
  expect(taken.out).toMatch(/customers\s+1 new, 0 known, 0 refused/);
  expect(taken.out).toMatch(/subjects\s+2 new, 0 known, 0 refused/);
  expect(taken.out).toContain('email of 1 records: nothing here keeps it');
  expect((await bring(customers, subscriptions, '--book')).out).toMatch(/subjects\s+0 new, 2 known, 0 refused/);
});

test('looks at files before anything is tried', async () => {
  const look = await bring(customers, subscriptions, '--preview');
  expect(look.code).toBe(0);
  expect(look.out).toContain('Looked at all 1 records; nothing was tried or booked.');
  expect(look.out).toMatch(/customers\s+1\n\s+row 1: customer c1\n/);
  expect(look.out).toMatch(/subjects\s+2\n/);
  expect(look.out).toContain('email of 1 records: nothing here keeps it');
  const json = await here([
    'import',
    '--from',
    'stripe',
    customers,
    '--preview',
    '--workspace',
    file,
    '--operator',
    'ada',
    '--output',
    'json',
  ]);
  expect(json.code).not.toBe(0);
  expect(JSON.parse(json.out)).toMatchObject({ looked: 1, refused: 1, records: [{ row: 1, makes: [] }] });
});

describe('is told what it does not take', () => {
  test.each([
    [['import', '--from', 'chargebee', 'x.json'], 'No system is named'],
    [['import', '--from', 'lago'], 'more words'],
    [['import', '--from', 'lago', 'x.json', '--map', 'id=#'], 'brings its own mapping'],
    [['import', '--from', 'lago', 'x.json', 'y.json', '--errors', 'e'], 'is of one file'],
    [['import', '--from', 'lago', 'x.json', '--preview', '--book'], 'books nothing'],
    [['import', 'x.csv', '--preview'], 'goes with --from'],
  ])('%j', async (args, said) => {
    const { code, err } = await here([...args, '--workspace', file]);
    expect(code).not.toBe(0);
    expect(err).toContain(said);
  });
});

test('an import that is stopped in the middle and run again makes everything once', async () => {
  const systems = await openSystemWorld();
  try {
    const ids = Array.from({ length: 4_000 }, (_, at) => `cus_${at}`);
    const data = ids.map((id) => ({ id, object: 'customer', name: id, balance: -5, currency: 'usd' }));
    const path = systems.fileOf('many.json', { object: 'list', data });
    for await (const step of await systems.client.imports.runFrom({ from: 'stripe', path, book: true })) {
      if (step.rows > 0) break;
    }
    const rest = await systems.run('stripe', path);
    const [customer, grant] = ['customer', 'grant'].map((kind) => rest.made.find((one) => one.kind === kind));
    for (const counts of [customer, grant]) {
      expect((counts?.new ?? 0) + (counts?.known ?? 0)).toBe(4_000);
      expect(counts?.known).toBeGreaterThan(0);
      expect(counts?.refused).toBe(0);
    }
    const { items } = await systems.client.credits.list({ customer: 'cus_7' });
    expect(items.map(({ grantedMinor }) => grantedMinor)).toEqual(['5']);
  } finally {
    await systems.close();
  }
});
