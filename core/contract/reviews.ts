/**
 * Reviews of invoices by somebody who may not have the books: a signed bundle goes out, is proven and answered with the
 * reviewer's key wherever they are, and the answer comes back and counts once.
 */
import { z } from 'zod';
import { BUNDLE_MOST_BYTES } from '#core/domain/bundle.ts';
import { ANNOTATIONS_MOST, NOTE_MOST, VERDICTS } from '#core/domain/bundle-answer.ts';
import { command } from './command.ts';
import { InvoiceLine } from './invoices.ts';
import {
  AnyTime,
  AsOf,
  AssetCode,
  Done,
  InvoiceId,
  LineId,
  Millis,
  MinorUnits,
  Name,
  PageInput,
  ReviewId,
  ReviewerId,
  page,
} from './shapes.ts';

export const REVIEW_STATES = ['waiting', 'approved', 'rejected'] as const;

const Hash = z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits');
const Note = z.string().max(NOTE_MOST);
const Annotation = z.strictObject({ line: LineId, note: z.string().min(1).max(NOTE_MOST) });
const Annotations = z.array(Annotation).max(ANNOTATIONS_MOST);
const GivenPassphrase = z.string().min(1).max(200);
/** The text of a `.tollbundle` file. */
const BundleText = z.string().min(1).max(BUNDLE_MOST_BYTES);
/** The text of a `.tollanswer` file. */
const AnswerText = z
  .string()
  .min(1)
  .max(256 * 1024);

export const ReviewAnswer = z.strictObject({
  verdict: z.enum(VERDICTS),
  note: Note,
  lines: z.array(z.strictObject({ line: z.string(), note: z.string() })),
  decidedMs: Millis,
  by: z.strictObject({ name: z.string(), key: Hash }),
  /** Whom these books know the key to belong to. */
  reviewer: z.strictObject({ kind: z.enum(['operator', 'reviewer']), id: z.string(), name: z.string() }),
  recordedMs: Millis,
  recordedBy: z.string(),
  /** Whether the signature was checked again just now and holds. */
  verified: z.boolean(),
});
export const Review = z.strictObject({
  id: ReviewId,
  invoice: InvoiceId,
  number: z.string(),
  state: z.enum(REVIEW_STATES),
  exportedMs: Millis,
  by: z.strictObject({ id: z.string(), name: z.string() }),
  /** SHA-256 of the whole file. */
  bundleSha256: Hash,
  invoiceSha256: Hash,
  /** How many events stand behind the invoice, and how many of them the bundle shows. */
  events: z.int(),
  eventsShown: z.int(),
  answers: z.array(ReviewAnswer),
});
export const Reviewer = z.strictObject({ id: ReviewerId, name: Name, key: Hash, createdMs: Millis });

const Check = z.strictObject({
  title: z.string(),
  text: z.string(),
  arithmetic: z.string().nullable(),
  /** Null where the bundle does not show enough to compute it again. */
  ok: z.boolean().nullable(),
});
export const OpenedBundle = z.strictObject({
  sha256: Hash,
  /** Whether everything in it agrees, its signature too. */
  agrees: z.boolean(),
  /** What does not agree: in which line of the file, what that is, and why. Line 0 is the file as a whole. */
  complaints: z.array(z.strictObject({ line: z.int(), what: z.string(), detail: z.string() })),
  /** Whether these books exported exactly this file. */
  ours: z.boolean(),
  header: z
    .strictObject({
      review: z.string(),
      invoice: z.string(),
      number: z.string(),
      exportedMs: z.int(),
      by: z.strictObject({ name: z.string(), key: z.string() }),
    })
    .nullable(),
  invoice: z
    .strictObject({
      issuer: z.string(),
      customerName: z.string(),
      asset: AssetCode,
      periodStartMs: z.int(),
      periodEndMs: z.int(),
      dueMs: z.int().nullable(),
      totalMinor: MinorUnits,
      paidFromCreditMinor: MinorUnits,
      dueMinor: MinorUnits,
    })
    .nullable(),
  checks: z.array(Check),
  lines: z.array(z.strictObject({ line: InvoiceLine, checks: z.array(Check) })),
  counts: z.strictObject({ transactions: z.int(), blocks: z.int(), events: z.int() }),
});

export const reviews = {
  export: command({
    permission: 'invoices:write',
    idempotent: 'no',
    doc: 'Write an invoice with all that proves it into one file, signed with your key, which your passphrase opens.',
    input: z.strictObject({ invoice: z.string().min(1).max(60), passphrase: GivenPassphrase }),
    output: z.strictObject({ review: Review, fileName: z.string(), bundle: z.string() }),
    errors: ['NOT_FOUND', 'STATE_FORBIDS', 'BODY_TOO_LARGE'],
  }),
  open: command({
    permission: 'invoices:read',
    idempotent: 'read',
    doc: 'Prove a bundle from its own bytes: every hash, sum and amount again, and what does not agree by its line.',
    noPast: 'Of a file, which says the same at any instant.',
    input: z.strictObject({ bundle: BundleText }),
    output: OpenedBundle,
  }),
  decide: command({
    permission: 'invoices:read',
    idempotent: 'no',
    doc: 'Approve or reject what a bundle says, with your key; the answer goes back in a file. It is not kept here.',
    input: z.strictObject({
      bundle: BundleText,
      verdict: z.enum(VERDICTS),
      note: Note.default(''),
      /** What is to be said of single lines. */
      lines: Annotations.default([]),
      passphrase: GivenPassphrase,
    }),
    output: z.strictObject({ fileName: z.string(), answer: z.string() }),
    errors: ['STATE_FORBIDS'],
  }),
  import: command({
    permission: 'invoices:write',
    idempotent: 'by nature',
    doc: 'Take back an answer: signed by a known reviewer, about a file exported here, of an invoice as it is; once.',
    input: z.strictObject({ answer: AnswerText }),
    output: Review,
    errors: ['NOT_FOUND', 'STATE_FORBIDS', 'CONFLICT'],
  }),
  list: command({
    permission: 'invoices:read',
    idempotent: 'read',
    doc: 'Bundles that were exported, newest first, with the answers that came back; of one invoice or of all.',
    input: z.strictObject({ ...PageInput, invoice: z.string().min(1).max(60).optional(), ...AsOf }),
    output: page(Review),
    errors: ['NOT_FOUND'],
  }),
  reviewers: command({
    permission: 'invoices:read',
    idempotent: 'read',
    doc: 'Who may answer reviews beside operators that may write invoices: keys that an admin registered.',
    input: AnyTime,
    output: z.strictObject({ items: z.array(Reviewer) }),
  }),
  addReviewer: command({
    permission: 'operators:write',
    idempotent: 'by nature',
    doc: 'Let somebody without a sign-in here answer reviews, by their public key; `tollkeeper review key` makes one.',
    input: z.strictObject({ name: Name, key: Hash }),
    output: Reviewer,
    errors: ['CONFLICT'],
  }),
  removeReviewer: command({
    permission: 'operators:write',
    idempotent: 'by nature',
    doc: 'Let a registered reviewer answer no more. What they answered stays.',
    input: z.strictObject({ id: ReviewerId }),
    output: Done,
    errors: ['NOT_FOUND'],
  }),
};
