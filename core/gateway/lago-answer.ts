/** Answers a body in Lago's words: bodies, codes and statuses are those its own clients know. Runs on either thread. */
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import type { AcceptUsage } from '#core/ledger/port.ts';
import { MOST_LAGO_EVENTS } from '#core/domain/limits.ts';
import type { Books } from './ingest-answer.ts';
import { TAKEN, checkLago } from './lago-event.ts';
import type { Faults, LagoChecked } from './lago-event.ts';
import { JSON_TYPE, PROBLEM_TYPE, jsonReply, quoted } from './problem.ts';
import type { Reply } from './problem.ts';
import type { IngestTerms } from './slices.ts';

/** Books one event, or a batch whole or not at all. An event that the books have is 422, however often it is sent. */
export async function answerLago(
  value: unknown,
  { isBatch }: { isBatch: boolean },
  terms: IngestTerms,
  books: Books,
): Promise<Reply> {
  const body = (typeof value === 'object' && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const given = isBatch ? body['events'] : body['event'];
  if (!isBatch && (typeof given !== 'object' || given === null || Array.isArray(given))) {
    return jsonReply({ status: 400, error: 'BadRequest: param is missing or the value is empty: event' }, 400);
  }
  if (isBatch && (!Array.isArray(given) || given.length === 0)) return invalid({ events: ['no_events'] });
  const events: readonly unknown[] = isBatch ? (given as unknown[]) : [given];
  if (events.length > MOST_LAGO_EVENTS) return invalid({ events: ['too_many_events'] });
  const checked = checkLago(events, terms);
  requireOwn(checked, terms);
  const faults = checked.faults.size > 0 ? checked.faults : await bookWhole(checked, terms, books);
  if (faults.size > 0) return invalid(isBatch ? Object.fromEntries(faults) : ([...faults.values()][0] ?? {}));
  return jsonReply(isBatch ? { events: checked.views } : { event: checked.views[0] });
}

function requireOwn({ columns }: LagoChecked, { refs }: IngestTerms): void {
  const foreign = refs === null ? undefined : columns.subject.find((subject) => !refs.has(subject));
  if (foreign === undefined) return;
  refuse({
    code: 'FORBIDDEN',
    detail: `This key may not record usage of ${quoted(foreign)}.`,
    fix: 'Send events of the customer that the key belongs to.',
  });
}

/** What a whole slice was refused with: a letter for each event, as a slice that is taken in part has. */
const FAULTS: Readonly<Record<string, Faults>> = {
  d: TAKEN,
  c: TAKEN,
  r: { external_subscription_id: ['subscription_not_found'] },
};

async function bookWhole(
  { columns }: LagoChecked,
  terms: IngestTerms,
  books: Books,
): Promise<ReadonlyMap<number, Faults>> {
  const slice: AcceptUsage = { ...columns.whole(terms.actor), whole: true };
  const [answer] = await books.commit([slice]);
  if (answer?.ok) return new Map();
  const letters = answer?.refusal.values?.['results'];
  if (typeof letters !== 'string') {
    throw new RefusalError(
      answer?.refusal ?? { code: 'BUSY', detail: 'The books gave no answer.', fix: 'Send it again.' },
    );
  }
  const faults = [...letters].flatMap((letter, at): [number, Faults][] => {
    const fault = FAULTS[letter];
    return fault ? [[at, fault]] : [];
  });
  return new Map(faults);
}

/** Lago's answer to what does not fit (`facts/protocols.md` §5.5). */
const invalid = (details: object): Reply =>
  jsonReply({ status: 422, error: 'Unprocessable Entity', code: 'validation_errors', error_details: details }, 422);

type Problem = Readonly<{ status: number; code: string; detail: string; fix: string }>;

/** The names of statuses in Lago's bodies; others keep the title of ours. */
const ERRORS: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** A problem of ours in the shape of Lago's errors; what happened and what to do stand beside, for people. */
export function inLagoShape(reply: Reply): Reply {
  if (reply.headers['content-type'] !== PROBLEM_TYPE || typeof reply.body !== 'string') return reply;
  const { code, detail, fix } = JSON.parse(reply.body) as Problem;
  const { status } = reply;
  const error = ERRORS[status] ?? 'Internal Server Error';
  const body =
    status === 401 ? { status, error } : { status, error, code: code.toLowerCase(), error_details: { detail, fix } };
  return { ...reply, headers: { ...reply.headers, 'content-type': JSON_TYPE }, body: JSON.stringify(body) };
}
