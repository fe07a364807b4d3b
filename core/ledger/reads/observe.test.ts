import { afterEach, describe, expect, test } from 'vitest';
import type { AlertRuleRecord } from '#core/domain/alert.ts';
import { DAY_MS, HOUR_MS, World } from '../../../test/support/world.ts';
import { crossings } from './observe.ts';
import { createReadSession } from './session.ts';

const worlds: World[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});
const MINUTE_MS = 60_000;

/** A customer with 1000 to spend, calls at ten each, and one rule. */
function watched(rule: Partial<AlertRuleRecord>): World {
  const world = new World('sqlite');
  worlds.push(world);
  const { script } = world;
  const bare = { asset: null, margin: '0', customer: null } as const;
  world.commit(
    script.meter('calls'),
    script.price('prc_calls', 'calls', { perUnit: 10n }),
    script.customer('cus_a', { name: 'Acme' }),
    script.customer('cus_b', { name: 'Beta' }),
    script.alertRule('rul_1', { ...bare, ...rule }),
  );
  world.do(script.grant('cus_a', 1_000n));
  return world;
}
const use = (world: World, id: string, units: bigint): void => {
  world.accept([{ id, subject: 'cus_a', meter: 'calls', units }]);
  world.post();
};
const seen = (world: World) =>
  crossings(createReadSession(world.connection), { nowMs: world.clock.nowMs }).map(({ subject, value, words }) => ({
    subject,
    value,
    title: words?.title ?? null,
  }));

