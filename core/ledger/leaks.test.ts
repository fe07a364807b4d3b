import { afterEach, describe, expect, test } from 'vitest';
import type { Leak, UnitCostRecord } from '#core/domain/leak.ts';
import { DAY_MS, World } from '../../test/support/world.ts';
import { findLeaks } from './leaks.ts';
import { createReadSession } from './reads/session.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

/** Two customers, a meter at ten minor units a call, and credit that is used. */
function trading(): World {
  const world = new World('sqlite');
  worlds.push(world);
  const { script } = world;
  world.commit(
    script.meter('calls'),
    script.price('prc_calls', 'calls', { perUnit: 10n }),
    script.customer('cus_a', { name: 'Acme' }),
    script.customer('cus_b', { name: 'Beta' }),
    script.record('key', 'key_server', { id: 'key_server', customer: null, name: 'server' }),
  );
  world.do(script.grant('cus_a', 1_000n));
  world.accept([{ id: 'e1', subject: 'cus_a', meter: 'calls', units: 5n }]);
  const { id } = world.do<{ id: string }>(script.hold('cus_a', 'calls', 3n));
  world.do(script.capture(id, 3n));
  world.post();
  return world;
}

const cost = (given: Partial<UnitCostRecord> = {}): UnitCostRecord => ({
  meter: 'calls',
  asset: 'USDC/6',
  amountMinor: '4',
  perUnits: '1',
  removedMs: null,
  ...given,
});

function search(world: World, idleDays = 60) {
  const { nowMs } = world.clock;
  const run = findLeaks(createReadSession(world.connection), {
    nowMs,
    fromMs: nowMs - 90 * DAY_MS,
    idleMs: idleDays * DAY_MS,
  });
  for (let step = run.next(); ; step = run.next()) if (step.done) return step.value;
}
const found = (world: World): Leak[] => search(world).leaks;

