import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS, ENGINES, plainWorld } from '../../test/support/world.ts';
import type { World } from '../../test/support/world.ts';
import type { EngineKind } from '../../test/support/world.ts';

const MARCH_15 = Date.UTC(2026, 2, 15);
const APRIL = Date.UTC(2026, 3, 1);
const MAY = Date.UTC(2026, 4, 1);

let world: World;
afterEach(() => world.dispose());

const invoice = (id: string) => world.store.get('invoice', id);
const documentOf = (id: string) =>
  JSON.parse(invoice(id)?.bytes ?? '{}') as { periodEndMs: number; lines: { kind: string }[] };

describe.each(ENGINES)('the billing run on the %s engine', (kind: EngineKind) => {
  test('bills late usage on the next period, though nothing else happened in it', () => {
    world = plainWorld(kind);
    const { clock } = world;
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
    clock.nowMs = APRIL + DAY_MS;
    expect(world.bill(['cus_a'])).toHaveLength(1);
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 3n, occurredMs: MARCH_15 }]);
    expect(world.bill(['cus_a'])).toEqual([]);
    clock.nowMs = MAY + DAY_MS;
    const [late = ''] = world.bill(['cus_a']);
    expect(invoice(late)).toMatchObject({ period_start: APRIL, due: '30' });
    expect(documentOf(late).lines.map((line) => line.kind)).toEqual(['late-usage']);
    expect(world.bill(['cus_a'])).toEqual([]);
  });

  test('draws an early draft on to the end of its period when that has come', () => {
    world = plainWorld(kind);
    const { clock, script } = world;
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
    clock.nowMs = MARCH_15;
    const early = world.do<{ invoices: string[] }>(script.close(['cus_a'], MARCH_15, true)).invoices;
    expect(documentOf(early[0] ?? '').periodEndMs).toBe(MARCH_15);
    clock.nowMs = APRIL + DAY_MS;
    expect(world.bill(['cus_a'], APRIL)).toEqual(early);
    expect(documentOf(early[0] ?? '').periodEndMs).toBe(APRIL);
  });

  test('drafts what was posted in the same commit with the amounts it came to', () => {
    world = plainWorld(kind);
    const { clock, script } = world;
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
    clock.nowMs = APRIL + DAY_MS;
    const [id = ''] = world.do<{ invoices: string[] }>(script.close(['cus_a'], APRIL)).invoices;
    expect(documentOf(id).lines).toMatchObject([{ amountMinor: '50', quantity: '5' }]);
  });

  test('asks for the minimum of a month that was billed early, on the next invoice, once', () => {
    world = plainWorld(kind);
    const { clock, script } = world;
    world.commit(script.price('prc_calls', 'calls', { minimumMinor: '900' }));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
    clock.nowMs = MARCH_15;
    const early = world.do<{ invoices: string[] }>(script.close(['cus_a'], MARCH_15, true)).invoices;
    world.do(script.finalize(early));
    expect(documentOf(early[0] ?? '').lines).toMatchObject([{ kind: 'usage', amountMinor: '50' }]);
    clock.nowMs = MAY + DAY_MS;
    const [next = ''] = world.bill(['cus_a']);
    expect(documentOf(next).lines).toMatchObject([{ kind: 'minimum', amountMinor: '850', month: '2026-03' }]);
    expect(invoice(next)).toMatchObject({ period_start: APRIL });
    expect(world.bill(['cus_a'], MAY + 90 * DAY_MS)).toEqual([]);
    if (kind === 'sqlite') expect(world.verify().problem).toBeNull();
  });

  test('asks for the minimum of a month in the period in which the month ends, used or not', () => {
    world = plainWorld(kind);
    const { clock, script } = world;
    world.commit(
      script.price('prc_calls', 'calls', { minimumMinor: '900' }),
      script.customer('cus_a', { anchorDay: 15 }),
    );
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
    clock.nowMs = MAY;
    const invoices = world.bill(['cus_a']);
    expect(invoices.map((id) => documentOf(id).lines)).toMatchObject([
      [{ kind: 'usage', amountMinor: '50' }],
      [{ kind: 'minimum', amountMinor: '850', month: '2026-03' }],
    ]);
    if (kind === 'sqlite') expect(world.verify().problem).toBeNull();
  });

  test('writes nothing when it draws the same drafts again, fees and all', () => {
    world = plainWorld(kind);
    const { clock, script } = world;
    world.commit(
      script.plan('team', { baseFeeMinor: '700' }),
      script.customer('cus_a', { terms: [{ fromMs: 0, plan: 'team' }] }),
      script.price('prc_calls', 'calls', { minimumMinor: '900' }),
    );
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
    clock.nowMs = APRIL + DAY_MS;
    const [id = ''] = world.do<{ invoices: string[] }>(script.close(['cus_a'], APRIL)).invoices;
    const head = world.engine.head();
    expect(world.do(script.close(['cus_a'], APRIL))).toMatchObject({ drafts: 0, unchanged: 1 });
    expect(world.engine.head()).toEqual(head);
    const drafted = documentOf(id).lines;
    world.do(script.finalize([id]));
    expect(documentOf(id).lines).toEqual(drafted);
    expect(drafted.map((line) => line.kind)).toEqual(['base-fee', 'usage', 'minimum']);
  });

  test('leaves a final invoice as it is, whoever asks again', () => {
    world = plainWorld(kind);
    const { clock, script } = world;
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
    clock.nowMs = APRIL + DAY_MS;
    const [id = ''] = world.bill(['cus_a']);
    const before = invoice(id);
    clock.nowMs += DAY_MS;
    expect(world.do(script.finalize([id]))).toEqual({ finalized: 0 });
    expect(invoice(id)).toEqual(before);
  });

  test('finalizes an early draft with the fees it showed', () => {
    world = plainWorld(kind);
    const { clock, script } = world;
    world.do(script.price('prc_calls', 'calls', { minimumMinor: '900' }));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 5n }]);
    clock.nowMs = MARCH_15;
    const [id = ''] = world.do<{ invoices: string[] }>(script.close(['cus_a'], MARCH_15, true)).invoices;
    const shown = invoice(id)?.total;
    world.do(script.finalize([id]));
    expect(invoice(id)?.total).toBe(shown);
    expect(shown).toBe('50');
  });
});
