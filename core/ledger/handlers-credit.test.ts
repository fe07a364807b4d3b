import { afterEach, describe, expect, test } from 'vitest';
import { DAY_MS, ENGINES, plainWorld } from '../../test/support/world.ts';
import type { EngineKind, World } from '../../test/support/world.ts';

let world: World;
afterEach(() => world.dispose());

const WALLET = 'cus_a:wallet:USDC/6';
const UNBILLED = 'cus_a:unbilled:USDC/6';

const grantOf = (id: string) => {
  const { granted, consumed, expired, clawed } = world.store.get('credit_grant', id) ?? {};
  return { granted, consumed, expired, clawed };
};
const granted = (amountMinor: bigint, fields: object = {}): string =>
  world.do<{ id: string }>(world.script.grant('cus_a', amountMinor, fields)).id;
const sound = (): void => {
  if (world.kind === 'sqlite') expect(world.verify().problem).toBeNull();
};

describe.each(ENGINES)('a claw-back on the %s engine', (kind: EngineKind) => {
  test('takes what a grant has left and nothing of what it paid', () => {
    world = plainWorld(kind);
    const { script } = world;
    const id = granted(1000n);
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 30n }]);
    world.post();
    expect(world.do(script.clawBack(id))).toMatchObject({ amountMinor: '700', grant: { remainingMinor: '0' } });
    expect(grantOf(id)).toEqual({ granted: '1000', consumed: '300', expired: '0', clawed: '700' });
    expect([world.balance(WALLET), world.balance('funding:prepaid:USDC/6')]).toEqual([0n, -300n]);
    sound();
  });

  test('leaves what an open hold counts on, and says how much can be taken', () => {
    world = plainWorld(kind);
    const { script } = world;
    const id = granted(1000n);
    world.do(script.hold('cus_a', 'calls', 60n));
    expect(world.commit(script.clawBack(id, 401n))[0]).toMatchObject({
      ok: false,
      refusal: { code: 'AMOUNT_INVALID', values: { leftMinor: '1000', mostMinor: '400' } },
    });
    expect(world.do(script.clawBack(id))).toMatchObject({ amountMinor: '400' });
    sound();
  });

  test('answers the same again, and refuses a grant that has nothing left', () => {
    world = plainWorld(kind);
    const { script } = world;
    const id = granted(1000n);
    const command = script.clawBack(id, 1000n);
    expect(world.do(command)).toEqual(world.do(command));
    expect(world.balance(WALLET)).toBe(0n);
    expect(world.commit(script.clawBack(id))[0]).toMatchObject({ ok: false, refusal: { code: 'STATE_FORBIDS' } });
    expect(world.commit(script.clawBack('grt_none'))[0]).toMatchObject({ ok: false, refusal: { code: 'NOT_FOUND' } });
  });
});

describe.each(ENGINES)('usage that is corrected down on the %s engine', (kind: EngineKind) => {
  test('gives credit back to the grants that paid it, the last burnt first', () => {
    world = plainWorld(kind);
    const { script } = world;
    const first = granted(200n, { priority: 1 });
    const second = granted(500n, { priority: 2 });
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n, id: 'big' }]);
    world.post();
    expect([grantOf(first).consumed, grantOf(second).consumed]).toEqual(['200', '300']);
    world.do(script.correct('big', 10n));
    expect([grantOf(first).consumed, grantOf(second).consumed]).toEqual(['100', '0']);
    expect([world.balance(WALLET), world.balance(UNBILLED)]).toEqual([600n, 0n]);
    sound();
  });

  test('takes back debt before credit: what credit paid goes on paying', () => {
    world = plainWorld(kind);
    const { script } = world;
    const id = granted(300n);
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n, id: 'big' }]);
    world.post();
    expect(world.balance(UNBILLED)).toBe(-200n);
    world.do(script.correct('big', 40n));
    expect([grantOf(id).consumed, world.balance(UNBILLED)]).toEqual(['300', '-100'].map((v, i) => (i ? BigInt(v) : v)));
    world.do(script.correct('big', 20n));
    expect([grantOf(id).consumed, world.balance(UNBILLED)]).toEqual(['200', 0n]);
    sound();
  });

  test('gives credit back after the invoice too, and that part of a credit note is paid with credit', () => {
    world = plainWorld(kind);
    const { script, clock } = world;
    const id = granted(1000n);
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 50n, id: 'big' }]);
    clock.nowMs += 40 * DAY_MS;
    const { invoices } = world.do<{ invoices: string[] }>(script.close(['cus_a'], clock.nowMs));
    world.do(script.finalize(invoices));
    world.do(script.correct('big', 20n));
    expect([grantOf(id).consumed, world.balance(WALLET), world.balance(UNBILLED)]).toEqual(['200', 800n, 0n]);
    clock.nowMs += 31 * DAY_MS;
    const again = world.do<{ invoices: string[] }>(script.close(['cus_a'], clock.nowMs));
    world.do(script.finalize(again.invoices));
    expect(world.store.get('invoice', again.invoices[0] ?? '')).toMatchObject({
      kind: 'credit-note',
      total: '-300',
      from_credit: '-300',
      due: '0',
    });
    sound();
  });

  test('gives back to a grant that has expired what then expires with it', () => {
    world = plainWorld(kind);
    const { script, clock } = world;
    const id = granted(300n, { expiresAtMs: clock.nowMs + DAY_MS });
    world.accept([{ subject: 'cus_a', meter: 'calls', units: 30n, id: 'big' }]);
    world.post();
    clock.nowMs += 2 * DAY_MS;
    world.do(script.correct('big', 10n));
    world.do({ type: 'expire', actor: 'clock' });
    expect(grantOf(id)).toEqual({ granted: '300', consumed: '100', expired: '200', clawed: '0' });
    expect(world.balance(WALLET)).toBe(0n);
    sound();
  });
});
