import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { floatOf, checkFloat } from './float.ts';
import { priorityFee, priorityLamports } from './priority-fee.ts';
import type { PriorityPolicy } from './priority-fee.ts';
import { firstAttempt, handedOver, nextAttempt, sighted } from './record.ts';
import type { SendRecord, Sighting } from './record.ts';

const signed = { signature: 's', bytes: new Uint8Array([1]), blockhash: 'h', lastValidBlockHeight: 150n };
const sent = handedOver(firstAttempt('charge/a', signed));
const absent = (finalizedHeight: bigint): Sighting => ({ finalizedHeight, status: { level: 'absent' } });
const seen = (level: 'processed' | 'confirmed' | 'finalized', fault: string | null = null): Sighting => ({
  finalizedHeight: 100n,
  status: { level, slot: 7n, fault },
});

describe('a send', () => {
  test.each<[string, Sighting, SendRecord['state']]>([
    ['is unknown while its blockhash may still be used', absent(150n), 'sent'],
    ['has expired when it is absent beyond that at finalized commitment', absent(151n), 'expired'],
    ['is nothing new while only processed', seen('processed'), 'sent'],
    ['is confirmed, and not yet done', seen('confirmed', 'x'), 'confirmed'],
    ['is done when finalized', seen('finalized'), 'finalized'],
    ['has failed when finalized with a fault', seen('finalized', 'x'), 'reverted'],
  ])('%s', (_, sighting, state) => {
    expect(sighted(sent, sighting).state).toBe(state);
  });

  test('that was confirmed on a fork is unknown again when the fork is dropped', () => {
    const confirmed = sighted(sent, seen('confirmed'));
    expect(sighted(confirmed, absent(120n))).toMatchObject({ state: 'sent', slot: null });
  });

  test('that has ended stays as it ended', () => {
    for (const ended of [sighted(sent, seen('finalized')), sighted(sent, absent(200n))]) {
      expect(sighted(ended, seen('finalized', 'x'))).toBe(ended);
    }
  });

  test('is tried again under the same intent with another signature, and every change raises the version', () => {
    const again = nextAttempt(sighted(sent, absent(200n)), { ...signed, signature: 't' });
    expect(again).toMatchObject({ intent: 'charge/a', attempt: 2, state: 'signed', signature: 't', version: 4 });
  });
});

const policy: PriorityPolicy = {
  percentile: 75,
  floorMicroLamports: 10n,
  capMicroLamports: 1_000_000n,
  capLamports: 20_000n,
};

describe('the priority fee', () => {
  const arbPrices = fc.array(fc.bigInt({ min: 0n, max: 10_000_000n }), { maxLength: 150 });
  test.prop([arbPrices, fc.bigInt({ min: 1n, max: 1_400_000n }), fc.integer({ min: 1, max: 40 })])(
    'is never above either cap',
    (prices, units, attempt) => {
      const { microLamports, lamports } = priorityFee(prices, { units, attempt }, policy);
      expect(microLamports <= policy.capMicroLamports).toBe(true);
      expect(lamports <= policy.capLamports).toBe(true);
      expect(lamports).toBe(priorityLamports(microLamports, units));
    },
  );

  test('follows what others paid, above its floor, and doubles after an attempt that expired', () => {
    const prices = [0n, 100n, 200n, 300n];
    expect(priorityFee(prices, { units: 1000n, attempt: 1 }, policy).microLamports).toBe(300n);
    expect(priorityFee(prices, { units: 1000n, attempt: 3 }, policy).microLamports).toBe(1200n);
    expect(priorityFee([], { units: 1000n, attempt: 1 }, policy).microLamports).toBe(10n);
    expect(priorityFee([9_000_000n], { units: 1_000_000n, attempt: 1 }, policy)).toEqual({
      microLamports: 20_000n,
      lamports: 20_000n,
      isCapped: true,
    });
  });

  test('is refused when its policy leaves none', () => {
    const broken = { ...policy, capMicroLamports: 1n };
    expect(() => priorityFee([], { units: 1n, attempt: 1 }, broken)).toThrow('FEE_ABOVE_CAP');
  });
});

describe('the fee payer’s float', () => {
  const float = { reserveLamports: 890_880n, perSendLamports: 25_000n, alertBelowSends: 100n };

  test('raises an alert below its level, with what to send', () => {
    expect(floatOf(10_000_000n, float)).toMatchObject({ sendsLeft: 364n, isLow: false, topUpLamports: 0n });
    expect(floatOf(1_000_000n, float)).toMatchObject({ sendsLeft: 4n, isLow: true, topUpLamports: 4_890_880n });
  });

  test('refuses to sign what cannot be paid', () => {
    expect(() => checkFloat(900_000n, float, 'payer')).toThrow('Send it');
    expect(() => checkFloat(1_000_000n, float, 'payer')).not.toThrow();
  });
});
