/** Lists out as files: every one of them, exact, from one snapshot, and back in again. */
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ImportStep } from '#core/contract/imports.ts';
import { EXPORT_LIST_NAMES, columnsOf } from '#core/domain/exports.ts';
import type { ExportListName } from '#core/domain/exports.ts';
import { csvEncoder } from '#core/files/encode.ts';
import { escapeFormula, unescapeFormula } from '#core/files/formula.ts';
import { openRows } from '#core/files/open.ts';
import type { Value } from '#core/files/rows.ts';
import { openSnapshot } from '#core/ledger/exports/index.ts';
import { createExports } from '#core/runtime/export.ts';
import { readAttachFile } from '#core/serve/attach-file.ts';
import { openAttachDoor } from '#core/serve/attach.ts';
import { exportList } from '#core/services/exports.ts';
import { createRouter } from '#core/services/router.ts';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-exports-'));
const EVENTS = 12_000;
let world: GatewayWorld;

const record = (events: readonly object[]) => world.client.usage.record({ events: [...events] });
const event = (id: string, more: object = {}) => ({
  source: 'test',
  id,
  customer: 'acme',
  meter: 'api.requests',
  quantity: '1.5',
  occurredAt: Date.now(),
  dimensions: { endpoint: 'GET /' },
  ...more,
});

