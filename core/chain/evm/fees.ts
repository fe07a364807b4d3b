/** What to offer for gas: from the chain's own price, never above a cap. Amounts are wei for one gas. */
import { chainRefuses } from '../error.ts';

export type FeePolicy = Readonly<{
  /** More is never offered, whatever a node says the chain asks for. */
  maxFeePerGasWei: bigint;
  /** What the block's maker gets. */
  priorityFeePerGasWei: bigint;
}>;

export type Fees = Readonly<{ maxFeePerGasWei: bigint; maxPriorityFeePerGasWei: bigint }>;

/** Far above what a quiet chain asks, and little enough that a node which lies about the price costs little. */
export const DEFAULT_FEES: FeePolicy = { maxFeePerGasWei: 500_000_000_000n, priorityFeePerGasWei: 1_500_000_000n };

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * Twice the base fee, which outlasts six full blocks, and the priority fee; or as much of it as the cap allows.
 * Rejects with FEE_ABOVE_CAP where the cap does not even cover the present base fee.
 */
export function offer(baseFeePerGasWei: bigint, policy: FeePolicy): Fees {
  const needed = baseFeePerGasWei + policy.priorityFeePerGasWei;
  if (needed > policy.maxFeePerGasWei) {
    chainRefuses({
      code: 'FEE_ABOVE_CAP',
      detail: `The chain asks ${needed} wei for one gas; the cap is ${policy.maxFeePerGasWei}.`,
      fix: 'Wait until gas is cheaper, or raise the cap.',
      values: { needed: needed.toString(), cap: policy.maxFeePerGasWei.toString() },
    });
  }
  const maxFeePerGasWei = min(baseFeePerGasWei * 2n + policy.priorityFeePerGasWei, policy.maxFeePerGasWei);
  return { maxFeePerGasWei, maxPriorityFeePerGasWei: policy.priorityFeePerGasWei };
}

/** Nodes take a replacement only from an eighth above, rounded up here so that no division falls below it. */
const raised = (fee: bigint): bigint => fee + fee / 8n + 1n;

/** What to offer in place of an earlier offer, both parts raised; nothing where the cap does not allow it. */
export function offerAgain(earlier: Fees, baseFeePerGasWei: bigint, policy: FeePolicy): Fees | undefined {
  const wanted = baseFeePerGasWei * 2n + policy.priorityFeePerGasWei;
  const least = raised(earlier.maxFeePerGasWei);
  const maxFeePerGasWei = min(wanted > least ? wanted : least, policy.maxFeePerGasWei);
  const maxPriorityFeePerGasWei = raised(earlier.maxPriorityFeePerGasWei);
  if (maxFeePerGasWei < least || maxPriorityFeePerGasWei > maxFeePerGasWei) return undefined;
  return { maxFeePerGasWei, maxPriorityFeePerGasWei };
}
