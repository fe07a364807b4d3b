import { afterEach, describe, expect, test } from 'vitest';
import { ENGINES, NOON_MS, plainWorld } from '../../test/support/world.ts';
import type { World } from '../../test/support/world.ts';
import type { EngineKind } from '../../test/support/world.ts';

let world: World;
afterEach(() => world.dispose());

const WALLET = 'cus_a:wallet:USDC/6';

/** Ids of what is parked, without SQL: on either engine. */
function parked(count: number): string[] {
  const { sequence } = world.engine.head();
  const ids: string[] = [];
  for (let tx = 1; tx <= sequence; tx += 1) {
    for (let line = 1; line <= count; line += 1) {
      const id = `prk_${tx.toString(36).padStart(11, '0')}${line.toString(36).padStart(3, '0')}`;
      if (world.store.get('parked', id)) ids.push(id);
    }
  }
  return ids;
}

describe.each(ENGINES)('parked usage on the %s engine', (kind: EngineKind) => {
  test('is rated once, though its id is sent twice in one call', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.do(script.grant('cus_a', 1000n));
    world.accept([{ subject: 'nobody', meter: 'calls', units: 7n }]);
    world.post();
    const [id = ''] = parked(1);
    expect(world.do(script.assign([id, id], { customer: 'cus_a' }))).toMatchObject({ rated: 1 });
    expect(world.balance(WALLET)).toBe(930n);
  });

  test('is read at the scale of the meter it is assigned to', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(
      script.meter('fine', { scale: 3 }),
      script.grant('cus_a', 1_000_000n),
      script.price('prc_fine', 'fine', { priced: { kind: 'per-unit', rate: { amountMinor: 5n, perUnits: 1000n } } }),
    );
    world.accept([{ subject: 'nobody', meter: 'calls', units: 4n }]);
    world.post();
    world.do(script.assign(parked(1), { customer: 'cus_a', meter: 'fine' }));
    expect(world.balance(WALLET)).toBe(1_000_000n - 20n);
  });

  test('is in the hourly totals of the meter it is assigned to', () => {
    world = plainWorld(kind);
    world.accept([{ subject: 'cus_a', meter: 'unheard', units: null, data: { quantity: 3 } }]);
    world.post();
    world.do(world.script.assign(parked(1), { meter: 'calls' }));
    const hourMs = Math.floor(NOON_MS / 3_600_000) * 3_600_000;
    expect(world.store.get('rollup', 'calls', 'cus_a', hourMs)).toMatchObject({ events: 1, units: '3' });
  });
});

describe.each(ENGINES)('usage that is taken whole on the %s engine', (kind: EngineKind) => {
  test('is all new, or leaves nothing: with what the books have, and with itself twice', () => {
    world = plainWorld(kind);
    const { script } = world;
    const one = (id: string, subject = 'cus_a') => ({ id, subject, meter: 'calls', units: 1n });
    const whole = (...events: ReturnType<typeof one>[]) => ({ ...script.usage(events), whole: true as const });
    expect(world.do(whole(one('w1'), one('w2', 'nobody')))).toMatchObject({ results: 'ap' });
    const letters = (command: ReturnType<typeof whole>): unknown => {
      const before = world.engine.head();
      const [answer] = world.commit(command);
      expect(world.engine.head().events).toBe(before.events);
      return answer && !answer.ok ? answer.refusal.values?.['results'] : 'taken';
    };
    expect(letters(whole(one('w3'), one('w1'), one('w4')))).toBe('ada');
    expect(letters(whole(one('w5'), one('w5')))).toBe('ad');
    expect(world.do(whole(one('w3'), one('w4'), one('w5')))).toMatchObject({ results: 'aaa' });
    world.post();
    expect(world.balance(WALLET)).toBe(0n);
    expect(world.balance('cus_a:unbilled:USDC/6')).toBe(-40n);
  });
});

