/** Reviews: export a signed bundle, prove one, answer it with one's key, and take an answer back, once. */
import { ROLE_PERMISSIONS } from '#core/contract/permissions.ts';
import { BUNDLE_MOST_BYTES } from '#core/domain/bundle.ts';
import type { ReviewAnswer } from '#core/domain/bundle-answer.ts';
import { agrees } from '#core/domain/bundle-verify.ts';
import { refuse } from '#core/domain/refusal.ts';
import { commitOne, os } from './base.ts';
import type { Core, RequestContext } from './core.ts';
import { settledBy } from './instant.ts';
import { allOperators, unsealOwn } from './operators.ts';
import {
  answerTo,
  hashOf,
  isStillSigned,
  makeAnswer,
  makeBundle,
  openAnswer,
  proveBundle,
  rawKey,
} from './review-bundle.ts';

/** An export as the books keep it, under `invoice/review`; its name is the hash of the file. */
type ReviewRecord = Readonly<{
  id: string;
  invoice: string;
  number: string;
  exportedMs: number;
  by: Readonly<{ id: string; name: string }>;
  bundleSha256: string;
  invoiceSha256: string;
  events: number;
  eventsShown: number;
}>;
type Reviewer = Readonly<{ kind: 'operator' | 'reviewer'; id: string; name: string }>;
/** An answer as it counts, under `invoice/review/key`, with the file it came in. */
type AnswerRecord = Readonly<{ file: string; recordedMs: number; recordedBy: string; reviewer: Reviewer }>;
type ReviewerRecord = Readonly<{ id: string; name: string; key: string; createdMs: number; removed: boolean }>;
type Listed = Readonly<{ review: ReviewRecord; answers: readonly AnswerRecord[] }>;

const documentId = ({ invoice, id }: Pick<ReviewRecord, 'invoice' | 'id'>): string => `${invoice}/${id}`;

function reviewView({ review, answers }: Listed) {
  const views = answers.map(answerView);
  const verdicts = new Set(views.map(({ verdict }) => verdict));
  const state = verdicts.has('rejected') ? 'rejected' : verdicts.has('approved') ? 'approved' : 'waiting';
  return { ...review, state: state as 'waiting' | 'approved' | 'rejected', answers: views };
}

/** The answer again from its file, and whether its signature still holds. */
function answerView({ file, recordedMs, recordedBy, reviewer }: AnswerRecord) {
  const { answer, verified } = isStillSigned(file);
  const { verdict, note, lines, decidedMs, by } = answer;
  return { verdict, note, lines: [...lines], decidedMs, by, reviewer, recordedMs, recordedBy, verified };
}

async function listed(core: Core, { invoice, id }: Pick<ReviewRecord, 'invoice' | 'id'>): Promise<Listed> {
  const { items } = await core.reader.read('reviews', { invoice, limit: 500 });
  const found = (items as Listed[]).find(({ review }) => review.id === id);
  return found ?? unknownBundle();
}

/** The hash that an answer names is found where this file was exported, and nowhere else. */
const unknownBundle = (): never =>
  refuse({
    code: 'NOT_FOUND',
    detail: 'These books did not export the bundle that was answered; nothing was recorded.',
    fix: 'Import the answer where the bundle came from.',
  });

/** Reviewers that may answer; those that were removed stay in the books and are left out. */
async function allReviewers(core: Core, instant: object = {}): Promise<ReviewerRecord[]> {
  const rows = await core.reader.read('records', { kind: 'reviewer', ...settledBy(instant) });
  return rows.map(({ body }) => body as ReviewerRecord).filter(({ removed }) => !removed);
}

const reviewerView = ({ id, name, key, createdMs }: ReviewerRecord) => ({ id, name, key, createdMs });

