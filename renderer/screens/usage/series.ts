/** The windows of a chart and what fell into each, from the rows of a meter query. */
import { parseDecimal } from '#core/domain/money.ts';
import type { Outputs } from '../../lib/rpc.ts';

export type MeterRow = Outputs['meters']['query']['items'][number];

export const USAGE_SPANS = ['day', 'month', 'year'] as const;
export type UsageSpan = (typeof USAGE_SPANS)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const [HOURS, DAYS, MONTHS] = [24, 30, 12];
/** More would be colours nobody tells apart; the rest is one part of its own. */
const MOST_NAMES = 5;
export const REST = 'all others';

export type Windows = Readonly<{
  size: 'HOUR' | 'DAY' | 'MONTH';
  starts: readonly number[];
  /** The end of the last window, after now. */
  toMs: number;
}>;

/** The windows up to the one that now is in, in UTC. */
export function windowsOf(span: UsageSpan, nowMs: number): Windows {
  if (span === 'year') {
    const now = new Date(nowMs);
    const first = (back: number): number => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1);
    return {
      size: 'MONTH',
      starts: Array.from({ length: MONTHS }, (_, at) => first(MONTHS - 1 - at)),
      toMs: first(-1),
    };
  }
  const [stepMs, count] = span === 'day' ? [HOUR_MS, HOURS] : [DAY_MS, DAYS];
  const toMs = (Math.floor(nowMs / stepMs) + 1) * stepMs;
  const starts = Array.from({ length: count }, (_, at) => toMs - (count - at) * stepMs);
  return { size: span === 'day' ? 'HOUR' : 'DAY', starts, toMs };
}

export type Series = Readonly<{
  names: readonly string[];
  /** Values are integers in the meter's smallest unit, as text. */
  bars: readonly Readonly<{ dayMs: number; parts: readonly { name: string; value: string }[] }>[];
}>;

/** What a row is of: its customer, a dimension's value, or the meter where it is not split. */
function nameOf(row: MeterRow, by: string | undefined, meter: string): string {
  if (by === undefined) return meter;
  const value = by === 'subject' ? row.subject : row.groupBy[by];
  return value === null || value === undefined || value === '' ? 'none' : value;
}

function unitsOf(row: MeterRow, scale: number): bigint {
  const units = parseDecimal(row.value, scale);
  return typeof units === 'bigint' ? units : 0n;
}

/** One bar a window, also where nothing was used; the largest parts by name, the others together. */
export function seriesOf(
  rows: readonly MeterRow[],
  { starts }: Windows,
  { by, meter, scale }: Readonly<{ by: string | undefined; meter: string; scale: number }>,
): Series {
  const totals = new Map<string, bigint>();
  for (const row of rows) {
    const name = nameOf(row, by, meter);
    totals.set(name, (totals.get(name) ?? 0n) + unitsOf(row, scale));
  }
  const largest = [...totals].toSorted(([a, x], [b, y]) => (x === y ? (a < b ? -1 : 1) : y > x ? 1 : -1));
  const kept = new Set(
    largest.slice(0, largest.length > MOST_NAMES + 1 ? MOST_NAMES : largest.length).map(([name]) => name),
  );
  const bars = new Map(starts.map((startMs) => [startMs, new Map<string, bigint>()]));
  for (const row of rows) {
    const own = nameOf(row, by, meter);
    const name = kept.has(own) ? own : REST;
    const parts = bars.get(row.windowStartMs);
    parts?.set(name, (parts.get(name) ?? 0n) + unitsOf(row, scale));
  }
  const names = [...[...kept].toSorted(), ...(kept.size < totals.size ? [REST] : [])];
  return {
    names,
    bars: [...bars].map(([dayMs, parts]) => ({
      dayMs,
      parts: names.flatMap((name) => {
        const value = parts.get(name);
        return value === undefined ? [] : [{ name, value: value.toString() }];
      }),
    })),
  };
}
