import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { LEAK_KINDS, LEAK_NEXT, ranked } from './leak.ts';
import type { Leak } from './leak.ts';

const arbLeak: fc.Arbitrary<Leak> = fc
  .record({
    kind: fc.constantFrom(...LEAK_KINDS),
    asset: fc.constantFrom('USDC/6', 'SOL/9', null),
    amountMinor: fc.bigInt(0n, 10n ** 30n),
    title: fc.string({ maxLength: 5 }),
    count: fc.nat({ max: 3 }),
  })
  .map((one) => ({
    ...one,
    amountMinor: one.asset === null ? null : one.amountMinor,
    detail: '',
    customer: null,
    meter: null,
    evidence: [],
  }));

describe('leaks', () => {
  test.prop([fc.array(arbLeak)])('are ranked by amount within their asset, those without one last', (leaks) => {
    const all = ranked(leaks);
    expect(all).toHaveLength(leaks.length);
    for (const [at, one] of all.entries()) {
      const next = all[at + 1];
      if (next === undefined) continue;
      if (one.asset === null) expect(next.asset).toBeNull();
      if (one.asset === next.asset) expect((one.amountMinor ?? 0n) >= (next.amountMinor ?? 0n)).toBe(true);
      else expect(next.asset === null || (one.asset ?? '') < next.asset).toBe(true);
    }
  });

  test('each have a next step', () => {
    for (const kind of LEAK_KINDS) expect(LEAK_NEXT[kind]).toMatch(/^[A-Z].*\.$/);
  });
});
