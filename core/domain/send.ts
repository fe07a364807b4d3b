/** A transaction on its way to a chain, as the books keep it: its states, and which change may follow which. */
import type { Refusal } from './refusal.ts';

/**
 * built: wanted, nothing signed · signed: bytes exist, none handed over · sent: a node may have them, whatever it said
 * · confirmed: in a block that may still be taken back · finalized, reverted: in one that may not, done or refused ·
 * expired: the bytes can never run any more · replaced: a foreign transaction used their nonce for good.
 */
export const SEND_STATES = [
  'built',
  'signed',
  'sent',
  'confirmed',
  'finalized',
  'reverted',
  'expired',
  'replaced',
] as const;
export type SendState = (typeof SEND_STATES)[number];

/** Nothing more happens to these. */
export const SEND_ENDS: readonly SendState[] = ['finalized', 'reverted'];

/**
 * What a chain shows may be skipped over (bytes that were signed may be found in a block by whoever looks next), but
 * no state leads back to one in which something new would be signed, but for the two that say why that is safe.
 */
const NEXT: Readonly<Record<SendState, readonly SendState[]>> = {
  built: ['signed'],
  signed: ['sent', 'confirmed', 'finalized', 'reverted', 'expired'],
  sent: ['sent', 'confirmed', 'finalized', 'reverted', 'expired', 'replaced'],
  confirmed: ['confirmed', 'sent', 'finalized', 'reverted'],
  expired: ['signed'],
  replaced: ['built'],
  finalized: [],
  reverted: [],
};

/** What of a send its next state is decided by. `nonce` is decimal text; chains without one have null. */
export type SendStand = Readonly<{
  state: SendState;
  version: number;
  generation: number;
  nonce: string | null;
  /** What is wanted, as canonical text: fixed from the first write on. */
  intent: string;
  /** Signatures there were so far. */
  attempts: number;
}>;

/** What a write makes of it. */
export type SendChange = Omit<SendStand, 'attempts'> & Readonly<{ signs: boolean }>;

function refused(detail: string, fix: string, values: Refusal['values']): Refusal {
  return { code: 'CONFLICT', detail, fix, ...(values === undefined ? {} : { values }) };
}

/** Bytes that share a nonce execute at most once, so more may be offered for it; others only when the last are dead. */
function maySign(before: SendStand | null, change: SendChange): boolean {
  if (before === null || before.state === 'built' || before.state === 'expired') return change.state === 'signed';
  return before.state === 'sent' && change.state === 'sent' && change.nonce !== null;
}

/** Whether a write may follow what is kept; null where it may. */
export function decideSend(before: SendStand | null, change: SendChange): Refusal | null {
  const { version, state, generation, nonce, intent, signs } = change;
  if (version !== (before?.version ?? 0) + 1) {
    const values = { version, known: before?.version ?? 0 };
    return refused('The send was changed by somebody else meanwhile.', 'Read it again and decide anew.', values);
  }
  if (before !== null && before.intent !== intent) {
    return refused('The id stands for another transaction.', 'Send this one under an id of its own.', undefined);
  }
  const begins = before === null && generation === 0 && (state === 'signed' || state === 'built');
  const follows = before !== null && NEXT[before.state].includes(state);
  const isAnew = before?.state === 'replaced';
  const keeps =
    before === null || (generation === before.generation + (isAnew ? 1 : 0) && (isAnew || nonce === before.nonce));
  if (!(begins || follows) || !keeps) {
    const values = { from: before?.state ?? null, to: state };
    return refused(
      `A send does not go from ${before?.state ?? 'nothing'} to ${state} like this.`,
      'Read it again.',
      values,
    );
  }
  const mustSign = state === 'signed';
  if ((signs && !maySign(before, change)) || (mustSign && !signs)) {
    return refused(
      'Nothing new is signed while bytes that were signed before may still run.',
      'Look for them on the chain, and send the same again.',
      { state },
    );
  }
  return null;
}

/** The right to move an account's sends: of one sender at a time, until it runs out or its writer is gone. */
export type SendLease = Readonly<{ owner: string; epoch: number; writer: number; untilMs: number }>;

/** Whether a sender may take the lease: it is free, its own, over, or of a writer that can never commit again. */
export function mayLease(
  lease: SendLease | null,
  { owner, writer, nowMs }: Readonly<{ owner: string; writer: number; nowMs: number }>,
): boolean {
  return lease === null || lease.owner === owner || lease.writer < writer || lease.untilMs <= nowMs;
}
