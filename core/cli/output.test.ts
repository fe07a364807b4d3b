import { expect, test } from 'vitest';
import { failureOf, problemJson } from './failure.ts';
import { answerText, rowsText, tame, toJson } from './output.ts';

const screen = { out: () => undefined, err: () => undefined, width: 100 };

test('amounts are shown with their asset and every decimal, beyond any float', () => {
  const text = rowsText([{ asset: '0G/18', amountMinor: '123456789012345678901000000000000000001' }], screen);
  expect(text).toContain('123456789012345678901.000000000000000001 0G');
});

test('lines of an invoice are in the asset of the invoice', () => {
  const text = answerText({ invoice: { id: 'inv_1', asset: 'USDC/6' }, lines: [{ amountMinor: '1500000' }] }, screen);
  expect(text).toContain('1.500000 USDC');
});

test('an amount whose asset is not known is shown as the integer it is', () => {
  expect(rowsText([{ amountMinor: '1500000' }], screen)).toContain('1500000');
});

test('what is due and when it is due have a column each', () => {
  const text = answerText({ asset: 'USD/2', dueMs: Date.UTC(2026, 0, 2), dueMinor: '500' }, screen);
  expect(text).toMatch(/dueAt\s+2026-01-02T00:00:00Z/);
  expect(text).toMatch(/due\s+5\.00 USD/);
});

test('figures stand under each other, and a table too wide for the terminal is a list', () => {
  const rows = [
    { name: 'a', count: 5 },
    { name: 'bcd', count: 1000 },
  ];
  expect(rowsText(rows, screen)).toBe('name  count\na         5\nbcd    1000\n');
  expect(rowsText(rows, { ...screen, width: 8 })).toBe('name   a\ncount  5\n\nname   bcd\ncount  1000\n');
  expect(rowsText([], screen)).toBe('None.\n');
});

test('marks that steer a terminal or turn text around are shown as escapes', () => {
  expect(tame('a\u001b[31mb\u009b2J\u202ec\u2066')).toBe('a\\u001b[31mb\\u009b2J\\u202ec\\u2066');
  const json = toJson({ text: '\u001b\u009b\u202e' });
  for (const mark of ['\u001b', '\u009b', '\u202e']) expect(json).not.toContain(mark);
  expect(JSON.parse(json)).toEqual({ text: '\u001b\u009b\u202e' });
});

test('a failure nobody foresaw is one sentence, a fix and a code, without a stack', () => {
  const failure = failureOf(new TypeError('x is not a function'));
  expect(failure).toMatchObject({ code: 'FAILED', detail: 'x is not a function.', exit: 2 });
  expect(JSON.parse(problemJson(failure))).toEqual({
    type: 'urn:tollkeeper:problem:failed',
    title: 'Something failed that was not foreseen',
    detail: 'x is not a function.',
    code: 'FAILED',
    fix: expect.stringContaining('TOLLKEEPER_DEBUG'),
  });
});
