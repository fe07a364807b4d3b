/** Columns chosen on screen, and the mapping that the core takes. */
import { expect, test } from 'vitest';
import type { Mapping } from '../../lib/import-job.ts';
import { choiceOf, choiceText, draftFrom, eventCells, fits, mappingFrom } from './mapping-draft.ts';

const guess: Mapping = {
  source: { value: 'import/usage.csv' },
  id: { rowNumber: true },
  customer: { column: 'account' },
  meter: { value: 'tokens' },
  quantity: { column: 'count' },
  occurredAt: { column: 'ts', as: 'seconds' },
  dimensions: { region: 'region' },
  escaped: true,
};

test('a guess comes back as it was', () => {
  expect(mappingFrom(draftFrom(guess, 'usage.csv'))).toEqual(guess);
  const byColumn: Mapping = { ...guess, id: { column: 'uid' }, dimensionsFrom: 'extra' };
  expect(mappingFrom(draftFrom(byColumn, 'usage.csv'))).toEqual(byColumn);
});

test('without a customer or meter there is no mapping yet', () => {
  const start = draftFrom(null, 'x.csv');
  expect(start.source).toEqual({ kind: 'value', value: 'import/x.csv' });
  expect(mappingFrom(start)).toBeNull();
  const half = { ...start, customer: choiceOf('c:who', start.customer) };
  expect(mappingFrom(half)).toBeNull();
  expect(mappingFrom({ ...half, meter: { kind: 'value', value: '  ' } })).toBeNull();
  expect(mappingFrom({ ...half, meter: { kind: 'value', value: 'calls' } })).toEqual({
    source: { value: 'import/x.csv' },
    id: { rowNumber: true },
    customer: { column: 'who' },
    meter: { value: 'calls' },
    quantity: { value: '1' },
    dimensions: {},
  });
});

test('a choice is a select field and back; one value stays while it is chosen again', () => {
  for (const text of ['c:a:b', 'v:', '']) expect(choiceText(choiceOf(text, { kind: 'none' }))).toBe(text);
  expect(choiceOf('v:', { kind: 'value', value: 'kept' })).toEqual({ kind: 'value', value: 'kept' });
});

test('a mended file keeps the mapping while it has its columns', () => {
  const draft = draftFrom(guess, 'usage.csv');
  const columns = ['account', 'count', 'ts', 'region', 'import_row', 'import_problem', 'import_fix'];
  expect([fits(draft, columns), fits(draft, columns.slice(1))]).toEqual([true, false]);
});

test('an event is shown cell by cell, also where it was cut', () => {
  expect(eventCells('{"id":"r1","quantity":5,"occurredAt":1700000000000}')).toEqual({
    source: '',
    id: 'r1',
    customer: '',
    meter: '',
    quantity: '5',
    occurredAt: '1700000000000',
  });
  expect(eventCells('{"id":"cut').id).toBe('{"id":"cut');
  expect(eventCells(null).id).toBe('');
});
