import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import {
  ALERT_KINDS,
  ALERT_KIND_NAMES,
  RETRY_MINUTES,
  decideAlert,
  isQuiet,
  nextTryMs,
  ruleFault,
  tellAtMs,
} from './alert.ts';
import type { AlertRule } from './alert.ts';

const HOUR_MS = 3_600_000;
const rule = (given: Partial<AlertRule> = {}): AlertRule => ({
  id: 'rul_1',
  name: 'Low',
  kind: 'balance-below',
  threshold: 100n,
  margin: 20n,
  severity: 'attention',
  asset: 'USDC/6',
  customer: null,
  meter: null,
  job: null,
  quiet: null,
  channels: null,
  tellsCleared: true,
  isOn: true,
  removedMs: null,
  ...given,
});

const arbRule = fc
  .record({
    kind: fc.constantFrom(...ALERT_KIND_NAMES),
    threshold: fc.bigInt(20n, 200n),
    margin: fc.bigInt(0n, 20n),
  })
  .map((given) => rule(given));
const arbQuiet = fc
  .record({
    fromMinute: fc.nat({ max: 1439 }),
    toMinute: fc.nat({ max: 1439 }),
    timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kolkata', 'Australia/Lord_Howe'),
  })
  .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute);
const arbInstant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2027, 0, 1) });

/** What each value of a sequence does, and whether an alert is open after it. */
function walk(one: AlertRule, values: readonly bigint[]) {
  let isOpen = false;
  return values.map((value) => {
    const does = decideAlert(one, isOpen, value);
    if (does !== 'stay') isOpen = does === 'fire';
    return { value, does, isOpen };
  });
}

describe('an alert', () => {
  test('fires below its threshold once, and again only after the value was back by the margin', () => {
    const does = walk(rule(), [150n, 99n, 100n, 119n, 50n, 120n, 99n]).map((step) => step.does);
    expect(does).toEqual(['stay', 'fire', 'stay', 'stay', 'stay', 'clear', 'fire']);
  });

  test.prop([arbRule, fc.array(fc.bigInt(0n, 250n), { maxLength: 60 })])(
    'is open exactly since the last value past the threshold, if none since was back beyond the margin',
    (one, values) => {
      const sign = ALERT_KINDS[one.kind].side === 'below' ? -1n : 1n;
      const steps = walk(one, values);
      for (const [at, { isOpen }] of steps.entries()) {
        const before = values.slice(0, at + 1);
        const isBad = (value: bigint) => (sign < 0n ? value < one.threshold : value >= one.threshold);
        const isBack = (value: bigint) => !isBad(value + sign * one.margin);
        const lastBad = before.findLastIndex(isBad);
        const lastBack = before.findLastIndex(isBack);
        expect(isOpen).toBe(lastBad > lastBack);
      }
      const told = steps.map(({ does }) => does).filter((does) => does !== 'stay');
      expect(told.every((does, at) => does === (at % 2 === 0 ? 'fire' : 'clear'))).toBe(true);
    },
  );

  test('is over when what it watched is no more', () => {
    expect(decideAlert(rule(), true, null)).toBe('clear');
    expect(decideAlert(rule(), false, null)).toBe('stay');
  });
});

describe('quiet hours', () => {
  const night = { fromMinute: 22 * 60, toMinute: 7 * 60, timeZone: 'Europe/Berlin' };

  test('hold back what fires at night until the morning, but not danger', () => {
    const atMs = Date.UTC(2026, 5, 1, 1); // 03:00 in Berlin.
    expect(tellAtMs(rule({ quiet: night }), atMs)).toBe(Date.UTC(2026, 5, 1, 5));
    expect(tellAtMs(rule({ quiet: night, severity: 'danger' }), atMs)).toBe(atMs);
    expect(tellAtMs(rule({ quiet: night }), Date.UTC(2026, 5, 1, 12))).toBe(Date.UTC(2026, 5, 1, 12));
  });

  test('end at the wall clock on the night it changes', () => {
    expect(tellAtMs(rule({ quiet: night }), Date.UTC(2026, 2, 28, 23))).toBe(Date.UTC(2026, 2, 29, 5));
    expect(tellAtMs(rule({ quiet: night }), Date.UTC(2026, 9, 24, 22))).toBe(Date.UTC(2026, 9, 25, 6));
  });

  test.prop([arbQuiet, arbInstant])(
    'never lose anything: it is told later, within a day, out of them',
    (quiet, atMs) => {
      const told = tellAtMs(rule({ quiet }), atMs);
      expect(told === atMs).toBe(!isQuiet(quiet, atMs));
      expect(told).toBeGreaterThanOrEqual(atMs);
      expect(told - atMs).toBeLessThanOrEqual(26 * HOUR_MS);
      expect(told === atMs || isQuiet(quiet, told - 1)).toBe(true);
    },
  );
});

describe('a rule is refused', () => {
  test.each([
    ['without the asset its kind needs', { asset: null }, /needs an asset/],
    ['with an asset its kind has none of', { kind: 'unrated-usage' }, /has no asset/],
    ['without its job', { kind: 'overdue-job', asset: null }, /needs a job/],
    ['with a job that nothing asks', { job: 'verify' }, /has no job/],
    ['with a margin below zero', { margin: -1n }, /not below zero/],
    ['that could never be over', { kind: 'burn-rate', margin: 101n }, /larger than the threshold/],
    ['that would always fire', { kind: 'stuck-hold', asset: null, threshold: 0n }, /at least 1/],
    ['with quiet hours of no length', { quiet: { fromMinute: 5, toMinute: 5, timeZone: 'UTC' } }, /a length/],
  ] satisfies [string, Partial<AlertRule>, RegExp][])('%s', (_name, given, words) => {
    expect(ruleFault(rule(given))).toMatch(words);
  });

  test('only then', () => {
    expect(ruleFault(rule())).toBeNull();
  });
});

describe('a delivery that fails', () => {
  test('is tried again after a minute first and after sixteen hours last', () => {
    expect(nextTryMs(1, 0)).toBe(60_000);
    expect(nextTryMs(RETRY_MINUTES.length, 0)).toBe(16 * HOUR_MS);
    expect(nextTryMs(RETRY_MINUTES.length + 1, 0)).toBeNull();
  });

  test.prop([fc.integer({ min: 1, max: RETRY_MINUTES.length - 1 })])('waits longer each time', (tries) => {
    expect(nextTryMs(tries + 1, 0)).toBeGreaterThan(nextTryMs(tries, 0) ?? Infinity);
  });
});
