/** Findings in words, and where their next step is. */
import { expect, test } from 'vitest';
import { LEAK_KINDS } from '#core/domain/leak.ts';
import type { Finding } from '../../lib/leak-job.ts';
import { readCost, costWords } from './cost-draft.ts';
import { countWords, keyOf, nextStep, perMilleOf } from './words.ts';

const finding = (more: Partial<Finding>): Finding => ({
  rank: 2,
  kind: 'idle-grant',
  asset: 'USDC/6',
  amountMinor: '5',
  title: 'T',
  detail: 'D',
  next: 'N',
  customer: 'cus_1',
  meter: null,
  count: 1,
  evidence: ['grt_1'],
  ...more,
});

test('every kind leads somewhere, those of a customer to that one', () => {
  for (const kind of LEAK_KINDS) expect(nextStep(finding({ kind })).href).toMatch(/^\//);
  expect(nextStep(finding({})).href).toBe('/customers/cus_1?tab=credit');
  expect(nextStep(finding({ kind: 'gated-not-captured' })).href).toBe('/customers/cus_1?tab=holds');
  expect(nextStep(finding({ kind: 'captured-not-rated', customer: null })).href).toBe('/usage?show=unrated');
});

test('a finding has a name in an address, and is counted in what it is made of', () => {
  expect([keyOf(finding({})), keyOf(finding({ asset: null }))]).toEqual(['USDC-6-2', 'no-price-2']);
  expect([countWords(finding({})), countWords(finding({ kind: 'gated-not-captured', count: 3 }))]).toEqual([
    '1 grant',
    '3 holds',
  ]);
});

test('progress never runs ahead of its checks', () => {
  const step = { done: false, check: 'idle-grant', step: 6, steps: 6, checked: '9', items: null, hidden: 0 } as const;
  expect(perMilleOf({ ...step, uncompared: [] })).toBe(833);
  expect(perMilleOf({ ...step, done: true, uncompared: [] })).toBe(1000);
});

test('a unit cost is typed as money for so many units, and said so', () => {
  const meter = { scale: 3, unit: 'hour' };
  expect(readCost({ amount: '0.4', per: '1000', asset: 'USDC/6' }, meter)).toEqual({
    amountMinor: '400000',
    perUnits: '1000000',
  });
  expect(readCost({ amount: '0', per: '1', asset: 'USDC/6' }, meter)).toEqual({ amountMinor: '0', perUnits: '1000' });
  expect(readCost({ amount: 'x', per: '1', asset: 'USDC/6' }, meter)).toHaveProperty('problem');
  expect(readCost({ amount: '1', per: '0', asset: 'USDC/6' }, meter)).toHaveProperty('problem');
  expect(readCost({ amount: '1', per: '0.0001', asset: 'USDC/6' }, meter)).toHaveProperty('problem');
  expect(costWords({ perUnits: '1000000' }, meter)).toBe('for 1\u2009000 hours');
  expect(costWords({ perUnits: '1000' }, meter)).toBe('for 1 hour');
});
