import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { History } from './history.ts';
import type { Landed } from './history.ts';

/** A transaction with as much in its log as asked for; random text, so that packing does not make it small. */
function landed(number: number, logBytes = 100): Landed {
  return {
    signature: `signature ${number}`,
    slot: 1n,
    blockTime: 1,
    fault: null,
    bytes: Buffer.from([1, 2, 3]),
    loaded: { writable: [], readonly: [] },
    keys: ['everybody', `only ${number}`],
    feeLamports: 5000n,
    preLamports: [1n],
    postLamports: [0n],
    preTokens: [],
    postTokens: [],
    memo: null,
    logs: [randomBytes(logBytes).toString('base64')],
    unitsConsumed: 1,
    inner: [],
    returnData: null,
  };
}

test('a transaction is given back as it landed', () => {
  const history = new History();
  const record = landed(1);
  history.add(record);
  expect(history.get(record.signature)).toEqual(record);
});

test('the oldest are forgotten beyond a number and beyond 8 MB, with all that points at them', () => {
  const [many, large] = [new History(), new History()];
  for (let number = 0; number < 10_010; number += 1) many.add(landed(number, 1));
  expect(many.count).toBe(10_010);
  expect(many.get('signature 9')).toBeUndefined();
  expect(many.get('signature 10')).toBeDefined();
  expect(many.signaturesOf('only 9')).toEqual([]);
  expect(many.signaturesOf('everybody')).toHaveLength(10_000);
  for (let number = 0; number < 200; number += 1) large.add(landed(number, 100_000));
  const kept = large.signaturesOf('everybody').length;
  expect(kept).toBeGreaterThan(70);
  expect(kept).toBeLessThan(90);
});

test('records keep hardly more memory than they are long, so that the limit is one', () => {
  const history = new History();
  for (let number = 0; number < 2000; number += 1) history.add(landed(number));
  const { landed: records } = history.saved({ transactions: 2000, blocks: 0 });
  const long = records.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const pieces = new Set(records.map(({ buffer }) => buffer));
  const kept = [...pieces].reduce((sum, { byteLength }) => sum + byteLength, 0);
  // A piece of memory that is not full yet, and what did not fit at the end of those before it.
  expect(kept).toBeLessThan(1.02 * long + 256 * 1024);
  expect(pieces.size).toBeLessThan(5);
});
