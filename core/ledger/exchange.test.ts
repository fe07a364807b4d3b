import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, ENGINES, HOUR_MS, NOON_MS, plainWorld } from '../../test/support/world.ts';
import type { EngineKind, World } from '../../test/support/world.ts';
import { parseExchange } from '#core/domain/exchange.ts';

const PAIR = ['USD/2', 'SOL/9'] as const;
const UNBILLED = 'cus_a:unbilled:SOL/9';
let world: World;
afterEach(() => world.dispose());

/** A meter priced at ten cents a unit, charged in SOL. */
function open(kind: EngineKind): void {
  world = plainWorld(kind);
  const { script } = world;
  world.commit(
    script.meter('renders'),
    script.price('prc_renders', 'renders', { perUnit: 10n, asset: 'USD/2', chargedIn: 'SOL/9' }),
  );
}
const use = (units: bigint, occurredMs = world.clock.nowMs): void => {
  world.accept([{ subject: 'cus_a', meter: 'renders', units, occurredMs }]);
  world.post();
};
/** What waits unrated, newest last. */
const waiting = (): string[] => {
  const found: string[] = [];
  for (let seq = 1; seq <= world.engine.head().sequence; seq += 1) {
    const tx = world.store.get('tx', seq);
    if (tx?.kind !== 'usage.posted') continue;
    const { parked } = JSON.parse(tx.body) as { parked: [number, string, string, string][] };
    found.push(...parked.map(([, , reason]) => reason));
  }
  return found;
};
const parkedId = (): string => {
  for (let seq = world.engine.head().sequence; seq > 0; seq -= 1) {
    const id = `prk_${seq.toString(36).padStart(11, '0')}${(1).toString(36).padStart(3, '0')}`;
    if (world.store.get('parked', id)) return id;
  }
  return '';
};

describe.each(ENGINES)('a price charged in another asset on the %s engine', (kind: EngineKind) => {
  beforeEach(() => open(kind));
  afterEach(() => {
    if (kind === 'sqlite') expect(world.verify().problem).toBeNull();
  });

  test('is charged by the rate that counted when usage happened', () => {
    const { script, clock } = world;
    world.commit(script.rate('rte_1', PAIR, '0.005'));
    use(10n);
    expect(world.balance(UNBILLED)).toBe(-5_000_000n);
    clock.nowMs += HOUR_MS;
    world.commit(script.rate('rte_2', PAIR, '0.01'));
    use(10n);
    expect(world.balance(UNBILLED)).toBe(-15_000_000n);
    use(10n, NOON_MS + 1);
    expect(world.balance(UNBILLED)).toBe(-20_000_000n);
  });

  test('waits, visibly, where no rate is known or the last one is too old', () => {
    const { script, clock } = world;
    use(10n);
    expect(waiting()).toEqual(['rate-unknown']);
    world.commit(script.rate('rte_1', PAIR, '0.005'));
    clock.nowMs += DAY_MS;
    use(10n);
    expect(waiting()).toEqual(['rate-unknown', 'rate-unknown']);
    expect(world.balance(UNBILLED)).toBe(0n);
  });

  test('is charged once a rate of its time is recorded and the queue is worked off', () => {
    const { script, clock } = world;
    clock.nowMs += HOUR_MS;
    use(10n);
    const id = parkedId();
    expect(world.do(script.assign([id], {}))).toMatchObject({ rated: 0, stillParked: 1 });
    world.commit(script.rate('rte_1', PAIR, '0.005', NOON_MS));
    expect(world.do(script.assign([id], {}))).toMatchObject({ rated: 1 });
    expect(world.balance(UNBILLED)).toBe(-5_000_000n);
  });

  test('is promised and captured by the rate at which it was held', () => {
    const { script, clock } = world;
    world.do(script.grant('cus_a', 50_000_000n, { asset: 'SOL/9' }));
    expect(world.refused(script.hold('cus_a', 'renders', 10n))).toBe('PRICE_UNKNOWN');
    world.commit(script.rate('rte_1', PAIR, '0.005'));
    const { id } = world.do<{ id: string }>(script.hold('cus_a', 'renders', 10n, { ttlMs: HOUR_MS }));
    expect(world.held('cus_a:wallet:SOL/9')).toBe(5_000_000n);
    clock.nowMs += 1000;
    world.commit(script.rate('rte_2', PAIR, '0.05'));
    world.do(script.capture(id, 10n));
    expect(world.balance('cus_a:wallet:SOL/9')).toBe(45_000_000n);
  });

  test('is billed in that asset, and its invoice says at which price', () => {
    const { script, clock } = world;
    world.commit(script.rate('rte_1', PAIR, '0.005'));
    use(10n);
    clock.nowMs += 40 * DAY_MS;
    const [id = ''] = world.bill(['cus_a']);
    const invoice = world.store.get('invoice', id);
    expect(invoice).toMatchObject({ asset: 'SOL/9', due: '5000000' });
    expect(JSON.parse(invoice?.bytes ?? '{}')).toMatchObject({
      lines: [{ rate: '0.1 USD a unit, charged in SOL at the rate of the moment' }],
    });
  });
});

test('a writer that charges by a rate that did not count is found by verify', () => {
  open('sqlite');
  const { script, clock } = world;
  world.commit(script.rate('rte_1', PAIR, '0.005'));
  clock.nowMs += HOUR_MS;
  world.commit(script.rate('rte_2', PAIR, '0.01'));
  const { catalog } = world.engine;
  const right = catalog.priceAt.bind(catalog);
  catalog.priceAt = (customer, meter, atMs) => {
    const [found, old] = [right(customer, meter, atMs), catalog.price('prc_renders', 'rte_1')];
    return found && old ? { ...found, known: old } : found;
  };
  use(10n);
  expect(world.verify().problem).toMatchObject({ table: 'slice', detail: expect.stringContaining('rate') });
});

test('a rate is kept exactly', () => {
  expect(parseExchange('0.005', ...PAIR)).toEqual({ numerator: 50_000n, denominator: 1n });
});