/** Who a key belongs to: an operator who may write invoices, or a reviewer that an admin registered. */
async function reviewerOf(core: Core, key: string): Promise<Reviewer> {
  const operator = (await allOperators(core)).find((one) => rawKey(one.operator.publicKey) === key)?.operator;
  if (operator) {
    const may = !operator.disabled && ROLE_PERMISSIONS[operator.role].includes('invoices:write');
    if (may) return { kind: 'operator', id: operator.id, name: operator.name };
    return refuse({
      code: 'STATE_FORBIDS',
      detail: `${operator.name} may not decide about invoices; nothing was recorded.`,
      fix: 'Ask an admin for the role billing, or another reviewer for an answer.',
    });
  }
  const known = (await allReviewers(core)).find((one) => one.key === key);
  if (known) return { kind: 'reviewer', id: known.id, name: known.name };
  return refuse({
    code: 'STATE_FORBIDS',
    detail: 'The key that signed belongs to nobody who may review here; nothing was recorded.',
    fix: 'Let an admin register it: tollkeeper reviews addReviewer --name NAME --key KEY.',
    values: { key },
  });
}

/** The export that an answer is about, if its invoice still stands as it was then. */
async function reviewAnswered(core: Core, answer: ReviewAnswer): Promise<ReviewRecord> {
  const id = await core.reader.read('nameTarget', { kind: 'review', name: answer.bundle });
  const row = id === null ? null : await core.reader.read('record', { kind: 'review', id });
  if (!row) return unknownBundle();
  const review = row.body as ReviewRecord;
  const { invoice } = (await core.reader.read('invoice', { invoice: review.invoice })) as {
    invoice: { state: string; sha256: string | null };
  };
  const isPresent =
    invoice.state !== 'voided' &&
    invoice.sha256 === answer.invoiceSha256 &&
    review.invoice === answer.invoice &&
    review.id === answer.review;
  if (isPresent) return review;
  return refuse({
    code: 'STATE_FORBIDS',
    detail: `The answer is not about invoice ${review.number} as it stands now; nothing was recorded.`,
    fix: 'Export it again and ask for another review.',
  });
}

/** Records an answer under its review and key. The same file again changes nothing; another one is a conflict. */
async function count(context: RequestContext, answer: ReviewAnswer, file: string): Promise<ReviewRecord> {
  const { core } = context;
  const review = await reviewAnswered(core, answer);
  const reviewer = await reviewerOf(core, answer.by.key);
  const id = `${documentId(review)}/${answer.by.key}`;
  const counted = await core.reader.read('record', { kind: 'review-answer', id });
  if ((counted?.body as AnswerRecord | undefined)?.file === file) return review;
  if (counted) {
    return refuse({
      code: 'CONFLICT',
      detail: `${reviewer.name} has answered this bundle already; an answer counts once.`,
      fix: 'Export the invoice again for another review.',
    });
  }
  const actor = context.principal().actor;
  const body: AnswerRecord = { file, recordedMs: core.now(), recordedBy: actor, reviewer };
  await commitOne(core, { type: 'record.set', kind: 'review-answer', id, body, actor, names: [], expect: 0 });
  return review;
}

/** The bytes that a carrier counts; what is larger could not be opened again. */
function fitting(bundle: string): string {
  if (Buffer.byteLength(bundle) <= BUNDLE_MOST_BYTES) return bundle;
  return refuse({
    code: 'BODY_TOO_LARGE',
    detail: `The bundle would be larger than ${BUNDLE_MOST_BYTES / 2 ** 20} MiB.`,
    fix: 'Its events carry much data each; export the usage list instead.',
  });
}

