import { afterEach, describe, expect, test } from 'vitest';
import type { FrozenLine } from '#core/domain/invoice.ts';
import { DAY_MS, ENGINES, NOON_MS, plainWorld } from '../../test/support/world.ts';
import type { EngineKind, World } from '../../test/support/world.ts';

const MARCH = Date.UTC(2026, 2, 1);
const APRIL = Date.UTC(2026, 3, 1);
const MAY = Date.UTC(2026, 4, 1);

let world: World;
afterEach(() => world.dispose());

const row = (id: string) => world.store.get('invoice', id);
const linesOf = (id: string) => (JSON.parse(row(id)?.bytes ?? '{}') as { lines: FrozenLine[] }).lines;
const shown = (id: string) => linesOf(id).map((line) => [line.kind, line.amountMinor, line.description]);
const sound = (): void => {
  if (world.kind === 'sqlite') expect(world.verify().problem).toBeNull();
};

/** Drafts and finalizes the period that ended; both must say the same. */
function billed(untilMs: number): string {
  world.clock.nowMs = untilMs + DAY_MS;
  const [id = ''] = world.do<{ invoices: string[] }>(world.script.close(['cus_a'], untilMs)).invoices;
  const draft = { lines: linesOf(id).map(({ kind, amountMinor }) => [kind, amountMinor]), ...sums(id) };
  world.do(world.script.finalize([id]));
  expect({ lines: linesOf(id).map(({ kind, amountMinor }) => [kind, amountMinor]), ...sums(id) }).toEqual(draft);
  sound();
  return id;
}
const sums = (id: string) => ({ total: row(id)?.total, from: row(id)?.from_credit, due: row(id)?.due });

describe.each(ENGINES)('discounts on the %s engine', (kind: EngineKind) => {
  test('are lines of their own, and take from what is due', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(script.discount('dsc_ten', { name: 'Spring' }));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n }]);
    const id = billed(APRIL);
    expect(shown(id)).toEqual([
      ['usage', '500', 'calls'],
      ['discount', '-50', 'Spring: 10 % of 0.000500 USDC'],
    ]);
    expect(sums(id)).toEqual({ total: '450', from: '0', due: '450' });
    expect(world.balance('discount:promotion:USDC/6')).toBe(-50n);
  });

  test('give credit back to the grants that had paid what they take off', () => {
    world = plainWorld(kind);
    const { script } = world;
    const { id: grant } = world.do<{ id: string }>(script.grant('cus_a', 1000n));
    world.commit(script.discount('dsc_ten'));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n }]);
    const id = billed(APRIL);
    expect(sums(id)).toEqual({ total: '450', from: '450', due: '0' });
    expect(world.store.get('credit_grant', grant)?.consumed).toBe('450');
    expect(world.balance('cus_a:wallet:USDC/6')).toBe(550n);
    expect(world.balance('cus_a:unbilled:USDC/6')).toBe(0n);
  });

  test('take from what is unpaid first, and only beyond it from credit', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.do(script.grant('cus_a', 480n));
    world.commit(script.discount('dsc_ten'));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n }]);
    const id = billed(APRIL);
    expect(sums(id)).toEqual({ total: '450', from: '450', due: '0' });
    expect(world.balance('cus_a:wallet:USDC/6')).toBe(30n);
  });

  test('are not given back once more when what they took from is corrected', () => {
    world = plainWorld(kind);
    const { script } = world;
    const { id: grant } = world.do<{ id: string }>(script.grant('cus_a', 500n));
    world.commit(script.discount('dsc_ten'));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n, id: 'all' }]);
    billed(APRIL);
    expect(world.store.get('credit_grant', grant)?.consumed).toBe('450');
    world.do(script.correct('all', 0n));
    expect(world.store.get('credit_grant', grant)?.consumed).toBe('0');
    expect([world.balance('cus_a:wallet:USDC/6'), world.balance('cus_a:unbilled:USDC/6')]).toEqual([500n, 50n]);
    sound();
  });

  test('reach fees too, unless they are for a meter', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(
      script.plan('team', { baseFeeMinor: '700' }),
      script.customer('cus_a', { terms: [{ fromMs: 0, plan: 'team' }] }),
      script.discount('dsc_all'),
      script.discount('dsc_calls', { kind: 'referral', meters: ['calls'] }),
    );
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 30n }]);
    expect(shown(billed(APRIL)).map(([what, amount]) => [what, amount])).toEqual([
      ['base-fee', '700'],
      ['usage', '300'],
      ['discount', '-100'],
      ['discount', '-27'],
    ]);
  });

  test('count for periods that begin while they are in force', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(script.discount('dsc_ten', { fromMs: NOON_MS, untilMs: APRIL + 1 }));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n }]);
    expect(linesOf(billed(APRIL))).toHaveLength(1);
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n }]);
    expect(linesOf(billed(MAY))).toHaveLength(2);
  });

  test('a commitment bills what was not spent, also where nothing was used', () => {
    world = plainWorld(kind);
    const { script } = world;
    const terms = { kind: 'percent', basisPoints: 2000 } as const;
    world.commit(
      script.discount('dsc_yearly', {
        kind: 'commitment',
        customer: 'cus_a',
        terms,
        committedMinor: 900n,
        fromMs: MARCH,
      }),
    );
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 100n }]);
    expect(shown(billed(APRIL)).map(([what, amount]) => [what, amount])).toEqual([
      ['usage', '1000'],
      ['discount', '-200'],
      ['commitment', '100'],
    ]);
    const idle = billed(MAY);
    expect(shown(idle).map(([what, amount]) => [what, amount])).toEqual([['commitment', '900']]);
    expect(world.balance('revenue:commitment:USDC/6')).toBe(1000n);
  });
});

