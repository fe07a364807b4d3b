/** A look at another system’s file: what it becomes, by kind and record by record; nothing is tried or booked. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { leftIn, madeIn, openSystemWorld } from '../support/system-world.ts';
import type { SystemWorld } from '../support/system-world.ts';

let systems: SystemWorld;
beforeAll(async () => {
  systems = await openSystemWorld();
});
afterAll(() => systems.close());

const cus = (at: number, more: object = {}) => ({ id: `cus_${at}`, object: 'customer', name: `No ${at}`, ...more });
const listOf = (data: readonly object[]) => ({ object: 'list', data });
const countsIn = (makes: readonly { kind: string; count: number }[]) =>
  Object.fromEntries(makes.map(({ kind, count }) => [kind, count]));

test('says what each record becomes, by its name, and what of it is left out', async () => {
  const path = systems.fileOf('customers.json', listOf([cus(1, { balance: -250, currency: 'usd', email: 'a@b.c' })]));
  const before = systems.world.core.book.head().sequence;
  const look = await systems.client.imports.previewFrom({ path, from: 'stripe' });
  expect(look).toMatchObject({ format: 'json', looked: 1, isWhole: true, refused: 0 });
  expect(countsIn(look.makes)).toEqual({ customer: 1, grant: 1 });
  expect(look.records[0]?.makes.map(({ kind }) => kind)).toEqual(['customer', 'grant']);
  expect(look.records[0]?.makes[0]?.name).toBe('cus_1');
  expect(JSON.parse(look.records[0]?.makes[1]?.text ?? '')).toMatchObject({ amountMinor: '250', customer: 'cus_1' });
  expect(JSON.parse(look.records[0]?.values ?? '')).toMatchObject({ id: 'cus_1', email: 'a@b.c' });
  expect(systems.world.core.book.head().sequence).toBe(before);
  const tried = await systems.run('stripe', path, false);
  expect(countsIn(look.makes)).toEqual(Object.fromEntries(tried.made.map((one) => [one.kind, one.new])));
  expect(leftIn({ ...tried, leftOut: look.leftOut })).toEqual(leftIn(tried));
});

test('counts what two records have in common once, as an import makes it once', async () => {
  const invoice = (id: string) => ({
    invoice_id: id,
    account_id: 'acc-1',
    status: 'draft',
    period_start: '2026-01-01T00:00:00Z',
    line_items: [{ service: 'vm', unit: 'hour', quantity: '3', unit_price_micro_synor: '7', resource: 'r' }],
  });
  const path = systems.fileOf('invoices.json', [invoice('i1'), invoice('i2')]);
  const look = await systems.client.imports.previewFrom({ path, from: 'invoice-service' });
  expect(countsIn(look.makes)).toEqual({ customer: 1, meter: 1, price: 1, event: 2 });
  expect(madeIn(await systems.run('invoice-service', path, false))).toMatchObject({
    customer: [1, 1, 0],
    event: [2, 0, 0],
  });
});

test('tells of records that are none of this system, with what to do', async () => {
  const path = systems.fileOf('mixed.ndjson', `${JSON.stringify(cus(2))}\n{"id":\n${JSON.stringify({ id: 'x' })}\n`);
  const look = await systems.client.imports.previewFrom({ path, from: 'stripe' });
  expect(look).toMatchObject({ looked: 3, refused: 2 });
  expect(look.records.map(({ problem }) => problem === null)).toEqual([true, false, false]);
  expect(look.records[2]?.problem?.fix).toMatch(/Mend the record/);
});

test('reads the beginning of a long file, and says that there is more', async () => {
  const some = Array.from({ length: 1_000 }, (_, at) => cus(at));
  const exact = systems.fileOf('exact.json', listOf(some));
  const more = systems.fileOf('more.json', listOf([...some, cus(1_000)]));
  expect(await systems.client.imports.previewFrom({ path: exact, from: 'stripe' })).toMatchObject({
    looked: 1_000,
    isWhole: true,
  });
  const look = await systems.client.imports.previewFrom({ path: more, from: 'stripe' });
  expect(look).toMatchObject({ looked: 1_000, isWhole: false });
  expect(look.records).toHaveLength(20);
});

test('refuses a file that is not there, and an order for two', async () => {
  const { previewFrom } = systems.client.imports;
  await expect(previewFrom({ path: '/nowhere/x.json', from: 'lago' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  const two = { path: 'x.json', upload: `upl_${'0'.repeat(32)}`, from: 'lago' } as const;
  await expect(previewFrom(two)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  const { path: _path, ...gone } = two;
  await expect(previewFrom(gone)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
