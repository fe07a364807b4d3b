/** What to offer above the base fee, and never more than the caps. Pure. Prices in micro-lamports per compute unit. */
import { ChainError } from '../../error.ts';

export type PriorityPolicy = Readonly<{
  /** Which of the recently paid prices to offer, in percent of their order: 75 outbids three of four. */
  percentile: number;
  floorMicroLamports: bigint;
  capMicroLamports: bigint;
  /** Most lamports one transaction may cost above its base fee; the operator's, never a customer's money. */
  capLamports: bigint;
}>;

export type PriorityFee = Readonly<{ microLamports: bigint; lamports: bigint; isCapped: boolean }>;

const MICRO = 1_000_000n;

/** Lamports of a price over units, rounded up as the chain does. */
export function priorityLamports(microLamports: bigint, units: bigint): bigint {
  return (microLamports * units + MICRO - 1n) / MICRO;
}

function percentileOf(prices: readonly bigint[], percentile: number): bigint {
  const sorted = prices.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const index = Math.min(sorted.length - 1, Math.floor((sorted.length * percentile) / 100));
  return sorted[index] ?? 0n;
}

/** The price to offer for a transaction of so many units, after so many attempts that expired unseen. */
export function priorityFee(
  recent: readonly bigint[],
  { units, attempt }: Readonly<{ units: bigint; attempt: number }>,
  policy: PriorityPolicy,
): PriorityFee {
  if (units <= 0n || policy.capMicroLamports < policy.floorMicroLamports) {
    throw new ChainError({
      code: 'FEE_ABOVE_CAP',
      detail: 'The fee policy leaves no price: its floor is above its cap, or the transaction has no units.',
      fix: 'Raise the cap or lower the floor.',
      values: { floor: policy.floorMicroLamports.toString(), cap: policy.capMicroLamports.toString() },
    });
  }
  const market = percentileOf(recent, policy.percentile);
  const base = market > policy.floorMicroLamports ? market : policy.floorMicroLamports;
  // Each attempt that expired doubles the offer: what was too little once is too little again.
  const wanted = base << BigInt(Math.min(attempt - 1, 16));
  const affordable = (policy.capLamports * MICRO) / units;
  const limit = affordable < policy.capMicroLamports ? affordable : policy.capMicroLamports;
  const microLamports = wanted < limit ? wanted : limit;
  return { microLamports, lamports: priorityLamports(microLamports, units), isCapped: wanted > limit };
}
