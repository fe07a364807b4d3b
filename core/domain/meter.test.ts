import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import {
  AGGREGATIONS,
  EMPTY_WINDOW,
  MAX_QUANTITY_UNITS,
  MIN_QUANTITY_UNITS,
  advance,
  checkMeter,
  checkPath,
  parseQuantity,
  valueAt,
  type Aggregation,
  type Meter,
  type MeterEvent,
  type Window,
} from './meter.ts';
import { formatMinor } from './money.ts';

const arbScale = fc.integer({ min: 0, max: 9 });

describe('a quantity', () => {
  test.prop([fc.bigInt(MIN_QUANTITY_UNITS, MAX_QUANTITY_UNITS), arbScale])(
    'written as text is read exactly',
    (units, scale) => {
      expect(parseQuantity(formatMinor(units, scale), scale, true)).toEqual({ ok: true, units });
    },
  );

  test.prop([fc.maxSafeInteger(), fc.integer({ min: 0, max: 2 })])(
    'sent as a whole number is read exactly',
    (value, scale) => {
      const units = BigInt(value) * 10n ** BigInt(scale);
      const fits = units <= MAX_QUANTITY_UNITS && units >= MIN_QUANTITY_UNITS;
      expect(parseQuantity(value, scale, true)).toEqual(
        fits ? { ok: true, units } : { ok: false, reason: expect.any(String) },
      );
    },
  );

  test.prop([fc.integer({ min: 1, max: 999_999_999_999_999 }), fc.integer({ min: 0, max: 9 })])(
    'of at most 15 digits means the same as a number and as text',
    (digits, scale) => {
      const text = formatMinor(BigInt(digits), scale);
      expect(parseQuantity(JSON.parse(text), 9)).toEqual(parseQuantity(text, 9));
    },
  );

  test.each([
    [1e-7, 7, 1n],
    [1.5e-7, 8, 15n],
    [1e-9, 9, 1n],
    [0, 0, 0n],
    [-0, 0, 0n],
    [0.1, 1, 1n],
    [12.5, 3, 12_500n],
    ['12.500', 1, 125n],
    ['007', 0, 7n],
    [2 ** 53 - 1, 0, 9_007_199_254_740_991n],
    [5n, 2, 500n],
  ])('%s at scale %i is %s', (raw, scale, units) => {
    expect(parseQuantity(raw, scale)).toEqual({ ok: true, units });
  });

  test.each([
    [Number.NaN, 0, 'finite'],
    [Number.POSITIVE_INFINITY, 0, 'finite'],
    [1e21, 0, 'string'],
    [2 ** 53, 0, 'string'],
    [0.1 + 0.2, 9, '15 significant'],
    [1e-10, 9, 'decimals'],
    ['1.25', 1, 'decimals'],
    ['1e3', 0, 'plain decimal'],
    ['', 0, 'plain decimal'],
    [' 1', 0, 'plain decimal'],
    ['+1', 0, 'plain decimal'],
    ['0x10', 0, 'plain decimal'],
    ['9223372036854775808', 0, '64 bits'],
    ['9223372036.854775808', 9, '64 bits'],
    [-1, 0, 'negative'],
    [null, 0, 'null'],
    [undefined, 0, 'missing'],
    [true, 0, 'neither'],
    [{}, 0, 'neither'],
    [[1], 0, 'neither'],
  ])('%s at scale %i is refused, saying why', (raw, scale, why) => {
    const parsed = parseQuantity(raw, scale);
    expect(parsed).toEqual({ ok: false, reason: expect.stringContaining(why) });
  });

  test('may be negative where a correction is read', () => {
    expect(parseQuantity('-9223372036854775808', 0, true)).toEqual({ ok: true, units: MIN_QUANTITY_UNITS });
  });
});

