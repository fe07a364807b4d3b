import canonicalize from 'canonicalize';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { MAX_DEPTH, canonicalJson } from './canonical.ts';
import { RefusalError } from './refusal.ts';

describe('canonical JSON', () => {
  test.prop([fc.jsonValue({ maxDepth: 5 })])('is what an independent RFC 8785 writer writes', (value) => {
    expect(canonicalJson(value)).toBe(canonicalize(value));
  });

  test.prop([fc.jsonValue({ noUnicodeString: false } as object)])('reads back as the value', (value) => {
    expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
  });

  test('is the text of the example of RFC 8785 §3.2.2', () => {
    const value: unknown = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    const numbers = '[333333333.3333333,1e+30,4.5,0.002,1e-27]';
    const string = String.raw`"€$\u000f\nA'B\"\\\\\"/"`;
    expect(canonicalJson(value)).toBe(`{"literals":[null,true,false],"numbers":${numbers},"string":${string}}`);
  });

  test('sorts members by UTF-16 code units (§3.2.3)', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\u{1f600}': 5, '\u0080': 6, '\u00f6': 7 };
    expect([...canonicalJson(value).matchAll(/:(\d)/g)].map((match) => match[1]).join('')).toBe('2467153');
  });

  test('writes bigints as text, minus zero as zero, and leaves undefined members out', () => {
    expect(canonicalJson({ b: -(2n ** 70n), a: -0, c: undefined })).toBe('{"a":0,"b":"-1180591620717411303424"}');
  });

  test('keeps a lone surrogate apart from every other text', () => {
    expect(canonicalJson('\ud800')).toBe(String.raw`"\ud800"`);
  });

  test.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    undefined,
    () => 1,
    Symbol('s'),
    new Date(0),
    new Map(),
    [undefined],
  ])('is of plain data only: %s is a defect', (value) => {
    expect(() => canonicalJson(value)).toThrow('Broken invariant');
  });

  test('refuses data that is nested too deep', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(canonicalJson(nested(MAX_DEPTH))).toHaveLength(2 * MAX_DEPTH + 1);
    expect(() => canonicalJson(nested(MAX_DEPTH + 1))).toThrow(RefusalError);
    expect(() => canonicalJson(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toThrow(RefusalError);
  });
});
