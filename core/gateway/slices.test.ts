/** The fast paths of ingest say what the domain says: fingerprints, roots, and what a stored row gives again. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprintText } from '#core/domain/event.ts';
import { leafHash, root } from '#core/domain/merkle.ts';
import { sha256 } from '#core/ledger/hash.ts';
import { checkCloud } from './cloud-event.ts';
import { checkOwn } from './own-event.ts';
import { SLICE, sliceRoot } from './slices.ts';
import type { Checked, IngestTerms } from './slices.ts';

const SCALE = 3;
const terms: IngestTerms = {
  actor: 'key_1',
  nowMs: 1_000,
  maxFutureMs: 10_000,
  refuseUnknown: false,
  refs: null,
  types: new Set(['call']),
  meters: new Map([['known', { key: 'known', scale: SCALE, aggregation: 'sum', unit: 'unit' }]]),
};
const encoder = new TextEncoder();

/** What the domain makes of the row that would be stored. */
function domainPrint({ columns }: Checked, at: number, scale: number | null): Uint8Array {
  const occurredMs = columns.occurredMs[at] ?? -1;
  const text = fingerprintText(
    {
      source: columns.source[at] ?? '',
      id: columns.id[at] ?? '',
      subject: columns.subject[at] ?? '',
      type: columns.kind[at] ?? '',
      meter: columns.meter[at] ?? null,
      units: columns.units[at] ?? null,
      occurredMs,
      data: columns.data[at] ?? '',
      holdId: null,
    },
    { timeGiven: occurredMs >= 0, scale },
  );
  return leafHash(sha256, encoder.encode(text));
}

const name = fc
  .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
  .filter((text) => text.length <= 64 && text !== 'quantity');
const quantity = fc.oneof(
  fc.nat(1_000_000),
  fc.tuple(fc.nat(10_000), fc.nat(999)).map(([whole, part]) => `${whole}.${String(part).padStart(3, '0')}`),
);

describe('a fingerprint made on the way in', () => {
  test("is the domain's, for events of our own API with a known and an unknown meter", () => {
    const event = fc.record(
      {
        source: name,
        id: name,
        customer: name,
        meter: fc.constantFrom('known', 'unknown'),
        quantity,
        occurredAt: fc.option(fc.nat(2_000), { nil: undefined }),
        dimensions: fc.option(fc.dictionary(name, fc.string({ maxLength: 30 })), { nil: undefined }),
      },
      { requiredKeys: ['source', 'id', 'customer', 'meter', 'quantity'] },
    );
    fc.assert(
      fc.property(event, (raw) => {
        const sent = JSON.parse(JSON.stringify(raw)) as unknown;
        const checked = checkOwn([sent], terms);
        if (checked.refused.size > 0) return;
        expect(Buffer.from(checked.columns.prints[0] ?? [])).toEqual(Buffer.from(domainPrint(checked, 0, SCALE)));
      }),
    );
  });

  test("is the domain's for CloudEvents, whatever their data is", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), name, (data, id) => {
        const event = { specversion: '1.0', id, source: 's', type: 'call', subject: 'a', data };
        let checked: Checked;
        try {
          checked = checkCloud([JSON.parse(JSON.stringify(event))], terms);
        } catch {
          return;
        }
        expect(Buffer.from(checked.columns.prints[0] ?? [])).toEqual(Buffer.from(domainPrint(checked, 0, null)));
      }),
    );
  });

  test('does not change when the meter becomes known', () => {
    const print = (key: string, meters: IngestTerms['meters']) =>
      checkOwn(
        [{ source: 's', id: 'i', customer: 'c', meter: key, quantity: '2.50', dimensions: { b: '1', a: '2' } }],
        { ...terms, meters },
      ).columns.prints[0];
    expect(print('known', new Map())).toEqual(print('known', terms.meters));
  });
});

test('the root of a slice is that of RFC 9162 for every size', () => {
  for (let count = 1; count <= SLICE + 1; count += 1) {
    const leaves = Array.from({ length: count }, (_, index) => sha256(String(index)));
    expect(Buffer.from(sliceRoot(Buffer.concat(leaves)))).toEqual(Buffer.from(root(sha256, leaves)));
  }
});

test('numbers that are infinite are taken as text, and the nesting of data is bounded', () => {
  const event = (data: unknown) => ({ specversion: '1.0', id: 'i', source: 's', type: 'call', subject: 'a', data });
  expect(checkCloud([event(JSON.parse('{"n":1e999}'))], terms).columns.data).toEqual(['{"n":"Infinity"}']);
  const deep = JSON.parse(`${'{"a":'.repeat(200)}1${'}'.repeat(200)}`) as unknown;
  expect(() => checkCloud([event(deep)], terms)).toThrow(/INPUT_INVALID/);
});
