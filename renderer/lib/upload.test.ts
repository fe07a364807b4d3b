/** What the door answers to a file, as an error that reads like any other. */
import { expect, test } from 'vitest';
import { failureOf } from './failure.ts';
import { refusedBy } from './upload.ts';

test('a problem of the door keeps its code and sentences', () => {
  const body = { code: 'BODY_TOO_LARGE', title: 'T', detail: 'The file has more than 4 GiB.', fix: 'Split it.' };
  expect(failureOf(refusedBy(413, JSON.stringify(body)))).toMatchObject({
    code: 'BODY_TOO_LARGE',
    detail: 'The file has more than 4 GiB.',
    fix: 'Split it.',
  });
});

test('an answer of somebody else says its status', () => {
  expect(failureOf(refusedBy(502, '<html>'))).toMatchObject({ code: 'INTERNAL', detail: 'The console answered 502.' });
});
