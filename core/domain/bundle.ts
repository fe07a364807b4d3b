/**
 * The file in which an invoice goes to a reviewer (`.tollbundle`): lines of canonical JSON, one for each thing that is
 * proven, then a seal with the hash of every line and a signature over the seal. Not for what the lines prove: see
 * `bundle-verify.ts`.
 *
 * Line 1 is the header, 2 the invoice, 3 the viewer; then blocks, transactions and events, each in their order; the
 * last two are the seal and the signature. So any changed byte is a line whose hash is not the one that was sealed, a
 * seal that was not signed, or a signature that does not hold.
 */
import { canonicalJson } from './canonical.ts';
import { toHex } from './hex.ts';

/** SHA-256 of bytes, or of the UTF-8 of a text. */
export type Digest = (data: Uint8Array | string) => Uint8Array;

export const BUNDLE_SCHEMA = 'tollkeeper/bundle/1';
/** Beyond so many a bundle shows a sample of the events, or of the slices they were rated in, and says so. */
export const MOST_EVENTS = 1_000;
export const MOST_SLICES = 1_000;
/** A larger file is not opened: what stands above comes to less. */
export const BUNDLE_MOST_BYTES = 6 * 2 ** 20;

/** Who signed: `key` is the raw Ed25519 public key in hex. */
export type Signer = Readonly<{ id: string; name: string; key: string }>;
/** How many events and slices stand behind a usage line, whether or not the bundle shows them all. */
export type LineCount = Readonly<{ line: string; slices: number; events: number }>;

export type HeaderLine = Readonly<{
  kind: 'header';
  schema: typeof BUNDLE_SCHEMA;
  review: string;
  invoice: string;
  number: string;
  /** Of the invoice's frozen bytes. */
  sha256: string;
  exportedMs: number;
  by: Signer;
  counts: readonly LineCount[];
  /** The book's last block when it was exported. */
  head: Readonly<{ block: number; hash: string }>;
}>;
export type InvoiceLine = Readonly<{ kind: 'invoice'; document: string }>;
/** The page that proves the bundle without a network. */
export type ViewerLine = Readonly<{ kind: 'viewer'; html: string }>;
export type BlockLine = Readonly<{
  kind: 'block';
  no: number;
  prev: string;
  root: string;
  first: number;
  last: number;
  recordedMs: number;
  hash: string;
}>;
/** Account, amount, balance, grant, when it happened, memo. */
export type EntryLine = readonly [string, string, string, string | null, number, string];
export type TransactionLine = Readonly<{
  kind: 'transaction';
  seq: number;
  what: string;
  subject: string | null;
  key: string | null;
  request: string | null;
  happenedMs: number;
  recordedMs: number;
  actor: string;
  body: string;
  entries: readonly EntryLine[];
  block: number;
  /** The hashes beside its way up to its block's root. */
  path: readonly string[];
}>;
export type EventLine = Readonly<{
  kind: 'event';
  seq: number;
  /** The transaction that rated it. */
  slice: number;
  /** The transaction that accepted it. */
  accepted: number;
  /** What its fingerprint is the leaf hash of. */
  text: string;
  /** The hashes beside its way up to the root of what was accepted with it. */
  path: readonly string[];
}>;
export type ContentLine = HeaderLine | InvoiceLine | ViewerLine | BlockLine | TransactionLine | EventLine;

export type Bundle = Readonly<{
  header: HeaderLine;
  document: string;
  viewer: string;
  blocks: readonly Placed<BlockLine>[];
  transactions: readonly Placed<TransactionLine>[];
  events: readonly Placed<EventLine>[];
}>;
/** A part with the line it stands in, counted from 1, so that what is wrong with it can be found. */
export type Placed<T> = T & Readonly<{ at: number }>;
/** What does not agree: in which line, what that is, and why. Line 0 is the file as a whole. */
export type Complaint = Readonly<{ line: number; what: string; detail: string }>;
/** What was signed, for whoever can check Ed25519. */
export type Signed = Readonly<{ message: string; signature: string; key: string }>;
export type Read = Readonly<{ bundle: Bundle | null; signed: Signed | null; complaints: readonly Complaint[] }>;

