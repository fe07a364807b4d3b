import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AcceptedEvent, fingerprintText } from './event.ts';
import { MAX_QUANTITY_UNITS, MIN_QUANTITY_UNITS, parseQuantity } from './meter.ts';

const event: AcceptedEvent = {
  source: 'api',
  id: 'e1',
  subject: 'acme',
  type: 'tokens',
  meter: 'tokens',
  units: 1500n,
  occurredMs: 5,
  data: '{}',
  holdId: null,
};

describe('the text of a fingerprint', () => {
  test('is canonical JSON of what the client sent, the quantity as a plain decimal', () => {
    expect(fingerprintText(event, { timeGiven: true, scale: 3 })).toBe(
      '["api","e1","acme","tokens","tokens","1.5",5,"{}",null]',
    );
  });

  test('leaves out an instant that the client did not send', () => {
    const later = { ...event, occurredMs: 99 };
    const terms = { timeGiven: false, scale: 0 };
    expect(fingerprintText(later, terms)).toBe(fingerprintText(event, terms));
    expect(fingerprintText(later, { ...terms, timeGiven: true })).not.toBe(fingerprintText(event, terms));
  });

  test('has no quantity without a meter: a CloudEvent says it in its data', () => {
    expect(fingerprintText({ ...event, meter: null }, { timeGiven: true, scale: 0 })).toContain(',null,5,');
    expect(fingerprintText(event, { timeGiven: true, scale: null })).toContain(',null,5,');
  });

  test('is the same before the meter is known, when the quantity waits in the data, and after', () => {
    const terms = { timeGiven: true, scale: 3 };
    const parked = { ...event, units: null, data: '{"quantity":"1.5","region":"eu"}' };
    expect(fingerprintText(parked, terms)).toBe(fingerprintText({ ...event, data: '{"region":"eu"}' }, terms));
  });

  test('does not tell apart ways to write one quantity, and tells apart any two quantities', () => {
    const units = fc.bigInt({ min: MIN_QUANTITY_UNITS, max: MAX_QUANTITY_UNITS });
    const read = (text: string, scale: number) => {
      const parsed = parseQuantity(text, scale, true);
      return fingerprintText({ ...event, units: parsed.ok ? parsed.units : 0n }, { timeGiven: true, scale });
    };
    expect(read('2', 2)).toBe(read('2.00', 2));
    fc.assert(
      fc.property(units, units, fc.integer({ min: 0, max: 9 }), (a, b, scale) => {
        const text = (value: bigint) => fingerprintText({ ...event, units: value }, { timeGiven: true, scale });
        expect(text(a) === text(b)).toBe(a === b);
      }),
    );
  });

  test.each(['source', 'id', 'subject', 'type', 'meter', 'units', 'occurredMs', 'data', 'holdId'] as const)(
    'changes with %s',
    (field) => {
      const value = { units: 7n, occurredMs: 6 }[field as 'units'] ?? 'other';
      const terms = { timeGiven: true, scale: 0 };
      expect(fingerprintText({ ...event, [field]: value }, terms)).not.toBe(fingerprintText(event, terms));
    },
  );
});
