import { expect, test } from 'vitest';
import { filterOf } from './filters.ts';

test('the address says what is asked, and nothing where it says nothing', () => {
  expect(filterOf({})).toEqual({});
  expect(filterOf({ view: 'statement', asset: 'USDC/6' })).toEqual({ asset: 'USDC/6' });
  expect(filterOf({ standing: 'open', source: 'sla', ends: 'soon' })).toEqual({
    state: 'open',
    source: 'sla',
    expiringDays: 30,
  });
});
