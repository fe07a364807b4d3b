import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { ROUNDINGS } from './money.ts';
import {
  WINDOW_SIZES,
  checkCycle,
  checkTimeZone,
  monthBounds,
  nextPeriod,
  periodAt,
  previousPeriod,
  prorate,
  quotaMonth,
  windowEnd,
  windowStart,
  windows,
  type BillingCycle,
  type WindowSize,
} from './period.ts';
import { instantOf, localOf, offsetAt } from './zone.ts';

const at = (text: string) => Date.parse(text);
const zones = [...Intl.supportedValuesOf('timeZone'), 'UTC'];
const arbZone = fc.constantFrom(...zones);
const arbInstant = fc.oneof(
  fc.integer({ min: at('1900-01-01T00:00Z'), max: at('2100-01-01T00:00Z') }),
  fc.integer({ min: at('2020-01-01T00:00Z'), max: at('2030-01-01T00:00Z') }),
);
const arbCycle: fc.Arbitrary<BillingCycle> = fc.record({
  anchorDay: fc.integer({ min: 1, max: 31 }),
  timeZone: arbZone,
  unit: fc.constant('month' as const),
});
const utc = (anchorDay: number): BillingCycle => ({ anchorDay, timeZone: 'UTC', unit: 'month' });
const shown = (period: { startMs: number; endMs: number }) =>
  [period.startMs, period.endMs].map((ms) => new Date(ms).toISOString().slice(0, 16));

describe('billing periods', () => {
  test.prop([arbCycle, arbInstant], { numRuns: 400 })(
    'tile without gap or overlap in every zone and anchor day',
    (cycle, instantMs) => {
      const period = periodAt(cycle, instantMs);
      expect(period.startMs).toBeLessThanOrEqual(instantMs);
      expect(period.endMs).toBeGreaterThan(instantMs);
      expect(periodAt(cycle, period.startMs)).toEqual(period);
      expect(periodAt(cycle, period.endMs - 1)).toEqual(period);
      expect(nextPeriod(cycle, period).startMs).toBe(period.endMs);
      expect(previousPeriod(cycle, period).endMs).toBe(period.startMs);
      expect(previousPeriod(cycle, nextPeriod(cycle, period))).toEqual(period);
      const days = (period.endMs - period.startMs) / 86_400_000;
      expect(days).toBeGreaterThan(26);
      expect(days).toBeLessThan(33);
    },
  );

  test('anchored on the 31st end with the shorter months', () => {
    expect(shown(periodAt(utc(31), at('2026-02-10T00:00Z')))).toEqual(['2026-01-31T00:00', '2026-02-28T00:00']);
    expect(shown(periodAt(utc(31), at('2028-02-29T00:00Z')))).toEqual(['2028-02-29T00:00', '2028-03-31T00:00']);
  });

  test('begin at the first instant after a midnight that was skipped, and at the earlier of two', () => {
    const zone = (timeZone: string, anchorDay: number): BillingCycle => ({ anchorDay, timeZone, unit: 'month' });
    // Santiago's clocks went from 23:59 on 5 September 2026 to 01:00; Havana showed 00:30 twice on 1 November 2026.
    expect(shown(periodAt(zone('America/Santiago', 6), at('2026-09-20T00:00Z')))[0]).toBe('2026-09-06T04:00');
    expect(shown(periodAt(zone('America/Havana', 1), at('2026-11-20T00:00Z')))[0]).toBe('2026-11-01T04:00');
    // In St. John's, a minute after midnight on 1 November 2009, it was 23:01 on 31 October again: November went on.
    expect(shown(periodAt(zone('America/St_Johns', 1), at('2009-11-01T02:45Z')))[0]).toBe('2009-11-01T02:30');
    // Samoa had no 30 December 2011.
    expect(shown(periodAt(zone('Pacific/Apia', 30), at('2012-01-10T00:00Z')))[0]).toBe('2011-12-30T10:00');
  });

  test('are refused for a day or a zone that does not exist', () => {
    expect(checkCycle(utc(1))).toBeNull();
    for (const anchorDay of [0, 32, 1.5, Number.NaN]) expect(checkCycle(utc(anchorDay))?.code).toBe('INPUT_INVALID');
    for (const zone of ['', 'Mars/Olympus', 'x'.repeat(300)]) expect(checkTimeZone(zone)?.code).toBe('INPUT_INVALID');
  });
});

describe('quota months', () => {
  test.prop([arbInstant])('hold the instants that name them', (instantMs) => {
    const { startMs, endMs } = monthBounds(quotaMonth(instantMs));
    expect(startMs <= instantMs && instantMs < endMs).toBe(true);
    expect(quotaMonth(endMs)).not.toBe(quotaMonth(instantMs));
    expect(quotaMonth(endMs - 1)).toBe(quotaMonth(startMs));
  });
  test('are of the calendar in UTC', () => {
    expect(quotaMonth(at('2026-12-31T23:59:59.999Z'))).toBe('2026-12');
    expect(shown(monthBounds('2026-12'))).toEqual(['2026-12-01T00:00', '2027-01-01T00:00']);
    expect(() => monthBounds('2026-13')).toThrow('quota month');
  });
});