/** The lines before the signature, and the message to be signed. */
export function sealBundle(lines: readonly ContentLine[], digest: Digest): Readonly<{ text: string; message: string }> {
  const texts = lines.map((line) => canonicalJson(line));
  const message = canonicalJson({
    kind: 'seal',
    schema: BUNDLE_SCHEMA,
    lines: texts.map((text) => toHex(digest(text))),
  });
  return { text: [...texts, message, ''].join('\n'), message };
}

/** The whole file, with the signature in hex. */
export const signedBundle = (sealed: Readonly<{ text: string }>, signature: string): string =>
  `${sealed.text}${signatureLine(signature)}`;

export const signatureLine = (signature: string): string => `${canonicalJson({ kind: 'signature', signature })}\n`;

/** Ed25519 signatures are 64 bytes (RFC 8032 §5.1.6). */
const SIGNATURE = /^\{"kind":"signature","signature":"([0-9a-f]{128})"\}$/;

/** The signature of a file's last line, or null where it is not one in its one form. */
export const signatureOf = (line: string): string | null => SIGNATURE.exec(line)?.[1] ?? null;

/** Takes a file apart. Total: whatever it is given, what is wrong is told by line, and what is right is given. */
export function readBundle(text: string, digest: Digest): Read {
  const complaints: Complaint[] = [];
  const complain = (line: number, what: string, detail: string): void => void complaints.push({ line, what, detail });
  const lines = text.split('\n');
  if (lines.pop() !== '') complain(lines.length + 1, 'the end', 'The file does not end with its last line.');
  if (lines.length < 5) {
    complain(0, 'the file', 'It is no review bundle: it has too few lines.');
    return { bundle: null, signed: null, complaints };
  }
  const [last, sealAt] = [lines.length, lines.length - 1];
  const signature = signatureOf(lines[last - 1] ?? '');
  if (signature === null) complain(last, 'the signature', 'It is not written as a signature is.');
  const message = lines[sealAt - 1] ?? '';
  const hashes = readSeal(message);
  if (hashes === null) complain(sealAt, 'the seal', 'It is not written as a seal is.');
  const content = lines.slice(0, -2);
  if (hashes !== null && hashes.length !== content.length) {
    complain(0, 'the file', `It has ${content.length} lines, and ${hashes.length} were sealed.`);
  }
  const parts = content.map((line, index) => {
    const part = readLine(line);
    const what = part === null ? `line ${index + 1}` : nameOf(part);
    if (hashes !== null && hashes[index] !== toHex(digest(line))) {
      complain(index + 1, what, 'It was changed after it was sealed.');
    }
    if (part === null) complain(index + 1, what, 'It is not written as such a line is.');
    return part;
  });
  const bundle = gather(parts, complain);
  const signed = bundle && signature !== null ? { message, signature, key: bundle.header.by.key } : null;
  return { bundle, signed, complaints };
}

/** Puts the parts where they belong, and tells of those that are out of order. */
function gather(
  parts: readonly (ContentLine | null)[],
  complain: (line: number, what: string, detail: string) => void,
): Bundle | null {
  const [header, invoice, viewer] = parts;
  if (header?.kind !== 'header') complain(1, 'the header', 'It is missing.');
  if (invoice?.kind !== 'invoice') complain(2, 'the invoice', 'It is missing.');
  if (viewer?.kind !== 'viewer') complain(3, 'the viewer', 'It is missing.');
  const blocks: Placed<BlockLine>[] = [];
  const transactions: Placed<TransactionLine>[] = [];
  const events: Placed<EventLine>[] = [];
  let before = [0, 0];
  for (const [index, part] of parts.entries()) {
    if (index < 3 || part === null) continue;
    const at = index + 1;
    const place = placeOf(part);
    const isNext = place[0] > (before[0] ?? 0) || (place[0] === before[0] && place[1] > (before[1] ?? 0));
    if (!isNext) complain(at, nameOf(part), 'It is not in its place.');
    before = place;
    if (part.kind === 'block') blocks.push({ ...part, at });
    if (part.kind === 'transaction') transactions.push({ ...part, at });
    if (part.kind === 'event') events.push({ ...part, at });
  }
  if (header?.kind !== 'header' || invoice?.kind !== 'invoice' || viewer?.kind !== 'viewer') return null;
  return { header, document: invoice.document, viewer: viewer.html, blocks, transactions, events };
}

