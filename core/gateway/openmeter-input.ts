/** What the dialect's requests have in common: query values, instants and bodies as OpenMeter clients write them. */
import type { Scope } from '#core/contract/permissions.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { Asked } from './http.ts';
import { parseJson } from './ingest-answer.ts';
import { parseInstant } from './own-event.ts';
import { invalid, quoted } from './problem.ts';

/** A key that may define meters may read what they count. */
export const READ_SCOPES = ['usage:read', 'meters:write'] as const satisfies readonly Scope[];

export const first = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value[0] : value;

/** A value that may be absent, one text, or several. */
export function list(value: unknown, name: string): string[] {
  if (value === undefined || value === null) return [];
  const values: unknown[] = Array.isArray(value) ? value : [value];
  if (values.length > 100 || !values.every((one) => typeof one === 'string' && one.length <= 512)) {
    return refuse(invalid(`${name} is not a list of at most 100 texts.`));
  }
  return values as string[];
}

/** An RFC 3339 instant as UTC milliseconds. */
export function instant(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  const text: unknown = Array.isArray(value) ? value[0] : value;
  const instantMs = typeof text === 'string' ? parseInstant(text) : null;
  return (
    instantMs ?? refuse(invalid(`${name} ${quoted(text)} is no instant.`, 'Send RFC 3339, as 2026-11-21T00:00:00Z.'))
  );
}

export function numberOf(
  value: string | undefined,
  name: string,
  bounds: { least: number; most: number },
): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,6}$/.test(value) ? Number(value) : -1;
  if (number >= bounds.least && number <= bounds.most) return number;
  return refuse(invalid(`${name} ${quoted(value)} is not a number from ${bounds.least} to ${bounds.most}.`));
}

/** The body as JSON; any JSON content type is taken, as by the dialect's own server. */
export function jsonBody({ body }: Asked): unknown {
  if (body.length === 0) return refuse(invalid('The request has no body.', 'Send JSON.'));
  return parseJson(body);
}

export function objectBody(asked: Asked): Readonly<Record<string, unknown>> {
  const value = jsonBody(asked);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(invalid('The body is not an object.'));
  return value as Readonly<Record<string, unknown>>;
}
