/**
 * The durable row of one thing to be done on chain, and the states it goes through. Pure: no clock, no network.
 *
 * built → signed → sent → confirmed → finalized, or expired, reverted. Sent but unknown is a state, not an error: the
 * signed bytes may be sent again as often as one likes, but nothing new is signed for an intent until the chain has
 * shown that the old bytes can never run: their blockhash has expired and they are absent at finalized commitment.
 */

export type SendState = 'signed' | 'sent' | 'confirmed' | 'finalized' | 'reverted' | 'expired';

/** Nothing more happens to these. An expired attempt ends too, and the next attempt is a new one of the same intent. */
export const TERMINAL: readonly SendState[] = ['finalized', 'reverted'];

export type SendRecord = Readonly<{
  /** Names what is to be done, once and for ever: `charge/<vault>/<total>`, `withdraw/<request>`. */
  intent: string;
  /** Raised with every new signature for the intent. */
  attempt: number;
  state: SendState;
  /** Counts changes of the row, so that two workers cannot both change it. */
  version: number;
  signature: string;
  bytes: Uint8Array;
  blockhash: string;
  lastValidBlockHeight: bigint;
  /** The chain's own words, when it ran the transaction and refused it. */
  fault: string | null;
  slot: bigint | null;
}>;

export type Signed = Readonly<{
  signature: string;
  bytes: Uint8Array;
  blockhash: string;
  lastValidBlockHeight: bigint;
}>;

/** What one endpoint says of a signature. The height was read first, at finalized commitment, from the same one. */
export type Sighting = Readonly<{
  finalizedHeight: bigint;
  status:
    | Readonly<{ level: 'absent' }>
    | Readonly<{ level: 'processed' | 'confirmed' | 'finalized'; slot: bigint; fault: string | null }>;
}>;

export function firstAttempt(intent: string, signed: Signed): SendRecord {
  return { intent, attempt: 1, version: 1, state: 'signed', fault: null, slot: null, ...signed };
}

/** A new signature for an intent whose last one can never run any more. */
export function nextAttempt(record: SendRecord, signed: Signed): SendRecord {
  const { intent, attempt, version } = record;
  return { intent, attempt: attempt + 1, version: version + 1, state: 'signed', fault: null, slot: null, ...signed };
}

/** The row after its bytes were handed over, with whatever answer. */
export function handedOver(record: SendRecord): SendRecord {
  return record.state === 'signed' ? { ...record, state: 'sent', version: record.version + 1 } : record;
}

/** What a sighting makes of a row. The same row when it teaches nothing. */
export function sighted(record: SendRecord, { finalizedHeight, status }: Sighting): SendRecord {
  if (TERMINAL.includes(record.state) || record.state === 'expired') return record;
  const changed = (change: Partial<SendRecord>): SendRecord => ({ ...record, ...change, version: record.version + 1 });
  switch (status.level) {
    case 'absent':
      // Only what is final is absent for good: a status may have been on a fork that was dropped.
      if (finalizedHeight > record.lastValidBlockHeight) return changed({ state: 'expired', slot: null });
      return record.state === 'confirmed' ? changed({ state: 'sent', slot: null }) : record;
    case 'processed':
      return record;
    case 'confirmed':
      return record.state === 'confirmed' ? record : changed({ state: 'confirmed', slot: status.slot });
    case 'finalized':
      return status.fault === null
        ? changed({ state: 'finalized', slot: status.slot })
        : changed({ state: 'reverted', slot: status.slot, fault: status.fault });
  }
}