describe.each(ENGINES)('a correction on the %s engine', (kind: EngineKind) => {
  test('is not confused with that of another event whose source and id join to the same text', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.do(script.grant('cus_a', 1000n));
    world.accept([
      { subject: 'cus_a', meter: 'calls', units: 10n, source: 'a|b', id: 'c' },
      { subject: 'cus_a', meter: 'calls', units: 20n, source: 'a', id: 'b|c' },
    ]);
    world.post();
    world.do(script.correct('c', 1n, { source: 'a|b' }));
    expect(world.do(script.correct('b|c', 2n, { source: 'a' }))).toMatchObject({ quantityBefore: '20' });
    expect(world.store.get('usage_window', 'cus_a', 'calls', 'prc_calls', '2026-03')?.units).toBe('3');
  });
});

describe.each(ENGINES)('usage that waits to be posted, on the %s engine', (kind: EngineKind) => {
  const spendable = () =>
    world.do<{ balance: string }>({
      type: 'gate.check',
      actor: 'test',
      customer: 'cus_a',
      meter: 'calls',
      units: 1n,
    }).balance;

  test('is posted to whom its subject led when it was accepted, before that changes', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.do(script.grant('cus_a', 1000n));
    world.accept([
      { subject: 'acme', meter: 'calls', units: 5n },
      { subject: 'cus_a', meter: 'calls', units: 5n },
    ]);
    expect(spendable()).toBe('900');
    world.do({ ...script.customer('cus_a'), names: [{ kind: 'customer', name: 'acme', take: true }] });
    world.post();
    expect(world.balance(WALLET)).toBe(900n);
    expect(spendable()).toBe('900');
  });

  test('has no price that is published after it: it is parked, never priced by a guess', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(script.grant('cus_a', 1000n), script.meter('extra'));
    world.accept([{ subject: 'cus_a', meter: 'extra', units: 5n }]);
    expect(spendable()).toBe('1000');
    world.do(script.price('prc_extra', 'extra', { perUnit: 20n }));
    expect(spendable()).toBe('1000');
    expect(world.engine.poster.backlog).toBe(0);
    world.accept([{ subject: 'cus_a', meter: 'extra', units: 5n }]);
    expect(spendable()).toBe('900');
  });
});

describe.each(ENGINES)('usage too large to be an amount, on the %s engine', (kind: EngineKind) => {
  const MOST = 2n ** 63n - 1n;

  test('is parked when one event is, and the writer goes on', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(script.meter('huge'), script.price('prc_huge', 'huge', { perUnit: 10n ** 21n, asset: '0G/18' }));
    world.accept([
      { subject: 'cus_a', meter: 'huge', units: MOST },
      { subject: 'cus_a', meter: 'huge', units: 1n },
    ]);
    world.post();
    expect(world.engine.poster.backlog).toBe(0);
    expect(parked(2).map((id) => world.store.get('parked', id)?.reason)).toEqual(['quantity-invalid']);
    expect(world.balance('cus_a:unbilled:0G/18')).toBe(-(10n ** 21n));
  });

  test('is posted as far as the sum is one', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(script.meter('huge'), script.price('prc_huge', 'huge', { perUnit: 10n ** 18n, asset: '0G/18' }));
    const units = 10n ** 17n;
    world.accept(Array.from({ length: 50 }, () => ({ subject: 'cus_a', meter: 'huge', units })));
    world.post();
    expect(world.engine.poster.backlog).toBe(0);
    expect(world.balance('cus_a:unbilled:0G/18')).toBe(-BigInt(50 - parked(50).length) * units * 10n ** 18n);
    expect(world.balance('cus_a:unbilled:0G/18')).toBeGreaterThan(-(2n ** 120n));
    if (kind === 'sqlite') expect(world.verify().problem).toBeNull();
  });
});

describe.each(ENGINES)('an event that comes again, on the %s engine', (kind: EngineKind) => {
  test('is a duplicate with the same body and a conflict with another, and is counted once', () => {
    world = plainWorld(kind);
    world.do(world.script.grant('cus_a', 100n));
    const event = { subject: 'cus_a', meter: 'calls', units: 2n, id: 'once' };
    expect(world.accept([event, event]).results).toBe('ad');
    expect(world.accept([event, { ...event, units: 3n }]).results).toBe('dc');
    world.post();
    expect(world.balance(WALLET)).toBe(80n);
    expect(world.engine.head().events).toBe(1);
  });
});
