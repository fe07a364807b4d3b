/** Review bundles: what the books wrote proves, and whatever is changed of it is named. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BlockLine, ContentLine, EventLine, TransactionLine } from '#core/domain/bundle.ts';
import { agrees } from '#core/domain/bundle-verify.ts';
import { blockText, transactionText } from '#core/domain/chain-text.ts';
import { toHex } from '#core/domain/hex.ts';
import { RefusalError } from '#core/domain/refusal.ts';
import { digest, proveBundle, textOf } from '#core/services/review-bundle.ts';
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
    const renamed = { ...header, by: { ...header.by, key: '11'.repeat(32) } };
    const { complaints } = proveBundle(sealedAgain(content.with(0, renamed)));
    expect(complaints.map(({ what }) => what)).toEqual(['the signature']);
  });
});

/** The same content over a chain made for it: each transaction alone in a block, every hash as it should be. */
function forged(content: readonly ContentLine[], change: (one: TransactionLine) => TransactionLine): ContentLine[] {
  const [header, ...rest] = content;
  if (header?.kind !== 'header') throw new Error('A bundle begins with its header.');
  const kept = rest.filter(({ kind }) => kind === 'invoice' || kind === 'viewer');
  const events = rest.filter(({ kind }) => kind === 'event');
  const blocks: BlockLine[] = [];
  const transactions: TransactionLine[] = [];
  for (const line of rest) {
    if (line.kind !== 'transaction') continue;
    const one = change({ ...line, block: blocks.length + 1, path: [] });
    const { what, happenedMs, recordedMs, entries, request, block: no, seq } = one;
    const row = { ...one, kind: what, happened_ms: happenedMs, recorded_ms: recordedMs };
    const lines = entries.map(([account, amount, balance, grant_id, happened_ms, memo]) => {
      return { account, amount, balance, grant_id, happened_ms, memo };
    });
    const root = toHex(digest(transactionText(row, request, lines)));
    const prev = blocks.at(-1)?.hash ?? '00'.repeat(32);
    const text = blockText({ no, prev, root, first_seq: seq, last_seq: seq, recorded_ms: recordedMs });
    blocks.push({ kind: 'block', no, prev, root, first: seq, last: seq, recordedMs, hash: toHex(digest(text)) });
    transactions.push(one);
  }
  const { no = 0, hash = '' } = blocks.at(-1) ?? {};
  return [{ ...header, head: { block: no, hash } }, ...kept, ...blocks, ...transactions, ...events];
}

/** Changes the body of the transactions that have a member. */
const inBody =
  (member: string, value: (before: never) => unknown) =>
  (one: TransactionLine): TransactionLine => {
    const body = JSON.parse(one.body) as Record<string, never>;
    if (!(member in body) || one.what === 'record.set') return one;
    return { ...one, body: JSON.stringify({ ...body, [member]: value(body[member] as never) }) };
  };
const more = (before: string): string => (BigInt(before) + 1n).toString();

describe('Books whose chain is whole and whose figures are not', () => {
  /** The invoice with usage lines that are rated from several events. */
  const withCalls = (text: string): boolean => proveBundle(text).lines.some(({ line }) => line.meter === 'calls');
  const rated = (): ContentLine[] => contentOf([...bundles.values()].find(withCalls) ?? '');
  const told = (change: (one: TransactionLine) => TransactionLine): string[] =>
    proveBundle(sealedAgain(forged(rated(), change))).complaints.map(({ what, detail }) => `${what}: ${detail}`);

  test('agree as long as nothing else is changed', () => {
    expect(told((one) => one)).toEqual([]);
  });

  test('are found out by amounts that the price does not give, though they sum to the line', () => {
    const slices = rated().filter((one) => one.kind === 'transaction' && one.body.includes('"delta"'));
    const lineOf = (one: ContentLine): unknown => (one.kind === 'transaction' ? JSON.parse(one.body).line : null);
    const [first, second] = slices.filter((one) => slices.filter((other) => lineOf(other) === lineOf(one)).length > 1);
    expect([first, second].map((one) => one && lineOf(one))).toEqual([expect.any(String), first && lineOf(first)]);
    const seqOf = (one: ContentLine | undefined): number => (one?.kind === 'transaction' ? one.seq : -1);
    const change = (one: TransactionLine): TransactionLine => {
      const by = one.seq === seqOf(first) ? 1n : one.seq === seqOf(second) ? -1n : 0n;
      return inBody('amount', (before: string) => (BigInt(before) + by).toString())(one);
    };
    expect(told(change).join('\n')).toMatch(/invoice line \d+, .*USDC: does not agree/);
  });

  test('are found out by a quantity that the events do not sum to', () => {
    expect(told(inBody('delta', more)).join('\n')).toMatch(/invoice line \d+, .*\d+ events/);
  });

  test('are found out by entries that do not balance', () => {
    const change = (one: TransactionLine): TransactionLine => ({
      ...one,
      entries: one.entries.map((entry, at) => (at === 0 ? entry.with(1, more(entry[1])) : entry) as typeof entry),
    });
    expect(told(change).join('\n')).toMatch(/Its entries do not sum to zero\./);
  });

  test('are found out by a frozen invoice that the journal does not hold', () => {
    expect(told(inBody('document', (text: string) => `${text} `)).join('\n')).toMatch(/Frozen as .*does not agree/);
  });
});
