/** Files that nobody meant: cut, mixed, packed, bent. Each is read whole, told of by row, or refused in a sentence. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, describe, expect, test } from 'vitest';
import { checkOwn } from '#core/gateway/own-event.ts';
import { openBytes } from './bytes.ts';
import { linesOf } from './lines.ts';
import { eventOf } from './mapping.ts';
import { openRows } from './open.ts';
import { FileError } from './rows.ts';
import type { FileFormat, Row } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-fuzz-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let made = 0;

function fileOf(name: string, content: string | Uint8Array): string {
  made += 1;
  const file = join(folder, `${made}-${name}`);
  writeFileSync(file, content);
  return file;
}

type Read = Readonly<{ rows: Row[]; failure: FileError | null }>;

/** Everything that can be had of a file. What is thrown must be a sentence about the file, never a fault of ours. */
async function read(file: string, format?: FileFormat): Promise<Read> {
  const rows: Row[] = [];
  try {
    for await (const batch of (await openRows(file, format)).batches()) rows.push(...batch.rows);
    return { rows, failure: null };
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return { rows, failure: error as FileError };
  }
}
const idsIn = ({ rows }: Read) => rows.map((row) => ('values' in row ? row.values['id'] : row.problem));

const TABLE = `id,customer,quantity\n${Array.from({ length: 300 }, (_, at) => `e${at},acme,${at}\n`).join('')}`;
const RECORDS = Array.from({ length: 300 }, (_, at) => ({ id: `e${at}`, customer: 'acme', nested: { a: [at, '"}'] } }));
const LINES = RECORDS.map((one) => `${JSON.stringify(one)}\n`).join('');
const DOCUMENT = JSON.stringify(
  { object: 'list', has_more: false, data: RECORDS, meta: { deep: { er: [1] } } },
  null,
  1,
);
const PARQUET = (() => {
  const filename = join(folder, 'real.parquet');
  const data = RECORDS.map(({ id }) => id);
  parquetWriteFile({ filename, columnData: [{ name: 'id', data, type: 'STRING' }], rowGroupSize: 50 });
  return readFileSync(filename);
})();
const REAL: readonly (readonly [FileFormat, Buffer])[] = [
  ['csv', Buffer.from(TABLE)],
  ['ndjson', Buffer.from(LINES)],
  ['json', Buffer.from(DOCUMENT)],
];

describe('a document of JSON', () => {
  test.each([
    ['a list', JSON.stringify(RECORDS)],
    ['a list over many lines', JSON.stringify(RECORDS, null, 2)],
    ['a page of an API', DOCUMENT],
    ['pages one after the other', `${DOCUMENT}\n${DOCUMENT}`],
    ['objects without a line each', RECORDS.map((one) => JSON.stringify(one, null, 1)).join('')],
    ['a byte order mark', `\ufeff${JSON.stringify(RECORDS)}`],
  ])('is read as %s', async (name, text) => {
    const { rows, failure } = await read(fileOf('records.json', text));
    expect(failure).toBeNull();
    const values = rows.flatMap((row) => ('values' in row ? [row.values] : []));
    expect(values).toEqual(name.startsWith('pages') ? [...RECORDS, ...RECORDS] : RECORDS);
  });

  test('of an object a line stays one of lines, whose numbers an editor shows', async () => {
    const { rows } = await read(fileOf('lines.json', '{"id":"a"}\n\n{"id":\n{"id":"b"}'));
    expect(rows.map(({ row }) => row)).toEqual([1, 3, 4]);
  });

  test('keeps what is around a record that is too long or none', async () => {
    const long = `{"id":"long","x":"${'x'.repeat(2_000_000)}"}`;
    const result = await read(fileOf('long.json', `[{"id":"a"},${long},7,{"id":"b"},{"id":nope},{"id":"c"}]`));
    expect(result.failure).toBeNull();
    expect(idsIn(result)).toEqual([
      'a',
      'The record has more than 1048576 bytes.',
      'The record is not a JSON object.',
      'b',
      expect.stringMatching(/^The record is not JSON/) as string,
      'c',
    ]);
  });

  test('is the same however deep and odd its records are', async () => {
    const records = fc.array(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(records, fc.constantFrom(0, 2), async (values, indent) => {
        const { rows, failure } = await read(
          fileOf('odd.json', JSON.stringify({ data: values }, null, indent)),
          'json',
        );
        expect(failure).toBeNull();
        expect(rows.map((row) => ('values' in row ? row.values : null))).toEqual(JSON.parse(JSON.stringify(values)));
      }),
      { numRuns: 80 },
    );
  });
});

