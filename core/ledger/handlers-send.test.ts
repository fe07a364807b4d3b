import { afterEach, describe, expect, test } from 'vitest';
import { ENGINES, World } from '../../test/support/world.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

describe.each(ENGINES)('sends in books on %s', (kind) => {
  function begun() {
    const world = new World(kind);
    worlds.push(world);
    const sends = world.script.sends('evm/1/0x', '0xA');
    world.do(sends.lease('one'));
    world.do(sends.save({ id: 'a', nonce: '1', version: 1, state: 'built' }));
    return { world, sends };
  }

  test('are signed once: a second signature while the first may run is refused, and nothing is written', () => {
    const { world, sends } = begun();
    const solana = world.script.sends('solana/x', 'P');
    world.do(solana.lease('one'));
    world.do(solana.save({ id: 's', version: 1, state: 'signed', bytes: '01' }));
    world.do(solana.save({ id: 's', version: 2, state: 'sent' }));
    const before = world.engine.head().sequence;
    expect(world.refused(solana.save({ id: 's', version: 3, state: 'sent', bytes: '02' }))).toBe('CONFLICT');
    expect(world.refused(solana.save({ id: 's', version: 3, state: 'signed', bytes: '02' }))).toBe('CONFLICT');
    expect(world.refused(sends.save({ id: 'a', nonce: '1', version: 2, state: 'signed' }))).toBe('CONFLICT');
    expect(world.engine.head().sequence).toBe(before);
    expect(world.store.get('send_attempt', 'solana/x', 'P', 's', 2)).toBeUndefined();
  });

  test('are moved by the holder of their lease only', () => {
    const { world, sends } = begun();
    const other = world.script.sends('evm/1/0x', '0xA');
    expect(world.refused(other.lease('two'))).toBe('CONFLICT');
    world.clock.nowMs += 60_000;
    world.do(other.lease('two'));
    expect(world.refused(sends.save({ id: 'a', nonce: '1', version: 2, state: 'signed', bytes: '01' }))).toBe(
      'CONFLICT',
    );
    expect(world.store.get('send', 'evm/1/0x', '0xA', 'a')?.version).toBe(1);
    expect(world.store.get('send_lease', 'evm/1/0x', '0xA')).toMatchObject({ owner: 'two', epoch: 2 });
  });

  test('are free at once when the writer of their lease is gone', () => {
    const { world } = begun();
    world.reopen();
    const next = world.script.sends('evm/1/0x', '0xA');
    world.do(next.lease('two'));
    expect(world.store.get('send_lease', 'evm/1/0x', '0xA')).toMatchObject({ owner: 'two', epoch: 2, writer: 2 });
  });

  test('are kept by version: the same write again is a conflict, and the lease is renewed by each', () => {
    const { world, sends } = begun();
    world.clock.nowMs += 50_000;
    const signed = sends.save({ id: 'a', nonce: '1', version: 2, state: 'signed', bytes: '01' });
    world.do(signed);
    expect(world.refused(signed)).toBe('CONFLICT');
    expect(world.store.get('send_lease', 'evm/1/0x', '0xA')?.until_ms).toBe(world.clock.nowMs + 60_000);
    expect(world.store.get('send', 'evm/1/0x', '0xA', 'a')).toMatchObject({ attempts: 1, opened_tx: 2, tx: 3 });
  });
});
