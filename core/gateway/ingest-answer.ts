/** Bodies in, bytes out: reads a body of usage, checks and books it, and writes the answer. Runs on either thread. */
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { MOST_EVENTS } from '#core/domain/limits.ts';
import { checkCloud } from './cloud-event.ts';
import type { Raw } from './cloud-event.ts';
import { answerLago } from './lago-answer.ts';
import { book } from './slices.ts';
import type { Checked, Commit, IngestTerms, Outcome } from './slices.ts';
import { checkOwn } from './own-event.ts';
import { JSON_TYPE, invalid, problemReply, refusalIn } from './problem.ts';
import type { Reply } from './problem.ts';

/**
 * How a body is to be read: our own API, OpenMeter's structured, batch, plain JSON and binary content modes, or Lago's.
 */
export type Mode =
  | Readonly<{ kind: 'own' }>
  | Readonly<{ kind: 'structured' }>
  | Readonly<{ kind: 'batch' }>
  | Readonly<{ kind: 'plain' }>
  | Readonly<{ kind: 'binary'; attributes: Readonly<Record<string, string>> }>
  | Readonly<{ kind: 'lago'; isBatch: boolean }>;

/** Says which of these customers nobody knows; asked only where unknown usage is refused. */
export type Unknown = (subjects: readonly string[]) => Promise<readonly string[]>;
export type Books = Readonly<{ commit: Commit; unknown: Unknown }>;

/** Answers a body; never throws. */
export async function answerUsage(mode: Mode, body: Uint8Array, terms: IngestTerms, books: Books): Promise<Reply> {
  try {
    const value = parseBody(body, mode);
    if (mode.kind === 'own') return await answerOwn(eventsOf(value), terms, books.commit);
    if (mode.kind === 'lago') return await answerLago(value, mode, terms, books);
    return await answerCloud(cloudEventsOf(value, mode), terms, books);
  } catch (error) {
    return problemReply(refusalIn(error));
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a body, or INPUT_INVALID. Bytes that are no UTF-8 are refused: replaced ones would hide a conflict. */
export function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(body)) as unknown;
  } catch {
    return refuse(invalid('The body is not JSON in UTF-8.', 'Check its syntax and encoding.'));
  }
}

function parseBody(body: Uint8Array, mode: Mode): unknown {
  return mode.kind === 'binary' && body.length === 0 ? null : parseJson(body);
}

/** The events of an own body: `{"events": […]}`, one event, or a bare array. */
function eventsOf(value: unknown): readonly unknown[] {
  const isObject = typeof value === 'object' && value !== null;
  if (!isObject) return refuse(invalid('The body is neither an object nor an array.', 'Send {"events": […]}.'));
  let events: unknown = value;
  if (!Array.isArray(value) && 'events' in value) {
    const others = Object.keys(value).filter((key) => key !== 'events');
    if (others.length > 0)
      refuse(invalid(`The body has an unknown field "${others[0]?.slice(0, 80)}".`, 'Send only events.'));
    events = value.events;
  } else if (!Array.isArray(value)) events = [value];
  return checkCount(events);
}

export function checkCount(events: unknown): readonly unknown[] {
  if (!Array.isArray(events)) return refuse(invalid('The events are not an array.', 'Send {"events": […]}.'));
  if (events.length === 0 || events.length > MOST_EVENTS) {
    return refuse(invalid(`There are ${events.length} events.`, `Send 1 to ${MOST_EVENTS} in one request.`));
  }
  return events as readonly unknown[];
}

async function answerOwn(events: readonly unknown[], terms: IngestTerms, commit: Commit): Promise<Reply> {
  const checked = checkOwn(events, terms);
  const forbidden = [...checked.refused.values()].filter(({ code }) => code === 'FORBIDDEN');
  if (forbidden.length === events.length && forbidden[0]) return problemReply(forbidden[0]);
  return ownReply(checked, await book(checked, terms.actor, commit), terms);
}

const CONFLICT: Refusal = {
  code: 'EVENT_CONFLICT',
  detail: 'This source and id were used with another body; the first was kept.',
  fix: 'Send a new event under a new id, or correct the first.',
};

/** The result of one event, as the contract has it. */
export type Result = Readonly<{ index: number; status: string; code?: string; detail?: string; fix?: string }>;

