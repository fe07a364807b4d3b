import { afterEach, describe, expect, test } from 'vitest';
import { openForReading } from './open.ts';
import { accounts } from './reads/balances.ts';
import { createReadSession } from './reads/session.ts';
import { DAY_MS, ENGINES, NOON_MS, World, plainWorld } from '../../test/support/world.ts';
import type { EngineKind } from '../../test/support/world.ts';

let world: World;
afterEach(() => world.dispose());

/** Meters that keep one value, at 10 a unit, for a customer whose period turns over on the 15th. */
function turning(kind: EngineKind): World {
  world = new World(kind, { clock: { nowMs: NOON_MS + 20 * DAY_MS } });
  const { script } = world;
  world.commit(
    script.meter('seats', { aggregation: 'latest' }),
    script.meter('peak', { aggregation: 'max' }),
    script.price('prc_seats', 'seats', { perUnit: 10n }),
    script.price('prc_peak', 'peak', { perUnit: 10n }),
    script.customer('cus_a', { anchorDay: 15 }),
  );
  return world;
}

/** Slices in the order of the journal: quantity before, quantity added, and the day they happened. */
function slices(): [string, string, string][] {
  const found: [string, string, string][] = [];
  for (let seq = 1; seq <= world.engine.head().sequence; seq += 1) {
    const row = world.store.get('slice', seq);
    if (row) found.push([row.before_units, row.delta, new Date(row.happened_ms).toISOString().slice(0, 10)]);
  }
  return found;
}

const at = (day: number, hour: number): number => Date.UTC(2026, 2, day, hour);
const use = (meter: string, day: number, hour: number, units: bigint) => ({
  subject: 'cus_a',
  meter,
  units,
  occurredMs: at(day, hour),
});

describe.each(ENGINES)('a chunk that spans a turn of the period on the %s engine', (kind: EngineKind) => {
  test('moves a window of the latest value slice by slice, whatever order the events came in', () => {
    turning(kind);
    world.accept([use('seats', 14, 8, 3n), use('seats', 16, 8, 5n), use('seats', 14, 9, 4n)]);
    world.post();
    expect(slices()).toEqual([
      ['0', '4', '2026-03-14'],
      ['4', '1', '2026-03-16'],
    ]);
    if (kind === 'sqlite') expect(world.verify().problem).toBeNull();
  });

  test('charges a peak once, in the period that reached it first', () => {
    turning(kind);
    world.accept([use('peak', 16, 8, 7n), use('peak', 14, 8, 9n), use('peak', 16, 9, 8n)]);
    world.post();
    expect(slices()).toEqual([
      ['0', '8', '2026-03-16'],
      ['8', '1', '2026-03-14'],
    ]);
    if (kind === 'sqlite') expect(world.verify().problem).toBeNull();
  });
});

describe.each(ENGINES)('what waits on the %s engine', (kind: EngineKind) => {
  test('is estimated as it will be posted, day after day in one quota', () => {
    world = new World(kind, { clock: { nowMs: NOON_MS + 5 * DAY_MS } });
    const { script } = world;
    const priced = { kind: 'quota', quotaUnits: 15n, overage: { amountMinor: 9n, perUnits: 1n } } as const;
    world.commit(script.meter('calls'), script.price('prc_calls', 'calls', { priced }), script.customer('cus_a'));
    world.do(script.grant('cus_a', 100n));
    world.accept([use('calls', 2, 8, 10n), use('calls', 3, 8, 10n)]);
    const check = { type: 'gate.check', actor: 'test', customer: 'cus_a', meter: 'calls', units: 1n } as const;
    expect(world.do(check)).toMatchObject({ balance: '55', required: '9' });
    world.post();
    expect(world.do(check)).toMatchObject({ balance: '55', required: '9' });
  });
});

test('usage that came days late is true for the day on which it happened', () => {
  world = plainWorld('sqlite');
  world.clock.nowMs = NOON_MS + 5 * DAY_MS;
  world.accept([use('calls', 2, 8, 1n), use('calls', 3, 8, 2n), use('calls', 4, 8, 4n)]);
  world.post();
  const connection = openForReading(world.file);
  const session = createReadSession(connection);
  const revenue = (asOfMs: number) =>
    accounts(session.at({ asOfMs }), {}).items.find(({ account }) => account.startsWith('revenue:'))?.balanceMinor;
  expect([2, 3, 4, 5].map((day) => revenue(at(day, 0)))).toEqual(['0', '10', '30', '70']);
  session.close();
});
