import { expect, test } from 'vitest';
import { clusterOf } from './solana-cluster.ts';

test('each public cluster is known by its genesis hash, and everything else is local', () => {
  expect(clusterOf('5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d')).toBe('mainnet');
  expect(clusterOf('EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG')).toBe('devnet');
  expect(clusterOf('4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z')).toBe('testnet');
  expect(clusterOf('11111111111111111111111111111111')).toBe('local');
});