describe('a packed file', () => {
  test.each(REAL)('of %s is read as if it were not', async (format, bytes) => {
    const [plain, packed] = [fileOf(`plain.${format}`, bytes), fileOf(`packed.${format}.gz`, gzipSync(bytes))];
    expect(idsIn(await read(packed))).toEqual(idsIn(await read(plain)));
  });

  test('in two members is one file', async () => {
    const packed = Buffer.concat([gzipSync('id,customer\na,b\n'), gzipSync('c,d\n')]);
    expect(idsIn(await read(fileOf('two.csv.gz', packed)))).toEqual(['a', 'c']);
  });

  test('that is cut off anywhere is told of', async () => {
    const packed = gzipSync(TABLE.repeat(40));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: packed.length - 1 }), async (length) => {
        const { failure } = await read(fileOf('cut.csv.gz', packed.subarray(0, length)));
        expect(failure?.message).toMatch(/gzip file is damaged or cut off|The file is empty/);
      }),
      { numRuns: 25 },
    );
  });

  test('that unpacks out of all proportion ends there, and nothing of it is kept', async () => {
    const file = fileOf('bomb.ndjson.gz', gzipSync(Buffer.alloc(2_000_000, '\n')));
    const limits = { mostBytes: 100_000_000, freeBytes: 400_000, mostTimes: 200 };
    let bytes = 0;
    const reading = async () => {
      for await (const chunk of openBytes(file, limits).stream as AsyncIterable<Buffer>) bytes += chunk.length;
    };
    await expect(reading()).rejects.toThrow(/^The file unpacks to more than \d+ MiB from \d+ bytes/);
    expect(bytes).toBeLessThan(1_500_000);
    await expect(
      (async () => {
        for await (const _ of openBytes(file, { ...limits, mostBytes: 300_000, freeBytes: 9e9 }).stream);
      })(),
    ).rejects.toThrow(/unpacks to more/);
    const whole: number[] = [];
    for await (const { number } of linesOf(file)) whole.push(number);
    expect(whole.at(-1)).toBe(2_000_000);
  });

  test('of Parquet is to be unpacked first', async () => {
    const { failure } = await read(fileOf('x.parquet.gz', gzipSync(PARQUET)));
    expect(failure?.message).toBe('The file is Parquet packed with gzip.');
  });
});