/** Blocks, then transactions, then events; each by its number. What stands elsewhere sorts before everything. */
function placeOf(part: ContentLine): [number, number] {
  if (part.kind === 'block') return [1, part.no];
  if (part.kind === 'transaction') return [2, part.seq];
  return part.kind === 'event' ? [3, part.seq] : [0, 0];
}

/** What a line is, for people. */
export function nameOf(part: ContentLine): string {
  if (part.kind === 'block') return `block ${part.no}`;
  if (part.kind === 'transaction') return `transaction ${part.seq} (${part.what})`;
  return part.kind === 'event' ? `event ${part.seq}` : `the ${part.kind}`;
}

type Members = Readonly<Record<string, unknown>>;
type Form = (value: unknown) => boolean;

const isText: Form = (value) => typeof value === 'string';
const isTextOrNone: Form = (value) => value === null || isText(value);
const isCount: Form = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isHash: Form = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
const isHashOrNone: Form = (value) => value === null || isHash(value);
const isList =
  (form: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every(form);
const isAmount: Form = (value) => typeof value === 'string' && /^(?:0|-?[1-9]\d{0,60})$/.test(value);
/** Exactly these members: one that is unknown would belong to nothing that is checked. */
const has =
  (forms: Readonly<Record<string, Form>>): Form =>
  (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const members = value as Members;
    const names = Object.keys(forms);
    const isWhole = Object.keys(members).length === names.length;
    return isWhole && names.every((name) => Object.hasOwn(members, name) && forms[name]?.(members[name]) === true);
  };
const ENTRY_FORMS: readonly Form[] = [isText, isAmount, isAmount, isTextOrNone, isCount, isText];
const isEntry: Form = (value) =>
  Array.isArray(value) && value.length === 6 && ENTRY_FORMS.every((form, at) => form(value[at]));
const is =
  (text: string): Form =>
  (value) =>
    value === text;

const FORMS: Readonly<Record<ContentLine['kind'], Form>> = {
  header: has({
    kind: isText,
    schema: is(BUNDLE_SCHEMA),
    review: isText,
    invoice: isText,
    number: isText,
    sha256: isHash,
    exportedMs: isCount,
    by: has({ id: isText, name: isText, key: isHash }),
    counts: isList(has({ line: isText, slices: isCount, events: isCount })),
    head: has({ block: isCount, hash: isHash }),
  }),
  invoice: has({ kind: isText, document: isText }),
  viewer: has({ kind: isText, html: isText }),
  block: has({
    kind: isText,
    no: isCount,
    prev: isHash,
    root: isHash,
    first: isCount,
    last: isCount,
    recordedMs: isCount,
    hash: isHash,
  }),
  transaction: has({
    kind: isText,
    seq: isCount,
    what: isText,
    subject: isTextOrNone,
    key: isTextOrNone,
    request: isHashOrNone,
    happenedMs: isCount,
    recordedMs: isCount,
    actor: isText,
    body: isText,
    entries: isList(isEntry),
    block: isCount,
    path: isList(isHash),
  }),
  event: has({ kind: isText, seq: isCount, slice: isCount, accepted: isCount, text: isText, path: isList(isHash) }),
};
const isSeal = has({ kind: is('seal'), schema: is(BUNDLE_SCHEMA), lines: isList(isHash) });

/** The value of a text that is the canonical one of that value; null for any other. */
export function readCanonical(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return canonicalJson(value) === text ? value : null;
  } catch {
    return null; // Not JSON, or deeper than any line is: its reader tells of it by line.
  }
}

function readLine(text: string): ContentLine | null {
  const value = readCanonical(text) as Partial<ContentLine> | null;
  const kind = value?.kind;
  if (kind === undefined || !Object.hasOwn(FORMS, kind)) return null;
  return FORMS[kind](value) ? (value as ContentLine) : null;
}

function readSeal(text: string): readonly string[] | null {
  const value = readCanonical(text);
  return isSeal(value) ? (value as { lines: string[] }).lines : null;
}
