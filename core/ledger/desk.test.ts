import { afterEach, describe, expect, test } from 'vitest';
import { ENGINES, plainWorld } from '../../test/support/world.ts';
import type { World } from '../../test/support/world.ts';
import { Engine } from './engine.ts';

let world: World;
afterEach(() => world.dispose());

describe.each(ENGINES)('a commit on the %s engine', (kind) => {
  test('is refused to a writer after another one began', () => {
    world = plainWorld(kind);
    const { script } = world;
    const late = new Engine(world.store, () => world.clock.nowMs);
    expect(() => world.commit(script.grant('cus_a', 5n))).toThrow(/epoch/);
    late.begin();
    expect(late.apply(script.grant('cus_a', 5n)).ok).toBe(true);
    late.commit();
  });

  test('never runs back in recorded time', () => {
    world = plainWorld(kind);
    const { script, clock } = world;
    const before = world.engine.head().recordedMs;
    clock.nowMs -= 3_600_000;
    world.do(script.grant('cus_a', 5n));
    expect(world.engine.head().recordedMs).toBe(before);
  });

  test('in which nothing changed leaves no block', () => {
    world = plainWorld(kind);
    const { script } = world;
    const head = world.engine.head();
    expect(world.refused(script.hold('cus_a', 'calls', 5n))).toBe('PAYMENT_REQUIRED');
    expect(world.engine.head()).toEqual(head);
  });
});