describe('a real file', () => {
  const cut = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

  test.each(REAL)('of %s that is cut anywhere gives the rows before the cut', async (format, bytes) => {
    await fc.assert(
      fc.asyncProperty(cut, async (share) => {
        const length = Math.floor(share * bytes.length);
        const result = await read(fileOf(`cut.${format}`, bytes.subarray(0, length)), format);
        const whole = result.rows.filter((row) => 'values' in row);
        expect(whole.length).toBeLessThanOrEqual(300);
        for (const [at, row] of whole.slice(0, -1).entries()) expect(row.values['id']).toBe(`e${at}`);
      }),
      { numRuns: 40 },
    );
  });

  test.each([...REAL, ['parquet', PARQUET] as const])(
    'of %s with any bytes changed never breaks its reader',
    async (format, bytes) => {
      const changes = fc.array(fc.tuple(cut, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(changes, async (places) => {
          const bent = Buffer.from(bytes);
          // Lengths in pages of Parquet can keep a reader busy for ever, which its thread ends: only the footer bends.
          const from = format === 'parquet' ? bent.length - 200 : 0;
          for (const [share, byte] of places) bent[from + Math.floor(share * (bent.length - from))] = byte;
          const { rows } = await read(fileOf(`bent.${format}`, bent), format);
          for (const row of rows) expect(row.row).toBeGreaterThan(0);
        }),
        { numRuns: 60 },
      );
    },
  );

  test.each([
    ['csv', 'Latin-1 among UTF-8', 'id,customer\na,b\n', Buffer.from([0x63, 0x2c, 0xe9, 0x0a]), 'd,e\n'],
    ['ndjson', 'Latin-1 among UTF-8', '{"id":"a"}\n', Buffer.from('{"id":"\xe9"}\n', 'latin1'), '{"id":"d"}\n'],
    ['json', 'Latin-1 among UTF-8', '[{"id":"a"},', Buffer.from('{"id":"\xe9"},', 'latin1'), '{"id":"d"}]'],
  ] as const)('of %s with %s keeps the others and names the one', async (format, _, before, odd, after) => {
    const result = await read(fileOf(`mixed.${format}`, Buffer.concat([Buffer.from(before), odd, Buffer.from(after)])));
    expect(idsIn(result)).toEqual(['a', expect.stringMatching(/not UTF-8/) as string, 'd']);
    expect(result.rows[1]?.row).toBe(2);
  });
});

describe('a row', () => {
  const terms = {
    actor: 'test',
    nowMs: Date.parse('2026-11-21T12:00:00Z'),
    maxFutureMs: 86_400_000,
    refuseUnknown: false,
    meters: new Map(),
    types: new Set<string>(),
    refs: null,
  };
  const mapping = {
    source: { value: 'file' },
    id: { column: 'id' },
    customer: { column: 'customer' },
    meter: { value: 'calls' },
    quantity: { column: 'quantity' },
    dimensions: {},
    dimensionsFrom: 'extra',
  };
  const problemOf = (
    values: Record<string, string>,
    as: 'rfc3339' | 'seconds' | 'milliseconds',
  ): string | undefined => {
    const order = { ...mapping, occurredAt: { column: 'at', as } };
    return checkOwn([eventOf({ id: 'a', customer: 'c', quantity: '1', ...values }, 1, order)], terms).refused.get(0)
      ?.detail;
  };

  test.each([
    ['far in the future', '2999-01-01T00:00:00Z', 'rfc3339', /minutes ahead of the clock here/],
    ['beyond every calendar', '99999999999999999', 'milliseconds', /is no instant/],
    ['in seconds beyond every calendar', '999999999999', 'seconds', /is no instant/],
    ['in a zone that does not exist', '2026-01-01T00:00:00 Mars/Olympus', 'rfc3339', /is no instant/],
    ['at an offset that does not exist', '2026-01-01T00:00:00+25:00', 'rfc3339', /is no instant/],
    ['on a day that does not exist', '2026-02-30T00:00:00Z', 'rfc3339', /is no instant/],
    ['before there was a clock', '1900-01-01T00:00:00Z', 'rfc3339', /is no instant/],
  ] as const)('%s is refused with its value', (_, at, as, said) => {
    expect(problemOf({ at }, as)).toMatch(said);
  });

  test.each(['gate', 'correction'])('of our own export that the books made themselves (%s) is refused', (source) => {
    const order = { ...mapping, source: { column: 'source' } };
    const event = eventOf({ id: 'a', customer: 'c', quantity: '1', source }, 1, order);
    expect(checkOwn([event], terms).refused.get(0)?.detail).toMatch(/kept for events that the books make/);
  });

  test.each([
    ['no JSON', '{"a"', /dimensions are not an object/],
    ['a list', '["a"]', /dimensions are not an object/],
    ['a number inside', '{"a":1}', /dimension "a" is not a text/],
  ])('with dimensions of %s is refused', (_, extra, said) => {
    expect(problemOf({ at: '1', extra }, 'milliseconds')).toMatch(said);
  });
});