describe('what a rule sees', () => {
  test('of balances: what may be spent, less what is held and what waits to be posted', () => {
    const world = watched({ kind: 'balance-below', asset: 'USDC/6', threshold: '500' });
    use(world, 'e1', 30n);
    expect(seen(world)).toEqual([]);
    world.do(world.script.hold('cus_a', 'calls', 10n));
    world.accept([{ id: 'e2', subject: 'cus_a', meter: 'calls', units: 11n }]);
    const [one, ...others] = seen(world);
    expect(others).toEqual([]);
    expect(one).toEqual({ subject: 'cus_a', value: 490n, title: 'Acme has 0.000490 USDC left to spend' });
  });

  test('of balances: an overdraft may be spent too, and who never had credit is no subject', () => {
    const world = watched({ kind: 'balance-below', asset: 'USDC/6', threshold: '1200' });
    world.accept([{ id: 'b', subject: 'cus_b', meter: 'calls', units: 5n }]);
    world.post();
    expect(seen(world)).toMatchObject([{ subject: 'cus_a', value: 1_000n }]);
    world.do(world.script.customer('cus_a', { name: 'Acme', overdrafts: { 'USDC/6': '300' } }));
    expect(seen(world)).toEqual([]);
  });

  test('of burn: what was charged in the last day', () => {
    const world = watched({ kind: 'burn-rate', asset: 'USDC/6', threshold: '300' });
    use(world, 'e1', 29n);
    expect(seen(world)).toEqual([]);
    use(world, 'e2', 2n);
    expect(seen(world)).toMatchObject([{ subject: 'cus_a', value: 310n }]);
    world.clock.nowMs += DAY_MS + HOUR_MS;
    expect(seen(world)).toEqual([]);
  });

  test('of days left: tenths of a day at the burn of a week', () => {
    const world = watched({ kind: 'days-left', asset: 'USDC/6', threshold: '70' });
    expect(seen(world)).toEqual([]);
    use(world, 'e1', 70n);
    // 300 are left and 700 went in seven days.
    expect(seen(world)).toMatchObject([{ value: 30n, title: 'Acme runs out in 3.0 days' }]);
  });

  test('of a quota: percent of it in this month, each month anew', () => {
    const world = watched({ kind: 'quota-used', threshold: '80' });
    const priced = { kind: 'quota', quotaUnits: 50n, overage: { amountMinor: 1n, perUnits: 1n } } as const;
    world.do(world.script.meter('images'));
    world.do(world.script.price('prc_images', 'images', { priced }));
    world.accept([{ id: 'q1', subject: 'cus_a', meter: 'images', units: 39n }]);
    world.post();
    expect(seen(world)).toEqual([]);
    world.accept([{ id: 'q2', subject: 'cus_a', meter: 'images', units: 1n }]);
    world.post();
    expect(seen(world)).toMatchObject([{ subject: 'cus_a/images/prc_images/2026-03', value: 80n }]);
    world.clock.nowMs += 31 * DAY_MS;
    expect(seen(world)).toEqual([]);
  });

  test('of refusals: calls in a clock hour, written although nothing else is', () => {
    const world = watched({ kind: 'refused-calls', threshold: '3' });
    for (let call = 0; call < 3; call += 1) world.refused(world.script.hold('cus_a', 'calls', 5_000n));
    world.commit({ type: 'expire', actor: 'clock' });
    expect(seen(world)).toMatchObject([{ subject: 'cus_a', value: 3n }]);
    world.clock.nowMs += 2 * HOUR_MS;
    expect(seen(world)).toEqual([]);
  });

  test('of holds: minutes since the oldest open one', () => {
    const world = watched({ kind: 'stuck-hold', threshold: '30' });
    const { id } = world.do<{ id: string }>(world.script.hold('cus_a', 'calls', 1n, { ttlMs: DAY_MS }));
    world.clock.nowMs += 29 * MINUTE_MS;
    expect(seen(world)).toEqual([]);
    world.clock.nowMs += MINUTE_MS;
    expect(seen(world)).toMatchObject([{ subject: 'cus_a', value: 30n }]);
    world.do(world.script.release(id));
    expect(seen(world)).toEqual([]);
  });

  test('of unrated usage: how many events wait', () => {
    const world = watched({ kind: 'unrated-usage', threshold: '2' });
    world.accept([{ id: 'x1', subject: 'nobody', meter: 'calls', units: 1n }]);
    world.post();
    expect(seen(world)).toEqual([]);
    world.accept([{ id: 'x2', subject: 'nobody', meter: 'calls', units: 1n }]);
    world.post();
    expect(seen(world)).toEqual([{ subject: '-', value: 2n, title: '2 events wait unrated' }]);
  });

  test('of jobs: minutes since one ended well, and since usage waits', () => {
    const world = watched({ kind: 'overdue-job', job: 'verify', threshold: '60' });
    const { script, clock } = world;
    const ran = (ok: boolean) =>
      world.do({ type: 'run.record', actor: 'verify', kind: 'verify', ok, block: 0, detail: 'bad' });
    clock.nowMs += HOUR_MS;
    expect(seen(world)).toMatchObject([{ subject: 'verify', value: 60n }]);
    ran(false);
    clock.nowMs += MINUTE_MS;
    expect(seen(world)).toMatchObject([{ value: 61n }]);
    ran(true);
    expect(seen(world)).toEqual([]);
    world.do(script.alertRule('rul_1', { kind: 'overdue-job', job: 'posting', threshold: '5', asset: null }));
    world.accept([{ id: 'w', subject: 'cus_a', meter: 'calls', units: 1n }]);
    clock.nowMs += 5 * MINUTE_MS;
    expect(seen(world)).toMatchObject([{ subject: 'posting', value: 5n }]);
    world.post();
    expect(seen(world)).toEqual([]);
  });

  test('of verification: that the last one failed', () => {
    const world = watched({ kind: 'failed-verify', threshold: '1' });
    world.do({ type: 'run.record', actor: 'verify', kind: 'verify', ok: false, block: 0, detail: 'tx: bad' });
    expect(seen(world)).toMatchObject([{ subject: '-', value: 1n, title: 'The books did not verify' }]);
  });

  test('that an alert is over when its subject is no more, or its rule is off', () => {
    const world = watched({ kind: 'unrated-usage', threshold: '1' });
    world.do(world.script.observe('rul_1', 'gone', 5n));
    expect(seen(world)).toEqual([{ subject: 'gone', value: null, title: null }]);
    world.do(world.script.observe('rul_1', 'gone', null));
    expect(seen(world)).toEqual([]);
  });
});
