/** Entries of a transaction and the one rule they keep. Not for which entries a decision makes. */
import type { AccountRef } from './account.ts';
import type { Asset } from './money.ts';
import { MAX_AMOUNT_MINOR } from './money.ts';
import { invariant } from './refusal.ts';

/**
 * One movement on one account, in minor units of the account's asset. `grant` names the credit it burns, grants or
 * expires.
 */
export type Entry = Readonly<{ account: AccountRef; amountMinor: bigint; grant: string | null; memo: string }>;

/** The memo of a wallet entry that gives a grant back what it had paid; and of one that takes back what it had left. */
export const REFUND = 'refund';
export const CLAWED = 'clawed back';

/** An entry without grant or memo. */
export function entry(account: AccountRef, amountMinor: bigint, memo = ''): Entry {
  return { account, amountMinor, grant: null, memo };
}

/**
 * Asserts that entries sum to zero per asset and stay within 2^128; a transaction that does not balance cannot be
 * built.
 */
export function balanced(entries: readonly Entry[]): readonly Entry[] {
  const sums = new Map<Asset, bigint>();
  for (const { account, amountMinor } of entries) {
    invariant(amountMinor <= MAX_AMOUNT_MINOR && amountMinor >= -MAX_AMOUNT_MINOR, 'an amount is within 2^128');
    sums.set(account.asset, (sums.get(account.asset) ?? 0n) + amountMinor);
  }
  for (const sum of sums.values()) invariant(sum === 0n, 'the entries of a transaction sum to zero per asset');
  return entries;
}
