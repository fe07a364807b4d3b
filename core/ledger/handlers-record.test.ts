import { afterEach, describe, expect, test } from 'vitest';
import { ENGINES, plainWorld } from '../../test/support/world.ts';
import type { World } from '../../test/support/world.ts';
import type { EngineKind } from '../../test/support/world.ts';

let world: World;
afterEach(() => world.dispose());

describe.each(ENGINES)('a name on the %s engine', (kind: EngineKind) => {
  test('is taken from nobody but the record that has it', () => {
    world = plainWorld(kind);
    const take = { ...world.script.customer('cus_b'), names: [{ kind: 'customer', name: 'acme', take: true }] };
    world.do(take);
    expect(world.store.get('name', 'customer', 'acme')?.target).toBe('cus_a');
    world.do({ ...take, id: 'cus_a' });
    expect(world.store.get('name', 'customer', 'acme')).toBeUndefined();
  });
});