export const reviews = {
  export: os.reviews.export.handler(async ({ input, context }) => {
    const { core } = context;
    const { operator, privateKey } = await unsealOwn(context, input.passphrase);
    const content = await core.reader.read('reviewContent', { invoice: input.invoice });
    const [review, exportedMs] = [core.newId('rev'), core.now()];
    const by = { id: operator.id, name: operator.name, key: rawKey(operator.publicKey) };
    const viewer = core.files.reviewViewer();
    const bundle = fitting(makeBundle(content, { review, by, exportedMs, viewer, privateKey }));
    const body: ReviewRecord = {
      id: review,
      invoice: content.id,
      number: content.number,
      exportedMs,
      by: { id: operator.id, name: operator.name },
      bundleSha256: hashOf(bundle),
      invoiceSha256: content.sha256,
      events: content.counts.reduce((sum, { events }) => sum + events, 0),
      eventsShown: content.events.length,
    };
    await commitOne(core, {
      type: 'record.set',
      kind: 'review',
      id: documentId(body),
      body,
      actor: operator.id,
      names: [{ kind: 'review', name: body.bundleSha256 }],
      expect: 0,
    });
    return { review: reviewView({ review: body, answers: [] }), fileName: `${content.number}.tollbundle`, bundle };
  }),
  open: os.reviews.open.handler(async ({ input, context: { core } }) => {
    const proof = proveBundle(input.bundle);
    const { bundle, document, checks, lines, complaints, sha256 } = proof;
    const { review, invoice, number, exportedMs, by } = bundle?.header ?? {};
    const header = { review, invoice, number, exportedMs, by: { name: by?.name, key: by?.key } };
    return {
      sha256,
      agrees: agrees(proof),
      complaints,
      ours: (await core.reader.read('nameTarget', { kind: 'review', name: sha256 })) !== null,
      header: bundle ? header : null,
      invoice: document && {
        issuer: document.issuer,
        customerName: document.customer.name,
        asset: document.asset,
        periodStartMs: document.periodStartMs,
        periodEndMs: document.periodEndMs,
        dueMs: document.dueMs,
        totalMinor: document.totalMinor,
        paidFromCreditMinor: document.paidFromCreditMinor,
        dueMinor: document.dueMinor,
      },
      checks,
      lines,
      counts: {
        transactions: bundle?.transactions.length ?? 0,
        blocks: bundle?.blocks.length ?? 0,
        events: bundle?.events.length ?? 0,
      },
      // The contract's own check of what goes out holds the shape; `lines` are the document's, as it was frozen.
    } as never;
  }),
  decide: os.reviews.decide.handler(async ({ input, context }) => {
    const { operator, privateKey } = await unsealOwn(context, input.passphrase);
    const by = { name: operator.name, key: rawKey(operator.publicKey) };
    const { verdict, note, lines } = input;
    const answer = answerTo(input.bundle, { verdict, note, lines, by, decidedMs: context.core.now() });
    return { fileName: answer.fileName, answer: makeAnswer(answer.answer, privateKey) };
  }),
  import: os.reviews.import.handler(async ({ input, context }) => {
    const review = await count(context, openAnswer(input.answer), input.answer);
    return reviewView(await listed(context.core, review));
  }),
  list: os.reviews.list.handler(async ({ input, context: { core } }) => {
    const { limit, cursor, invoice } = input;
    const { items, nextCursor } = await core.reader.read('reviews', { limit, cursor, invoice, ...settledBy(input) });
    return { items: (items as Listed[]).map(reviewView), nextCursor };
  }),
  reviewers: os.reviews.reviewers.handler(async ({ input, context: { core } }) => ({
    items: (await allReviewers(core, input)).map(reviewerView),
  })),
  addReviewer: os.reviews.addReviewer.handler(async ({ input, context }) => {
    const { core } = context;
    const known = (await allReviewers(core)).find((one) => one.key === input.key);
    if (known?.name === input.name) return reviewerView(known);
    const { name, key } = input;
    const body: ReviewerRecord = { id: core.newId('rvr'), name, key, createdMs: core.now(), removed: false };
    await commitOne(core, {
      type: 'record.set',
      kind: 'reviewer',
      id: body.id,
      body,
      actor: context.principal().actor,
      names: [{ kind: 'reviewer', name: key }],
      expect: 0,
    });
    return reviewerView(body);
  }),
  removeReviewer: os.reviews.removeReviewer.handler(async ({ input, context }) => {
    const { core } = context;
    const row = await core.reader.read('record', { kind: 'reviewer', id: input.id });
    if (!row) {
      return refuse({ code: 'NOT_FOUND', detail: `There is no reviewer ${input.id}.`, fix: 'List the reviewers.' });
    }
    const reviewer = row.body as ReviewerRecord;
    if (reviewer.removed) return { ok: true as const };
    await commitOne(core, {
      type: 'record.set',
      kind: 'reviewer',
      id: input.id,
      body: { ...reviewer, removed: true },
      actor: context.principal().actor,
      names: [{ kind: 'reviewer', name: reviewer.key, take: true }],
      expect: row.tx,
    });
    return { ok: true as const };
  }),
};