beforeAll(async () => {
  world = await openGatewayWorld();
  await seedTrade(world, { credit: '900000000000' });
  const { client } = world;
  await client.plans.create({
    key: 'pro',
    name: '=Pro',
    asset: '0G/18',
    baseFeeMinor: '123456789012345678901234567',
    rateLimitPerMinute: 5,
    dailyLimit: null,
  });
  await client.customers.create({ name: '@Beta, "quoted"', externalId: `'=beta`, plan: 'pro' });
  for (let at = 0; at < EVENTS; at += 1000) {
    await record(Array.from({ length: 1000 }, (_, index) => event(`e${at + index}`)));
  }
  await record([event('formula', { dimensions: { endpoint: '=1+1', note: `'-x` } })]);
  await record([event('unheard', { meter: 'img.upscale', quantity: '2.25' }), event('nobody', { customer: 'nobody' })]);
  await record([event('e0', { quantity: '9' })]);
  await client.holds.open({ key: 'h1', customer: 'acme', meter: 'api.requests', quantity: '2' });
  await drained(world);
  await client.invoices.close({ customer: 'acme', early: true, finalize: true });
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

async function drained({ core }: GatewayWorld): Promise<void> {
  while (core.book.head().events !== core.book.head().watermark) await new Promise((done) => setImmediate(done));
}

const context = () => ({
  core: world.core,
  session: null,
  principal: () => ({ kind: 'nobody', actor: 'test', permissions: ['usage:read', 'books:read'] }) as const,
});

async function save(list: ExportListName, format: 'csv' | 'parquet', filters: object = {}): Promise<string> {
  const path = join(folder, `${list}-${readdirSync(folder).length}.${format}`);
  const parts: Uint8Array[] = [];
  for await (const part of world.core.files.exportList({ list, format, ...filters })) parts.push(part);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

async function read(path: string): Promise<Readonly<Record<string, Value>>[]> {
  const rows: Readonly<Record<string, Value>>[] = [];
  for await (const batch of (await openRows(path)).batches()) {
    for (const row of batch.rows) {
      if (!('values' in row)) throw new Error(row.problem);
      rows.push(row.values);
    }
  }
  return rows;
}

const textOf = (value: Value | undefined): string =>
  value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

describe('every list', () => {
  test.each(EXPORT_LIST_NAMES)('%s says the same as CSV and as Parquet, column by column', async (list) => {
    const [table, columns] = await Promise.all([save(list, 'csv'), save(list, 'parquet')]);
    const [rows, same] = [await read(table), await read(columns)];
    expect(readFileSync(table, 'utf8').split('\n')[0]).toBe(
      columnsOf(list)
        .map(([name]) => name)
        .join(','),
    );
    if (list !== 'keys' && list !== 'operators') expect(rows.length).toBeGreaterThan(0);
    const cells = columnsOf(list).map(([name, kind]) => ({ name, isText: kind === 'text' }));
    const fromTable = rows.map((row) =>
      cells.map(({ name, isText }) => (isText ? unescapeFormula(textOf(row[name])) : textOf(row[name]))).join('|'),
    );
    expect(fromTable).toEqual(same.map((row) => cells.map(({ name }) => textOf(row[name])).join('|')));
  });

  test('shows amounts to the last digit, in units of the asset beside them', async () => {
    const [plan] = await read(await save('plans', 'csv'));
    expect(plan).toMatchObject({ name: `'=Pro`, asset: '0G/18', base_fee: '123456789.012345678901234567' });
    const [negative] = (await read(await save('entries', 'csv'))).filter(({ amount }) =>
      textOf(amount).startsWith('-'),
    );
    expect(negative?.['amount']).toMatch(/^-\d+\.\d{6}$/);
  });

  test('holds no secret: no hash of a key, no sealed key of an operator', async () => {
    const { secret } = await world.key(['usage:write']);
    const all = [await save('keys', 'csv'), await save('operators', 'csv')].map((path) => readFileSync(path, 'utf8'));
    expect(all.join()).toContain(secret.slice(0, 16));
    expect(all.join()).not.toMatch(/[0-9a-f]{64}/);
  });

  test('takes its own filters and no others', async () => {
    const rows = await read(await save('usage', 'csv', { customer: 'acme', meter: 'api.requests' }));
    expect(rows).toHaveLength(EVENTS + 1);
    expect(await read(await save('usage', 'csv', { subject: 'nobody' }))).toHaveLength(1);
    expect(await read(await save('usage', 'csv', { fromMs: Date.now() + 60_000 }))).toHaveLength(0);
    expect(() => exportList(context(), { list: 'accounts', format: 'csv', meter: 'x' })).toThrow(/has no filter meter/);
    expect(() => exportList(context(), { list: 'nothing', format: 'csv' })).toThrow(/INPUT_INVALID/);
    await expect(save('usage', 'csv', { customer: 'unknown' })).rejects.toThrow(/CUSTOMER_UNKNOWN/);
  });

  test('is refused to whoever may not see it row by row', () => {
    expect(() => exportList(context(), { list: 'invoices', format: 'csv' })).toThrow(/UNAUTHENTICATED/);
  });
});

test('an export is of one instant, whatever is written while it is read', async () => {
  const parts = world.core.files.exportList({ list: 'usage', format: 'csv' })[Symbol.asyncIterator]();
  const first = await parts.next();
  await record([event('meanwhile')]);
  let text = Buffer.from(first.value as Uint8Array).toString();
  for (let next = await parts.next(); !next.done; next = await parts.next()) text += Buffer.from(next.value).toString();
  expect(text).not.toContain('meanwhile');
  expect(text.trimEnd().split('\n')).toHaveLength(1 + EVENTS + 3);
});

test('a snapshot is of the instant at which it was opened, whichever list is read of it when', async () => {
  const snapshot = openSnapshot(world.file);
  await record([event('after the snapshot')]);
  const rows = [...snapshot.rows({ list: 'usage', filters: {}, nowMs: Date.now() })];
  snapshot.close();
  expect(rows.flat()).not.toContain('after the snapshot');
});

describe('an export that is not taken', () => {
  test('ends with whoever asked, and its thread with it', async () => {
    const exports = createExports(world.file, { nowMs: Date.now });
    for (let round = 0; round < 12; round += 1) {
      for await (const part of exports({ list: 'usage', format: 'csv' })) {
        expect(part.length).toBeGreaterThan(0);
        break;
      }
    }
    const ending = new AbortController();
    const ended = (async () => {
      for await (const _ of exports({ list: 'usage', format: 'csv' }, ending.signal)) ending.abort();
    })();
    await expect(ended).rejects.toThrow(/was ended/);
  });

  test('is let go after a while, so that the log of the books can shrink', async () => {
    const exports = createExports(world.file, { nowMs: Date.now, untakenMs: 30 });
    const parts = exports({ list: 'usage', format: 'csv' })[Symbol.asyncIterator]();
    await parts.next();
    await new Promise((resolve) => setTimeout(resolve, 90));
    await expect(parts.next()).rejects.toThrow(/Nobody took the export/);
  });

  test('does not keep the holder of the workspace from ending, and does not look whole', async () => {
    const attachDoor = await openAttachDoor(world.core, { router: createRouter() });
    const { socket, token } = readAttachFile(world.file) ?? { socket: '', token: '' };
    const headers = { authorization: `Bearer ${token}` };
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    request({ socketPath: socket, path: '/export/usage.csv', headers }, resolve).on('error', reject).end();
    const response = await promise;
    await attachDoor.close();
    const reading = (async () => {
      for await (const _ of response);
    })();
    await expect(reading).rejects.toThrow(/aborted/);
  });

  test('leaves room for three others and no more', async () => {
    const exports = createExports(world.file, { nowMs: Date.now });
    const open = Array.from({ length: 4 }, () => exports({ list: 'usage', format: 'csv' })[Symbol.asyncIterator]());
    await Promise.all(open.map((one) => one.next()));
    const fifth = exports({ list: 'usage', format: 'csv' })[Symbol.asyncIterator]();
    await expect(fifth.next()).rejects.toThrow(/4 exports are under way/);
    await Promise.all(open.map((one) => one.return?.()));
    const sixth = exports({ list: 'plans', format: 'csv' })[Symbol.asyncIterator]();
    expect((await sixth.next()).done).toBe(false);
    await sixth.return?.();
  });
});

describe('an export of usage', () => {
  async function importInto(target: GatewayWorld, path: string): Promise<ImportStep> {
    const { mapping } = await target.client.imports.preview({ path });
    expect(mapping).toMatchObject({ customer: { column: 'customer' }, dimensionsFrom: 'dimensions' });
    let last: ImportStep | undefined;
    for await (const step of await target.client.imports.run({ path, mapping: mapping ?? ({} as never), book: true })) {
      last = step;
    }
    return last ?? ({} as ImportStep);
  }

  test.each(['csv', 'parquet'] as const)(
    'as %s comes back as duplicates, and makes the same elsewhere',
    async (format) => {
      const path = await save('usage', format);
      const total = (await read(path)).length;
      expect(await importInto(world, path)).toMatchObject({ accepted: 0, duplicates: total, conflicts: 0, refused: 0 });
      const other = await openGatewayWorld();
      try {
        await seedTrade(other, { credit: '900000000000' });
        expect(await importInto(other, path)).toMatchObject({ accepted: total, conflicts: 0, refused: 0 });
        await drained(other);
        const told = await Promise.all(
          [world, other].map(async ({ client }) => {
            const { data, quantity } = await client.usage.get({ source: 'test', id: 'formula' });
            const unheard = await client.usage.get({ source: 'test', id: 'unheard' });
            const sum = await client.meters.query({ meter: 'api.requests' });
            return { data, quantity, unheard: unheard.data, sum: sum.items.map(({ value }) => value) };
          }),
        );
        expect(told[1]).toEqual(told[0]);
        expect(told[0]?.data).toContain('=1+1');
      } finally {
        await other.close();
      }
    },
  );
});

describe('a text in a spreadsheet', () => {
  test.each(['=HYPERLINK("x")', '+1', '-1', '@cmd', '\t=1', '\uff1d1', `'=1`, `''=1`])(
    '%j cannot calculate',
    (text) => {
      expect(escapeFormula(text)).toBe(`'${text}`);
    },
  );

  test('of any kind comes back as it was', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^'{0,3}[=+\-@\t\r]?.{0,5}$/));
    fc.assert(fc.property(text, (value) => unescapeFormula(escapeFormula(value)) === value));
    const made = csvEncoder([['a', 'text']]);
    made.add(['=1']);
    expect(Buffer.from(made.end()).toString()).toBe(`a\n'=1\n`);
  });
});