describe('a path', () => {
  const data = { tokens: 5, a: { b: { c: 'deep' } }, 'with space': 1, list: [1], none: null };
  test.each([
    ['$.tokens', 5],
    ['$.a.b.c', 'deep'],
    ["$['with space']", 1],
    ["$.a['b'].c", 'deep'],
    ['$.none', null],
    ['$.missing', undefined],
    ['$.none.x', undefined],
    ['$.list.length', undefined],
    ['$.toString', undefined],
    ['$.a.constructor', undefined],
    ['$.__proto__', undefined],
  ])('%s finds %s', (path, value) => {
    expect(checkPath(path)).toBeNull();
    expect(valueAt(data, path)).toBe(value);
  });

  test.each([
    '$',
    'tokens',
    '$.',
    '$..a',
    '$.*',
    '$[0]',
    '$.a[?(@.b)]',
    '$["a"]',
    "$['']",
    '$.a b',
    '',
    '$.a.b.c.d.e.f.g.h.i',
  ])('%s is refused and finds nothing', (path) => {
    expect(checkPath(path)).toContain('is not a path');
    expect(valueAt(data, path)).toBeUndefined();
  });

  test.each([null, undefined, 'text', 5, []])('finds nothing in %s', (value) => {
    expect(valueAt(value, '$.a')).toBeUndefined();
  });
});

describe('an aggregation', () => {
  type Fact = Readonly<{ quantity: bigint; occurredAtMs: number; id: string; value: string }>;
  const arbFact: fc.Arbitrary<Fact> = fc.record({
    quantity: fc.bigInt(-20n, 100n),
    occurredAtMs: fc.integer({ min: 0, max: 5 }),
    id: fc.string({ minLength: 1, maxLength: 3 }),
    value: fc.constantFrom('a', 'b', 'c'),
  });
  const arbFacts = fc.uniqueArray(arbFact, { selector: (fact) => `${fact.id}`, maxLength: 12 });

  function run(aggregation: Aggregation, facts: readonly Fact[]): { window: Window; deltas: bigint } {
    let window = EMPTY_WINDOW;
    let deltas = 0n;
    const seen = new Set<string>();
    for (const { value, ...fact } of facts) {
      const event: MeterEvent = { ...fact, firstSeen: !seen.has(value) };
      const step = advance(aggregation, window, event);
      seen.add(value);
      window = step.window;
      deltas += step.delta;
    }
    return { window, deltas };
  }

  const whole: Readonly<Record<Aggregation, (facts: readonly Fact[]) => bigint>> = {
    sum: (facts) => facts.reduce((sum, fact) => sum + fact.quantity, 0n),
    count: (facts) => BigInt(facts.length),
    max: (facts) => facts.reduce((most, fact) => (fact.quantity > most ? fact.quantity : most), 0n),
    unique: (facts) => BigInt(new Set(facts.map((fact) => fact.value)).size),
    latest: (facts) => {
      const last = facts.toSorted((a, b) => a.occurredAtMs - b.occurredAtMs || (a.id < b.id ? -1 : 1)).at(-1);
      return last?.quantity ?? 0n;
    },
  };

  for (const aggregation of AGGREGATIONS) {
    test.prop([arbFacts, fc.infiniteStream(fc.nat())])(
      `of ${aggregation} is the same in any order of arrival`,
      (facts, keys) => {
        const shuffled = facts
          .map((fact) => ({ fact, key: keys.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ fact }) => fact);
        for (const order of [facts, shuffled]) {
          const { window, deltas } = run(aggregation, order);
          expect(window.quantity).toBe(whole[aggregation](facts));
          expect(deltas).toBe(window.quantity);
        }
      },
    );
  }
});

describe('a meter', () => {
  const meter: Meter = {
    key: 'api.requests',
    eventType: 'request',
    aggregation: 'sum',
    scale: 2,
    unit: 'request',
    valuePath: '$.n',
    dimensions: { route: '$.route' },
    billable: true,
    window: 'month',
  };
  test('that is sound is not faulted', () => {
    expect(checkMeter(meter)).toBeNull();
    expect(checkMeter({ ...meter, aggregation: 'count', scale: 0, valuePath: null })).toBeNull();
  });
  test.each<[string, Partial<Meter>]>([
    ['a key with capitals', { key: 'Requests' }],
    ['no event type', { eventType: '' }],
    ['a scale of 10', { scale: 10 }],
    ['a half scale', { scale: 1.5 }],
    ['decimals of a count', { aggregation: 'count', valuePath: null }],
    ['a count with a value', { aggregation: 'count', scale: 0 }],
    ['a sum of nothing', { valuePath: null }],
    ['a wrong value path', { valuePath: '$[0]' }],
    ['a wrong dimension path', { dimensions: { a: 'a' } }],
  ])('with %s is refused', (_, change) => {
    expect(checkMeter({ ...meter, ...change })?.code).toBe('INPUT_INVALID');
  });
});
