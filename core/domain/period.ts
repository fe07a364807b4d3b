/** Billing periods, quota months and query windows: half-open intervals that tile time. Not for what they contain. */
import { divide, type Rounding } from './money.ts';
import { invariant, type Refusal } from './refusal.ts';
import { dayOf, instantOf, isTimeZone, localOf, offsetSegment } from './zone.ts';

/** `[startMs, endMs)` in UTC milliseconds. */
export type Interval = Readonly<{ startMs: number; endMs: number }>;

/**
 * When a customer is billed: every month at local midnight of `anchorDay` (1–31; the last day of a shorter month) in an
 * IANA `timeZone`.
 */
export type BillingCycle = Readonly<{ anchorDay: number; timeZone: string; unit: 'month' }>;

/** A calendar month in UTC, as `2026-11`: the quota window of every price. */
export type QuotaMonth = `${number}-${number}`;

export const WINDOW_SIZES = ['MINUTE', 'HOUR', 'DAY', 'MONTH'] as const;
export type WindowSize = (typeof WINDOW_SIZES)[number];

const DAY_MS = 86_400_000;
const SIZE_MS = { MINUTE: 60_000, HOUR: 3_600_000 } as const;

/** Says what is wrong with a billing cycle, or null. */
export function checkCycle(cycle: BillingCycle): Refusal | null {
  if (!Number.isInteger(cycle.anchorDay) || cycle.anchorDay < 1 || cycle.anchorDay > 31) {
    return faulty(`The anchor day is ${cycle.anchorDay}.`, 'Send a day from 1 to 31.');
  }
  return checkTimeZone(cycle.timeZone);
}

/** Says what is wrong with the name of a time zone, or null. */
export function checkTimeZone(timeZone: string): Refusal | null {
  if (isTimeZone(timeZone)) return null;
  return faulty(`"${timeZone.slice(0, 60)}" is no time zone.`, 'Send an IANA name such as Europe/Berlin, or UTC.');
}

function faulty(detail: string, fix: string): Refusal {
  return { code: 'INPUT_INVALID', detail, fix };
}

/** The billing period an instant lies in. Periods tile: each ends where the next begins, in every zone. */
export function periodAt(cycle: BillingCycle, instantMs: number): Interval {
  let month = monthIndex(localOf(cycle.timeZone, instantMs));
  // The wall clock can run back over a boundary, so its month is only where to begin looking.
  while (anchorOf(cycle, month) > instantMs) month -= 1;
  while (anchorOf(cycle, month + 1) <= instantMs) month += 1;
  return { startMs: anchorOf(cycle, month), endMs: anchorOf(cycle, month + 1) };
}

/** The billing period after one that `periodAt` gave. */
export function nextPeriod(cycle: BillingCycle, period: Interval): Interval {
  return periodAt(cycle, period.endMs);
}

/** The billing period before one that `periodAt` gave. */
export function previousPeriod(cycle: BillingCycle, period: Interval): Interval {
  return periodAt(cycle, period.startMs - 1);
}

/** The instant at which the period of a month (counted from year 0) begins. */
function anchorOf(cycle: BillingCycle, month: number): number {
  const firstMs = monthStart(month);
  const lengthDays = (monthStart(month + 1) - firstMs) / DAY_MS;
  return instantOf(cycle.timeZone, firstMs + (Math.min(cycle.anchorDay, lengthDays) - 1) * DAY_MS);
}

/** The number of whole months from year 0 to a wall clock reading, which is written as if it were UTC milliseconds. */
function monthIndex(localMs: number): number {
  const date = new Date(localMs);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The first midnight of a month, as a wall clock reading. */
function monthStart(month: number): number {
  return Date.UTC(Math.floor(month / 12), ((month % 12) + 12) % 12, 1);
}

/** The quota month of an instant. */
export function quotaMonth(instantMs: number): QuotaMonth {
  return new Date(instantMs).toISOString().slice(0, 7) as QuotaMonth;
}

/** The instants a quota month goes from and to. */
export function monthBounds(month: QuotaMonth): Interval {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month);
  invariant(match !== null, 'a quota month is written as 2026-11');
  const index = Number(match[1]) * 12 + Number(match[2]) - 1;
  return { startMs: monthStart(index), endMs: monthStart(index + 1) };
}

/**
 * The share of a period's amount that falls on `[fromMs, toMs)`, in minor units. It is the difference of two cumulative
 * shares, so the parts of any split sum to the whole: the residual of rounding lies in the part where it arises.
 */
export function prorate(
  whole: Readonly<{ amountMinor: bigint; period: Interval; rounding: Rounding }>,
  part: Readonly<{ fromMs: number; toMs: number }>,
): bigint {
  const { startMs, endMs } = whole.period;
  invariant(startMs <= part.fromMs && part.fromMs <= part.toMs && part.toMs <= endMs, 'a share lies in its period');
  const until = (instantMs: number) =>
    divide(whole.amountMinor * BigInt(instantMs - startMs), BigInt(endMs - startMs), whole.rounding);
  return until(part.toMs) - until(part.fromMs);
}

/**
 * The start of the window an instant lies in. Days and months begin at local midnight, or at the first instant there is
 * after a midnight that was skipped, or at the earlier of two. Hours and minutes begin where the wall clock shows a
 * full one, and at every change of offset: the half hour that Lord Howe skips or repeats is a window of its own.
 */
export function windowStart(size: WindowSize, timeZone: string, instantMs: number): number {
  switch (size) {
    case 'MINUTE':
    case 'HOUR': {
      const segment = offsetSegment(timeZone, instantMs, SIZE_MS[size]);
      const localMs = instantMs + segment.offsetMs;
      return Math.max(segment.startMs, instantMs - modulo(localMs, SIZE_MS[size]));
    }
    case 'DAY':
      return dayOf(timeZone, instantMs).startMs;
    case 'MONTH':
      return periodAt({ anchorDay: 1, timeZone, unit: 'month' }, instantMs).startMs;
  }
}

/** The end of the window an instant lies in: the start of the next. */
export function windowEnd(size: WindowSize, timeZone: string, instantMs: number): number {
  switch (size) {
    case 'MINUTE':
    case 'HOUR': {
      const segment = offsetSegment(timeZone, instantMs, SIZE_MS[size]);
      const rest = SIZE_MS[size] - modulo(instantMs + segment.offsetMs, SIZE_MS[size]);
      return Math.min(segment.endMs, instantMs + rest);
    }
    case 'DAY':
      return dayOf(timeZone, instantMs).endMs;
    case 'MONTH':
      return periodAt({ anchorDay: 1, timeZone, unit: 'month' }, instantMs).endMs;
  }
}

/**
 * The windows that cover `[fromMs, toMs)`, in order, made as they are asked for. They are whole: the first may begin
 * before `fromMs` and the last end after `toMs`. Each ends where the next begins.
 */
export function* windows(
  query: Readonly<{ fromMs: number; toMs: number; size: WindowSize; timeZone: string }>,
): Generator<Interval, void, undefined> {
  const { size, timeZone, fromMs, toMs } = query;
  if (fromMs >= toMs) return;
  let startMs = windowStart(size, timeZone, fromMs);
  while (startMs < toMs) {
    const endMs = windowEnd(size, timeZone, startMs);
    invariant(endMs > startMs, 'a window is not empty');
    yield { startMs, endMs };
    startMs = endMs;
  }
}

/** The remainder that is never negative. */
function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
