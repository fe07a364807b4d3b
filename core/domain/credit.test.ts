import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { burn, burnOrder, giveBack, type Grant } from './credit.ts';

const grant = (change: Partial<Grant>): Grant => ({
  id: 'a',
  priority: 10,
  expiresAtMs: null,
  createdAtMs: 0,
  remainingMinor: 100n,
  grantedMinor: 100n,
  ...change,
});
const arbGrant: fc.Arbitrary<Grant> = fc
  .record({
    id: fc.string({ minLength: 1, maxLength: 4 }),
    priority: fc.integer({ min: 0, max: 3 }),
    expiresAtMs: fc.option(fc.integer({ min: 0, max: 20 })),
    createdAtMs: fc.integer({ min: 0, max: 3 }),
    grantedMinor: fc.bigInt(0n, 2n ** 70n),
    used: fc.bigInt(0n, 2n ** 70n),
  })
  .map(({ used, ...rest }) => ({ ...rest, remainingMinor: used > rest.grantedMinor ? 0n : rest.grantedMinor - used }));
const arbGrants = fc.uniqueArray(arbGrant, { selector: ({ id }) => id, maxLength: 8 });

describe('burning credit', () => {
  test.prop([arbGrants, fc.bigInt(0n, 2n ** 71n), fc.integer({ min: 0, max: 25 })])(
    'never consumes more than is left, nothing expired, and in order',
    (grants, amountMinor, atMs) => {
      const { burns, shortMinor } = burn(grants, amountMinor, atMs);
      const byId = new Map(grants.map((each) => [each.id, each]));
      const used = burns.map((part) => byId.get(part.grantId) as Grant);
      expect(burns.reduce((sum, part) => sum + part.amountMinor, shortMinor)).toBe(amountMinor);
      for (const [index, part] of burns.entries()) {
        const from = used[index] as Grant;
        expect(part.amountMinor > 0n && part.amountMinor <= from.remainingMinor).toBe(true);
        expect(from.expiresAtMs === null || from.expiresAtMs > atMs).toBe(true);
        // A grant is begun only when those before it are used up.
        if (index < burns.length - 1) expect(part.amountMinor).toBe(from.remainingMinor);
      }
      expect(used).toEqual(used.toSorted(burnOrder));
      const open = grants.filter((each) => each.expiresAtMs === null || each.expiresAtMs > atMs);
      const available = open.reduce((sum, each) => sum + each.remainingMinor, 0n);
      expect(shortMinor).toBe(amountMinor > available ? amountMinor - available : 0n);
      const untouched = open.filter((each) => each.remainingMinor > 0n && !used.includes(each));
      const last = used.at(-1);
      if (last !== undefined) for (const each of untouched) expect(burnOrder(last, each)).toBeLessThan(0);
    },
  );

  test.prop([arbGrant, arbGrant, arbGrant])('has one order', (a, b, c) => {
    expect(Math.sign(burnOrder(a, b))).toBe(-Math.sign(burnOrder(b, a)) + 0);
    if (burnOrder(a, b) <= 0 && burnOrder(b, c) <= 0) expect(burnOrder(a, c)).toBeLessThanOrEqual(0);
  });

  test('goes by priority, then expiry, then age, then id', () => {
    const order = [
      grant({ id: 'z', priority: 1 }),
      grant({ id: 'y', expiresAtMs: 50 }),
      grant({ id: 'x', expiresAtMs: 90 }),
      grant({ id: 'w', createdAtMs: 0 }),
      grant({ id: 'a', createdAtMs: 5 }),
      grant({ id: 'b', createdAtMs: 5 }),
    ];
    expect(
      order
        .toReversed()
        .sort(burnOrder)
        .map(({ id }) => id),
    ).toEqual(['z', 'y', 'x', 'w', 'a', 'b']);
  });

  test('skips a grant from the instant at which it expires', () => {
    const grants = [grant({ id: 'ends', expiresAtMs: 1_000 })];
    expect(burn(grants, 1n, 999).shortMinor).toBe(0n);
    expect(burn(grants, 1n, 1_000)).toEqual({ burns: [], shortMinor: 1n });
  });

  test('is never negative', () => {
    expect(() => burn([], -1n, 0)).toThrow('not negative');
  });
});

describe('giving back what credit paid', () => {
  const arbMoves = fc.array(
    fc.record({ grantId: fc.constantFrom('a', 'b', 'c'), amountMinor: fc.bigInt(1n, 50n), back: fc.bigInt(0n, 60n) }),
    { maxLength: 12 },
  );

  test.prop([arbMoves, fc.bigInt(0n, 800n)])(
    'returns as much as was paid and not returned yet, to those who paid it',
    (steps, amountMinor) => {
      // A history: burns, some of which were given back by the same rule right after.
      const moves: { grantId: string; amountMinor: bigint }[] = [];
      for (const { grantId, amountMinor: burnt, back } of steps) {
        moves.unshift({ grantId, amountMinor: -burnt });
        moves.unshift(...giveBack([...moves], back, () => 2n ** 80n));
      }
      const paid = new Map<string, bigint>();
      for (const move of moves) paid.set(move.grantId, (paid.get(move.grantId) ?? 0n) - move.amountMinor);
      for (const left of paid.values()) expect(left >= 0n).toBe(true);
      const all = [...paid.values()].reduce((sum, one) => sum + one, 0n);
      const back = giveBack(moves, amountMinor, () => 2n ** 80n);
      expect(back.reduce((sum, part) => sum + part.amountMinor, 0n)).toBe(all < amountMinor ? all : amountMinor);
      for (const part of back) expect(part.amountMinor <= (paid.get(part.grantId) ?? 0n)).toBe(true);
    },
  );

  test('goes first to the grant that was burnt last', () => {
    const moves = [
      { grantId: 'new', amountMinor: -30n },
      { grantId: 'old', amountMinor: -100n },
    ];
    expect(giveBack(moves, 40n, () => 1000n)).toEqual([
      { grantId: 'new', amountMinor: 30n },
      { grantId: 'old', amountMinor: 10n },
    ]);
  });

  test('does not return twice what was returned already', () => {
    const moves = [
      { grantId: 'a', amountMinor: 25n },
      { grantId: 'a', amountMinor: -30n },
    ];
    expect(giveBack(moves, 40n, () => 1000n)).toEqual([{ grantId: 'a', amountMinor: 5n }]);
  });

  test('never gives a grant more than it has paid in all', () => {
    const moves = [
      { grantId: 'a', amountMinor: -30n },
      { grantId: 'b', amountMinor: -30n },
    ];
    expect(giveBack(moves, 50n, (id) => (id === 'a' ? 10n : 1000n))).toEqual([
      { grantId: 'a', amountMinor: 10n },
      { grantId: 'b', amountMinor: 30n },
    ]);
  });
});
