/** Files of usage through the contract: tried, taken, taken again, mended and fed back. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImportOrder, ImportStep, Mapping } from '#core/contract/imports.ts';
import { messagesOf, startFileThread } from '#core/files/thread.ts';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-imports-'));
let world: GatewayWorld;
beforeAll(async () => {
  world = await openGatewayWorld();
  await seedTrade(world, { credit: '900000000000' });
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

/** After the price was published; the same in every file. */
const NOW = new Date(Date.now() + 5_000).toISOString();
const MAPPING: Mapping = {
  source: { value: 'file' },
  id: { column: 'id' },
  customer: { column: 'customer' },
  meter: { value: 'api.requests' },
  quantity: { column: 'quantity' },
  occurredAt: { column: 'at', as: 'rfc3339' },
  dimensions: { endpoint: 'path' },
};

function csv(name: string, rows: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, ['id,customer,quantity,at,path', ...rows, ''].join('\n'));
  return path;
}
const row = (id: string, quantity = '1', customer = 'acme') => `${id},${customer},${quantity},${NOW},GET /`;

async function run(order: Partial<ImportOrder> & { path: string }): Promise<ImportStep> {
  let last: ImportStep | undefined;
  for await (const step of await world.client.imports.run({ mapping: MAPPING, book: true, ...order })) last = step;
  if (!last) throw new Error('the import said nothing');
  return last;
}

