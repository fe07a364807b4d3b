/** Events of one customer, meter, price, quota month and period, added up until they are posted as one slice. */
import { advance } from '#core/domain/meter.ts';
import type { Window } from '#core/domain/meter.ts';
import type { CustomerRecord, KnownPrice, MeterRecord } from './catalog.ts';

/**
 * What a group knows of its events. It does not know its window: captures may move that until the group is posted, and
 * each aggregation can be applied to a window as one step.
 */
export type Group = {
  readonly customer: CustomerRecord;
  readonly meter: MeterRecord;
  readonly known: KnownPrice;
  readonly month: string;
  /** The group takes what happened in `[fromMs, toMs)`: one price, one quota month, one billing period. */
  readonly fromMs: number;
  readonly toMs: number;
  sum: bigint;
  /** The sum of absolute quantities: no order of the events comes to more. */
  size: bigint;
  /** Up to this size the window is known to come to an amount. */
  payableTo: bigint;
  fresh: bigint;
  most: bigint;
  latest: { quantity: bigint; occurredAtMs: number; id: string } | null;
  corrected: bigint;
  happenedMs: number;
  readonly first: number;
  last: number;
  events: number;
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

export function newGroup(
  of: Pick<Group, 'customer' | 'meter' | 'known' | 'month' | 'fromMs' | 'toMs'>,
  event: { seq: number; occurredMs: number },
): Group {
  return {
    ...of,
    sum: 0n,
    size: 0n,
    payableTo: 0n,
    fresh: 0n,
    most: 0n,
    latest: null,
    corrected: 0n,
    happenedMs: event.occurredMs,
    first: event.seq,
    last: event.seq,
    events: 0,
  };
}

export function addTo(group: Group, event: Added): void {
  const { units, occurredMs, id } = event;
  group.size += units < 0n ? -units : units;
  group.last = event.seq;
  group.events += 1;
  if (occurredMs > group.happenedMs) group.happenedMs = occurredMs;
  // A correction states the change itself, whatever the meter makes of ordinary events.
  if (event.isCorrection) {
    group.corrected += units;
    return;
  }
  group.sum += units;
  if (event.firstSeen) group.fresh += 1n;
  if (units > group.most) group.most = units;
  const { latest } = group;
  const isLater =
    latest === null || occurredMs > latest.occurredAtMs || (occurredMs === latest.occurredAtMs && id > latest.id);
  if (isLater) group.latest = { quantity: units, occurredAtMs: occurredMs, id };
}

/** What the group adds to the billable quantity of a window, and the window after it. */
export function settle(group: Group, window: Window): { window: Window; delta: bigint } {
  const step = settleOrdinary(group, window);
  if (group.corrected === 0n) return step;
  const corrected = { quantity: group.corrected, occurredAtMs: group.happenedMs, id: '', firstSeen: false };
  const after = advance('sum', step.window, corrected);
  return { window: after.window, delta: step.delta + after.delta };
}

function settleOrdinary(group: Group, window: Window): { window: Window; delta: bigint } {
  const { aggregation } = group.meter;
  switch (aggregation) {
    case 'sum':
    case 'count':
      return advance('sum', window, { quantity: group.sum, occurredAtMs: 0, id: '', firstSeen: false });
    case 'unique':
      return advance('sum', window, { quantity: group.fresh, occurredAtMs: 0, id: '', firstSeen: false });
    case 'max':
      return advance('max', window, { quantity: group.most, occurredAtMs: 0, id: '', firstSeen: false });
    case 'latest':
      return group.latest ? advance('latest', window, { ...group.latest, firstSeen: false }) : { window, delta: 0n };
  }
}
