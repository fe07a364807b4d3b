/** RPC methods about the chain as a whole: slots, epochs, version, supply, rent. */
import { SYSTEM } from './addresses.ts';
import { API_VERSION, checkMinSlot, framed } from './methods.ts';
import type { Chain, Methods } from './methods.ts';
import { CODES, RpcError } from './rpc-error.ts';

/** The faucet's 500 million SOL are all there ever were; fees are burned from them. */
const GENESIS_LAMPORTS = 500_000_000_000_000_000n;

function epochInfo({ bank }: Chain): unknown {
  const slots = bank.engine.slotsPerEpoch;
  return {
    absoluteSlot: bank.slot,
    blockHeight: bank.height,
    epoch: bank.slot / slots,
    slotIndex: bank.slot % slots,
    slotsInEpoch: slots,
    transactionCount: bank.history.count,
  };
}

function supply(chain: Chain): unknown {
  const held = chain.bank.account(chain.bank.faucet.address)?.lamports ?? 0n;
  return framed(chain, {
    total: GENESIS_LAMPORTS,
    circulating: GENESIS_LAMPORTS - held,
    nonCirculating: held,
    nonCirculatingAccounts: [chain.bank.faucet.address],
  });
}

export const clusterMethods: Methods = {
  getHealth: () => 'ok',
  getVersion: () => ({ 'solana-core': API_VERSION, 'feature-set': 2_837_162_928 }),
  getGenesisHash: (_, { genesisHash }) => genesisHash,
  getIdentity: (_, { identity }) => ({ identity }),
  getSlot: (params, chain) => {
    checkMinSlot(params.config(0), chain);
    return chain.bank.slot;
  },
  getBlockHeight: (params, chain) => {
    checkMinSlot(params.config(0), chain);
    return chain.bank.height;
  },
  getTransactionCount: (params, chain) => {
    checkMinSlot(params.config(0), chain);
    return chain.bank.history.count;
  },
  getEpochInfo: (params, chain) => {
    checkMinSlot(params.config(0), chain);
    return epochInfo(chain);
  },
  getEpochSchedule: (_, { bank }) => ({
    slotsPerEpoch: bank.engine.slotsPerEpoch,
    leaderScheduleSlotOffset: bank.engine.slotsPerEpoch,
    warmup: false,
    firstNormalEpoch: 0,
    firstNormalSlot: 0,
  }),
  getFirstAvailableBlock: (_, { bank }) => bank.history.firstSlot,
  minimumLedgerSlot: (_, { bank }) => bank.history.firstSlot,
  getHighestSnapshotSlot: () => {
    throw new RpcError(CODES.noSnapshot, 'No snapshot');
  },
  getClusterNodes: () => [],
  getVoteAccounts: () => ({ current: [], delinquent: [] }),
  getSlotLeader: (_, { identity }) => identity,
  getSlotLeaders: (params, { identity }) => {
    params.atLeast(2).u64(0);
    return Array.from({ length: Math.min(params.u64(1), 5000) }, () => identity);
  },
  getLeaderSchedule: (_, { identity }) => ({ [identity]: [0] }),
  getBlockProduction: (_, chain) =>
    framed(chain, { byIdentity: {}, range: { firstSlot: chain.bank.history.firstSlot, lastSlot: chain.bank.slot } }),
  getMaxRetransmitSlot: (_, { bank }) => bank.slot,
  getMaxShredInsertSlot: (_, { bank }) => bank.slot,
  getInflationGovernor: () => ({ foundation: 0, foundationTerm: 0, initial: 0, taper: 0, terminal: 0 }),
  getInflationRate: (_, { bank }) => ({
    epoch: bank.slot / bank.engine.slotsPerEpoch,
    foundation: 0,
    total: 0,
    validator: 0,
  }),
  getRecentPerformanceSamples: (_, { bank }) => [
    { slot: bank.slot, numTransactions: 0, numNonVoteTransactions: 0, numSlots: 1, samplePeriodSecs: 60 },
  ],
  getStakeMinimumDelegation: (_, chain) => framed(chain, 1_000_000_000n),
  getSupply: (_, chain) => supply(chain),
  getMinimumBalanceForRentExemption: (params, { bank }) => bank.engine.rentExemption(params.u64(0)),
};

export const NOBODY = SYSTEM;
