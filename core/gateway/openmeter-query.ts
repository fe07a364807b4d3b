/** Meter queries in the dialect, as JSON and CSV. Values are written with every digit, as JSON numbers. */
import { WINDOW_SIZES } from '#core/domain/period.ts';
import type { WindowSize } from '#core/domain/period.ts';
import { refuse } from '#core/domain/refusal.ts';
import { requireOwn } from './auth.ts';
import type { Asked, Gateway, Route } from './http.ts';
import { meterOf } from './openmeter-meters.ts';
import { READ_SCOPES, instant, list, objectBody } from './openmeter-input.ts';
import { JSON_TYPE, invalid, jsonReply, quoted } from './problem.ts';
import type { Reply } from './problem.ts';

type Query = Readonly<{
  fromMs: number | undefined;
  toMs: number | undefined;
  windowSize: WindowSize | undefined;
  timeZone: string;
  subjects: readonly string[];
  groupBy: readonly string[];
  filters: Readonly<Record<string, readonly string[]>>;
}>;
type Row = Readonly<{
  value: string;
  windowStartMs: number;
  windowEndMs: number;
  subject: string | null;
  groupBy: Readonly<Record<string, string | null>>;
}>;

export function queryRoutes(gateway: Gateway): Route[] {
  const url = '/api/v1/meters/:meter/query';
  return [
    { method: 'GET', url, scopes: READ_SCOPES, answer: (asked) => query(gateway, asked, fromUrl(asked)) },
    { method: 'POST', url, scopes: READ_SCOPES, answer: (asked) => query(gateway, asked, objectBody(asked)) },
    {
      method: 'GET',
      url: '/api/v1/meters/:meter/group-by/:group/values',
      scopes: READ_SCOPES,
      answer: (asked) => groupValues(gateway, asked),
    },
  ];
}

type Fields = Readonly<Record<string, unknown>>;

/** The fields of a query string: `filterGroupBy[model]=a` becomes a member of `filterGroupBy`. */
function fromUrl({ query: raw }: Asked): Fields {
  const fields: Record<string, unknown> = {};
  const filters: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(raw)) {
    const group = /^filterGroupBy\[([^\]]+)\](?:\[\d*\])?$/.exec(name)?.[1];
    if (group === undefined) fields[name.replace(/\[\d*\]$/, '')] = value;
    else filters[group] = value;
  }
  return { ...fields, filterGroupBy: filters };
}

async function queryOf(gateway: Gateway, { caller }: Asked, fields: Fields): Promise<Query> {
  if (fields['advancedMeterGroupByFilters'] !== undefined) {
    refuse(invalid('advancedMeterGroupByFilters is not supported.', 'Use filterGroupBy.'));
  }
  const windowSize = fields['windowSize'] ?? undefined;
  if (windowSize !== undefined && !WINDOW_SIZES.includes(windowSize as WindowSize)) {
    refuse(invalid(`The windowSize ${quoted(windowSize)} is none.`, `Use ${WINDOW_SIZES.join(', ')}.`));
  }
  const timeZone = fields['windowTimeZone'] ?? 'UTC';
  if (typeof timeZone !== 'string') return refuse(invalid('The windowTimeZone is not a text.'));
  const given = fields['filterGroupBy'] ?? {};
  if (typeof given !== 'object') return refuse(invalid('filterGroupBy is not an object.'));
  const filters = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, list(value, name)]));
  const subjects = list(fields['subject'], 'subject');
  for (const id of list(fields['filterCustomerId'], 'filterCustomerId'))
    subjects.push(...(await gateway.directory.refs(id)));
  return {
    fromMs: instant(fields['from'], 'from'),
    toMs: instant(fields['to'], 'to'),
    windowSize: windowSize as WindowSize | undefined,
    timeZone,
    groupBy: list(fields['groupBy'], 'groupBy'),
    filters,
    subjects: caller.customer === null ? subjects : await ownSubjects(gateway, caller, subjects),
  };
}

/** A bound key sees its own customer: all of it, or what it names of it. */
async function ownSubjects(gateway: Gateway, caller: Asked['caller'], subjects: readonly string[]): Promise<string[]> {
  const refs = await gateway.directory.refs(caller.customer ?? '');
  for (const subject of subjects) requireOwn(caller, refs.has(subject) ? caller.customer : null, subject);
  return subjects.length > 0 ? [...subjects] : [...refs];
}

async function query(gateway: Gateway, asked: Asked, fields: Fields): Promise<Reply> {
  const meter = meterOf(gateway, asked.params['meter'] ?? '');
  const wanted = await queryOf(gateway, asked, fields);
  const { items } = await gateway.core.reader.read('meterQuery', { meter: meter.key, ...wanted });
  const accept = asked.request.headers.accept ?? '';
  if (/\btext\/csv\b/.test(accept)) return csv(items, wanted.groupBy);
  const head = {
    ...(wanted.fromMs === undefined ? {} : { from: iso(wanted.fromMs) }),
    ...(wanted.toMs === undefined ? {} : { to: iso(wanted.toMs) }),
    ...(wanted.windowSize === undefined ? {} : { windowSize: wanted.windowSize }),
  };
  const body = JSON.stringify(head);
  const data = items.map(rowText).join(',');
  return {
    status: 200,
    headers: { 'content-type': JSON_TYPE },
    body: `${body.slice(0, -1)}${body === '{}' ? '' : ','}"data":[${data}]}`,
  };
}

const iso = (instantMs: number): string => new Date(instantMs).toISOString();

/** The value is already the text of a JSON number; through a float it would lose digits. */
function rowText({ value, windowStartMs, windowEndMs, subject, groupBy }: Row): string {
  const rest = JSON.stringify({ windowStart: iso(windowStartMs), windowEnd: iso(windowEndMs), subject, groupBy });
  return `{"value":${value},${rest.slice(1)}`;
}

function csv(rows: readonly Row[], groupBy: readonly string[]): Reply {
  const groups = groupBy.filter((name) => name !== 'subject');
  const head = ['window_start', 'window_end', 'subject', ...groups, 'value'];
  const lines = rows.map((row) =>
    [
      iso(row.windowStartMs),
      iso(row.windowEndMs),
      cell(row.subject),
      ...groups.map((name) => cell(row.groupBy[name] ?? null)),
      row.value,
    ].join(','),
  );
  const body = `${[head.map(cell).join(','), ...lines].join('\r\n')}\r\n`;
  return { status: 200, headers: { 'content-type': 'text/csv; charset=utf-8' }, body };
}

/** A text from a client in a cell: quoted where it must be, and never the beginning of a formula. */
function cell(value: string | null): string {
  if (value === null) return '';
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

async function groupValues(gateway: Gateway, asked: Asked): Promise<Reply> {
  const meter = meterOf(gateway, asked.params['meter'] ?? '');
  const group = asked.params['group'] ?? '';
  const wanted = await queryOf(gateway, asked, { ...fromUrl(asked), groupBy: [group] });
  const { items } = await gateway.core.reader.read('meterQuery', { meter: meter.key, ...wanted });
  const values = items.map((row) => (group === 'subject' ? row.subject : row.groupBy[group]));
  return jsonReply([...new Set(values.filter((value) => typeof value === 'string'))].sort());
}
