/** What every group of RPC methods is given, and the frame most answers have. */
import type { Bank } from './bank.ts';
import type { GenesisFacts } from './genesis.ts';
import type { Config, Params } from './params.ts';
import { checkedU64 } from './params.ts';
import { CODES, RpcError } from './rpc-error.ts';

/** Moves blocks, slots and time of a local chain; only there. */
export type Control = {
  readonly advance: (by: Readonly<{ blocks?: number; slots?: number; seconds?: number }>) => void;
  /** Ends the rollup for good, as when its operator goes away; set once there is one. */
  stopRollup: () => Promise<void>;
};

export type Chain = Readonly<{
  bank: Bank;
  facts: GenesisFacts;
  genesisHash: string;
  /** Identity a node reports: the rollup's validator, or nobody on the base chain. */
  identity: string;
  control: Control;
}>;

export type Method = (params: Params, chain: Chain) => unknown;
export type Methods = Readonly<Record<string, Method>>;

/** The version of Agave whose answers these are. */
export const API_VERSION = '2.3.13';

export function context({ bank }: Chain): Readonly<{ apiVersion: string; slot: bigint }> {
  return { apiVersion: API_VERSION, slot: bank.slot };
}

/** `{ context, value }` */
export function framed(chain: Chain, value: unknown): unknown {
  return { context: context(chain), value };
}

/** Refuses to answer from an older state than the caller has seen. */
export function checkMinSlot(config: Config, { bank }: Chain): void {
  const wanted = config['minContextSlot'];
  if (wanted === undefined || wanted === null) return;
  if (BigInt(checkedU64(wanted)) <= bank.slot) return;
  throw new RpcError(CODES.minContextSlot, 'Minimum context slot has not been reached', { contextSlot: bank.slot });
}
