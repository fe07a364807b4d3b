import { expect, test } from 'vitest';
import { copyPerMille, copyText } from './copy-progress.ts';

const nothing = { ok: null, file: null, bytes: null, block: null, tookMs: null, problem: null, finishedMs: null };
const step = { ...nothing, done: false, phase: 'copying', at: '1048576', total: '4194304' } as const;

test('bytes are copied and rows proven, with the rate and the time left at it', () => {
  expect(copyText({ step, startedMs: 500, atMs: 2500 })).toBe('1.0 MiB of 4.0 MiB · 512.0 KiB a second · 6.0 s left');
  const rows = { ...step, phase: 'proving-copy', at: '5000', total: '20000' } as const;
  expect(copyText({ step: rows, startedMs: 0, atMs: 1000 })).toBe(
    '5\u2009000 of 20\u2009000 rows · 5\u2009000 a second · 3.0 s left',
  );
  expect(copyPerMille({ step, startedMs: 0, atMs: 1 })).toBe(250);
});

test('without anything to judge by nothing is said of rate and time', () => {
  expect(copyText({ step: { ...step, at: '0', total: '0' }, startedMs: 0, atMs: 0 })).toBe('0 bytes of 0 bytes');
  expect(copyPerMille({ step: { ...step, at: '0', total: '0' }, startedMs: 0, atMs: 0 })).toBe(0);
});