function resultOf(index: number, checked: Checked, outcome: Outcome, terms: IngestTerms): Result {
  const refusal = outcome.refused.get(index);
  if (refusal) return failed(index, refusal);
  switch (outcome.letters[index]) {
    case 'a':
      return { index, status: isParked(index, checked, terms) ? 'parked' : 'accepted' };
    case 'p':
      return { index, status: 'parked' };
    case 'd':
      return { index, status: 'duplicate' };
    case 'c':
      return failed(index, CONFLICT);
    default:
      return failed(index, {
        code: 'CUSTOMER_UNKNOWN',
        detail: 'No customer has this id, external id or subject.',
        fix: 'Create the customer first; this workspace refuses what it does not know.',
      });
  }
}

const failed = (index: number, { code, detail, fix }: Refusal): Result => ({
  index,
  status: code === 'EVENT_CONFLICT' ? 'conflict' : 'refused',
  code,
  detail,
  fix,
});

/** An accepted event waits in the unrated queue while nobody knows its meter. */
function isParked(index: number, { columns, captures }: Checked, { meters }: IngestTerms): boolean {
  if (captures.some(({ at }) => at === index)) return false;
  const place = columns.at.length === index + 1 || columns.at[index] === index ? index : columns.at.indexOf(index);
  return !meters.has(columns.meter[place] ?? '');
}

/** The results of a batch, counted. */
export function ownResults(checked: Checked, outcome: Outcome, terms: IngestTerms) {
  const results: Result[] = [];
  const counts = { accepted: 0, parked: 0, duplicate: 0, conflict: 0, refused: 0 };
  for (let index = 0; index < checked.count; index += 1) {
    const result = resultOf(index, checked, outcome, terms);
    counts[result.status as keyof typeof counts] += 1;
    results.push(result);
  }
  return {
    accepted: counts.accepted + counts.parked,
    duplicates: counts.duplicate,
    refused: counts.conflict + counts.refused,
    results,
  };
}

function ownReply(checked: Checked, outcome: Outcome, terms: IngestTerms): Reply {
  const answer = ownResults(checked, outcome, terms);
  return {
    status: answer.refused === 0 ? 200 : 207,
    headers: { 'content-type': JSON_TYPE },
    body: JSON.stringify(answer),
  };
}

/** Checks and books events for the contract's own command; the same path as the gateway's. */
export async function recordOwn(events: readonly unknown[], terms: IngestTerms, commit: Commit) {
  const checked = checkOwn(checkCount(events), terms);
  return ownResults(checked, await book(checked, terms.actor, commit), terms);
}

function cloudEventsOf(value: unknown, mode: Exclude<Mode, { kind: 'own' | 'lago' }>): readonly unknown[] {
  if (mode.kind === 'binary') return [{ ...mode.attributes, data: value } satisfies Raw];
  if (mode.kind === 'batch' && !Array.isArray(value)) {
    return refuse(
      invalid('A batch is an array of events.', 'Send an array, or application/cloudevents+json for one event.'),
    );
  }
  if (mode.kind === 'structured' && Array.isArray(value)) {
    return refuse(invalid('A structured event is one object.', 'Send application/cloudevents-batch+json for several.'));
  }
  return Array.isArray(value) ? (value as unknown[]) : [value];
}

const NO_CONTENT: Reply = { status: 204, headers: {}, body: null };

/** Books all events of a request or none. Repeats count once; a conflict is filed by the books and is no error here. */
async function answerCloud(events: readonly unknown[], terms: IngestTerms, books: Books): Promise<Reply> {
  const checked = checkCloud(events, terms);
  if (terms.refuseUnknown) {
    const [unknown] = await books.unknown([...new Set(checked.columns.subject)]);
    if (unknown !== undefined) {
      throw new RefusalError({
        code: 'CUSTOMER_UNKNOWN',
        detail: `No customer is known as "${unknown.slice(0, 80)}".`,
        fix: 'Create the customer or subject first; this workspace refuses what it does not know.',
      });
    }
  }
  const { refused } = await book(checked, terms.actor, books.commit);
  const [refusal] = refused.values();
  return refusal ? problemReply(refusal) : NO_CONTENT;
}
