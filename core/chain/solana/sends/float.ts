/** How long the fee payer's lamports last, and when somebody has to top them up. Pure. */
import { ChainError } from '../../error.ts';

export type FloatPolicy = Readonly<{
  /** What stays in the account whatever happens: its rent. */
  reserveLamports: bigint;
  /** Most one send may cost, with its priority fee. */
  perSendLamports: bigint;
  /** Fewer sends than this left, and an alert is raised. */
  alertBelowSends: bigint;
}>;

export type Float = Readonly<{
  sendsLeft: bigint;
  isLow: boolean;
  isEmpty: boolean;
  /** Lamports that bring it back to twice the alert's level; 0 when nothing is needed. */
  topUpLamports: bigint;
}>;

export function floatOf(balanceLamports: bigint, policy: FloatPolicy): Float {
  const { reserveLamports, perSendLamports, alertBelowSends } = policy;
  const free = balanceLamports > reserveLamports ? balanceLamports - reserveLamports : 0n;
  const sendsLeft = free / perSendLamports;
  const isLow = sendsLeft < alertBelowSends;
  const level = reserveLamports + 2n * alertBelowSends * perSendLamports;
  return { sendsLeft, isLow, isEmpty: sendsLeft === 0n, topUpLamports: isLow ? level - balanceLamports : 0n };
}

/** Refuses to sign what the payer could not pay: a transaction that cannot pay never lands and never expires sooner. */
export function checkFloat(balanceLamports: bigint, policy: FloatPolicy, payer: string): void {
  const { isEmpty, topUpLamports } = floatOf(balanceLamports, policy);
  if (!isEmpty) return;
  throw new ChainError({
    code: 'INSUFFICIENT_FUNDS',
    detail: `The fee payer ${payer} cannot pay another transaction.`,
    fix: `Send it ${topUpLamports} lamports.`,
    values: { payer, balanceLamports: balanceLamports.toString(), topUpLamports: topUpLamports.toString() },
  });
}