describe('a leak finder', () => {
  test('finds nothing in books where everything is captured, rated, priced above cost and used', () => {
    const world = trading();
    world.do(world.script.record('unit-cost', 'calls', cost()));
    expect(search(world)).toEqual({ leaks: [], uncompared: [] });
  });

  test('finds holds that ran out without a capture, not those given back', () => {
    const world = trading();
    const { script, clock } = world;
    const ids = [2n, 4n].map((units) => world.do<{ id: string }>(script.hold('cus_a', 'calls', units)).id);
    const back = world.do<{ id: string }>(script.hold('cus_a', 'calls', 9n)).id;
    world.do(script.release(back));
    clock.nowMs += DAY_MS;
    world.do({ type: 'expire', actor: 'clock' });
    expect(found(world)).toMatchObject([
      {
        kind: 'gated-not-captured',
        asset: 'USDC/6',
        amountMinor: 60n,
        customer: 'cus_a',
        count: 2,
        evidence: ids.toSorted(),
      },
    ]);
    // Work that was captured late was charged.
    world.do(script.capture(ids[0] ?? '', 2n));
    expect(found(world)).toMatchObject([{ amountMinor: 40n, evidence: [ids[1]] }]);
  });

  test('finds usage that waits unrated, by what is missing, and says where no price tells its worth', () => {
    const world = trading();
    world.accept([
      { id: 'n1', subject: 'nobody', meter: 'calls', units: 7n },
      { id: 'n2', subject: 'nobody', meter: 'calls', units: 1n },
      { id: 'm1', subject: 'cus_a', meter: 'unheard', units: 2n },
    ]);
    world.post();
    const leaks = found(world);
    expect(leaks).toHaveLength(2);
    expect(leaks.find(({ meter }) => meter === 'calls')).toMatchObject({
      kind: 'captured-not-rated',
      asset: 'USDC/6',
      amountMinor: 80n,
      count: 2,
    });
    expect(leaks.find(({ meter }) => meter === 'unheard')).toMatchObject({ asset: null, amountMinor: null, count: 1 });
  });

  test('finds keys without a customer that send usage of nobody', () => {
    const world = trading();
    const usage = world.script.usage([{ id: 'k1', subject: 'nobody', meter: 'calls', units: 6n }]);
    world.do({ ...usage, actor: 'key_server' });
    world.do({
      ...world.script.usage([{ id: 'k2', subject: 'cus_b', meter: 'calls', units: 6n }]),
      actor: 'key_server',
    });
    world.post();
    expect(found(world)).toMatchObject([
      {
        kind: 'key-without-customer',
        asset: 'USDC/6',
        amountMinor: 60n,
        count: 1,
        title: expect.stringMatching(/"server"/),
      },
    ]);
  });

  test('finds quotas that never bill, unless the plan has a fee or somebody went beyond', () => {
    const world = trading();
    const { script, clock } = world;
    const priced = { kind: 'quota', quotaUnits: 100n, overage: { amountMinor: 3n, perUnits: 1n } } as const;
    world.commit(
      script.meter('images'),
      script.meter('videos'),
      script.meter('songs'),
      script.plan('paid', { baseFeeMinor: '500' }),
      script.customer('cus_b', { name: 'Beta', terms: [{ fromMs: 0, plan: 'paid' }] }),
      script.price('prc_images', 'images', { priced }),
      script.price('prc_videos', 'videos', { priced }),
      script.price('prc_songs', 'songs', { priced, plan: 'paid' }),
    );
    world.accept([
      { id: 'q1', subject: 'cus_a', meter: 'images', units: 40n },
      { id: 'q2', subject: 'cus_a', meter: 'videos', units: 101n },
      { id: 'q3', subject: 'cus_b', meter: 'songs', units: 40n },
    ]);
    world.post();
    // The month is not over: it may still reach the end of its quota.
    expect(found(world)).toEqual([]);
    clock.nowMs += 35 * DAY_MS;
    expect(found(world)).toMatchObject([
      { kind: 'quota-never-bills', meter: 'images', amountMinor: 120n, evidence: ['cus_a 2026-03'] },
    ]);
  });

  test('finds customers that cost more than they bring in, over rates too, and says what it cannot compare', () => {
    const world = trading();
    const { script } = world;
    world.do(script.record('unit-cost', 'calls', cost({ amountMinor: '12' })));
    const [leak] = found(world);
    // Eight calls cost 96 and brought in 80.
    expect(leak).toMatchObject({ kind: 'price-below-cost', amountMinor: 16n, customer: 'cus_a', meter: 'calls' });
    expect(leak?.evidence.length).toBeGreaterThan(0);
    world.do(script.record('unit-cost', 'calls', cost({ asset: 'USD/2', amountMinor: '1' })));
    expect(search(world)).toMatchObject({ leaks: [], uncompared: ['Acme: calls costs USD/2, is sold in USDC/6'] });
    world.do(script.rate('rte_1', ['USD/2', 'USDC/6'], '1'));
    expect(search(world)).toMatchObject({ leaks: [{ amountMinor: 80_000n - 80n }], uncompared: [] });
    world.do(script.record('unit-cost', 'calls', cost({ removedMs: 1 })));
    expect(found(world)).toEqual([]);
  });

  test('finds grants from which nothing was paid for long, and not those that are used or over', () => {
    const world = trading();
    const { script, clock } = world;
    const { id } = world.do<{ id: string }>(script.grant('cus_b', 300n, { priority: 90 }));
    world.do(script.grant('cus_b', 50n, { expiresAtMs: clock.nowMs + DAY_MS }));
    clock.nowMs += 61 * DAY_MS;
    world.accept([{ id: 'late', subject: 'cus_a', meter: 'calls', units: 1n }]);
    world.post();
    world.do({ type: 'expire', actor: 'clock' });
    expect(found(world)).toMatchObject([
      { kind: 'idle-grant', asset: 'USDC/6', amountMinor: 300n, customer: 'cus_b', evidence: [id] },
    ]);
  });
});
