import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'csv-stringify/sync';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, describe, expect, test } from 'vitest';
import { ErrorFile, unescaped } from './error-file.ts';
import { openRows } from './open.ts';
import type { FileFormat, Row } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
function fileOf(extension: string, content: string | Uint8Array): string {
  made += 1;
  const file = join(folder, `f${made}.${extension}`);
  writeFileSync(file, content);
  return file;
}

async function read(file: string, format?: FileFormat): Promise<Row[]> {
  const source = await openRows(file, format);
  const rows: Row[] = [];
  for await (const batch of source.batches()) rows.push(...batch.rows);
  return rows;
}

const valuesIn = (rows: readonly Row[]) => rows.map((row) => ('values' in row ? row.values : row.problem));
const failure = async (file: string, format?: FileFormat): Promise<string> =>
  read(file, format).then(
    () => 'read',
    (error: Error) => error.message,
  );

describe('CSV', () => {
  test.each([
    ['commas and quotes', 'a,b\n1,"x, ""y"""\n', [{ a: '1', b: 'x, "y"' }]],
    ['semicolons, as spreadsheets write them', 'a;b\n1;2,5\n', [{ a: '1', b: '2,5' }]],
    ['a byte order mark', '\ufeffa,b\n1,2\n', [{ a: '1', b: '2' }]],
    [
      'carriage returns and an empty line',
      'a,b\r\n1,2\r\n\r\n3,4\r\n',
      [
        { a: '1', b: '2' },
        { a: '3', b: '4' },
      ],
    ],
    [
      'a line break inside quotes',
      'a,b\n1,"x\ny"\n3,4\n',
      [
        { a: '1', b: 'x\ny' },
        { a: '3', b: '4' },
      ],
    ],
    ['no row', 'a,b\n', []],
  ])('is read with %s', async (_, content, expected) => {
    expect(valuesIn(await read(fileOf('csv', content)))).toEqual(expected);
  });

  test('keeps the rows around one with too many values, and names it', async () => {
    const rows = await read(fileOf('csv', 'a,b\n1,2\n3,4,5\n6,7\n'));
    expect(rows[1]).toMatchObject({ row: 2, problem: 'The row has 3 values where the header has 2 columns.' });
    expect(rows[2]).toMatchObject({ row: 3, values: { a: '6', b: '7' } });
  });

  test('names the row and column of bytes that are no UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,2\n3,'), Buffer.from([0xe9, 0x0a])]);
    expect((await read(fileOf('csv', bytes)))[1]).toMatchObject({
      row: 2,
      column: 'b',
      problem: 'The value is not UTF-8.',
    });
  });

  test.each([
    ['a record of ten million bytes', 'x'.repeat(10_000_000)],
    ['a quote that is never closed', `"${'x\n'.repeat(2_000_000)}`],
  ])('ends at %s with its row, after the rows before it', async (_, text) => {
    const source = await openRows(fileOf('csv', `a,b\n1,2\n3,${text}\n5,6\n`));
    const rows: Row[] = [];
    const reading = async () => {
      for await (const batch of source.batches()) rows.push(...batch.rows);
    };
    await expect(reading()).rejects.toThrow(/^Row 2 has more than 1048576 bytes/);
    expect(valuesIn(rows)).toEqual([{ a: '1', b: '2' }]);
  });

  test.each([
    ['two columns of one name', 'a,a\n1,2\n', 'Two columns are named "a".'],
    ['nothing', '', 'The file is empty.'],
    ['UTF-16', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), 'The file is UTF-16.'],
    ['gzip inside gzip', gzipSync(gzipSync('a,b\n1,2\n')), 'The file is packed twice with gzip.'],
    ['a spreadsheet', Buffer.from([0x50, 0x4b, 3, 4, 20, 0]), 'The file is a zip archive or a spreadsheet.'],
    ['bytes that are no text', Buffer.from([0x61, 0, 0, 0x62]), 'The file is not text.'],
  ])('is refused with %s', async (_, content, message) => {
    expect(await failure(fileOf('csv', content))).toBe(message);
  });

  test('of any values comes back as it was written', async () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), async (cells) => {
        const written = cells.filter(([a, b]) => (a + b).isWellFormed() && !`${a}${b}`.includes('\ufffd'));
        const file = fileOf('csv', stringify([['one', 'two'], ...written]));
        const kept = written.filter(([a, b]) => a !== '' || b !== '');
        const rows = valuesIn(await read(file)).filter(
          (row) => typeof row === 'string' || row['one'] !== '' || row['two'] !== '',
        );
        expect(rows).toEqual(kept.map(([one, two]) => ({ one, two })));
      }),
      { numRuns: 60 },
    );
  });
});

