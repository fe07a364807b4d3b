/** Review bundles: what the books wrote proves, and whatever is changed of it is named. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BlockLine, ContentLine, EventLine, TransactionLine } from '#core/domain/bundle.ts';
import { agrees } from '#core/domain/bundle-verify.ts';
import { RefusalError } from '#core/domain/refusal.ts';
import { proveBundle, textOf } from '#core/services/review-bundle.ts';
import { contentOf, richBundles, sealedAgain } from '../support/review-world.ts';

let bundles: ReadonlyMap<string, string>;
beforeAll(() => {
  bundles = richBundles();
}, 60_000);

/** What opening bytes complains of: by line, or with a refusal of the whole file. */
function complaintsOf(bytes: Uint8Array): readonly string[] {
  try {
    return proveBundle(textOf(bytes)).complaints.map(({ line, what, detail }) => `${line} ${what}: ${detail}`);
  } catch (error) {
    if (error instanceof RefusalError) return [error.refusal.detail];
    throw error;
  }
}

/** The invoice with the most lines. */
function largest(): string {
  const [text = ''] = [...bundles.values()].toSorted((a, b) => b.length - a.length);
  return text;
}

describe('A bundle as it was exported', () => {
  test('proves, of every kind of invoice that books write', () => {
    expect(bundles.size).toBeGreaterThan(2);
    for (const [number, text] of bundles) {
      const proof = proveBundle(text);
      expect(proof.complaints, number).toEqual([]);
      expect(agrees(proof)).toBe(true);
      expect(proof.lines.length).toBe(proof.document?.lines.length);
    }
    const kinds = [...bundles.values()].flatMap((text) => proveBundle(text).lines.map(({ line }) => line.kind));
    expect(new Set(kinds)).toEqual(new Set(['usage', 'base-fee', 'minimum', 'discount', 'commitment']));
  });

  test('computes every usage line again from its events', () => {
    const checks = [...bundles.values()].flatMap((text) => proveBundle(text).lines);
    const usage = checks.filter(({ line }) => line.kind === 'usage');
    expect(usage.length).toBeGreaterThan(3);
    for (const { line, checks: own } of usage) {
      // Only sums and counts come event by event; a peak is what it rose to.
      const isSummed = ['calls', 'tokens', 'renders'].includes(line.meter ?? '');
      expect(
        own.map(({ ok }) => ok),
        line.description,
      ).toEqual([isSummed ? true : null, true, true, true]);
    }
  });
});

describe('A changed file', () => {
  test('is named, whichever byte it is', { timeout: 240_000 }, () => {
    const [text = ''] = [...bundles.values()].toSorted((a, b) => a.length - b.length);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(complaintsOf(changed), `byte ${at}`).not.toEqual([]);
    }
  });

  test('is named by the line it stands in', () => {
    const text = largest();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const bytes = Buffer.from(text);
        bytes[at] = (bytes[at] ?? 0) ^ mask;
        const found = complaintsOf(bytes);
        const lines = text.split('\n').length - 1;
        const line = Buffer.from(text).subarray(0, at).toString().split('\n').length;
        const own = line < lines - 1 ? `${line} ` : '';
        const isBroken = found.some((one) => /UTF-8|lines, and|too few|too many/.test(one));
        expect(isBroken || found.some((one) => one.startsWith(own)), `${at}: ${found.join(' ')}`).toBe(true);
      }),
      { numRuns: 150 },
    );
  }, 120_000);

  test.each([
    ['a mark before the first line', (text: string) => `\ufeff${text}`],
    ['a line after the last', (text: string) => `${text}\n`],
    ['a cut end', (text: string) => text.slice(0, -1)],
    ['a space that means nothing', (text: string) => text.replace('{"', '{ "')],
    ['other line ends', (text: string) => text.replaceAll('\n', '\r\n')],
    ['a line left out', (text: string) => text.replace(/\n[^\n]*\n/, '\n')],
    ['nothing', () => ''],
  ])('is named for %s', (_, change) => {
    expect(complaintsOf(Buffer.from(change(largest())))).not.toEqual([]);
  });
});

/** Adds one to a figure, or another letter to a text, somewhere in a value. */
function bent(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (value === null) return 'x';
  if (typeof value === 'string')
    return /^[0-9a-f]{64}$/.test(value) ? `${value.startsWith('0') ? '1' : '0'}${value.slice(1)}` : `${value}1`;
  if (Array.isArray(value)) return value.length === 0 ? ['00'.repeat(32)] : value.slice(1);
  return { ...(value as object), more: 1 };
}

type Proven = BlockLine | TransactionLine | EventLine;
const isProven = (line: ContentLine): line is Proven => ['block', 'transaction', 'event'].includes(line.kind);

describe('A bundle that was changed and then sealed and signed anew', () => {
  test('is named all the same, whichever member of a block, transaction or event it is', { timeout: 120_000 }, () => {
    const content = contentOf(largest());
    for (const [index, line] of content.entries()) {
      if (!isProven(line)) continue;
      for (const name of Object.keys(line).filter((one) => one !== 'kind')) {
        const changed = { ...line, [name]: bent(line[name as keyof Proven]) } as ContentLine;
        const { complaints } = proveBundle(sealedAgain(content.with(index, changed)));
        expect(complaints, `${line.kind} ${index} ${name}`).not.toEqual([]);
      }
    }
  });

  test('is named for any member of the invoice', () => {
    const content = contentOf(largest());
    const invoice = content[1] as { kind: 'invoice'; document: string };
    const document = JSON.parse(invoice.document) as Record<string, unknown>;
    for (const name of Object.keys(document)) {
      const changed = { ...invoice, document: JSON.stringify({ ...document, [name]: bent(document[name]) }) };
      expect(proveBundle(sealedAgain(content.with(1, changed))).complaints, name).not.toEqual([]);
    }
  });

  test('is named for a part that is left out, or that has no part in the invoice', () => {
    const content = contentOf(largest());
    const other = [...bundles.values()].find((text) => text !== largest()) ?? '';
    for (const [index, line] of content.entries()) {
      if (!isProven(line)) continue;
      const rest = content.filter((_, at) => at !== index);
      expect(proveBundle(sealedAgain(rest)).complaints, `${line.kind} ${index}`).not.toEqual([]);
    }
    const foreign = contentOf(other).filter(isProven);
    const own = new Set(content.map((line) => JSON.stringify(line)));
    const strange = foreign.filter((line) => !own.has(JSON.stringify(line)));
    expect(strange.length).toBeGreaterThan(0);
    const order = ['header', 'invoice', 'viewer', 'block', 'transaction', 'event'];
    const place = (line: ContentLine): number => ('seq' in line ? line.seq : 'no' in line ? line.no : 0);
    const both = [...content, ...strange].toSorted(
      (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || place(a) - place(b),
    );
    expect(proveBundle(sealedAgain(both)).complaints).not.toEqual([]);
  });

  test('is not what another key signed', () => {
    const content = contentOf(largest());
    const header = content[0] as Extract<ContentLine, { kind: 'header' }>;
    const forged = { ...header, by: { ...header.by, key: '11'.repeat(32) } };
    const { complaints } = proveBundle(sealedAgain(content.with(0, forged)));
    expect(complaints.map(({ what }) => what)).toEqual(['the signature']);
  });
});
