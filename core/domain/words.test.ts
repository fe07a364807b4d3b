import { expect, test } from 'vitest';
import { grouped, modelText, quantityText, ratioText, trimmed } from './words.ts';

const meter = { scale: 0, unit: 'request' };

test('figures are grouped by thin spaces and lose only zeros behind the point', () => {
  expect([grouped('1234567.890'), trimmed('12.400'), trimmed('100'), trimmed('3.000')]).toEqual([
    '1\u2009234\u2009567.890',
    '12.4',
    '100',
    '3',
  ]);
  expect(quantityText(1_250n, { scale: 2, unit: 'GB' })).toBe('12.5 GB');
});

test('units are counted in English, and signs are not', () => {
  const said = (units: bigint, unit: string) => quantityText(units, { scale: 0, unit });
  expect([said(1n, 'call'), said(2n, 'call'), said(0n, 'query'), said(5n, 'batch'), said(5n, 'API call')]).toEqual([
    '1 call',
    '2 calls',
    '0 queries',
    '5 batches',
    '5 API calls',
  ]);
  expect([said(5n, 'kWh'), said(5n, 'ms'), said(5n, 'GB'), said(5n, 'bytes')]).toEqual([
    '5 kWh',
    '5 ms',
    '5 GB',
    '5 bytes',
  ]);
});

test('a rate that comes out even is told for one unit, another as it is stated', () => {
  expect(ratioText({ amountMinor: 10_000n, perUnits: 1n }, 'USDC/6', meter)).toBe('0.01 USDC a request');
  expect(ratioText({ amountMinor: 300n, perUnits: 1_000_000n }, 'CREDIT/0', { scale: 0, unit: 'token' })).toBe(
    '300 CREDIT per 1\u2009000\u2009000 tokens',
  );
});

test('each model has its sentence', () => {
  const rate = { amountMinor: 10_000n, perUnits: 1n };
  expect(modelText({ kind: 'quota', quotaUnits: 10_000n, overage: rate }, 'USDC/6', meter)).toBe(
    '10\u2009000 requests a month included, then 0.01 USDC a request',
  );
  expect(modelText({ kind: 'quota', quotaUnits: null, overage: rate }, 'USDC/6', meter)).toBe('included without limit');
  expect(modelText({ kind: 'package', sizeUnits: 100n, amountMinor: 5_000_000n }, 'USDC/6', meter)).toBe(
    '5.000000 USDC for each 100 requests begun',
  );
  const tiers = [
    { upTo: 10n, rate, flatMinor: 0n },
    { upTo: null, rate, flatMinor: 1_000_000n },
  ];
  expect(modelText({ kind: 'graduated', tiers }, 'USDC/6', meter)).toBe(
    'graduated: to 10 requests 0.01 USDC a request, beyond 0.01 USDC a request + 1.000000 USDC',
  );
});
