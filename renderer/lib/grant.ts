/**
 * What a grant would change, for the preview beside its form. The core decides; this states its rule for a person to
 * check.
 */
import type { Balance } from './shapes.ts';

export type GrantEffect = Readonly<{ paysMinor: string; waitsMinor: string; beforeMinor: string; afterMinor: string }>;

export function grantEffect(balance: Balance | undefined, amountMinor: string): GrantEffect {
  const amount = BigInt(amountMinor);
  const unbilled = BigInt(balance?.unbilledMinor ?? '0');
  const owed = unbilled < 0n ? -unbilled : 0n;
  const pays = owed < amount ? owed : amount;
  const before = BigInt(balance?.spendableMinor ?? '0');
  return {
    paysMinor: pays.toString(),
    waitsMinor: (amount - pays).toString(),
    beforeMinor: before.toString(),
    afterMinor: (before + amount).toString(),
  };
}
