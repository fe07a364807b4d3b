/** Making, signing and proving review bundles and their answers in Node: what services and the command line share. */
import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto';
import { BUNDLE_MOST_BYTES, BUNDLE_SCHEMA, sealBundle, signedBundle } from '#core/domain/bundle.ts';
import type { BlockLine, Digest, EventLine, LineCount, Signer, TransactionLine } from '#core/domain/bundle.ts';
import { ANSWER_SCHEMA, answerMessage, readAnswer, signedAnswer } from '#core/domain/bundle-answer.ts';
import type { ReviewAnswer } from '#core/domain/bundle-answer.ts';
import { verifyBundle, withSignature } from '#core/domain/bundle-verify.ts';
import type { Verified } from '#core/domain/bundle-verify.ts';
import { refuse } from '#core/domain/refusal.ts';

export const digest: Digest = (data) => hash('sha256', data, 'buffer');
export const hashOf = (text: string): string => hash('sha256', text, 'hex');

/** The bytes of an Ed25519 public key before the key itself, as DER writes them (RFC 8410 §4). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** The raw public key in hex of one that is kept as base64 of its DER. */
export const rawKey = (publicKey: string): string =>
  Buffer.from(publicKey, 'base64').subarray(SPKI.length).toString('hex');

/** Signs a text with a private key in PKCS #8 DER; the signature in hex. */
export function signText(privateKey: Buffer, text: string): string {
  const key = createPrivateKey({ key: privateKey, format: 'der', type: 'pkcs8' });
  return sign(null, Buffer.from(text), key).toString('hex');
}

/** Whether a text was signed by a raw public key; false for whatever is no key and no signature. */
export function isSignedBy(key: string, text: string, signature: string): boolean {
  try {
    const der = Buffer.concat([SPKI, Buffer.from(key, 'hex')]);
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text), publicKey, Buffer.from(signature, 'hex'));
  } catch {
    return false; // Bytes that are no point of the curve have signed nothing.
  }
}

export type BundleContent = Readonly<{
  id: string;
  number: string;
  sha256: string;
  document: string;
  counts: readonly LineCount[];
  blocks: readonly BlockLine[];
  transactions: readonly TransactionLine[];
  events: readonly EventLine[];
  head: Readonly<{ block: number; hash: string }>;
}>;

/** The whole file: what stands in the books, sealed and signed. */
export function makeBundle(
  content: BundleContent,
  about: Readonly<{ review: string; by: Signer; exportedMs: number; viewer: string; privateKey: Buffer }>,
): string {
  const { id, number, sha256, document, counts, blocks, transactions, events, head } = content;
  const { review, by, exportedMs, viewer, privateKey } = about;
  const schema = BUNDLE_SCHEMA;
  const sealed = sealBundle(
    [
      { kind: 'header', schema, review, invoice: id, number, sha256, exportedMs, by, counts, head },
      { kind: 'invoice', document },
      { kind: 'viewer', html: viewer },
      ...blocks,
      ...transactions,
      ...events,
    ],
    digest,
  );
  return signedBundle(sealed, signText(privateKey, sealed.message));
}

/** A file's bytes as the one text they are; a refusal where they are none, or too many. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > BUNDLE_MOST_BYTES) {
    refuse({
      code: 'BODY_TOO_LARGE',
      detail: `The file is larger than ${BUNDLE_MOST_BYTES / 2 ** 20} MiB, which no bundle is.`,
      fix: 'Choose the .tollbundle file.',
    });
  }
  try {
    // A mark at the beginning is kept, because it was not signed: dropping it would hide a change.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse({
      code: 'INPUT_INVALID',
      detail: 'A byte of the file is not UTF-8, which every byte of a bundle is: the file was changed.',
      fix: 'Ask for the file again.',
    });
  }
}

/** Proves a bundle, signature and all. */
export function proveBundle(text: string): Verified & Readonly<{ sha256: string }> {
  const verified = verifyBundle(text, digest);
  const { signed } = verified;
  const isSigned = signed !== null && isSignedBy(signed.key, signed.message, signed.signature);
  return { ...withSignature(verified, isSigned), sha256: hashOf(text) };
}

/** An answer, signed. */
export function makeAnswer(answer: ReviewAnswer, privateKey: Buffer): string {
  const message = answerMessage(answer);
  return signedAnswer(message, signText(privateKey, message));
}

/** An answer from its file, and whether its signature holds. */
export function isStillSigned(text: string): Readonly<{ answer: ReviewAnswer; verified: boolean }> {
  const { answer, message, signature } = readAnswer(text);
  return { answer, verified: isSignedBy(answer.by.key, message, signature) };
}

/** An answer whose signature holds; a refusal of any other. */
export function openAnswer(text: string): ReviewAnswer {
  const { answer, verified } = isStillSigned(text);
  if (!verified) {
    refuse({
      code: 'INPUT_INVALID',
      detail: 'The answer was not signed by the key it names; nothing was recorded.',
      fix: 'Ask the reviewer for the .tollanswer file as it was saved.',
    });
  }
  return answer;
}

type Decision = Pick<ReviewAnswer, 'verdict' | 'note' | 'lines' | 'by' | 'decidedMs'>;

/** The answer to a bundle, ready to be signed. Only what agrees is approved; only lines it has are spoken of. */
export function answerTo(
  text: string,
  { verdict, note, lines, by, decidedMs }: Decision,
): Readonly<{ answer: ReviewAnswer; fileName: string }> {
  const proof = proveBundle(text);
  const [first] = proof.complaints;
  const { bundle, document, sha256 } = proof;
  if (!bundle || !document || (first && verdict === 'approved')) {
    const where = first && first.line > 0 ? `Line ${first.line}, ${first.what}` : (first?.what ?? 'the file');
    return refuse({
      code: 'STATE_FORBIDS',
      detail: `This bundle does not agree. ${where}: ${first?.detail ?? 'It cannot be read.'}`,
      fix: bundle && document ? 'Reject it, or ask for the file again.' : 'Ask for the file again.',
    });
  }
  const known = new Set(document.lines.map(({ id }) => id));
  const strange = lines.find(({ line }) => !known.has(line));
  if (strange) {
    return refuse({
      code: 'STATE_FORBIDS',
      detail: `The invoice has no line ${strange.line}.`,
      fix: `Its lines are ${[...known].slice(0, 20).join(', ')}.`,
    });
  }
  const { review, invoice, sha256: invoiceSha256, number } = bundle.header;
  return {
    answer: {
      kind: 'answer',
      schema: ANSWER_SCHEMA,
      bundle: sha256,
      review,
      invoice,
      invoiceSha256,
      verdict,
      note,
      lines,
      decidedMs,
      by,
    },
    // A number from elsewhere names no other folder.
    fileName: `${number.replaceAll(/[^\w.-]/g, '_')}-${verdict}.tollanswer`,
  };
}
