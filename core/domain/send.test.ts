import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { SEND_ENDS, SEND_STATES, decideSend, mayLease } from './send.ts';
import type { SendChange, SendStand } from './send.ts';

const stand = (given: Partial<SendStand> = {}): SendStand => ({
  state: 'sent',
  version: 3,
  generation: 0,
  nonce: '7',
  intent: 'pay',
  attempts: 1,
  ...given,
});
const change = (given: Partial<SendChange> = {}): SendChange => ({
  state: 'confirmed',
  version: 4,
  generation: 0,
  nonce: '7',
  intent: 'pay',
  signs: false,
  ...given,
});

const arbStand = fc.record({
  state: fc.constantFrom(...SEND_STATES),
  version: fc.integer({ min: 1, max: 3 }),
  generation: fc.nat({ max: 2 }),
  nonce: fc.constantFrom('7', '8', null),
  intent: fc.constantFrom('pay', 'other'),
  attempts: fc.nat({ max: 3 }),
});
const arbChange = fc.record({
  state: fc.constantFrom(...SEND_STATES),
  version: fc.integer({ min: 1, max: 4 }),
  generation: fc.nat({ max: 2 }),
  nonce: fc.constantFrom('7', '8', null),
  intent: fc.constantFrom('pay', 'other'),
  signs: fc.boolean(),
});

describe('a send', () => {
  test.prop([arbStand, arbChange])('never leaves its end, its intent or its order of versions', (before, after) => {
    if (decideSend(before, after) !== null) return;
    expect(SEND_ENDS).not.toContain(before.state);
    expect(after.intent).toBe(before.intent);
    expect(after.version).toBe(before.version + 1);
  });

  test.prop([arbStand, arbChange])('has no second bytes that could run beside the first', (before, after) => {
    if (decideSend(before, after) !== null || !after.signs) return;
    const isDead = before.state === 'built' || before.state === 'expired';
    expect(isDead || (after.nonce !== null && after.nonce === before.nonce)).toBe(true);
  });

  test.prop([arbStand, arbChange])(
    'takes another nonce only after a foreign transaction used its own',
    (before, after) => {
      if (decideSend(before, after) !== null || after.nonce === before.nonce) return;
      expect(before.state).toBe('replaced');
      expect(after.generation).toBe(before.generation + 1);
    },
  );

  test('begins built or signed, and is finalized in the end', () => {
    expect(decideSend(null, change({ state: 'built', version: 1 }))).toBeNull();
    expect(decideSend(null, change({ state: 'signed', version: 1, signs: true }))).toBeNull();
    expect(decideSend(null, change({ state: 'sent', version: 1 }))).toMatchObject({ code: 'CONFLICT' });
    expect(decideSend(stand({ state: 'confirmed' }), change({ state: 'finalized' }))).toBeNull();
  });

  test.each<[string, Partial<SendStand>, Partial<SendChange>]>([
    ['an older version', {}, { version: 3 }],
    ['another intent', {}, { intent: 'other' }],
    ['a new signature while the old may run', { nonce: null }, { nonce: null, state: 'sent', signs: true }],
    ['signed without bytes', { state: 'expired' }, { state: 'signed' }],
    ['another nonce without a reason', {}, { nonce: '8' }],
    ['anything after its end', { state: 'finalized' }, { state: 'sent' }],
  ])('is refused %s', (_, before, after) => {
    expect(decideSend(stand(before), change(after))).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('the lease of an account', () => {
  const lease = { owner: 'a', epoch: 1, writer: 5, untilMs: 100 };
  test.each([
    ['is free at first', null, { owner: 'b', writer: 5, nowMs: 0 }, true],
    ['is renewed by its owner', lease, { owner: 'a', writer: 5, nowMs: 0 }, true],
    ['is not taken from a living owner', lease, { owner: 'b', writer: 5, nowMs: 99 }, false],
    ['is free when it runs out', lease, { owner: 'b', writer: 5, nowMs: 100 }, true],
    ['is free when its writer is gone', lease, { owner: 'b', writer: 6, nowMs: 0 }, true],
  ] as const)('%s', (_, known, asking, may) => {
    expect(mayLease(known, asking)).toBe(may);
  });
});
