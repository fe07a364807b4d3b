import { expect, test } from 'vitest';
import { copyRunText, readCopyRun } from './run.ts';

test('what a copy came to is read back, and a path alone stays a path', () => {
  const run = { file: '/srv/{a}.tollkeeper', bytes: 5, tookMs: 7, problem: 'It is damaged.' };
  expect(readCopyRun(copyRunText(run))).toEqual(run);
  expect(readCopyRun('/srv/books.tollkeeper')).toEqual({
    file: '/srv/books.tollkeeper',
    bytes: null,
    tookMs: null,
    problem: null,
  });
});
