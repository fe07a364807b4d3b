/** Where money is lost without anybody noticing: the kinds of leaks, what to do about each, and which is the worst. */

export const LEAK_KINDS = [
  'gated-not-captured',
  'captured-not-rated',
  'key-without-customer',
  'quota-never-bills',
  'price-below-cost',
  'idle-grant',
] as const;
export type LeakKind = (typeof LEAK_KINDS)[number];

export type Leak = Readonly<{
  kind: LeakKind;
  /** In minor units of the asset; both are null where no price says what it would come to. */
  asset: string | null;
  amountMinor: bigint | null;
  title: string;
  detail: string;
  customer: string | null;
  meter: string | null;
  /** How many things it is made of, and the ids of the first of them. */
  count: number;
  evidence: readonly string[];
}>;

export const LEAK_NEXT: Readonly<Record<LeakKind, string>> = {
  'gated-not-captured': 'Capture holds when the work is done, or send its usage with the id of the hold; late is fine.',
  'captured-not-rated': 'Open the unrated queue: assign a customer or meter, or publish the price that is missing.',
  'quota-never-bills': 'Lower the quota, give the plan a base fee, or publish a price without a quota.',
  'price-below-cost': 'Publish a price for this customer above the unit cost, or end its discount.',
  'idle-grant': 'Ask the customer, claw the rest back, or grant with an expiry the next time.',
  'key-without-customer': 'Give the key to a customer, or create the customers that its events name.',
};

/** What a meter's unit costs the operator: `amountMinor` minor units of the asset for `perUnits` quantity units. */
export type UnitCost = Readonly<{ meter: string; asset: string; amountMinor: bigint; perUnits: bigint }>;
export type UnitCostRecord = Readonly<Record<keyof UnitCost, string>> & Readonly<{ removedMs: number | null }>;

/** By asset, the largest amount first; what has no amount comes last. */
export function ranked(leaks: readonly Leak[]): readonly Leak[] {
  const place = ({ asset }: Leak): string => (asset === null ? '1' : `0${asset}`);
  const text = ({ kind, title }: Leak): string => `${kind} ${title}`;
  return leaks.toSorted((a, b) => {
    if (place(a) !== place(b)) return place(a) < place(b) ? -1 : 1;
    const [left, right] = [a.amountMinor ?? 0n, b.amountMinor ?? 0n];
    if (left !== right) return left > right ? -1 : 1;
    return b.count - a.count || (text(a) < text(b) ? -1 : 1);
  });
}
