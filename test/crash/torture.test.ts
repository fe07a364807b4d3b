import { expect, test } from 'vitest';
import { main } from './torture.ts';

test('a few random kills lose nothing', async () => {
  expect(await main(['--kills', '6'])).toBe(0);
});
