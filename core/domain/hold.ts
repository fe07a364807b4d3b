/** A hold and what may happen to it. One state machine; what it costs is decided by `charge`. */
import type { Asset } from './money.ts';
import type { Refusal } from './refusal.ts';

export type HoldState = 'open' | 'captured' | 'released' | 'expired';

/** Money set aside for work in progress. `units` are of the meter's scale, `amountMinor` in minor units of `asset`. */
export type Hold = Readonly<{
  id: string;
  customer: string;
  meter: string;
  price: string;
  asset: Asset;
  units: bigint;
  amountMinor: bigint;
  state: HoldState;
  openedMs: number;
  expiresMs: number;
  capturedUnits: bigint | null;
  chargedMinor: bigint | null;
  overshootMinor: bigint | null;
  late: boolean;
}>;

/** What a request does to a hold: change it, repeat the answer it had, or be refused. */
export type HoldDecision = 'change' | 'repeat' | Refusal;

function closed(hold: Hold, doing: string): Refusal {
  return {
    code: 'HOLD_CLOSED',
    detail: `The hold was ${hold.state} and cannot be ${doing}.`,
    fix: 'Open a new hold; for usage that happened anyway, record a usage event.',
    values: { state: hold.state },
  };
}

/**
 * Gives a hold's money back. Terminal states are terminal; a second release answers as the first did. An expired hold
 * has given its money back already, so releasing it changes nothing and is not an error; that stays the answer when
 * its work is charged late afterwards.
 */
export function decideRelease(hold: Hold): HoldDecision {
  switch (hold.state) {
    case 'open':
      return 'change';
    case 'released':
    case 'expired':
      return 'repeat';
    case 'captured':
      return hold.late ? 'repeat' : closed(hold, 'released');
  }
}

/**
 * Turns a hold into usage. Work that outlived its hold is charged late: never refused and never free. The same capture
 * again answers as the first did; another quantity is refused, because one hold is one event.
 */
export function decideCapture(hold: Hold, units: bigint): HoldDecision {
  switch (hold.state) {
    case 'open':
    case 'expired':
      return 'change';
    case 'captured':
      return hold.capturedUnits === units ? 'repeat' : closed(hold, 'captured again with another quantity');
    case 'released':
      return closed(hold, 'captured');
  }
}

/** Whether the hold's time is over: its interval is half-open. */
export function isExpired(hold: Hold, atMs: number): boolean {
  return hold.state === 'open' && hold.expiresMs <= atMs;
}
