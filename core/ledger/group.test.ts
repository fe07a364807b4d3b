import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AGGREGATIONS, EMPTY_WINDOW, advance } from '#core/domain/meter.ts';
import type { Window } from '#core/domain/meter.ts';
import { addToFold, emptyFold, settle } from './group.ts';
import type { Added } from './group.ts';

const event = fc.record({
  occurredMs: fc.integer({ min: 0, max: 5 }),
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  units: fc.bigInt({ min: 0n, max: 40n }),
  firstSeen: fc.boolean(),
});
const before: fc.Arbitrary<Window> = fc.oneof(
  fc.constant(EMPTY_WINDOW),
  fc.record({
    quantity: fc.bigInt({ min: 0n, max: 40n }),
    latestAtMs: fc.integer({ min: 0, max: 5 }),
    latestId: fc.constantFrom('a', 'b', 'c', 'd'),
  }),
);

describe('a fold of events', () => {
  test.each(AGGREGATIONS)('moves a window of %s as its events do one by one', (aggregation) => {
    fc.assert(
      fc.property(before, fc.array(event, { maxLength: 12 }), fc.bigInt({ min: -9n, max: 9n }), (window, list, by) => {
        const fold = emptyFold();
        let [stepped, total] = [window, 0n];
        const take = (one: Added, as = aggregation) => {
          addToFold(fold, one);
          const { occurredMs: occurredAtMs, id, units: quantity, firstSeen } = one;
          const step = advance(as, stepped, { quantity, occurredAtMs, id, firstSeen });
          [stepped, total] = [step.window, total + step.delta];
        };
        list.forEach((one, seq) =>
          take({ ...one, seq, units: aggregation === 'count' ? 1n : one.units, isCorrection: false }),
        );
        // Corrections come last here: a rise of `max` above a corrected window depends on which came first.
        take({ seq: 99, id: 'z', occurredMs: 3, units: by, isCorrection: true, firstSeen: false }, 'sum');
        const settled = settle(aggregation, fold, window);
        expect(settled.delta).toBe(total);
        expect(settled.window).toEqual(stepped);
      }),
    );
  });
});
