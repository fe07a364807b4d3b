/** Instants as people read them: relative in lists, absolute with the zone beside it. Not for billing arithmetic. */

export type Zone = 'utc' | 'local';

function zoneOf(zone: Zone): string {
  return zone === 'utc' ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: Zone, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${name}`;
  const known = formats.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zoneOf(zone) });
  formats.set(key, made);
  return made;
}

/** `21 Nov 2026, 11:42:07 UTC` */
export function absoluteTime(ms: number, zone: Zone): string {
  const text = format(zone, 'absolute', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).format(ms);
  return `${text} ${zoneName(ms, zone)}`;
}

export function zoneName(ms: number, zone: Zone): string {
  if (zone === 'utc') return 'UTC';
  const parts = format(zone, 'zone', { timeZoneName: 'short', hour: 'numeric' }).formatToParts(ms);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'local';
}

/** `Sat 21 Nov, 11:42` */
export function headerTime(ms: number, zone: Zone): string {
  const text = format(zone, 'header', {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  }).format(ms);
  return `${text} ${zoneName(ms, zone)}`;
}

/** `21 Nov` */
export function dayText(ms: number, zone: Zone): string {
  return format(zone, 'day', { day: 'numeric', month: 'short' }).format(ms);
}

/** `21 Nov 2026` */
export function dateText(ms: number, zone: Zone): string {
  return format(zone, 'date', { day: 'numeric', month: 'short', year: 'numeric' }).format(ms);
}

/** The days of a half-open period, as `1–30 Nov 2026`. */
export function periodText(startMs: number, endMs: number, zone: Zone): string {
  const last = Math.max(startMs, endMs - 1);
  return format(zone, 'period', { day: 'numeric', month: 'short', year: 'numeric' }).formatRange(startMs, last);
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span in its largest whole unit: `0.4 s`, `12 s`, `4 min`, `3 h`, `6 d`. */
export function spanText(ms: number): string {
  const size = Math.abs(ms);
  if (size < 10 * SECOND) return `${(Math.floor(size / 100) / 10).toFixed(1)} s`;
  if (size < MINUTE) return `${Math.floor(size / SECOND)} s`;
  if (size < HOUR) return `${Math.floor(size / MINUTE)} min`;
  if (size < 2 * DAY) return `${Math.floor(size / HOUR)} h`;
  return `${Math.floor(size / DAY)} d`;
}

/** Relative within 30 days, else the date. */
export function relativeTime(ms: number, nowMs: number, zone: Zone): string {
  const age = nowMs - ms;
  if (Math.abs(age) < 2 * SECOND) return 'now';
  if (Math.abs(age) > 30 * DAY) return dateText(ms, zone);
  return age >= 0
    ? `${spanText(age < 10 * SECOND ? Math.floor(age / SECOND) * SECOND : age).replace('.0 ', ' ')} ago`
    : `in ${spanText(age).replace('.0 ', ' ')}`;
}

/** The instant as ISO text, for files. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** An instant as a field of the browser writes it (`2026-11-21T11:42`), read as UTC; null while it is none. */
export function readInstant(typed: string): number | null {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(typed) ? Date.parse(`${typed}Z`) : NaN;
  return Number.isNaN(ms) || ms < 0 ? null : ms;
}
