import { afterAll, beforeAll, expect, test } from 'vitest';
import { openForReading } from '../open.ts';
import { createReadSession } from './session.ts';
import { find } from './find.ts';
import type { Found } from './find.ts';
import { richWorld } from '../../../test/support/rich-world.ts';
import type { World } from '../../../test/support/world.ts';

let world: World;
let all: (text: string, limit?: number) => Found[];
beforeAll(() => {
  world = richWorld();
  const session = createReadSession(openForReading(world.file));
  all = (text, limit = 8) => find(session, { text, limit });
});
afterAll(() => world.dispose());

const idOf = (statement: string): string => String(world.connection.prepare(statement).pluck().get());

test('a customer by name, id or what its usage calls it', () => {
  const [one] = all(idOf(`SELECT json_extract(body, '$.name') FROM record WHERE kind = 'customer' LIMIT 1`));
  expect(one).toMatchObject({ kind: 'customer' });
  expect(all(one?.id ?? '')[0]).toMatchObject({ kind: 'customer', id: one?.id });
  const subject = idOf(`SELECT json_extract(body, '$.subjects[0]') FROM record WHERE kind = 'customer'
    AND json_array_length(body, '$.subjects') > 0`);
  expect(all(subject.toUpperCase()).some(({ kind, detail }) => kind === 'customer' && detail === subject)).toBe(true);
});

test.each([
  ['event', 'SELECT id FROM event LIMIT 1'],
  ['invoice', 'SELECT number FROM invoice WHERE number IS NOT NULL'],
  ['invoice', 'SELECT id FROM invoice LIMIT 1'],
  ['line', 'SELECT id FROM line WHERE invoice IS NOT NULL'],
  ['hold', 'SELECT id FROM hold LIMIT 1'],
  ['grant', 'SELECT id FROM credit_grant LIMIT 1'],
])('a %s by its whole id', (kind, statement) => {
  const id = idOf(statement);
  expect(all(id).filter((one) => one.kind === kind && [one.id, one.title].includes(id))).toHaveLength(1);
});

test('a transaction by its id', () => {
  expect(all('txn_00000000005')).toMatchObject([{ kind: 'transaction', id: 'txn_00000000005' }]);
  expect(all('txn_zzzzzzzzzzz')).toEqual([]);
});

test('events by how their id begins, no more of a kind than asked for', () => {
  const id = idOf('SELECT id FROM event LIMIT 1');
  const found = all(id.slice(0, 1), 2).filter(({ kind }) => kind === 'event');
  expect(found).toHaveLength(2);
  expect(found.every((one) => one.id.startsWith(id.slice(0, 1)))).toBe(true);
});

test('nothing by what nothing is called, whatever characters it has', () => {
  for (const text of ['%', '_%_', `'; --`, '\u{10ffff}', 'zzzz-nothing']) expect(all(text)).toEqual([]);
});
