/**
 * The same random business on both engines: equal answers, equal chains, and SQLite's books prove at the end. SEED=n
 * repeats one.
 */
import { expect, test } from 'vitest';
import type { Answer, Command } from '#core/ledger/port.ts';
import { failingStore } from '../support/failing-store.ts';
import type { FailingStore } from '../support/failing-store.ts';
import { MOVES, Play, setting } from '../support/play.ts';
import type { Move } from '../support/play.ts';
import { headOf } from '../support/rich-world.ts';
import { NOON_MS, World } from '../support/world.ts';
import { below, randomFrom } from './random.ts';

const STEPS = Number(process.env['STEPS'] ?? 900);
const ONE = process.env['SEED'];
const SEEDS = ONE === undefined ? [1, 2, 3, 4, 5, 6].map((one) => one * 7919 + (Date.now() % 7919)) : [Number(ONE)];

/** A world whose store can be made to fail. */
class Shaky {
  readonly world: World;
  #failing: FailingStore;

  constructor(world: World) {
    this.world = world;
    this.#failing = this.#wrap();
  }

  #wrap(): FailingStore {
    const failing = failingStore(this.world.store);
    this.world.restartOn(failing.store);
    return failing;
  }

  reopen(): void {
    this.world.reopen();
    this.#failing = this.#wrap();
  }

  /** Sends commands; with a failure the books must be as before, and take the same commands after it. */
  send(commands: readonly Command[], failAt: number | null): Answer[] {
    if (failAt !== null) {
      const before = headOf(this.world);
      this.#failing.failAt(failAt);
      try {
        const answers = this.world.commit(...commands);
        this.#failing.failAt(null);
        return answers;
      } catch {
        this.#failing.failAt(null);
        expect(headOf(this.world)).toBe(before);
      }
    }
    return this.world.commit(...commands);
  }
}

function moveOf(random: () => number): Move {
  const name = MOVES[below(random, MOVES.length)] ?? 'post';
  return { name, a: below(random, 2 ** 16), b: below(random, 2 ** 16), c: below(random, 2 ** 16) };
}

test.each(SEEDS)('seed %i', (seed) => {
  const random = randomFrom(seed);
  const clock = { nowMs: NOON_MS };
  const [memory, sqlite] = (['memory', 'sqlite'] as const).map((kind) => new Shaky(new World(kind, { clock })));
  if (!memory || !sqlite) return;
  const play = new Play(clock);
  let commands: Command[] = setting(play.script);
  try {
    for (let step = 0; step < STEPS; step += 1) {
      // Both fail together or not at all: a failed commit must leave nothing behind on either.
      const failAt = random() < 0.1 ? below(random, 40) : null;
      const answers = [memory, sqlite].map((one) => one.send(commands, failAt));
      expect(answers[1], `seed ${seed}, step ${step}`).toEqual(answers[0]);
      expect(
        headOf(sqlite.world),
        `seed ${seed}, step ${step}: ${JSON.stringify([failAt, commands, answers], bigText)}`,
      ).toBe(headOf(memory.world));
      play.learn(commands, answers[0] ?? [], sqlite.world.store);
      // A restart reads everything again: what is kept in memory must be what is stored.
      if (random() < 0.03) (random() < 0.5 ? sqlite : memory).reopen();
      commands = play.commands(moveOf(random));
    }
    sqlite.world.post();
    const { problem } = sqlite.world.verify();
    expect(problem, `seed ${seed} ${JSON.stringify(problem)}`).toBeNull();
  } finally {
    memory.world.dispose();
    sqlite.world.dispose();
  }
});

function bigText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
