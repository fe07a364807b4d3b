/** Keeps the operator mutants fit to run: a function that is gone, or a place that moved, proves nothing. */
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { equivalents, missingFunctions, operatorSwaps, swapped } from './solidity.ts';

const CONTRACTS = resolve('contracts');

describe('operator mutants', () => {
  test('are of functions that there are', () => {
    expect(missingFunctions(CONTRACTS)).toEqual([]);
    expect(operatorSwaps(CONTRACTS).length).toBeGreaterThan(100);
  });

  test('have a place of their own', () => {
    const places = operatorSwaps(CONTRACTS).map(({ place }) => place);
    expect(new Set(places).size).toBe(places.length);
  });

  test('that are listed as equivalent are among them, each with a reason', () => {
    const places = operatorSwaps(CONTRACTS).map(({ place }) => place);
    for (const [place, reason] of Object.entries(equivalents(CONTRACTS))) {
      expect(places).toContain(place);
      expect(reason.length).toBeGreaterThan(10);
    }
  });

  test('change one operator and nothing else', () => {
    const swap = { file: 'x.sol', offset: 5, from: ' + ', to: ' - ', place: '' };
    expect(swapped('a = b + c + d;', swap)).toBe('a = b - c + d;');
  });
});
