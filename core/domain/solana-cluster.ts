/** Which Solana cluster a genesis hash is of, so that a key or a profile is never used on another one. */

export type Cluster = 'local' | 'devnet' | 'testnet' | 'mainnet';

/** The first 32 characters of each public cluster's genesis hash: its CAIP-2 reference (CAIP-30). */
const PUBLIC: Readonly<Record<string, Cluster>> = {
  '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp': 'mainnet',
  EtWTRABZaYq6iMfeYKouRu166VU2xqa1: 'devnet',
  '4uhcVJyU9pJkvQyS88uRDiswHXSCkY3z': 'testnet',
};

/** Every chain that is no public cluster counts as local; a local chain has a genesis of its own. */
export function clusterOf(genesisHash: string): Cluster {
  return PUBLIC[genesisHash.slice(0, 32)] ?? 'local';
}
