/**
 * The invariants of the books as properties: whatever a business does, in any order, and however often it asks again.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Answer, Command } from '#core/ledger/port.ts';
import type { EntryRow, InvoiceRow } from '#core/ledger/rows.ts';
import { failingStore } from '../support/failing-store.ts';
import { ASSET, CUSTOMERS, MOVES, Play, setting } from '../support/play.ts';
import type { Move } from '../support/play.ts';
import { headOf } from '../support/rich-world.ts';
import { DAY_MS, NOON_MS, World } from '../support/world.ts';
import type { EngineKind } from '../support/world.ts';

const nat = fc.nat(2 ** 16);
const move: fc.Arbitrary<Move> = fc.record({ name: fc.constantFrom(...MOVES), a: nat, b: nat, c: nat });
const moves = (most: number) => fc.array(move, { minLength: 5, maxLength: most, size: 'max' });
const OVERDRAFTS: Readonly<Record<string, bigint>> = { cus_b: 300n };

type Game = Readonly<{ world: World; play: Play; send: (commands: readonly Command[]) => Answer[] }>;

function begin(kind: EngineKind): Game {
  const clock = { nowMs: NOON_MS };
  const world = new World(kind, { clock });
  const play = new Play(clock);
  const send = (commands: readonly Command[]): Answer[] => {
    const answers = world.commit(...commands);
    play.learn(commands, answers, world.store);
    return answers;
  };
  send(setting(play.script));
  return { world, play, send };
}

/** Plays a list of moves and looks at the world after each. */
function playing(kind: EngineKind, list: readonly Move[], look: (game: Game) => void): void {
  const game = begin(kind);
  try {
    for (const one of list) {
      game.send(game.play.commands(one));
      look(game);
    }
  } finally {
    game.world.dispose();
  }
}

/** Entries written since the last call, in order. */
function entryReader(world: World): () => EntryRow[] {
  let next = 1;
  return () => {
    const rows: EntryRow[] = [];
    for (; next <= world.engine.head().sequence; next += 1) {
      for (let line = 0; ; line += 1) {
        const row = world.store.get('entry', next, line);
        if (!row) break;
        rows.push(row);
      }
    }
    return rows;
  };
}

const availableOf = (world: World, customer: string): bigint =>
  ['wallet', 'unbilled', 'advance'].reduce((sum, role) => sum + world.balance(`${customer}:${role}:${ASSET}`), 0n) -
  world.held(`${customer}:wallet:${ASSET}`);

/** Invoices that were finalized, found by the journal. */
function finalized(world: World): InvoiceRow[] {
  const found: InvoiceRow[] = [];
  for (let seq = 1; seq <= world.engine.head().sequence; seq += 1) {
    const tx = world.store.get('tx', seq);
    if (tx?.kind !== 'invoice.finalized') continue;
    const row = world.store.get('invoice', (JSON.parse(tx.body) as { invoice: string }).invoice);
    if (row) found.push(row);
  }
  return found;
}

