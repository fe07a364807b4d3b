import { describe, expect, test } from 'vitest';
import { decideCapture, decideRelease, isExpired } from './hold.ts';
import type { Hold, HoldState } from './hold.ts';

function hold(state: HoldState, more: Partial<Hold> = {}): Hold {
  return {
    id: 'hld_00000001',
    customer: 'cus_00000001',
    meter: 'calls',
    price: 'prc_1',
    asset: 'USDC/6',
    units: 5n,
    amountMinor: 50n,
    state,
    openedMs: 0,
    expiresMs: 1000,
    capturedUnits: null,
    chargedMinor: null,
    overshootMinor: null,
    late: false,
    ...more,
  };
}

describe('a hold', () => {
  test.each<[HoldState, string]>([
    ['open', 'change'],
    ['released', 'repeat'],
    ['expired', 'repeat'],
  ])('that is %s answers a release with: %s', (state, decision) => {
    expect(decideRelease(hold(state))).toBe(decision);
  });

  test('that was captured is not released any more', () => {
    expect(decideRelease(hold('captured'))).toMatchObject({ code: 'HOLD_CLOSED', values: { state: 'captured' } });
  });

  test('that expired answers a release the same after its work was charged late', () => {
    expect(decideRelease(hold('captured', { late: true }))).toBe('repeat');
  });

  test.each<HoldState>(['open', 'expired'])(
    'that is %s takes its usage: late work is charged, never refused',
    (state) => {
      expect(decideCapture(hold(state), 5n)).toBe('change');
    },
  );

  test('answers the same capture again and refuses another quantity', () => {
    const captured = hold('captured', { capturedUnits: 5n });
    expect(decideCapture(captured, 5n)).toBe('repeat');
    expect(decideCapture(captured, 6n)).toMatchObject({ code: 'HOLD_CLOSED' });
  });

  test('that was given back is not captured', () => {
    expect(decideCapture(hold('released'), 5n)).toMatchObject({ code: 'HOLD_CLOSED' });
  });

  test('lives until its end, which is no part of it; a closed one does not expire', () => {
    expect([isExpired(hold('open'), 999), isExpired(hold('open'), 1000), isExpired(hold('captured'), 2000)]).toEqual([
      false,
      true,
      false,
    ]);
  });
});
