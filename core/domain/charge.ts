/** How an amount for usage is paid: from credit, as debt within the overdraft, or by the overshoot policy beyond it. */
import { customerAccount, writeOffAccount } from './account.ts';
import type { AccountRef } from './account.ts';
import { burn } from './credit.ts';
import type { Burn, Grant } from './credit.ts';
import type { Asset } from './money.ts';
import type { Entry } from './posting.ts';
import { REFUND, entry } from './posting.ts';
import { invariant } from './refusal.ts';

export const OVERSHOOT_POLICIES = ['cap', 'debt', 'next-grant'] as const;
/** `cap` writes the excess off, `debt` bills it, `next-grant` lets the next grant pay it before anything else. */
export type OvershootPolicy = (typeof OVERSHOOT_POLICIES)[number];

/** A customer's money in one asset as a decision sees it, all in minor units. */
export type Standing = Readonly<{
  customer: string;
  asset: Asset;
  walletMinor: bigint;
  unbilledMinor: bigint;
  advanceMinor: bigint;
  heldMinor: bigint;
  overdraftMinor: bigint;
  grants: readonly Grant[];
}>;

/** posted − held: what is neither spent nor set aside. */
export function available(standing: Standing): bigint {
  return standing.walletMinor + standing.unbilledMinor + standing.advanceMinor - standing.heldMinor;
}

/** What the gate may still let pass: available + overdraft − what is accepted and not posted. */
export function spendable(standing: Standing, pendingMinor: bigint): bigint {
  return available(standing) + standing.overdraftMinor - pendingMinor;
}

export type Charge = Readonly<{
  entries: readonly Entry[];
  /** Paid from credit; below zero when credit was given back. */
  burnedMinor: bigint;
  /** Beyond what the customer had and was allowed to owe; in entries of their own, memo `overshoot`. */
  overshootMinor: bigint;
}>;

const atLeastZero = (amount: bigint): bigint => (amount > 0n ? amount : 0n);
const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/**
 * Charges `amountMinor` to a standing and earns it on `revenue`. The funded part burns credit in burn order and then
 * becomes unbilled debt within the overdraft; the rest is overshoot. A negative amount (a correction, or a volume
 * tier that became cheaper) is given back: `refunds` to the grants that had paid it, the rest to what is unbilled.
 * `atMs` is when the money was promised: a hold keeps the credit that was valid when it was opened.
 */
export function charge(
  standing: Standing,
  request: Readonly<{
    amountMinor: bigint;
    revenue: AccountRef;
    policy: OvershootPolicy;
    atMs: number;
    memo: string;
    /** For a negative amount: what goes back to which grants, as `giveBack` found it. */
    refunds?: readonly Burn[];
  }>,
): Charge {
  const { amountMinor, revenue, policy, atMs, memo } = request;
  const unbilled = customerAccount(standing.customer, 'unbilled', standing.asset);
  if (amountMinor === 0n) return { entries: [], burnedMinor: 0n, overshootMinor: 0n };
  if (amountMinor < 0n) return refund(standing, { amountMinor, revenue, memo, refunds: request.refunds ?? [] });
  const funded = least(amountMinor, atLeastZero(available(standing) + standing.overdraftMinor));
  const overshootMinor = amountMinor - funded;
  const { burns, shortMinor } = burn(standing.grants, least(funded, atLeastZero(standing.walletMinor)), atMs);
  const wallet = customerAccount(standing.customer, 'wallet', standing.asset);
  const burnedMinor = burns.reduce((sum, part) => sum + part.amountMinor, 0n);
  invariant(shortMinor + burnedMinor <= funded, 'no more is burnt than was charged');
  const entries: Entry[] = burns.map((part) => ({
    account: wallet,
    amountMinor: -part.amountMinor,
    grant: part.grantId,
    memo,
  }));
  if (funded > burnedMinor) entries.push(entry(unbilled, burnedMinor - funded, memo));
  if (overshootMinor > 0n) entries.push(entry(overshootTarget(standing, policy), -overshootMinor, 'overshoot'));
  entries.push(entry(revenue, amountMinor, memo));
  return { entries, burnedMinor, overshootMinor };
}

/** Gives an amount back: each refund to the grant that paid, what no grant paid to what is unbilled. */
function refund(
  standing: Standing,
  back: Readonly<{ amountMinor: bigint; revenue: AccountRef; memo: string; refunds: readonly Burn[] }>,
): Charge {
  const { amountMinor, revenue, memo, refunds } = back;
  const wallet = customerAccount(standing.customer, 'wallet', standing.asset);
  const refundedMinor = refunds.reduce((sum, part) => sum + part.amountMinor, 0n);
  invariant(refundedMinor <= -amountMinor, 'no more goes back to grants than is given back');
  const entries: Entry[] = refunds.map((part) => ({
    account: wallet,
    amountMinor: part.amountMinor,
    grant: part.grantId,
    memo: REFUND,
  }));
  const rest = -amountMinor - refundedMinor;
  if (rest > 0n) entries.push(entry(customerAccount(standing.customer, 'unbilled', standing.asset), rest, memo));
  entries.push(entry(revenue, amountMinor, memo));
  return { entries, burnedMinor: -refundedMinor, overshootMinor: 0n };
}

function overshootTarget(standing: Standing, policy: OvershootPolicy): AccountRef {
  switch (policy) {
    case 'cap':
      return writeOffAccount(standing.asset);
    case 'debt':
      return customerAccount(standing.customer, 'unbilled', standing.asset);
    case 'next-grant':
      return customerAccount(standing.customer, 'advance', standing.asset);
  }
}

/**
 * What a new grant pays at once: first what was taken ahead of it, then unbilled usage. Entries name the grant, so that
 * wallet, grants and debts agree at every instant.
 */
export function settleDebts(
  standing: Pick<Standing, 'customer' | 'asset' | 'unbilledMinor' | 'advanceMinor'>,
  grant: Readonly<{ id: string; remainingMinor: bigint }>,
): { entries: readonly Entry[]; paidMinor: bigint } {
  const entries: Entry[] = [];
  let left = grant.remainingMinor;
  for (const role of ['advance', 'unbilled'] as const) {
    const owed = atLeastZero(role === 'advance' ? -standing.advanceMinor : -standing.unbilledMinor);
    const paid = least(owed, left);
    if (paid === 0n) continue;
    left -= paid;
    const wallet = customerAccount(standing.customer, 'wallet', standing.asset);
    entries.push({ account: wallet, amountMinor: -paid, grant: grant.id, memo: `pays ${role}` });
    entries.push(entry(customerAccount(standing.customer, role, standing.asset), paid, 'paid by a grant'));
  }
  return { entries, paidMinor: grant.remainingMinor - left };
}