describe('at every instant', () => {
  test('entries sum to zero per transaction and over all, and every balance is the fold of its entries', () => {
    fc.assert(
      fc.property(moves(60), (list) => {
        const fold = new Map<string, bigint>();
        let read: (() => EntryRow[]) | undefined;
        playing('memory', list, ({ world }) => {
          read ??= entryReader(world);
          const sums = new Map<string, bigint>();
          for (const row of read()) {
            const key = `${row.tx} ${row.asset}`;
            sums.set(key, (sums.get(key) ?? 0n) + BigInt(row.amount));
            fold.set(row.account, (fold.get(row.account) ?? 0n) + BigInt(row.amount));
            expect(row.balance).toBe(String(fold.get(row.account)));
          }
          for (const sum of sums.values()) expect(sum).toBe(0n);
          for (const [account, sum] of fold) expect(world.balance(account)).toBe(sum);
          expect([...fold.values()].reduce((total, one) => total + one, 0n)).toBe(0n);
        });
      }),
      { numRuns: 100 },
    );
  });

  test('nobody can spend beyond the overdraft but by overshoot that says so', () => {
    fc.assert(
      fc.property(moves(80), (list) => {
        const overshoot = new Map<string, bigint>();
        let read: (() => EntryRow[]) | undefined;
        playing('memory', list, ({ world }) => {
          read ??= entryReader(world);
          for (const { memo, account, amount } of read()) {
            const [customer = ''] = account.split(':');
            if (memo === 'overshoot') overshoot.set(customer, (overshoot.get(customer) ?? 0n) + BigInt(amount));
          }
          for (const customer of CUSTOMERS) {
            const least = (overshoot.get(customer) ?? 0n) - (OVERDRAFTS[customer] ?? 0n);
            expect(availableOf(world, customer)).toBeGreaterThanOrEqual(least);
            expect(world.held(`${customer}:wallet:${ASSET}`)).toBeGreaterThanOrEqual(0n);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test('frozen bytes stay, and what was due is what is receivable', () => {
    fc.assert(
      fc.property(moves(50), (list) => {
        const frozen = new Map<string, string>();
        playing('memory', list, ({ world }) => {
          const due = new Map<string, bigint>();
          for (const row of finalized(world)) {
            expect(row.bytes).toBe(frozen.get(row.id) ?? row.bytes);
            frozen.set(row.id, row.bytes ?? '');
            due.set(row.customer, (due.get(row.customer) ?? 0n) + BigInt(row.due));
          }
          for (const [customer, sum] of due) expect(world.balance(`${customer}:receivable:${ASSET}`)).toBe(-sum);
        });
      }),
      { numRuns: 40 },
    );
  });
});

describe('at the end', () => {
  test('the books prove: folds, grants and their order, holds, every event in exactly one place', () => {
    fc.assert(
      fc.property(moves(120), (list) => {
        const { world, play, send } = begin('sqlite');
        try {
          for (const one of list) send(play.commands(one));
          expect(world.verify().problem).toBeNull();
          world.post();
          expect(world.verify().problem).toBeNull();
        } finally {
          world.dispose();
        }
      }),
      { numRuns: 100 },
    );
  });

  test('what was answered is answered the same again, in any order and number, and changes nothing', () => {
    fc.assert(
      fc.property(moves(60), fc.array(nat, { maxLength: 60 }), (list, order) => {
        const { world, play, send } = begin('memory');
        try {
          for (const one of list) send(play.commands(one));
          const head = headOf(world);
          for (const at of order) {
            const one = play.sent[at % Math.max(1, play.sent.length)];
            if (!one) continue;
            const [again] = world.commit(one.command);
            expect(JSON.stringify(again)).toBe(JSON.stringify(one.answer));
          }
          expect(headOf(world)).toBe(head);
        } finally {
          world.dispose();
        }
      }),
      { numRuns: 100 },
    );
  });

  test('the same usage sent again is counted once', () => {
    fc.assert(
      fc.property(moves(40), (list) => {
        const { world, play, send } = begin('memory');
        try {
          const slices: Command[] = [];
          for (const one of list) {
            const commands = play.commands(one);
            if (one.name === 'use') slices.push(...commands);
            send(commands);
          }
          world.post();
          const before = world.engine.head();
          for (const slice of slices) {
            const [answer] = world.commit(slice);
            expect(answer?.ok && (answer.value as { results: string }).results).toMatch(/^d*$/);
          }
          expect(world.engine.head()).toEqual(before);
        } finally {
          world.dispose();
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('billing', () => {
  const documents = (world: World): string[] => finalized(world).map((row) => row.bytes ?? '');

  /** Closes and finalizes as the run does; what was interrupted begins again. */
  function bill(world: World, play: Play): void {
    const until = NOON_MS + 100 * DAY_MS;
    const [closed] = world.commit(play.script.close(CUSTOMERS, until));
    const { invoices } = (closed?.ok ? closed.value : { invoices: [] }) as { invoices: string[] };
    for (const invoice of invoices) world.commit(play.script.finalize([invoice]));
  }

  function billed(list: readonly Move[], interrupt: number | null, times: number): string[] {
    const { world, play, send } = begin('memory');
    try {
      for (const one of list) send(play.commands(one));
      world.clock.nowMs = NOON_MS + 400 * DAY_MS;
      world.post();
      if (interrupt !== null) {
        const failing = failingStore(world.store);
        world.restartOn(failing.store);
        failing.failAt(interrupt);
        try {
          bill(world, play);
        } catch {
          world.reopen();
        }
        failing.failAt(null);
      }
      for (let run = 0; run < times; run += 1) bill(world, play);
      return documents(world);
    } finally {
      world.dispose();
    }
  }

  test('twice, or interrupted at any write and run again, gives the same invoices', () => {
    fc.assert(
      fc.property(moves(40), fc.nat(150), (list, interrupt) => {
        const once = billed(list, null, 1);
        expect(billed(list, null, 2)).toEqual(once);
        expect(billed(list, interrupt, 1)).toEqual(once);
        expect(billed(list, interrupt, 2)).toEqual(once);
      }),
      { numRuns: 40 },
    );
  });
});