describe('NDJSON', () => {
  test('keeps the rows around a line that is no object, and numbers lines as an editor does', async () => {
    const rows = await read(fileOf('ndjson', '{"a":1}\n\n[1]\n{"a":\n{"a":2}'));
    expect(rows).toMatchObject([
      { row: 1, values: { a: 1 } },
      { row: 3, problem: 'The line is not a JSON object.' },
      { row: 4, problem: expect.stringMatching(/^The line is not JSON/) as string },
      { row: 5, values: { a: 2 } },
    ]);
  });

  test('finds columns inside objects', async () => {
    const source = await openRows(fileOf('ndjson', '{"id":"1","data":{"tokens":5}}\n'));
    expect(source.columns).toEqual(['id', 'data.tokens']);
  });

  test('tells of a line of ten million bytes and reads what follows', async () => {
    const rows = await read(fileOf('ndjson', `{"a":"${'x'.repeat(10_000_000)}"}\n{"a":2}\n`));
    expect(rows).toMatchObject([
      { row: 1, problem: 'The line has more than 1048576 bytes.' },
      { row: 2, values: { a: 2 } },
    ]);
  });
});

describe('Parquet', () => {
  function parquet(rows: number): string {
    made += 1;
    const filename = join(folder, `f${made}.parquet`);
    parquetWriteFile({
      filename,
      columnData: [
        { name: 'id', data: Array.from({ length: rows }, (_, at) => `e${at}`), type: 'STRING' },
        { name: 'units', data: Array.from({ length: rows }, (_, at) => BigInt(at)), type: 'INT64' },
        { name: 'at', data: Array.from({ length: rows }, () => new Date(1_700_000_000_000)), type: 'TIMESTAMP' },
      ],
      rowGroupSize: 1000,
    });
    return filename;
  }

  test('is read over its row groups, with exact integers and instants as text', async () => {
    const rows = await read(parquet(2500));
    expect(rows).toHaveLength(2500);
    expect(rows[2400]).toEqual({
      row: 2401,
      values: { id: 'e2400', units: 2400n, at: '2023-11-14T22:13:20.000Z' },
    });
  });

  test('that is cut short is told of as that, at any length', async () => {
    const whole = readFileSync(parquet(200));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 5, max: whole.length - 1 }), async (length) => {
        const file = fileOf('parquet', whole);
        truncateSync(file, length);
        expect(await failure(file)).toMatch(/^The file is not whole Parquet/);
      }),
      { numRuns: 40 },
    );
  });
});

test('an error file is safe in a spreadsheet and comes back as it was', async () => {
  const path = join(folder, 'errors.csv');
  const errors = new ErrorFile(path, 'csv', ['customer', 'note']);
  const values = { customer: '=HYPERLINK("x")', note: '-5' };
  errors.write([{ row: 7, column: null, detail: 'No customer', fix: 'Make one', values }]);
  errors.close();
  expect(readFileSync(path, 'utf8')).toContain(`"'=HYPERLINK(""x"")"`);
  const [row] = await read(path);
  expect(row && 'values' in row && unescaped(row.values, { format: 'csv' })).toMatchObject({
    ...values,
    import_row: '7',
  });
});
