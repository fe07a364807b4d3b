/** The EVM networks the console knows: what tells each from the others, and where its contracts are verified. */
import type { Asset } from '#core/domain/money.ts';

/** A network as it is meant to be. What a node says of itself is compared with it before anything is read or sent. */
export type NetworkProfile = Readonly<{
  name: string;
  chainId: bigint;
  /** Development keys may sign here. */
  isTest: boolean;
  asset: Asset;
  /** Hash of the first block; without it, the one met first is recorded with the deployments and held to after. */
  genesisHash?: string;
  rpcUrls: readonly string[];
  /** Blocks after which nothing is expected to be taken back. */
  finalityBlocks: bigint;
  /** The explorer's Etherscan-style interface; none where there is no explorer. */
  verifierUrl?: string;
}>;

/** What anvil answers as: the testnet's chain id, so that what is signed here is signed as it is there. */
export const LOCAL_CHAIN_ID = 16602n;

/** When the local chain's first block is dated (unix seconds). Fixed, so that its hash is the same everywhere. */
export const LOCAL_GENESIS_S = 1_750_000_000;

export const NETWORKS = {
  local: {
    name: 'Local EVM chain',
    chainId: LOCAL_CHAIN_ID,
    isTest: true,
    asset: '0G/18',
    rpcUrls: [],
    finalityBlocks: 0n,
  },
  '0g-testnet': {
    name: '0G testnet',
    chainId: 16602n,
    isTest: true,
    asset: '0G/18',
    rpcUrls: ['https://evmrpc-testnet.0g.ai'],
    finalityBlocks: 20n,
    verifierUrl: 'https://chainscan-galileo.0g.ai/open/api',
  },
  '0g-mainnet': {
    name: '0G mainnet',
    chainId: 16661n,
    isTest: false,
    asset: '0G/18',
    rpcUrls: ['https://evmrpc.0g.ai'],
    finalityBlocks: 20n,
    verifierUrl: 'https://chainscan.0g.ai/open/api',
  },
} as const satisfies Readonly<Record<string, NetworkProfile>>;

export type NetworkName = keyof typeof NETWORKS;
