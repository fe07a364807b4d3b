import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { rotated, secretsInForce } from './notice.ts';
import type { SecretRef } from './notice.ts';

const DAY_MS = 86_400_000;
const first: SecretRef = { id: 'sec_1', sha256: 'a', untilMs: null };
const idsAt = (secrets: readonly SecretRef[], atMs: number) => secretsInForce({ secrets }, atMs).map(({ id }) => id);

describe('a rotation', () => {
  test('lets the old secret sign for the overlap and no longer, the new one first', () => {
    const { kept, dropped } = rotated(
      { secrets: [first] },
      { id: 'sec_2', sha256: 'b' },
      { atMs: 0, overlapMs: DAY_MS },
    );
    expect(dropped).toEqual([]);
    expect(idsAt(kept, DAY_MS - 1)).toEqual(['sec_2', 'sec_1']);
    expect(idsAt(kept, DAY_MS)).toEqual(['sec_2']);
    const next = rotated({ secrets: kept }, { id: 'sec_3', sha256: 'c' }, { atMs: DAY_MS, overlapMs: 1 });
    expect(next.dropped).toEqual(['sec_1']);
  });

  test.prop([
    fc.array(fc.record({ waitMs: fc.nat({ max: 1000 }), overlapMs: fc.nat({ max: 3000 }) }), { maxLength: 8 }),
  ])(
    'after any number of others: the newest always signs, no overlap is made longer, none is both kept and dropped',
    (turns) => {
      let secrets: readonly SecretRef[] = [first];
      let atMs = 0;
      for (const [turn, { waitMs, overlapMs }] of turns.entries()) {
        atMs += waitMs;
        const before = new Map(secrets.map(({ id, untilMs }) => [id, untilMs ?? Infinity]));
        const { kept, dropped } = rotated({ secrets }, { id: `new_${turn}`, sha256: 'x' }, { atMs, overlapMs });
        expect(idsAt(kept, atMs)[0]).toBe(`new_${turn}`);
        for (const { id, untilMs } of kept.slice(0, -1)) {
          expect(untilMs ?? Infinity).toBeLessThanOrEqual(Math.min(before.get(id) ?? 0, atMs + overlapMs));
          expect(dropped).not.toContain(id);
        }
        expect(kept.length + dropped.length).toBe(secrets.length + 1);
        secrets = kept;
      }
    },
  );
});
