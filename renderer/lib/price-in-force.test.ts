import { expect, test } from 'vitest';
import { pricesInForce } from './price-in-force.ts';
import type { Price } from './shapes.ts';

let made = 0;
const price = (more: Partial<Price>): Price =>
  ({
    id: `prc_${(made += 1)}`,
    meter: 'calls',
    plan: null,
    customer: null,
    version: 1,
    effectiveFromMs: 0,
    ...more,
  }) as Price;
const ALL = [
  price({ id: 'all' }),
  price({ id: 'plan', plan: 'team' }),
  price({ id: 'plan-later', plan: 'team', version: 2, effectiveFromMs: 100 }),
  price({ id: 'own', customer: 'cus_a', effectiveFromMs: 50 }),
  price({ id: 'other', customer: 'cus_b' }),
  price({ id: 'gpu', meter: 'gpu.hours' }),
];
const idsAt = (customer: { id: string; plan: string | null }, atMs: number): string[] =>
  pricesInForce(ALL, customer, atMs).map(({ id }) => id);

test('its own before its plan’s before everyone’s', () => {
  expect(idsAt({ id: 'cus_a', plan: 'team' }, 60)).toEqual(['own', 'gpu']);
  expect(idsAt({ id: 'cus_a', plan: 'team' }, 10)).toEqual(['plan', 'gpu']);
  expect(idsAt({ id: 'cus_c', plan: null }, 60)).toEqual(['all', 'gpu']);
});

test('the newest that has begun', () => {
  expect(idsAt({ id: 'cus_c', plan: 'team' }, 99)).toEqual(['plan', 'gpu']);
  expect(idsAt({ id: 'cus_c', plan: 'team' }, 100)).toEqual(['plan-later', 'gpu']);
  const again = price({ id: 'again', version: 2 });
  expect(pricesInForce([price({ id: 'first' }), again], { id: 'x', plan: null }, 1)).toEqual([again]);
});
