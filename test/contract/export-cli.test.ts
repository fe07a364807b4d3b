/** `tollkeeper export`: through the holder of the workspace and without one, whole or not at all. */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { here, holder, tollkeeper } from '../support/cli.ts';
import { makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
beforeAll(async () => {
  await makeWorkspace(file);
  const events = Array.from({ length: 40 }, (_, at) => `e${at},acme,calls,${at}\n`).join('');
  writeFileSync(join(folder, 'usage.csv'), `id,customer,meter,quantity\n${events}`);
  await here(['import', join(folder, 'usage.csv'), '--book', '--workspace', file, '--operator', 'ada']);
});
afterAll(dispose);

const save = (...args: string[]) => here(['export', ...args, '--workspace', file]);

test('writes the same with and without a holder, and never over a file', async () => {
  const alone = await save('usage', '--out', join(folder, 'alone.csv'));
  expect(alone).toMatchObject({ code: 0, out: '' });
  const other = await holder(file);
  try {
    const attached = await save('usage', '--out', join(folder, 'attached.csv'));
    expect(attached).toMatchObject({ code: 0 });
    expect((await save('usage', '--out', join(folder, 'usage.parquet'))).code).toBe(0);
    const refused = await save('entries', '--customer', 'nobody', '--out', join(folder, 'none.csv'));
    expect(refused.code).not.toBe(0);
    expect(refused.err).toContain('No customer is known as');
  } finally {
    await other.stop();
  }
  const text = readFileSync(join(folder, 'alone.csv'), 'utf8');
  expect(readFileSync(join(folder, 'attached.csv'), 'utf8')).toBe(text);
  expect(text.split('\n')).toHaveLength(42);
  expect(readFileSync(join(folder, 'usage.parquet')).subarray(0, 4).toString()).toBe('PAR1');
  expect((await save('usage', '--out', join(folder, 'alone.csv'))).err).toContain('exists already');
  expect(existsSync(join(folder, 'none.csv'))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('writes to the next program with --out -', async () => {
  const { code, out } = await tollkeeper(['export', 'usage', '--out', '-', '--subject', 'acme', '--workspace', file]);
  expect([code, out.split('\n').length]).toEqual([0, 42]);
});

describe('is told what it does not take', () => {
  test.each([
    [['custommers', '--out', 'x.csv'], 'Did you mean customers?'],
    [['usage'], '--out'],
    [['usage', '--out', 'x.csv', '--format', 'xml'], 'There is no format'],
    [['usage', '--out', 'x.csv', '--from', 'yesterday'], 'no instant'],
    [['meters', '--out', 'x.csv', '--state', 'open'], 'has no filter state'],
  ])('%j', async (args, said) => {
    const { code, err } = await save(...args);
    expect(code).not.toBe(0);
    expect(err).toContain(said);
  });
});
