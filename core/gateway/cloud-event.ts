/** Checks CloudEvents 1.0 as the OpenMeter dialect takes them: all of a request or none, values looked at later. */
import { canonicalJson } from '#core/domain/canonical.ts';
import { CORRECTION_SOURCE, GATE_SOURCE } from '#core/domain/event.ts';
import { MOST_CLOUD_EVENTS } from '#core/domain/limits.ts';
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import { Columns, fingerprint } from './slices.ts';
import type { Checked, IngestTerms, ReadyEvent } from './slices.ts';
import { isName, parseInstant } from './own-event.ts';
import { invalid, quoted } from './problem.ts';

/** Longest id, source, type or subject, in UTF-16 code units. */
const LONGEST_NAME = 512;

export type Raw = Readonly<Record<string, unknown>>;

/** Checks every event; throws the refusal of the first that is no CloudEvent. */
export function checkCloud(events: readonly unknown[], terms: IngestTerms): Checked {
  if (events.length > MOST_CLOUD_EVENTS) {
    refuse({
      code: 'BODY_TOO_LARGE',
      detail: `The batch has ${events.length} events.`,
      fix: `Send at most ${MOST_CLOUD_EVENTS} in one request.`,
    });
  }
  const columns = new Columns();
  for (let at = 0; at < events.length; at += 1) {
    try {
      const event = readEvent(events[at], terms);
      columns.push(at, event, fingerprint(event, { quantity: null, data: event.data, holdId: null }));
    } catch (error) {
      if (!(error instanceof RefusalError) || events.length === 1) throw error;
      refuse({ ...error.refusal, detail: `Event ${at}: ${error.refusal.detail}` });
    }
  }
  return { count: events.length, columns, captures: [], refused: new Map() };
}

export function readEvent(value: unknown, terms: IngestTerms): ReadyEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(invalid('It is not an object.'));
  const raw = value as Raw;
  if (raw['specversion'] !== '1.0') {
    refuse(invalid(`The specversion is ${quoted(raw['specversion'])}.`, 'Send "specversion": "1.0".'));
  }
  const source = name(raw['source'], 'source');
  if (source === GATE_SOURCE || source === CORRECTION_SOURCE) {
    refuse(invalid(`The source ${quoted(source)} is kept for events that the books make.`, 'Send another source.'));
  }
  const id = name(raw['id'], 'id');
  const type = name(raw['type'], 'type');
  const subject = name(raw['subject'], 'subject');
  if (terms.refs !== null && !terms.refs.has(subject)) {
    refuse({
      code: 'FORBIDDEN',
      detail: `This key may not record usage of ${quoted(subject)}.`,
      fix: 'Send events of the customer that the key belongs to.',
    });
  }
  if (terms.refuseUnknown && !terms.types.has(type)) {
    refuse({
      code: 'METER_UNKNOWN',
      detail: `No meter listens to events of the type ${quoted(type)}.`,
      fix: 'Define a meter for it first; this workspace refuses what it does not know.',
    });
  }
  checkDataType(raw['datacontenttype']);
  if (raw['data_base64'] !== undefined) refuse(invalid('Binary data is not taken.', 'Send data as a JSON object.'));
  return {
    source,
    id,
    subject,
    type,
    meter: null,
    units: null,
    occurredMs: timeOf(raw['time']),
    data: dataOf(raw['data']),
  };
}

function name(value: unknown, attribute: string): string {
  if (value === undefined || value === null || value === '') return refuse(invalid(`The ${attribute} is missing.`));
  if (typeof value !== 'string') return refuse(invalid(`The ${attribute} is not a text.`));
  if (value.length > LONGEST_NAME || !isName(value)) {
    return refuse(
      invalid(`The ${attribute} is too long or has control characters.`, `Send 1 to ${LONGEST_NAME} printable ones.`),
    );
  }
  return value;
}

const JSON_DATA = /^[\w.+-]+\/(?:[\w.+-]+\+)?json(?:\s*;.*)?$/i;

function checkDataType(value: unknown): void {
  if (value === undefined || value === null || (typeof value === 'string' && JSON_DATA.test(value))) return;
  refuse(invalid(`The datacontenttype ${quoted(value)} is not JSON.`, 'Send JSON data, as application/json.'));
}

function timeOf(value: unknown): number {
  if (value === undefined || value === null) return -1;
  const instantMs = typeof value === 'string' ? parseInstant(value) : null;
  return (
    instantMs ??
    refuse(invalid(`The time ${quoted(value)} is no instant.`, 'Send RFC 3339, from 1970 on, or leave it out.'))
  );
}

/** An object, or nothing: a value that no meter can read is taken and parked, another kind of data is no usage. */
export function dataOf(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  if (typeof value !== 'object' || Array.isArray(value)) {
    return refuse(invalid('The data is not an object.', 'Send a JSON object, or no data.'));
  }
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof RefusalError) throw error;
    return canonicalJson(finite(value));
  }
}

/** JSON can write numbers that are infinite to whoever reads them (1e999): kept as text, which no meter counts. */
function finite(value: unknown): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map(finite);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, finite(member)]));
}
