/** The file in which a reviewer answers (`.tollanswer`): what was decided about which bundle exactly, and signed. */
import { signatureLine, signatureOf, readCanonical } from './bundle.ts';
import { canonicalJson } from './canonical.ts';
import { refuse } from './refusal.ts';

export const ANSWER_SCHEMA = 'tollkeeper/answer/1';
export const VERDICTS = ['approved', 'rejected'] as const;
export type Verdict = (typeof VERDICTS)[number];
/** What a reviewer says of a whole bundle or of one line, in characters. */
export const NOTE_MOST = 2_000;
export const ANNOTATIONS_MOST = 500;

/** Something a reviewer says of a line of the invoice. */
export type Annotation = Readonly<{ line: string; note: string }>;

/** `bundle` is the SHA-256 of the file that was reviewed, so an answer is about those bytes and no others. */
export type ReviewAnswer = Readonly<{
  kind: 'answer';
  schema: typeof ANSWER_SCHEMA;
  bundle: string;
  review: string;
  invoice: string;
  /** Of the invoice's frozen bytes. */
  invoiceSha256: string;
  verdict: Verdict;
  note: string;
  lines: readonly Annotation[];
  decidedMs: number;
  /** `key` is the raw Ed25519 public key in hex; the name is what the reviewer calls themselves. */
  by: Readonly<{ name: string; key: string }>;
}>;

/** The text that is signed: the answer's only line. */
export const answerMessage = (answer: ReviewAnswer): string => canonicalJson(answer);
export const signedAnswer = (message: string, signature: string): string => `${message}\n${signatureLine(signature)}`;

const HASH = /^[0-9a-f]{64}$/;
const MEMBERS = 'bundle,by,decidedMs,invoice,invoiceSha256,kind,lines,note,review,schema,verdict';

/** Takes an answer apart, or refuses it. Whoever asks checks the signature over `message`. */
export function readAnswer(text: string): Readonly<{ answer: ReviewAnswer; message: string; signature: string }> {
  const [message = '', last = '', end, ...more] = text.split('\n');
  const signature = signatureOf(last);
  const answer = readCanonical(message) as ReviewAnswer | null;
  const isWhole = end === '' && more.length === 0 && signature !== null && answer !== null;
  if (!isWhole || !isAnswer(answer)) {
    return refuse({
      code: 'INPUT_INVALID',
      detail: 'This is no answer to a review, or it was changed.',
      fix: 'Ask the reviewer for the .tollanswer file as it was saved.',
    });
  }
  return { answer, message, signature };
}

function isAnswer(answer: ReviewAnswer): boolean {
  const { kind, schema, bundle, invoiceSha256, verdict, note, lines, decidedMs, by } = answer;
  const texts = [answer.review, answer.invoice, note, by?.name];
  return (
    kind === 'answer' &&
    schema === ANSWER_SCHEMA &&
    Object.keys(answer).toSorted().join() === MEMBERS &&
    Object.keys(by ?? {})
      .toSorted()
      .join() === 'key,name' &&
    [bundle, invoiceSha256, by.key].every((hash) => typeof hash === 'string' && HASH.test(hash)) &&
    VERDICTS.includes(verdict) &&
    texts.every((one) => typeof one === 'string' && one.length <= NOTE_MOST) &&
    Number.isSafeInteger(decidedMs) &&
    Array.isArray(lines) &&
    lines.length <= ANNOTATIONS_MOST &&
    lines.every(isAnnotation)
  );
}

const isAnnotation = (one: Annotation | null): boolean =>
  one !== null &&
  Object.keys(one).toSorted().join() === 'line,note' &&
  typeof one.line === 'string' &&
  typeof one.note === 'string' &&
  one.note.length <= NOTE_MOST;
