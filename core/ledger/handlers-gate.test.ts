import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS, ENGINES, plainWorld } from '../../test/support/world.ts';
import type { World } from '../../test/support/world.ts';
import type { EngineKind } from '../../test/support/world.ts';

let world: World;
afterEach(() => world.dispose());

describe.each(ENGINES)('capturing on the %s engine', (kind: EngineKind) => {
  const open = (units = 5n) => world.do<{ id: string }>(world.script.hold('cus_a', 'calls', units)).id;

  test('under the id of an event that exists is a conflict, and leaves the hold open', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.do(script.grant('cus_a', 1000n));
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 1n, id: 'taken' }]);
    const id = open();
    expect(world.refused(script.capture(id, 1n, { source: 'test', id: 'taken' }))).toBe('EVENT_CONFLICT');
    expect(world.store.get('hold', id)?.state).toBe('open');
    expect(world.held('cus_a:wallet:USDC/6')).toBe(50n);
  });

  test('a quantity whose price is no amount is refused, and leaves the hold open', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.commit(
      script.meter('huge'),
      script.price('prc_huge', 'huge', { perUnit: 10n ** 25n }),
      script.grant('cus_a', 10n ** 30n),
    );
    const { id } = world.do<{ id: string }>(script.hold('cus_a', 'huge', 1n));
    expect(world.refused(script.capture(id, 2n ** 63n - 1n))).toBe('QUANTITY_INVALID');
    expect(world.store.get('hold', id)?.state).toBe('open');
  });
});

describe.each(ENGINES)('releasing on the %s engine', (kind: EngineKind) => {
  test('a hold that expired answers the same before and after its late work is charged', () => {
    world = plainWorld(kind);
    const { script, clock } = world;
    world.do(script.grant('cus_a', 1000n));
    const { id } = world.do<{ id: string }>(script.hold('cus_a', 'calls', 5n, { ttlMs: 1000 }));
    clock.nowMs += 2000;
    const first = world.commit(script.release(id));
    expect(first[0]).toMatchObject({ ok: true, value: { state: 'expired' } });
    world.do(script.capture(id, 5n));
    expect(world.commit(script.release(id))).toEqual(first);
    expect(world.store.get('hold', id)?.state).toBe('captured');
  });
});

describe.each(ENGINES)('asking the gate on the %s engine', (kind: EngineKind) => {
  test('books what expired in one order, restarted or not', () => {
    const orders = [false, true].map((isReopened) => {
      world = plainWorld(kind);
      const { clock, script } = world;
      for (const [id, days] of [
        ['grn_z', 2],
        ['grn_a', 2],
        ['grn_m', 1],
      ] as const) {
        world.do(script.grant('cus_a', 10n, { id, key: id, request: id, expiresAtMs: clock.nowMs + days * DAY_MS }));
      }
      if (isReopened) world.reopen();
      clock.nowMs += 3 * DAY_MS;
      world.do({ type: 'gate.check', actor: 'test', customer: 'cus_a', meter: 'calls', units: 1n });
      const last = world.engine.head().sequence;
      const order = [last - 2, last - 1, last].map(
        (seq) => (JSON.parse(world.store.get('tx', seq)?.body ?? '{}') as { grant?: string }).grant,
      );
      world.dispose();
      return order;
    });
    world = plainWorld('memory');
    expect(orders).toEqual([
      ['grn_m', 'grn_a', 'grn_z'],
      ['grn_m', 'grn_a', 'grn_z'],
    ]);
  });
});

describe.each(ENGINES)('expiry on the %s engine', (kind: EngineKind) => {
  test('goes by time and then id, so that every engine and every restart writes the same chain', () => {
    const heads = ['straight', 'reopened'].map((how) => {
      world = plainWorld(kind);
      const { script, clock } = world;
      world.do(script.grant('cus_a', 1000n));
      for (const [id, ttlMs] of [
        ['hld_z', 3000],
        ['hld_a', 3000],
        ['hld_m', 1000],
      ] as const) {
        world.do(script.hold('cus_a', 'calls', 1n, { id, key: id, request: id, ttlMs }));
      }
      for (const [id, days] of [
        ['grn_z', 2],
        ['grn_a', 2],
        ['grn_m', 1],
      ] as const) {
        world.do(script.grant('cus_b', 10n, { id, key: id, request: id, expiresAtMs: clock.nowMs + days * DAY_MS }));
      }
      if (how === 'reopened') world.reopen();
      clock.nowMs += 5 * DAY_MS;
      world.do({ type: 'expire', actor: 'clock' });
      const order: string[] = [];
      for (let seq = world.engine.head().sequence; order.length < 6; seq -= 1) {
        const body = JSON.parse(world.store.get('tx', seq)?.body ?? '{}') as {
          grant?: string;
          hold?: string;
        };
        order.unshift(body.grant ?? body.hold ?? '');
      }
      world.dispose();
      return order;
    });
    world = plainWorld('memory');
    const expected = ['hld_m', 'hld_a', 'hld_z', 'grn_m', 'grn_a', 'grn_z'];
    expect(heads).toEqual([expected, expected]);
  });
});

describe.each(ENGINES)('opening on the %s engine', (kind: EngineKind) => {
  test('fifty holds on credit for one: exactly one passes', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.do(script.grant('cus_a', 10n));
    const answers = world.commit(...Array.from({ length: 50 }, () => script.hold('cus_a', 'calls', 1n)));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    expect(world.held('cus_a:wallet:USDC/6')).toBe(10n);
  });

  test('with a key again: the same request has the same answer, another one is refused', () => {
    world = plainWorld(kind);
    const { script } = world;
    world.do(script.grant('cus_a', 100n));
    const asked = script.hold('cus_a', 'calls', 1n, { key: 'k', request: 'one' });
    const first = world.commit(asked);
    const again = world.commit({ ...asked, id: 'hld_other' } as typeof asked);
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    expect(world.refused({ ...asked, request: 'two' } as typeof asked)).toBe('KEY_REUSED');
    expect(world.held('cus_a:wallet:USDC/6')).toBe(10n);
  });

  test('a refused hold leaves its key free', () => {
    world = plainWorld(kind);
    const { script } = world;
    const asked = script.hold('cus_a', 'calls', 1n, { key: 'k', request: 'one' });
    expect(world.refused(asked)).toBe('PAYMENT_REQUIRED');
    world.do(script.grant('cus_a', 100n));
    expect(world.refused(asked)).toBe('none');
  });
});

describe.each(ENGINES)('a hold whose time is over, on the %s engine', (kind: EngineKind) => {
  test('gives its money back, and work that comes later is charged late', () => {
    world = plainWorld(kind);
    const { script, clock } = world;
    world.do(script.grant('cus_a', 100n));
    const { id } = world.do<{ id: string }>(script.hold('cus_a', 'calls', 5n, { ttlMs: 1000 }));
    clock.nowMs += 1000;
    world.do({ type: 'expire', actor: 'clock' });
    expect(world.held('cus_a:wallet:USDC/6')).toBe(0n);
    expect(world.do(script.capture(id, 7n))).toMatchObject({ state: 'captured', late: true, chargedMinor: '70' });
    expect(world.balance('cus_a:wallet:USDC/6')).toBe(30n);
  });
});
