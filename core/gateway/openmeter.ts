/**
 * The OpenMeter dialect: stock CloudEvents and OpenMeter clients send and query here. Its rules, bodies and statuses
 * are those clients' own; what it accepts goes into the same books. Not for anything of ours that they do not know.
 */
import type { FastifyRequest } from 'fastify';
import { lazyData, readUnits } from '#core/ledger/pending-event.ts';
import type { MeterRecord } from '#core/ledger/catalog.ts';
import { refuse } from '#core/domain/refusal.ts';
import { BATCH_LIMIT_BYTES } from '#core/domain/limits.ts';
import { requireOwn } from './auth.ts';
import { mediaType } from './http.ts';
import type { Asked, Gateway, Route } from './http.ts';
import type { Mode } from './ingest-answer.ts';
import { meterRoutes } from './openmeter-meters.ts';
import { queryRoutes } from './openmeter-query.ts';
import { subjectRoutes } from './openmeter-subjects.ts';
import { first, instant, numberOf, READ_SCOPES } from './openmeter-input.ts';
import { invalid, jsonReply, quoted } from './problem.ts';
import type { Reply } from './problem.ts';
import { record } from './usage-routes.ts';

export function openMeterRoutes(gateway: Gateway): Route[] {
  return [
    {
      method: 'POST',
      url: '/api/v1/events',
      scopes: ['usage:write'],
      bodyLimit: BATCH_LIMIT_BYTES,
      answer: (asked) => ingest(gateway, asked),
    },
    { method: 'GET', url: '/api/v1/events', scopes: READ_SCOPES, answer: (asked) => listEvents(gateway, asked) },
    ...meterRoutes(gateway),
    ...queryRoutes(gateway),
    ...subjectRoutes(gateway),
  ];
}

/** An unknown content type is 400 here, as in the dialect's own server. */
async function ingest(gateway: Gateway, asked: Asked): Promise<Reply> {
  const mode = modeOf(asked.request);
  if (mode.kind !== 'binary' && asked.body.length === 0) refuse(invalid('The request has no body.', 'Send an event.'));
  const reply = await record(gateway, asked, mode);
  return reply.status === 415 ? { ...reply, status: 400 } : reply;
}

function modeOf(request: FastifyRequest): Mode {
  const type = mediaType(request);
  if (type === 'application/cloudevents+json') return { kind: 'structured' };
  if (type === 'application/cloudevents-batch+json') return { kind: 'batch' };
  const isBinary = Object.keys(request.headers).some((name) => name.startsWith('ce-'));
  if (isBinary && (type === '' || type === 'application/json' || type.endsWith('+json'))) {
    return { kind: 'binary', attributes: attributesOf(request) };
  }
  if (type === 'application/json') return { kind: 'plain' };
  return refuse(
    invalid(
      `The content type ${quoted(type)} is not taken here.`,
      'Send application/cloudevents+json or -batch+json, application/json, or ce- headers with JSON.',
    ),
  );
}

/** The attributes in `ce-` headers, percent-decoded (CloudEvents HTTP binding 1.0.2 §3.1.3.2). */
function attributesOf({ headers }: FastifyRequest): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith('ce-') || typeof value !== 'string') continue;
    attributes[name.slice(3)] = decoded(value);
  }
  const type = headers['content-type'];
  return type === undefined ? attributes : { ...attributes, datacontenttype: type };
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return refuse(invalid(`The header value ${quoted(value)} is not percent-encoded text.`));
  }
}

const MOST_LISTED = 100;
/** Pages of the books looked at for one list, when it filters by what they have no index for. */
const MOST_PAGES = 20;

/** Events, newest first, in the dialect's shape, with what makes a meter unable to count them. */
async function listEvents({ core, directory }: Gateway, { caller, query }: Asked): Promise<Reply> {
  const limit = numberOf(first(query['limit']), 'limit', { least: 1, most: MOST_LISTED }) ?? MOST_LISTED;
  const subject = first(query['subject']);
  const id = first(query['id']);
  const customer = first(query['customerId']) ?? caller.customer ?? undefined;
  if (caller.customer !== null && customer !== caller.customer) {
    requireOwn(caller, (await directory.find(customer ?? ''))?.id ?? null, customer ?? '');
  }
  const [fromMs, toMs] = [instant(query['from'], 'from'), instant(query['to'], 'to')];
  const [seenFrom, seenTo] = [
    instant(query['ingestedAtFrom'], 'ingestedAtFrom'),
    instant(query['ingestedAtTo'], 'ingestedAtTo'),
  ];
  const items: object[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES && items.length < limit; page += 1) {
    const part = await core.reader.read('events', { limit: MOST_LISTED, cursor, subject, customer, fromMs, toMs });
    for (const event of part.items) {
      const isWanted =
        (id === undefined || event.id.includes(id)) &&
        (seenFrom === undefined || event.recordedMs >= seenFrom) &&
        (seenTo === undefined || event.recordedMs <= seenTo);
      if (isWanted && items.length < limit) items.push(ingested(event, [...core.snapshot().meters.values()]));
    }
    if (part.nextCursor === null) break;
    cursor = part.nextCursor;
  }
  return jsonReply(items);
}

type Listed = Readonly<{
  source: string;
  id: string;
  subject: string;
  type: string;
  customer: string | null;
  occurredAtMs: number;
  recordedMs: number;
  data: string;
  meter: string | null;
  quantity: string | null;
}>;

function ingested(event: Listed, meters: readonly MeterRecord[]): object {
  const at = new Date(event.recordedMs).toISOString();
  const error = validationError(event, meters);
  return {
    event: {
      id: event.id,
      source: event.source,
      specversion: '1.0',
      type: event.type,
      subject: event.subject,
      time: new Date(event.occurredAtMs).toISOString(),
      data: JSON.parse(event.data) as unknown,
    },
    ...(event.customer === null ? {} : { customerId: event.customer }),
    ...(error === null ? {} : { validationError: error }),
    ingestedAt: at,
    storedAt: at,
  };
}

/** Why no meter, or not every meter, can count an event; judged from the event itself, so it shows before posting. */
function validationError(event: Listed, meters: readonly MeterRecord[]): string | null {
  const listening = meters.filter(({ eventType }) => eventType === event.type);
  if (listening.length === 0) return event.quantity === null ? `no meter found for event type: ${event.type}` : null;
  const pending = {
    seq: 0,
    source: event.source,
    id: event.id,
    subject: event.subject,
    type: event.type,
    meter: null,
    units: null,
    occurredMs: event.occurredAtMs,
    data: event.data,
    hold: null,
  };
  for (const meter of listening) {
    const units = readUnits(pending, meter, lazyData(event));
    // An event of our own API names its meter and brings its quantity beside the data: the books have counted it.
    if (typeof units === 'string')
      return meter.key === event.meter && event.quantity !== null ? null : `${meter.key}: ${units}`;
  }
  return null;
}
