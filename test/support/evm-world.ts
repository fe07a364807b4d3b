/** A local chain of a test's own, a connection to it, and nodes that misbehave in ways that are told. */
import type { Address, Hex } from 'viem';
import { EvmConnection } from '#core/chain/evm/connection.ts';
import { NETWORKS } from '#core/chain/evm/networks.ts';
import type { NetworkProfile } from '#core/chain/evm/networks.ts';
import { EndpointError, httpEndpoint } from '#core/chain/evm/rpc.ts';
import type { Endpoint } from '#core/chain/evm/rpc.ts';
import { MemorySendStore } from '#core/chain/evm/send.ts';
import type { SendStore } from '#core/chain/evm/send.ts';
import { EvmSender } from '#core/chain/evm/sender.ts';
import { createDevEvmSigner } from '#core/signing/dev-evm.ts';

export const GWEI = 10n ** 9n;

export const FEES = { maxFeePerGasWei: 500n * GWEI, priorityFeePerGasWei: GWEI };

/** The local network with as many blocks to finality as a test needs. */
export function profileOf(finalityBlocks = 0n): NetworkProfile {
  return { ...NETWORKS.local, finalityBlocks };
}

/** What happens to one request. `stale`: the answer is the one that the same question had before, if it had one. */
export type Fault = 'none' | 'lost' | 'answer lost' | 'twice' | 'stale' | 'late';

/** A node whose requests meet the faults of a list, one after the other; when it is used up, none. */
export function faultyEndpoint(url: string, faults: Fault[]): Endpoint {
  const node = httpEndpoint(url);
  const earlier = new Map<string, unknown>();
  return {
    url,
    request: async (method, params) => {
      const fault = faults.shift() ?? 'none';
      const key = JSON.stringify([method, params]);
      if (fault === 'lost') throw new EndpointError('down', 'the request was lost');
      if (fault === 'stale' && earlier.has(key)) return earlier.get(key);
      if (fault === 'late') await new Promise((resolve) => setTimeout(resolve, 3));
      const result = await node.request(method, params);
      if (fault === 'twice') await node.request(method, params).catch(() => undefined);
      earlier.set(key, result);
      if (fault === 'answer lost') throw new EndpointError('down', 'the answer was lost');
      return result;
    },
  };
}

export type SenderWorld = Readonly<{ connection: EvmConnection; sender: EvmSender; store: SendStore }>;

/** A sender of an account over endpoints; `now` is the test's own clock. */
export async function senderOf(options: {
  endpoints: readonly Endpoint[];
  account: Address;
  store?: SendStore;
  finalityBlocks?: bigint;
  quorum?: number;
  now?: () => number;
  raiseAfterMs?: number;
  maxFeePerGasWei?: bigint;
}): Promise<SenderWorld> {
  const quorum = options.quorum === undefined ? {} : { quorum: options.quorum };
  const connection = await EvmConnection.open(profileOf(options.finalityBlocks), options.endpoints, quorum);
  const store = options.store ?? new MemorySendStore();
  const sender = new EvmSender({
    connection,
    signer: await createDevEvmSigner(),
    account: options.account,
    store,
    fees: { ...FEES, maxFeePerGasWei: options.maxFeePerGasWei ?? FEES.maxFeePerGasWei },
    raiseAfterMs: options.raiseAfterMs ?? 60_000,
    now: options.now ?? (() => 0),
  });
  return { connection, sender, store };
}

/** Mines blocks on a chain that mines none by itself. */
export async function mine(url: string, blocks = 1): Promise<void> {
  await httpEndpoint(url).request('anvil_mine', [`0x${blocks.toString(16)}` as Hex]);
}
