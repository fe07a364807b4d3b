import { expect, test } from 'vitest';
import { ASSOCIATED_TOKEN, FIXED_LOADER } from './addresses.ts';
import { Engine } from './engine.ts';

test('a program that cannot change is read once, and its lamports each time', () => {
  const engine = new Engine();
  const first = engine.account(ASSOCIATED_TOKEN);
  expect(first).toMatchObject({ owner: FIXED_LOADER, executable: true });
  expect(first?.data.length).toBeGreaterThan(50_000);
  // The very bytes, not a copy of them: a hundred kilobytes for each transaction that names it.
  expect(engine.account(ASSOCIATED_TOKEN)?.data).toBe(first?.data);
  if (first === undefined) return;
  engine.setAccount(ASSOCIATED_TOKEN, { ...first, lamports: first.lamports + 7n });
  expect(engine.account(ASSOCIATED_TOKEN)).toMatchObject({ lamports: first.lamports + 7n, data: first.data });
  expect(engine.account(ASSOCIATED_TOKEN)?.lamports).toBe(engine.balance(ASSOCIATED_TOKEN));
});

test('a program that is replaced past the rules is read anew', () => {
  const engine = new Engine();
  const before = engine.account(ASSOCIATED_TOKEN);
  if (before === undefined) throw new TypeError('LiteSVM brings no token program');
  const data = Buffer.from('another program');
  engine.setAccount(ASSOCIATED_TOKEN, { ...before, executable: false, data });
  expect(engine.account(ASSOCIATED_TOKEN)).toMatchObject({ executable: false, data });
});
