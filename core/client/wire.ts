/**
 * What travels between a customer's server and the gateway, as JSON. Amounts and quantities are text, so none is
 * rounded.
 */

/** A plain decimal in the meter's unit; numbers are taken only where they are safe integers. */
export type Quantity = string | number | bigint;

export type HoldState = 'open' | 'captured' | 'released' | 'expired';

/**
 * A hold as the gateway writes it; members that it leaves out of an answer are absent. Amounts are minor units of
 * `asset`.
 */
export type WireHold = Readonly<{
  id: string;
  state: HoldState;
  customer?: string;
  meter?: string;
  quantity?: string;
  amountMinor?: string;
  asset?: string;
  expiresAtMs?: number;
  chargedMinor?: string | null;
  overshootMinor?: string | null;
  late?: boolean;
}>;

export type WireCheck = Readonly<{ allowed: boolean; balance: string; required: string; asset: string }>;

/** One usage event. `(source, id)` is counted once for ever; `occurredAt` is UTC milliseconds or RFC 3339. */
export type WireEvent = Readonly<{
  source: string;
  id: string;
  customer: string;
  meter: string;
  quantity: string;
  occurredAt: number | string;
  dimensions?: Readonly<Record<string, string>>;
  holdId?: string;
}>;

export type EventStatus = 'accepted' | 'duplicate' | 'conflict' | 'parked' | 'refused';
/** What became of one event; `code`, `detail` and `fix` come with `conflict` and `refused`. */
export type WireEventResult = Readonly<{
  index: number;
  status: EventStatus;
  code?: string;
  detail?: string;
  fix?: string;
}>;
export type WireUsage = Readonly<{
  accepted: number;
  duplicates: number;
  refused: number;
  results: readonly WireEventResult[];
}>;

/** RFC 9457 problem details, with the gateway's closed set of codes and what to do about it. */
export type Problem = Readonly<{
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  fix?: string;
  [value: string]: unknown;
}>;
