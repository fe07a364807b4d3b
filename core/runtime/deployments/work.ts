/** What a chain's desk is given to work with, and the "no" of a chain as one of the contract's. */
import type { NetworkName } from '#core/contract/deployments.ts';
import { ChainError } from '#core/chain/error.ts';
import type { ChainFailure } from '#core/chain/error.ts';
import { RefusalError } from '#core/domain/refusal.ts';
import type { Refusal, RefusalCode } from '#core/domain/refusal.ts';

/** A network with the endpoints that stand for it now. */
export type Place = Readonly<{
  network: NetworkName;
  rpc: readonly string[];
  records?: string | undefined;
  /** The first block that is meant, where somebody named it. */
  genesis?: string | undefined;
}>;

/** A job under way, as the work tells of itself. */
export type Run = Readonly<{
  runId: string;
  signal: AbortSignal;
  tell: (line: string) => void;
  /** One more step has come to its end. */
  stepped: () => void;
  /** So many of so many parts, where the work counts them itself. */
  counted: (progress: Readonly<{ done: number; total: number }>) => void;
}>;

export type RunResult = readonly Readonly<{ name: string; value: string }>[];

const CODES: Partial<Readonly<Record<ChainFailure, RefusalCode>>> = {
  RPC_DOWN: 'BUSY',
  LOCAL_CHAIN_FAILED: 'BUSY',
  INSUFFICIENT_FUNDS: 'PAYMENT_REQUIRED',
  ACCOUNT_MISSING: 'NOT_FOUND',
  NOT_A_CONTRACT: 'NOT_FOUND',
};

/** A chain's "no" in the closed set of the contract; its own code stays with the values. */
export function refusalOf({ refusal }: ChainError): Refusal {
  const { code, detail, fix, values } = refusal;
  return { code: CODES[code] ?? 'STATE_FORBIDS', detail, fix, values: { ...values, chain: code } };
}

/** Runs work on a chain; what the chain refuses is refused with the contract's codes. */
export async function onChain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof ChainError ? new RefusalError(refusalOf(error)) : error;
  }
}
