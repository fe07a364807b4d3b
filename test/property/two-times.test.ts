/** Invariant 2 in both times: a balance is the fold of its entries as known at one instant and true for another. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openForReading } from '#core/ledger/open.ts';
import { accounts } from '#core/ledger/reads/balances.ts';
import { createReadSession } from '#core/ledger/reads/session.ts';
import { MOVES, Play, setting } from '../support/play.ts';
import type { Move } from '../support/play.ts';
import { DAY_MS, NOON_MS, World } from '../support/world.ts';

const nat = fc.nat(2 ** 16);
const move: fc.Arbitrary<Move> = fc.record({ name: fc.constantFrom(...MOVES), a: nat, b: nat, c: nat });
const moves = fc.array(move, { minLength: 10, maxLength: 80, size: 'max' });
/** Days around the play, by which the two instants are chosen. */
const day = fc.integer({ min: -45, max: 150 });
const instants = fc.array(fc.record({ happenedDay: day, knownDay: day }), { minLength: 3, maxLength: 8 });

type Kept = Readonly<{ account: string; amount: bigint; happenedMs: number; recordedMs: number }>;

/** Every entry with both of its times, read row by row from the journal. */
function journal(world: World): Kept[] {
  const kept: Kept[] = [];
  for (let seq = 1; seq <= world.engine.head().sequence; seq += 1) {
    const recordedMs = world.store.get('tx', seq)?.recorded_ms ?? 0;
    for (let line = 0; ; line += 1) {
      const row = world.store.get('entry', seq, line);
      if (!row) break;
      kept.push({ account: row.account, amount: BigInt(row.amount), happenedMs: row.happened_ms, recordedMs });
    }
  }
  return kept;
}

function fold(entries: readonly Kept[], asOfMs: number, knownAtMs: number): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { account, amount, happenedMs, recordedMs } of entries) {
    if (happenedMs < asOfMs && recordedMs <= knownAtMs) sums.set(account, (sums.get(account) ?? 0n) + amount);
  }
  return sums;
}

describe('at any two instants', () => {
  test('every balance is the fold of what had happened by one and was recorded by the other', () => {
    let compared = 0;
    fc.assert(
      fc.property(moves, instants, (list, pairs) => {
        const clock = { nowMs: NOON_MS };
        const world = new World('sqlite', { clock });
        const play = new Play(clock);
        const send = (commands: ReturnType<Play['commands']>) =>
          play.learn(commands, world.commit(...commands), world.store);
        try {
          send(setting(play.script));
          for (const one of list) send(play.commands(one));
          world.post();
          const connection = openForReading(world.file);
          const session = createReadSession(connection);
          const entries = journal(world);
          for (const { happenedDay, knownDay } of pairs) {
            const instant = { asOfMs: NOON_MS + happenedDay * DAY_MS, knownAtMs: NOON_MS + knownDay * DAY_MS };
            const expected = fold(entries, instant.asOfMs, instant.knownAtMs);
            const { items, sums } = accounts(session.at(instant), {});
            for (const { account, balanceMinor } of items) {
              expect(balanceMinor).toBe(String(expected.get(account) ?? 0n));
              if (balanceMinor !== '0') compared += 1;
            }
            for (const { sumMinor } of sums) expect(sumMinor).toBe('0');
          }
          session.close();
        } finally {
          world.dispose();
        }
      }),
      { numRuns: 60 },
    );
    expect(compared).toBeGreaterThan(100);
  });
});
