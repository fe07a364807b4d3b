import { expect, test } from 'vitest';
import { unitOf } from './units.ts';

test.each([
  ['1', 'request', 'request'],
  ['607', 'request', 'requests'],
  ['0', 'call', 'calls'],
  ['0.5', 'GPU-hour', 'GPU-hours'],
  ['3', 'GB', 'GB'],
  ['3', null, ''],
])('%s of "%s" is written "%s"', (quantity, unit, words) => expect(unitOf(quantity, unit)).toBe(words));
