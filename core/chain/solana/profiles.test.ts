import { expect, test } from 'vitest';
import { DEVNET, MAINNET, checkCluster, localProfile } from './profiles.ts';

const GENESIS = {
  devnet: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
  mainnet: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
};

test('an endpoint of another cluster is refused, in both directions', () => {
  expect(() => checkCluster(DEVNET, GENESIS.devnet, 'x')).not.toThrow();
  expect(() => checkCluster(DEVNET, GENESIS.mainnet, 'x')).toThrow('WRONG_CHAIN: x is of mainnet, not of devnet.');
  expect(() => checkCluster(MAINNET, GENESIS.devnet, 'x')).toThrow('WRONG_CHAIN');
  const local = localProfile({ rpc: 'http://127.0.0.1:1', rollupRpc: null, validator: 'v' });
  expect(() => checkCluster(local, GENESIS.mainnet, 'x')).toThrow('WRONG_CHAIN');
});

test('each public profile names rollups with a validator, over TLS', () => {
  for (const { rollups, endpoints } of [DEVNET, MAINNET]) {
    expect(new Set(rollups.map(({ validator }) => validator)).size).toBe(3);
    for (const url of [...endpoints, ...rollups.map(({ rpc }) => rpc)]) expect(new URL(url).protocol).toBe('https:');
  }
});
