/** Where a Solana network is: endpoints, the rollups that serve it, and the check that it is the one it claims. */
import { clusterOf } from '#core/domain/solana-cluster.ts';
import type { Cluster } from '#core/domain/solana-cluster.ts';
import { ChainError } from '../error.ts';

/** A rollup and the validator that accounts are delegated to for it. */
export type RollupEndpoint = Readonly<{ region: string; rpc: string; validator: string }>;

export type SolanaProfile = Readonly<{
  name: string;
  cluster: Cluster;
  /** Tried in this order. */
  endpoints: readonly string[];
  rollups: readonly RollupEndpoint[];
}>;

/** Identities of MagicBlock's public validators (docs.magicblock.gg, "Ephemeral Rollup"): the same on both clusters. */
const ASIA = 'MAS1Dt9qreoRMQ14YQuhg8UTZMMzDdKhmkZMECCzk57';
const EUROPE = 'MEUGGrYPxKk17hCr7wpT6s8dtNokZj5U2L57vjYMS8e';
const AMERICA = 'MUS3hc9TCw4cGC12vHNoYcCGzJG1txjgQLZWVoeNHNd';

function publicRollups(prefix: string): RollupEndpoint[] {
  return [
    { region: 'Asia', rpc: `https://${prefix}as.magicblock.app`, validator: ASIA },
    { region: 'Europe', rpc: `https://${prefix}eu.magicblock.app`, validator: EUROPE },
    { region: 'America', rpc: `https://${prefix}us.magicblock.app`, validator: AMERICA },
  ];
}

export const DEVNET: SolanaProfile = {
  name: 'devnet',
  cluster: 'devnet',
  endpoints: ['https://api.devnet.solana.com', 'https://rpc.magicblock.app/devnet'],
  rollups: publicRollups('devnet-'),
};

export const MAINNET: SolanaProfile = {
  name: 'mainnet',
  cluster: 'mainnet',
  endpoints: ['https://api.mainnet-beta.solana.com', 'https://rpc.magicblock.app/mainnet'],
  rollups: publicRollups(''),
};

/** The chain that this machine runs. */
export function localProfile(
  local: Readonly<{ rpc: string; rollupRpc: string | null; validator: string }>,
): SolanaProfile {
  const { rpc, rollupRpc, validator } = local;
  const rollups = rollupRpc === null ? [] : [{ region: 'this machine', rpc: rollupRpc, validator }];
  return { name: 'local', cluster: 'local', endpoints: [rpc], rollups };
}

/** Refuses an endpoint whose genesis hash is not of the profile's cluster, before anything is sent or signed. */
export function checkCluster(profile: SolanaProfile, genesisHash: string, endpoint: string): void {
  const found = clusterOf(genesisHash);
  if (found === profile.cluster) return;
  throw new ChainError({
    code: 'WRONG_CHAIN',
    detail: `${endpoint} is of ${found}, not of ${profile.cluster}.`,
    fix: `Give the profile "${profile.name}" an endpoint of ${profile.cluster}.`,
    values: { genesisHash, endpoint },
  });
}
