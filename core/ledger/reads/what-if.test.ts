import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeModel } from '#core/domain/price.ts';
import type { PriceModel } from '#core/domain/price.ts';
import { openForReading } from '../open.ts';
import { createReadSession } from './session.ts';
import type { ReadSession } from './session.ts';
import { quote } from './quote.ts';
import { whatIf } from './what-if.ts';
import { NOON_MS, World } from '../../../test/support/world.ts';

const amount = fc.bigInt({ min: 0n, max: 50n });
const units = fc.bigInt({ min: 1n, max: 20n });
const ratio = fc.record({ amountMinor: amount, perUnits: units });
const tiers = fc
  .tuple(units, fc.array(fc.record({ rate: ratio, flatMinor: amount }), { minLength: 2, maxLength: 3 }))
  .map(([width, list]) =>
    list.map((tier, at) => ({ ...tier, upTo: at === list.length - 1 ? null : width * BigInt(at + 1) })),
  );
const model: fc.Arbitrary<PriceModel> = fc.oneof(
  ratio.map((rate): PriceModel => ({ kind: 'per-unit', rate })),
  tiers.map((list): PriceModel => ({ kind: 'graduated', tiers: list })),
  tiers.map((list): PriceModel => ({ kind: 'volume', tiers: list })),
  fc.record({ sizeUnits: units, amountMinor: amount }).map((one): PriceModel => ({ kind: 'package', ...one })),
  fc.record({ quotaUnits: units, overage: ratio }).map((one): PriceModel => ({ kind: 'quota', ...one })),
);
const used = fc.array(fc.record({ who: fc.constantFrom('cus_a', 'cus_b', 'cus_c'), units }), { maxLength: 12 });
const minimum = fc.constantFrom('0', '70');

/** A world where every customer pays one price, after some usage. */
function worldOf(priced: PriceModel, minimumMinor: string, usage: readonly { who: string; units: bigint }[]): World {
  const world = new World('sqlite', { clock: { nowMs: NOON_MS } });
  const { script } = world;
  world.commit(
    script.meter('calls'),
    script.price('prc_calls', 'calls', { priced, minimumMinor, rounding: 'half-even' }),
    ...['cus_a', 'cus_b', 'cus_c'].map((id) => script.customer(id)),
  );
  for (const one of usage) world.accept([{ subject: one.who, meter: 'calls', units: one.units }]);
  world.post();
  return world;
}

function reading<T>(world: World, read: (session: ReadSession) => T): T {
  const connection = openForReading(world.file);
  try {
    return read(createReadSession(connection));
  } finally {
    connection.close();
    world.dispose();
  }
}

const MARCH = { fromMs: Date.UTC(2026, 2), toMs: Date.UTC(2026, 3) };

/** The answer of a what-if, whatever it tells on its way. */
function compared(session: ReadSession, order: Parameters<typeof whatIf>[1]) {
  const steps = whatIf(session, order);
  for (let step = steps.next(); ; step = steps.next()) if (step.done) return step.value;
}

const draftOf = (priced: PriceModel, minimumMinor: string, more: Partial<{ plan: string; customer: string }> = {}) => ({
  meter: 'calls',
  plan: null,
  customer: null,
  asset: 'USDC/6',
  model: encodeModel(priced),
  rounding: 'half-even' as const,
  minimumMinor,
  ...more,
});

describe('a what-if', () => {
  test('comes to what the month would have been, had the draft been the price', () => {
    fc.assert(
      fc.property(model, model, minimum, used, (now, draft, minimumMinor, usage) => {
        const under = reading(worldOf(now, '0', usage), (session) =>
          compared(session, { draft: draftOf(draft, minimumMinor), ...MARCH, limit: 10 }),
        );
        const real = reading(worldOf(draft, minimumMinor, usage), (session) =>
          compared(session, { draft: draftOf(draft, minimumMinor), ...MARCH, limit: 10 }),
        );
        expect(real.differenceMinor).toBe('0');
        const bills = (one: typeof under, which: 'newMinor' | 'oldMinor') =>
          one.items.map((item) => `${item.customer} ${item[which]}`).sort();
        expect(bills(under, 'newMinor')).toEqual(bills(real, 'oldMinor'));
        expect(BigInt(under.newMinor) - BigInt(under.oldMinor)).toBe(BigInt(under.differenceMinor));
      }),
      { numRuns: 15 },
    );
  });

  test('puts who would pay most more first, shows both ends, and leaves out whom the draft is not for', () => {
    const world = worldOf({ kind: 'per-unit', rate: { amountMinor: 10n, perUnits: 1n } }, '0', [
      { who: 'cus_a', units: 1n },
      { who: 'cus_b', units: 5n },
      { who: 'cus_c', units: 3n },
    ]);
    const { script } = world;
    world.commit(script.price('prc_own', 'calls', { perUnit: 1n, customer: 'cus_a', effectiveFromMs: NOON_MS }));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 7n }]);
    world.post();
    const draft: PriceModel = { kind: 'quota', quotaUnits: 4n, overage: { amountMinor: 100n, perUnits: 1n } };
    const all = reading(world, (session) => compared(session, { draft: draftOf(draft, '0'), ...MARCH, limit: 2 }));
    expect(all).toMatchObject({ customers: 3, more: 1, less: 2, oldMinor: '90', newMinor: '100', otherAsset: 0 });
    expect(all.items).toMatchObject([
      { customer: 'cus_b', oldMinor: '50', newMinor: '100', differenceMinor: '50' },
      { customer: 'cus_c', oldMinor: '30', newMinor: '0', differenceMinor: '-30' },
    ]);
  });
});

