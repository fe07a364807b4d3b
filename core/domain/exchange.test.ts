import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { decodeSnapshot, encodeSnapshot, parseExchange, snapshotAt } from './exchange.ts';
import type { Snapshot } from './exchange.ts';
import { rate, rateDelta, explainRate } from './price.ts';
import type { Price } from './price.ts';

const seen = (id: string, observedMs: number): Snapshot => ({
  id,
  from: 'USD/2',
  to: 'SOL/9',
  source: 'test',
  observedMs,
  numerator: 1n,
  denominator: 1n,
});

describe('a rate in text', () => {
  test.each([
    ['0.0065', 'USD/2', 'SOL/9', 65n * 10n ** 9n, 10n ** 6n],
    ['1', 'USD/2', 'USDC/6', 10n ** 6n, 10n ** 2n],
    ['153.84', 'SOL/9', 'USD/2', 15384n * 100n, 10n ** 11n],
  ] as const)('%s is an exact ratio of minor units', (text, from, to, numerator, denominator) => {
    const found = parseExchange(text, from, to);
    expect(found && found.numerator * denominator).toBe(found && found.denominator * numerator);
  });

  test.each(['', '0', '0.000', '-1', '1e3', ' 1', '1,5', '.5', '5.', 'NaN', `${'9'.repeat(21)}`])(
    '%j is none',
    (text) => {
      expect(parseExchange(text, 'USD/2', 'SOL/9')).toBeNull();
    },
  );

  test('is stored and read again', () => {
    expect(decodeSnapshot(JSON.stringify(encodeSnapshot(seen('a', 5))))).toEqual(seen('a', 5));
  });
});

describe('the snapshot that counts', () => {
  const list = [seen('a', 100), seen('b', 150)];
  test.each([
    [99, null],
    [100, 'a'],
    [149, 'a'],
    [150, 'b'],
    [189, 'b'],
    [190, null],
  ])('at %i is %s', (atMs, id) => {
    const found = snapshotAt(list, atMs, 40);
    // The first is too old before the second is seen.
    expect(found?.snapshot.id ?? null).toBe(atMs >= 140 && atMs < 150 ? null : id);
  });

  test.prop([fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 8 }), fc.integer({ min: 1, max: 90 })])(
    'counts for whole intervals that do not overlap, and holds throughout',
    (times, maxAgeMs) => {
      const sorted = times.toSorted((a, b) => a - b).map((at) => seen(`s${at}`, at));
      for (let atMs = 0; atMs < 600; atMs += 7) {
        const found = snapshotAt(sorted, atMs, maxAgeMs);
        if (!found) continue;
        const { startMs, endMs } = found.during;
        expect(startMs <= atMs && atMs < endMs && endMs - startMs <= maxAgeMs).toBe(true);
        expect(snapshotAt(sorted, startMs, maxAgeMs)?.snapshot.id).toBe(found.snapshot.id);
        expect(snapshotAt(sorted, endMs - 1, maxAgeMs)?.snapshot.id).toBe(found.snapshot.id);
        expect(snapshotAt(sorted, endMs, maxAgeMs)?.snapshot.id).not.toBe(found.snapshot.id);
      }
    },
  );
});

describe('a price charged in another asset', () => {
  const price: Price = {
    model: { kind: 'quota', quotaUnits: 10n, overage: { amountMinor: 7n, perUnits: 3n } },
    rounding: 'half-even',
    minimumMinor: 0n,
    exchange: { numerator: 123_457n, denominator: 1000n },
  };

  test.prop([fc.array(fc.bigInt(0n, 5_000n), { maxLength: 8 })])(
    'comes to the same however the usage is cut',
    (parts) => {
      let before = 0n;
      let sum = 0n;
      for (const part of parts) {
        sum += rateDelta(price, before, part);
        before += part;
      }
      expect(sum).toBe(rate(price, before));
    },
  );

  test.prop([fc.bigInt(0n, 10_000n), fc.bigInt(1n, 12n), fc.bigInt(1n, 12n)])(
    'explains itself to the last unit',
    (quantity, numerator, denominator) => {
      const charged = { ...price, exchange: { numerator, denominator } };
      const steps = explainRate(charged, quantity);
      expect(steps.reduce((sum, step) => sum + step.amountMinor, 0n)).toBe(rate(charged, quantity));
    },
  );
});