/** What can be spent, with everything posted. */
async function spendable(): Promise<bigint> {
  for (;;) {
    const { events, watermark } = world.core.book.head();
    if (events === watermark) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { items } = await world.client.customers.balances({ customer: 'acme' });
  return BigInt(items[0]?.spendableMinor ?? '0');
}

describe('a file of usage', () => {
  test('is tried first, costs what the trial said when it is taken, and nothing the second time', async () => {
    const path = csv(
      'taken.csv',
      Array.from({ length: 5000 }, (_, at) => row(`t${at}`, '1.5')),
    );
    const before = await spendable();
    const tried = await run({ path, book: false });
    expect(tried).toMatchObject({ done: true, rows: 5000, accepted: 5000, duplicates: 0, refused: 0, notPriced: 0 });
    expect(tried.effects).toEqual([{ asset: 'USDC/6', amountMinor: '7500000000' }]);
    expect(await spendable()).toBe(before);
    expect(await run({ path })).toMatchObject({ accepted: 5000, effects: null, errorFile: null });
    expect(before - (await spendable())).toBe(7_500_000_000n);
    expect(await run({ path })).toMatchObject({ accepted: 0, duplicates: 5000 });
    expect(await run({ path, book: false })).toMatchObject({ accepted: 0, duplicates: 5000, effects: [] });
    expect(before - (await spendable())).toBe(7_500_000_000n);
  });

  test('keeps rows that are wrong beside their reasons; mended and fed back, each counts once', async () => {
    const path = csv('wrong.csv', [row('w1'), row('w2', '-3'), row('w3', 'many'), row('w4'), row('w1', '2')]);
    const first = await run({ path });
    expect(first).toMatchObject({ rows: 5, accepted: 2, conflicts: 1, refused: 2 });
    expect(first.problems.map((one) => one.row)).toEqual([2, 3]);
    const errors = first.errorFile ?? '';
    expect(readFileSync(errors, 'utf8').split('\n')[0]).toBe(
      'id,customer,quantity,at,path,import_row,import_problem,import_fix',
    );
    const mended = readFileSync(errors, 'utf8')
      .replace(`'-3`, '3')
      .replace('many', '4')
      .replace(/^w1,acme,2/m, 'w5,acme,2');
    writeFileSync(path, mended);
    expect(await run({ path })).toMatchObject({ rows: 3, accepted: 3, refused: 0, errorFile: null });
  });

  test('without ids counts a row once by its number, also out of the error file', async () => {
    const mapping: Mapping = { ...MAPPING, source: { value: 'numbered' }, id: { rowNumber: true } };
    const path = csv('numbered.csv', [row('n1'), row('n2', 'x'), row('n3')]);
    const { errorFile } = await run({ path, mapping });
    expect(await run({ path, mapping })).toMatchObject({ accepted: 0, duplicates: 2, refused: 1 });
    const mended = join(folder, 'mended.csv');
    writeFileSync(mended, readFileSync(errorFile ?? '', 'utf8').replace(',x,', ',2,'));
    expect(await run({ path: mended, mapping })).toMatchObject({ accepted: 1 });
    const event = await world.client.usage.get({ source: 'numbered', id: 'row-2' });
    expect(event.quantity).toBe('2');
  });

  test('of the same events is the same in all three formats', async () => {
    const records = Array.from({ length: 30 }, (_, at) => ({ id: `f${at}`, customer: 'acme', units: at }));
    const mapping: Mapping = {
      ...MAPPING,
      quantity: { column: 'units' },
      occurredAt: undefined,
      dimensions: {},
    };
    const lines = join(folder, 'same.ndjson');
    writeFileSync(lines, records.map((one) => `${JSON.stringify(one)}\n`).join(''));
    const columns = join(folder, 'same.parquet');
    parquetWriteFile({
      filename: columns,
      columnData: [
        { name: 'id', data: records.map((one) => one.id), type: 'STRING' },
        { name: 'customer', data: records.map((one) => one.customer), type: 'STRING' },
        { name: 'units', data: records.map((one) => BigInt(one.units)), type: 'INT64' },
      ],
    });
    const table = join(folder, 'same.csv');
    writeFileSync(table, `id,customer,units\n${records.map((one) => `${one.id},acme,${one.units}`).join('\n')}\n`);
    expect(await run({ path: lines, mapping })).toMatchObject({ accepted: 30 });
    for (const path of [columns, table]) {
      expect(await run({ path, mapping })).toMatchObject({ accepted: 0, duplicates: 30, conflicts: 0 });
    }
  });

  test('is looked at before: columns, a mapping by their names, and what is wrong with its first rows', async () => {
    const path = join(folder, 'look.csv');
    const rows = ['2', 'two'].map((value, at) => `e${at},acme,api.requests,${value},1767225600\n`);
    writeFileSync(path, `Event ID,Account-ID,Metric,Value,Timestamp\n${rows.join('')}`);
    const look = await world.client.imports.preview({ path });
    expect(look).toMatchObject({
      format: 'csv',
      missing: [],
      columns: ['Event ID', 'Account-ID', 'Metric', 'Value', 'Timestamp'],
    });
    expect(look.mapping).toMatchObject({
      id: { column: 'Event ID' },
      customer: { column: 'Account-ID' },
      meter: { column: 'Metric' },
      quantity: { column: 'Value' },
      occurredAt: { column: 'Timestamp', as: 'seconds' },
    });
    expect(look.rows.map(({ problem }) => problem === null)).toEqual([true, false]);
    expect(JSON.parse(look.rows[0]?.event ?? '{}')).toMatchObject({
      occurredAt: 1_767_225_600_000,
      source: 'import/look.csv',
    });
  });

  test.each([
    ['that does not exist', join(folder, 'none.csv'), /There is no file/],
    ['that is a folder', folder, /There is no file/],
    ['without a format in its name', join(folder, 'data.bin'), /does not say what the file holds/],
  ])('%s is told of in a sentence', async (_, path, message) => {
    writeFileSync(join(folder, 'data.bin'), 'x');
    await expect(run({ path })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      data: { detail: expect.stringMatching(message) as string },
    });
    await expect(world.client.imports.preview({ path })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });

  test('that would keep its reader busy for ever is given up, and the books go on', async () => {
    const path = join(folder, 'lies.parquet');
    parquetWriteFile({
      filename: path,
      columnData: [{ name: 'id', data: Array.from({ length: 200 }, (_, at) => `e${at}`), type: 'STRING' }],
    });
    const bytes = readFileSync(path);
    // The page header's lengths, so that the page seems never to end.
    bytes[15] = (bytes[15] ?? 0) ^ 255;
    writeFileSync(path, bytes);
    const worker = startFileThread({ path, format: 'parquet', shown: 5, of: null });
    const reading = async () => {
      for await (const message of messagesOf(worker, 1500))
        if (message.type === 'failed') throw new Error(message.detail);
    };
    await expect(reading()).rejects.toThrow(/Nothing more could be read|not whole Parquet/);
    await worker.terminate();
    expect(
      (
        await world.ask('/v1/usage', {
          body: { source: 's', id: 'after', customer: 'acme', meter: 'api.requests', quantity: '1' },
        })
      ).status,
    ).toBe(200);
  });

  test('ends where whoever asked stops listening, and goes on from there later', async () => {
    const path = csv(
      'stopped.csv',
      Array.from({ length: 30_000 }, (_, at) => row(`s${at}`)),
    );
    for await (const step of await world.client.imports.run({ path, mapping: MAPPING, book: true }))
      if (step.rows > 0) break;
    const rest = await run({ path });
    expect(rest.accepted + rest.duplicates).toBe(30_000);
    expect(rest.duplicates).toBeGreaterThan(0);
  });
});
