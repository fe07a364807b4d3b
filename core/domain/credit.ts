/** Which grant pays, and how much of it. Not for booking the burn: the ledger does that, one entry a grant. */
import { invariant } from './refusal.ts';

/** Prepaid money with a rank and an end, in minor units of one asset; spendable before `expiresAtMs` (null: always). */
export type Grant = Readonly<{
  id: string;
  priority: number;
  expiresAtMs: number | null;
  createdAtMs: number;
  remainingMinor: bigint;
  grantedMinor: bigint;
}>;

/** What one grant pays, in minor units above zero. */
export type Burn = Readonly<{ grantId: string; amountMinor: bigint }>;

/**
 * Orders grants as they are consumed: lowest priority number, then earliest expiry (never last), then oldest, then id.
 */
export function burnOrder(a: Grant, b: Grant): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  if (a.expiresAtMs !== b.expiresAtMs) {
    if (a.expiresAtMs === null) return 1;
    return b.expiresAtMs === null ? -1 : a.expiresAtMs - b.expiresAtMs;
  }
  if (a.createdAtMs !== b.createdAtMs) return a.createdAtMs - b.createdAtMs;
  if (a.id === b.id) return 0;
  return a.id < b.id ? -1 : 1;
}

/**
 * Splits an amount over grants in burn order, each up to what it has left and none that has expired at `atMs`.
 * `shortMinor` is what no grant covers; burns and shortfall sum to the amount.
 */
export function burn(
  grants: readonly Grant[],
  amountMinor: bigint,
  atMs: number,
): { burns: readonly Burn[]; shortMinor: bigint } {
  invariant(amountMinor >= 0n, 'a burn is not negative; a give-back is booked as one');
  const burns: Burn[] = [];
  let shortMinor = amountMinor;
  for (const grant of spendable(grants, atMs)) {
    if (shortMinor === 0n) break;
    const paid = grant.remainingMinor < shortMinor ? grant.remainingMinor : shortMinor;
    burns.push({ grantId: grant.id, amountMinor: paid });
    shortMinor -= paid;
  }
  const burnt = burns.reduce((total, part) => total + part.amountMinor, 0n);
  invariant(burnt + shortMinor === amountMinor, 'burns and shortfall sum to the amount');
  return { burns, shortMinor };
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** What moved between a grant and a window's usage: below zero it paid, above zero it got back. In minor units. */
export type Paid = Readonly<{ grantId: string; amountMinor: bigint }>;

/**
 * Which grants get an amount back: what was burnt last goes back first. `moves` are newest first, and are read only as
 * far as needed. A move that gave back already cancels the burns before it of the same grant. `consumedOf` says what a
 * grant has paid in all and not got back, discounts included: it never gets more than that.
 */
export function giveBack(
  moves: Iterable<Paid>,
  amountMinor: bigint,
  consumedOf: (grantId: string) => bigint,
): readonly Burn[] {
  const cancelled = new Map<string, bigint>();
  const back = new Map<string, bigint>();
  let wanted = amountMinor;
  if (wanted <= 0n) return [];
  for (const move of moves) {
    const gone = cancelled.get(move.grantId) ?? 0n;
    if (move.amountMinor > 0n) {
      cancelled.set(move.grantId, gone + move.amountMinor);
      continue;
    }
    const used = gone < -move.amountMinor ? gone : -move.amountMinor;
    cancelled.set(move.grantId, gone - used);
    const before = back.get(move.grantId) ?? 0n;
    const taken = least(-move.amountMinor - used, least(wanted, consumedOf(move.grantId) - before));
    if (taken > 0n) back.set(move.grantId, before + taken);
    wanted -= taken;
    if (wanted === 0n) break;
  }
  return [...back].map(([grantId, amount]) => ({ grantId, amountMinor: amount }));
}

function spendable(grants: readonly Grant[], atMs: number): readonly Grant[] {
  for (const grant of grants) {
    invariant(
      grant.remainingMinor >= 0n && grant.remainingMinor <= grant.grantedMinor,
      'a grant has 0 to all of it left',
    );
  }
  return grants
    .filter((grant) => grant.remainingMinor > 0n && (grant.expiresAtMs === null || grant.expiresAtMs > atMs))
    .sort(burnOrder);
}

/** How a grant stands: something is left, or what took the last of it. */
export const GRANT_STATES = ['open', 'spent', 'expired', 'clawed-back'] as const;
export type GrantState = (typeof GRANT_STATES)[number];

/** What became of a grant, in minor units: with what is left the parts sum to what was granted. */
export type GrantParts = Readonly<
  Record<'grantedMinor' | 'consumedMinor' | 'expiredMinor' | 'clawedBackMinor', bigint>
>;

export function leftOfGrant({ grantedMinor, consumedMinor, expiredMinor, clawedBackMinor }: GrantParts): bigint {
  return grantedMinor - consumedMinor - expiredMinor - clawedBackMinor;
}

/** A grant of which a part was taken and the rest paid is named by what nobody was paid with. */
export function grantState(parts: GrantParts): GrantState {
  if (leftOfGrant(parts) > 0n) return 'open';
  if (parts.expiredMinor > 0n) return 'expired';
  return parts.clawedBackMinor > 0n ? 'clawed-back' : 'spent';
}
