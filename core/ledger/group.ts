/** Events of one customer, meter, price, period and day, added up until they are posted as one slice. */
import { advance } from '#core/domain/meter.ts';
import type { Aggregation, Window } from '#core/domain/meter.ts';
import type { CustomerRecord, KnownPrice, MeterRecord } from './catalog.ts';

/**
 * What is known of the events that make one slice. Not the window they go to: captures may move that until the slice
 * is posted, and each aggregation can be applied to a window as one step.
 */
export type Fold = {
  sum: bigint;
  fresh: bigint;
  most: bigint;
  latest: { quantity: bigint; occurredAtMs: number; id: string } | null;
  corrected: bigint;
  happenedMs: number;
  first: number;
  last: number;
  events: number;
};

/** Events on their way to one slice, and what they have in common. */
export type Group = Fold & {
  readonly customer: CustomerRecord;
  readonly meter: MeterRecord;
  readonly known: KnownPrice;
  readonly month: string;
  /**
   * The group takes what happened in `[fromMs, toMs)`: one price, one billing period, one day in UTC, so that usage
   * which comes late is booked on the day on which it happened.
   */
  readonly fromMs: number;
  readonly toMs: number;
  /** Shared by the groups of one window. */
  readonly load: Load;
};

/** What waits for one quota window, over all of its groups. */
export type Load = {
  /** The sum of absolute quantities: no order of the events comes to more. */
  size: bigint;
  /** Up to this size the window is known to come to an amount. */
  payableTo: bigint;
};

/** One event as a group takes it. */
export type Added = Readonly<{
  seq: number;
  id: string;
  occurredMs: number;
  units: bigint;
  isCorrection: boolean;
  /** For `unique`: the value is new to its window. */
  firstSeen: boolean;
}>;

export function emptyFold(): Fold {
  return {
    sum: 0n,
    fresh: 0n,
    most: 0n,
    latest: null,
    corrected: 0n,
    happenedMs: 0,
    first: 0,
    last: 0,
    events: 0,
  };
}

/** Adds an event to its group and to what waits for its window. */
export function addTo(group: Group, event: Added): void {
  group.load.size += event.units < 0n ? -event.units : event.units;
  addToFold(group, event);
}

export function addToFold(fold: Fold, event: Added): void {
  const { units, occurredMs, id } = event;
  if (fold.events === 0) fold.first = event.seq;
  fold.last = event.seq;
  fold.events += 1;
  if (occurredMs > fold.happenedMs) fold.happenedMs = occurredMs;
  // A correction states the change itself, whatever the meter makes of ordinary events.
  if (event.isCorrection) {
    fold.corrected += units;
    return;
  }
  fold.sum += units;
  if (event.firstSeen) fold.fresh += 1n;
  if (units > fold.most) fold.most = units;
  const { latest } = fold;
  const isLater =
    latest === null || occurredMs > latest.occurredAtMs || (occurredMs === latest.occurredAtMs && id > latest.id);
  if (isLater) fold.latest = { quantity: units, occurredAtMs: occurredMs, id };
}

/** What a fold adds to the billable quantity of a window, and the window after it. */
export function settle(aggregation: Aggregation, fold: Fold, window: Window): { window: Window; delta: bigint } {
  const step = settleOrdinary(aggregation, fold, window);
  if (fold.corrected === 0n) return step;
  const corrected = { quantity: fold.corrected, occurredAtMs: fold.happenedMs, id: '', firstSeen: false };
  const after = advance('sum', step.window, corrected);
  return { window: after.window, delta: step.delta + after.delta };
}

function settleOrdinary(aggregation: Aggregation, fold: Fold, window: Window): { window: Window; delta: bigint } {
  const step = (quantity: bigint) => ({ quantity, occurredAtMs: 0, id: '', firstSeen: false });
  switch (aggregation) {
    case 'sum':
    case 'count':
      return advance('sum', window, step(fold.sum));
    case 'unique':
      return advance('sum', window, step(fold.fresh));
    case 'max':
      return advance('max', window, step(fold.most));
    case 'latest':
      return fold.latest ? advance('latest', window, { ...fold.latest, firstSeen: false }) : { window, delta: 0n };
  }
}