describe('query windows', () => {
  const spans: Readonly<Record<WindowSize, number>> = { MINUTE: 600_000, HOUR: 2e8, DAY: 2e9, MONTH: 2e10 };
  const tricky = [
    'America/Los_Angeles',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Apia',
    'America/St_Johns',
    'Africa/Monrovia',
  ];
  const arbQuery = fc
    .tuple(
      fc.constantFrom(...WINDOW_SIZES),
      fc.oneof(arbZone, fc.constantFrom(...tricky)),
      arbInstant,
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([size, timeZone, fromMs, part]) => ({
      size,
      timeZone,
      fromMs,
      toMs: fromMs + Math.ceil(part * spans[size]),
    }));

  test.prop([arbQuery], { numRuns: 400 })('tile what was asked for in every zone', (query) => {
    const all = [...windows(query)];
    expect(all.length > 0).toBe(query.fromMs < query.toMs);
    let reached = all[0]?.startMs ?? 0;
    for (const { startMs, endMs } of all) {
      expect(startMs).toBe(reached);
      expect(endMs).toBeGreaterThan(startMs);
      for (const inside of [startMs, endMs - 1, Math.floor((startMs + endMs) / 2)]) {
        expect(windowStart(query.size, query.timeZone, inside)).toBe(startMs);
        expect(windowEnd(query.size, query.timeZone, inside)).toBe(endMs);
      }
      reached = endMs;
    }
    if (all.length > 0) {
      expect(all[0]?.startMs).toBeLessThanOrEqual(query.fromMs);
      expect(reached).toBeGreaterThanOrEqual(query.toMs);
    }
  });

  const minutes = (size: WindowSize, timeZone: string, from: string, to: string) =>
    [...windows({ size, timeZone, fromMs: at(from), toMs: at(to) })].map(
      ({ startMs, endMs }) => (endMs - startMs) / 60_000,
    );

  test('have days of 23 and 25 hours where Los Angeles changes its clocks', () => {
    expect(minutes('DAY', 'America/Los_Angeles', '2026-03-07T08:00Z', '2026-03-10T07:00Z')).toEqual([1440, 1380, 1440]);
    expect(minutes('DAY', 'America/Los_Angeles', '2026-10-31T07:00Z', '2026-11-03T08:00Z')).toEqual([1440, 1500, 1440]);
  });
  test('give the half hour that Lord Howe skips or repeats a window of its own', () => {
    expect(minutes('HOUR', 'Australia/Lord_Howe', '2026-10-03T13:30Z', '2026-10-03T18:00Z')).toEqual([
      60, 60, 30, 60, 60,
    ]);
    expect(minutes('HOUR', 'Australia/Lord_Howe', '2026-04-04T14:00Z', '2026-04-04T17:30Z')).toEqual([60, 30, 60, 60]);
  });
  test('are aligned to quarter hours of UTC in Kathmandu', () => {
    expect(new Date(windowStart('HOUR', 'Asia/Kathmandu', at('2026-11-21T12:00Z'))).toISOString()).toContain(
      'T11:15:00',
    );
  });
  test('leave out the day that Samoa skipped', () => {
    const days = [
      ...windows({
        size: 'DAY',
        timeZone: 'Pacific/Apia',
        fromMs: at('2011-12-29T10:00Z'),
        toMs: at('2011-12-31T10:00Z'),
      }),
    ];
    expect(days.map((day) => new Date(localOf('Pacific/Apia', day.startMs)).toISOString().slice(0, 10))).toEqual([
      '2011-12-29',
      '2011-12-31',
    ]);
  });

  test.each(WINDOW_SIZES)('by %s are found for 100,000 instants of ten years', (size) => {
    const starts = new Set<number>();
    for (let index = 0; index < 100_000; index += 1) {
      const instant = at('2030-01-01T00:00Z') - ((index * 7_919_000_037) % 315_360_000_000);
      const start = windowStart(size, 'America/New_York', instant);
      expect(start <= instant).toBe(true);
      starts.add(start);
    }
    // What was once found is not looked up again: without that this takes longer than a test may.
    expect(starts.size).toBeGreaterThan(100);
  });
});

describe('the wall clock', () => {
  test.prop([arbZone, arbInstant], { numRuns: 300 })('shows what Intl shows', (timeZone, instantMs) => {
    const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
      instantMs,
    );
    const second = Math.floor(instantMs / 1000) * 1000;
    expect(new Date(second + offsetAt(timeZone, instantMs)).toISOString().slice(0, 19)).toBe(text.replace(' ', 'T'));
  });
  test.prop([arbZone, arbInstant], { numRuns: 300 })(
    'shows a reading at the instant that is found for it',
    (timeZone, instantMs) => {
      const found = instantOf(timeZone, localOf(timeZone, instantMs));
      expect(found).toBeLessThanOrEqual(instantMs);
      expect(localOf(timeZone, found)).toBe(localOf(timeZone, instantMs));
    },
  );
});

describe('a share of a period', () => {
  test.prop([
    fc.bigInt(-(10n ** 12n), 10n ** 12n),
    fc.array(fc.nat({ max: 2_592_000_000 }), { maxLength: 8 }),
    fc.constantFrom(...ROUNDINGS),
  ])('sums to the whole however the period is split', (amountMinor, cuts, rounding) => {
    const period = { startMs: 0, endMs: 2_592_000_000 };
    const edges = [0, ...cuts.toSorted((a, b) => a - b), period.endMs];
    const parts = edges
      .slice(1)
      .map((toMs, index) => prorate({ amountMinor, period, rounding }, { fromMs: edges[index] ?? 0, toMs }));
    expect(parts.reduce((sum, part) => sum + part, 0n)).toBe(amountMinor);
  });
});