const DAY_MS = 86_400_000;
const dayOfMarch = (day: number): number => Date.UTC(2026, 2, day);
const onDays = fc.array(fc.record({ day: fc.integer({ min: 1, max: 9 }), units }), { maxLength: 12 });

describe('a what-if of some days', () => {
  test('of both halves of a month comes to that of the month, without the minimum that is the month’s', () => {
    fc.assert(
      fc.property(model, model, onDays, fc.integer({ min: 2, max: 9 }), (now, draft, usage, cut) => {
        const world = worldOf(now, '0', []);
        for (const { day, units: quantity } of usage)
          world.accept([{ subject: 'cus_a', meter: 'calls', units: quantity, occurredMs: dayOfMarch(day) + 7 }]);
        world.post();
        const [whole, before, after] = reading(world, (session) =>
          [
            [1, 32],
            [1, cut],
            [cut, 32],
          ].map(([from = 1, to = 1]) =>
            compared(session, {
              draft: draftOf(draft, '0'),
              fromMs: dayOfMarch(from),
              toMs: dayOfMarch(to),
              limit: 10,
            }),
          ),
        );
        const sum = (which: 'oldMinor' | 'newMinor'): bigint =>
          BigInt(before?.[which] ?? '0') + BigInt(after?.[which] ?? '0');
        expect([sum('oldMinor'), sum('newMinor')]).toEqual([
          BigInt(whole?.oldMinor ?? '-1'),
          BigInt(whole?.newMinor ?? '-1'),
        ]);
      }),
      { numRuns: 15 },
    );
  });

  test('adds up quota months, each from zero, and leaves minimums out where the period cuts one', () => {
    const world = worldOf({ kind: 'per-unit', rate: { amountMinor: 10n, perUnits: 1n } }, '70', []);
    for (const occurredMs of [dayOfMarch(1) - DAY_MS, dayOfMarch(2)])
      world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n, occurredMs }]);
    world.post();
    const draft = draftOf({ kind: 'quota', quotaUnits: 4n, overage: { amountMinor: 100n, perUnits: 1n } }, '120');
    const [both, cut] = reading(world, (session) =>
      [Date.UTC(2026, 1), Date.UTC(2026, 1, 2)].map((fromMs) =>
        compared(session, { draft, fromMs, toMs: dayOfMarch(32), limit: 10 }),
      ),
    );
    expect(both).toMatchObject({ customers: 1, oldMinor: '140', newMinor: '240' });
    expect(cut).toMatchObject({ oldMinor: '120', newMinor: '220' });
  });
});

describe('a quote', () => {
  test('comes to what posting its quantity in a fresh month would, steps and all', () => {
    fc.assert(
      fc.property(model, minimum, units, (priced, minimumMinor, quantity) => {
        const world = worldOf(priced, minimumMinor, [{ who: 'cus_a', units: quantity }]);
        const charged = -world.balance('cus_a:unbilled:USDC/6');
        const made = reading(world, (session) =>
          quote(session, { customer: 'cus_b', atMs: NOON_MS, items: [{ meter: 'calls', units: quantity }] }),
        );
        const [line] = made.lines;
        expect(line?.usedMinor).toBe(String(charged));
        const steps = line?.steps.reduce((sum, step) => sum + BigInt(step.amountMinor), 0n);
        expect(steps).toBe(charged);
        expect(made.totals).toEqual([{ asset: 'USDC/6', amountMinor: line?.amountMinor }]);
      }),
      { numRuns: 20 },
    );
  });

  test('says where a little more would cost less', () => {
    const volume: PriceModel = {
      kind: 'volume',
      tiers: [
        { upTo: 10n, rate: { amountMinor: 10n, perUnits: 1n }, flatMinor: 0n },
        { upTo: null, rate: { amountMinor: 5n, perUnits: 1n }, flatMinor: 0n },
      ],
    };
    const [line] = reading(worldOf(volume, '0', []), (session) =>
      quote(session, { atMs: NOON_MS, items: [{ meter: 'calls', units: 9n }] }),
    ).lines;
    expect(line?.warning).toBe('11 units would cost less: 0.000055 USDC.');
  });

  test('has the base fee of its plan, and refuses a plan that is none', () => {
    const world = worldOf({ kind: 'per-unit', rate: { amountMinor: 10n, perUnits: 1n } }, '0', []);
    world.commit(world.script.plan('team', { baseFeeMinor: '700' }));
    const items = [{ meter: 'calls', units: 2n }];
    reading(world, (session) => {
      const made = quote(session, { plan: 'team', atMs: NOON_MS, items });
      expect(made).toMatchObject({ plan: 'team', totals: [{ asset: 'USDC/6', amountMinor: '720' }] });
      expect(() => quote(session, { plan: 'none', atMs: NOON_MS, items })).toThrow('There is no plan "none"');
    });
  });
});
