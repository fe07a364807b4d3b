/** Alerts: when a watched value crosses its threshold, when that is over, and when somebody is told. Sends nothing. */
import { dayOf, instantOf, localOf, offsetAt } from './zone.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/**
 * What can be watched: on which side of the threshold trouble lies, and in what the value is counted. Amounts are minor
 * units of the rule's asset, a day's worth of them for a burn rate; calls are those of a clock hour.
 */
export const ALERT_KINDS = {
  'balance-below': { side: 'below', unit: 'minor', needs: 'asset' },
  'burn-rate': { side: 'above', unit: 'minor a day', needs: 'asset' },
  'days-left': { side: 'below', unit: 'tenths of a day', needs: 'asset' },
  'quota-used': { side: 'above', unit: 'percent', needs: null },
  'refused-calls': { side: 'above', unit: 'calls an hour', needs: null },
  'stuck-hold': { side: 'above', unit: 'minutes', needs: null },
  'unrated-usage': { side: 'above', unit: 'events', needs: null },
  'overdue-job': { side: 'above', unit: 'minutes', needs: 'job' },
  'failed-verify': { side: 'above', unit: 'failures', needs: null },
} as const satisfies Record<string, { side: 'above' | 'below'; unit: string; needs: 'asset' | 'job' | null }>;
export type AlertKind = keyof typeof ALERT_KINDS;
export const ALERT_KIND_NAMES = Object.keys(ALERT_KINDS) as AlertKind[];

/** Jobs that are looked after: the last good run of the first two, and the oldest event that is not posted. */
export const WATCHED_JOBS = ['verify', 'backup', 'posting'] as const;
export type WatchedJob = (typeof WATCHED_JOBS)[number];

export const SEVERITIES = ['info', 'attention', 'danger'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Minutes of the local day, `[from, to)`; over midnight where `from` is the later. */
export type QuietHours = Readonly<{ fromMinute: number; toMinute: number; timeZone: string }>;

export type AlertRule = Readonly<{
  id: string;
  name: string;
  kind: AlertKind;
  /** In the unit of the kind, as is the margin: how far back beyond the threshold the value must go to re-arm. */
  threshold: bigint;
  margin: bigint;
  severity: Severity;
  asset: string | null;
  customer: string | null;
  meter: string | null;
  job: WatchedJob | null;
  quiet: QuietHours | null;
  /** Who is told beside the screen; everybody when null. */
  channels: readonly string[] | null;
  tellsCleared: boolean;
  isOn: boolean;
  removedMs: number | null;
}>;

/** A rule as a record keeps it: JSON has no bigint. */
export type AlertRuleRecord = Omit<AlertRule, 'threshold' | 'margin'> & Readonly<{ threshold: string; margin: string }>;

export const decodeRule = (record: AlertRuleRecord): AlertRule => ({
  ...record,
  threshold: BigInt(record.threshold),
  margin: BigInt(record.margin),
});
export const encodeRule = (rule: AlertRule): AlertRuleRecord => ({
  ...rule,
  threshold: rule.threshold.toString(),
  margin: rule.margin.toString(),
});

/** Why a rule makes no sense, in words; null when it does. */
export function ruleFault(rule: AlertRule): string | null {
  const { needs, unit } = ALERT_KINDS[rule.kind];
  if (needs === 'asset' && rule.asset === null) return `A rule of ${rule.kind} needs an asset.`;
  if (needs === 'job' && rule.job === null) return `A rule of ${rule.kind} needs a job.`;
  if (needs !== 'asset' && rule.asset !== null) return `A rule of ${rule.kind} has no asset.`;
  if (needs !== 'job' && rule.job !== null) return `A rule of ${rule.kind} has no job.`;
  if (rule.margin < 0n) return 'A margin is not below zero.';
  if (needs !== 'asset' && rule.threshold < 1n) return `A threshold in ${unit} is at least 1.`;
  const { side } = ALERT_KINDS[rule.kind];
  if (side === 'above' && rule.threshold - rule.margin < 0n) return 'The margin is larger than the threshold.';
  if (rule.quiet !== null && rule.quiet.fromMinute === rule.quiet.toMinute) return 'Quiet hours have a length.';
  return null;
}

/**
 * What an observation does to an alert that is open or not. It fires on the wrong side of the threshold and is over
 * only when the value is back by the margin, so that one that wavers around the threshold is told of once. Null is a
 * value that is no more, such as that of a customer the rule no longer watches.
 */
export function decideAlert(
  rule: Pick<AlertRule, 'kind' | 'threshold' | 'margin'>,
  isOpen: boolean,
  value: bigint | null,
): 'fire' | 'clear' | 'stay' {
  if (value === null) return isOpen ? 'clear' : 'stay';
  const { side } = ALERT_KINDS[rule.kind];
  const isBad = side === 'below' ? value < rule.threshold : value >= rule.threshold;
  const isBack = side === 'below' ? value >= rule.threshold + rule.margin : value < rule.threshold - rule.margin;
  if (!isOpen && isBad) return 'fire';
  return isOpen && isBack ? 'clear' : 'stay';
}

const minuteAt = ({ timeZone }: QuietHours, atMs: number): number => {
  const localMs = localOf(timeZone, atMs);
  return Math.floor((localMs - Math.floor(localMs / DAY_MS) * DAY_MS) / MINUTE_MS);
};

/** Whether an instant lies in quiet hours. */
export function isQuiet(quiet: QuietHours | null, atMs: number): boolean {
  if (quiet === null) return false;
  const minute = minuteAt(quiet, atMs);
  const { fromMinute, toMinute } = quiet;
  return fromMinute < toMinute ? fromMinute <= minute && minute < toMinute : fromMinute <= minute || minute < toMinute;
}

/** The end of the quiet hours that an instant lies in. */
function quietEnd(quiet: QuietHours, atMs: number): number {
  const { timeZone, toMinute } = quiet;
  const localMs = localOf(timeZone, atMs);
  const midnightMs = Math.floor(localMs / DAY_MS) * DAY_MS;
  const isTomorrow = minuteAt(quiet, atMs) >= toMinute;
  const endLocalMs = midnightMs + (isTomorrow ? DAY_MS : 0) + toMinute * MINUTE_MS;
  const endMs = instantOf(timeZone, endLocalMs);
  if (endMs > atMs) return endMs;
  // The clock ran back: its second showing of that time is meant, which the offset of now leads to.
  return Math.max(endLocalMs - offsetAt(timeZone, atMs), dayOf(timeZone, atMs).startMs);
}

/** When somebody is told of what happened at an instant: at once, or when the quiet hours are over. */
export function tellAtMs(rule: Pick<AlertRule, 'quiet' | 'severity'>, atMs: number): number {
  if (rule.severity === 'danger' || rule.quiet === null || !isQuiet(rule.quiet, atMs)) return atMs;
  return quietEnd(rule.quiet, atMs);
}

/** What is waited after each failed try of a delivery, in minutes: from one to sixteen hours. */
export const RETRY_MINUTES = [1, 5, 15, 30, 60, 120, 240, 480, 960] as const;

/** When a delivery is tried again after so many failed tries in a row; null when it is given up. */
export function nextTryMs(failedTries: number, atMs: number): number | null {
  const minutes = RETRY_MINUTES[failedTries - 1];
  return minutes === undefined ? null : atMs + minutes * MINUTE_MS;
}
