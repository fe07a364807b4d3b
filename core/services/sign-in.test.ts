import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { DEFAULT_SETTINGS } from '#core/ledger/catalog.ts';
import { NOBODY, newOperator, principalOf } from './operators.ts';
import type { OperatorRecord } from './operators.ts';
import { createSignIn } from './sign-in.ts';

const RIGHT = 'correct horse battery';
let ada: OperatorRecord;
let next = 0;

beforeAll(async () => {
  const made = { newId: () => 'opr_00000001', now: () => 0 };
  ada = await newOperator(made, { name: 'Ada', role: 'billing', passphrase: RIGHT });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Books with these operators; each call is a workspace of its own. */
function books(operators: readonly OperatorRecord[], idleLockMs = 60_000) {
  const rows = operators.map((body) => ({ id: body.id, body, tx: (next += 1) }));
  return {
    reader: { read: () => Promise.resolve(rows as never), close: () => Promise.resolve() },
    snapshot: () => ({ settings: { ...DEFAULT_SETTINGS, idleLockMs }, meters: new Map(), plans: new Map() }),
  };
}

/** A sign-in with a clock that the test moves. */
function door(core: ReturnType<typeof books>, time = { ms: 0 }) {
  const onLocked = vi.fn<() => void>();
  return { ...createSignIn(core, { initial: NOBODY, onLocked, clock: () => time.ms }), onLocked, time };
}

const wrong = (one: ReturnType<typeof door>, name = 'Ada') => one.session.signIn(name, 'wrong');

test('the right passphrase makes the connection speak for its operator', async () => {
  const one = door(books([ada]));
  expect(one.principal()).toEqual(NOBODY);
  await one.session.signIn('Ada', RIGHT);
  expect(one.principal()).toMatchObject({ kind: 'operator', actor: ada.id, role: 'billing' });
});

test('an unknown name is refused in the same words as a wrong passphrase', async () => {
  const one = door(books([ada]));
  const said = await Promise.allSettled([wrong(one), wrong(one, 'Nobody')]);
  const reasons = said.map((each) => (each.status === 'rejected' ? (each.reason as Error).message : 'let in'));
  expect(reasons[0]).toMatch(/^UNAUTHENTICATED/);
  expect(reasons[1]).toBe(reasons[0]);
});

test('a disabled operator is refused even with the right passphrase', async () => {
  const one = door(books([{ ...ada, disabled: true }]));
  await expect(one.session.signIn('Ada', RIGHT)).rejects.toThrow('FORBIDDEN');
  expect(one.principal()).toEqual(NOBODY);
});

test('five wrong passphrases make the next try wait, over all connections, for a minute', async () => {
  const core = books([ada]);
  const time = { ms: 1_000 };
  const [one, other] = [door(core, time), door(core, time)];
  const tries = await Promise.allSettled([one, other, one, other, one, other].map((each) => wrong(each)));
  const codes = tries.map((each) => (each.status === 'rejected' ? (each.reason as Error).message.split(':')[0] : ''));
  expect(codes).toEqual([...Array.from({ length: 5 }, () => 'UNAUTHENTICATED'), 'RATE_LIMITED']);
  time.ms += 20_000;
  await expect(one.session.signIn('Ada', RIGHT)).rejects.toMatchObject({ refusal: { values: { seconds: 40 } } });
  time.ms += 40_000;
  await one.session.signIn('Ada', RIGHT);
  expect(one.principal().kind).toBe('operator');
});

test('a session locks when it was idle as long as the settings say, and the passphrase opens it', async () => {
  const one = door(books([ada], 60_000));
  await one.session.signIn('Ada', RIGHT);
  one.time.ms = 59_999;
  one.session.touch();
  one.time.ms = 119_998;
  expect(one.session.isLocked()).toBe(false);
  one.time.ms = 119_999;
  expect(one.session.isLocked()).toBe(true);
  expect(one.onLocked).toHaveBeenCalledOnce();
  one.session.touch();
  expect(one.session.isLocked()).toBe(true);
  await one.session.signIn('Ada', RIGHT);
  expect(one.session.isLocked()).toBe(false);
});

test('whoever watches the session hears of the lock without asking', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const one = door(books([ada], 60_000));
  await one.session.signIn('Ada', RIGHT);
  one.time.ms = 60_000;
  vi.advanceTimersByTime(60_000);
  expect(one.onLocked).toHaveBeenCalledOnce();
});

test('whom the door takes for an operator, as in a sample, may lock before ever signing in', async () => {
  const core = books([ada]);
  const one = createSignIn(core, { initial: principalOf(ada), clock: () => 10_000_000 });
  expect(one.session.isLocked()).toBe(false);
  one.session.lock();
  expect(one.session.isLocked()).toBe(true);
  await one.session.signIn('Ada', RIGHT);
  expect(one.session.isLocked()).toBe(false);
});

test('nobody signed in has nothing to lock', () => {
  const one = door(books([ada]));
  one.time.ms = 10_000_000;
  one.session.lock();
  expect(one.session.isLocked()).toBe(false);
});