describe.each(ENGINES)('a plan that changes in the middle of a period on the %s engine', (kind: EngineKind) => {
  const changed = Date.UTC(2026, 2, 11);

  test('bills each plan for the part of the period it was in force', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(
      script.plan('small', { baseFeeMinor: '3100' }),
      script.plan('large', { baseFeeMinor: '6200' }),
      script.customer('cus_a', {
        terms: [
          { fromMs: 0, plan: 'small' },
          { fromMs: changed, plan: 'large' },
        ],
      }),
    );
    expect(shown(billed(APRIL))).toEqual([
      ['base-fee', '1000', 'Base fee, small, 2026-03-01 00:00 to 2026-03-11 00:00'],
      ['base-fee', '4200', 'Base fee, large, 2026-03-11 00:00 to 2026-04-01 00:00'],
    ]);
  });

  test('comes to the same as the plan itself when it is cut and asks the same', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(
      script.plan('small', { baseFeeMinor: '1001' }),
      script.plan('twin', { baseFeeMinor: '1001' }),
      script.customer('cus_a', {
        terms: [
          { fromMs: 0, plan: 'small' },
          { fromMs: changed + 12_345, plan: 'twin' },
        ],
      }),
    );
    expect(sums(billed(APRIL)).total).toBe('1001');
  });

  test('bills a plan that was left before the period for nothing', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(
      script.plan('small', { baseFeeMinor: '3100' }),
      script.customer('cus_a', {
        terms: [
          { fromMs: 0, plan: 'small' },
          { fromMs: changed, plan: null },
        ],
      }),
    );
    expect(sums(billed(APRIL)).total).toBe('1000');
    world.clock.nowMs = MAY + DAY_MS;
    expect(world.do<{ invoices: string[] }>(script.close(['cus_a'], MAY)).invoices).toEqual([]);
  });
});

test('an invoice that leaves out a discount it owes is found by verify', () => {
  world = plainWorld('sqlite');
  const { script, clock, engine } = world;
  world.commit(script.discount('dsc_ten'));
  world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n }]);
  clock.nowMs = APRIL + DAY_MS;
  engine.catalog.discountsFor = () => []; // A writer that forgets them.
  world.bill(['cus_a'], APRIL);
  expect(world.verify().problem).toMatchObject({ table: 'tx', detail: expect.stringContaining('discounts') });
});
