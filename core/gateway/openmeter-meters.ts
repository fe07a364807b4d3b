/** Meters in the dialect: OpenMeter's words for what a meter of ours is. */
import type { Scope } from '#core/contract/permissions.ts';
import type { Aggregation } from '#core/domain/meter.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { MeterRecord } from '#core/ledger/catalog.ts';
import { defineMeter } from '#core/services/catalog.ts';
import { requireUnbound } from './auth.ts';
import type { Asked, Gateway, Route } from './http.ts';
import { objectBody } from './openmeter-input.ts';
import { invalid, jsonReply, quoted } from './problem.ts';
import type { Reply } from './problem.ts';

const AGGREGATIONS: Readonly<Record<string, Aggregation>> = {
  SUM: 'sum',
  COUNT: 'count',
  UNIQUE_COUNT: 'unique',
  MAX: 'max',
  LATEST: 'latest',
};
const WORDS = Object.fromEntries(Object.entries(AGGREGATIONS).map(([word, own]) => [own, word]));
/** Decimals of a meter that is defined here: the dialect says none, and six keep what its clients send. */
const SCALE = 6;
const SLUG = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const LIST_SCOPES = ['meters:read', 'meters:write', 'usage:read'] as const satisfies readonly Scope[];

export function meterRoutes(gateway: Gateway): Route[] {
  const { core } = gateway;
  const one = ({ params }: Asked): Reply => jsonReply(meterView(meterOf(gateway, params['meter'] ?? '')));
  const url = '/api/v1/meters/:meter';
  return [
    { method: 'POST', url: '/api/v1/meters', scopes: ['meters:write'], answer: (asked) => create(gateway, asked) },
    {
      method: 'GET',
      url: '/api/v1/meters',
      scopes: LIST_SCOPES,
      answer: () => jsonReply([...core.snapshot().meters.values()].map(meterView)),
    },
    { method: 'GET', url, scopes: LIST_SCOPES, answer: one },
    { method: 'PUT', url, scopes: ['meters:write'], answer: (asked) => fixed(gateway, asked) },
    { method: 'DELETE', url, scopes: ['meters:write'], answer: (asked) => fixed(gateway, asked) },
  ];
}

/** The meter under a slug; ours have no other id. */
export function meterOf({ core }: Gateway, slug: string): MeterRecord {
  const meter = core.snapshot().meters.get(slug);
  return (
    meter ??
    refuse({
      code: 'METER_UNKNOWN',
      detail: `No meter has the slug ${quoted(slug)}.`,
      fix: 'List the meters, or create it first.',
    })
  );
}

function meterView(meter: MeterRecord): object {
  const at = new Date(meter.createdMs).toISOString();
  return {
    id: meter.key,
    slug: meter.key,
    name: meter.name,
    aggregation: WORDS[meter.aggregation],
    eventType: meter.eventType,
    ...(meter.valuePath === null ? {} : { valueProperty: meter.valuePath }),
    groupBy: { ...meter.dimensions },
    createdAt: at,
    updatedAt: at,
  };
}

async function create(gateway: Gateway, asked: Asked): Promise<Reply> {
  requireUnbound(asked.caller);
  const body = objectBody(asked);
  const key = text(body['slug'], 'slug');
  if (!SLUG.test(key))
    refuse(invalid(`The slug ${quoted(key)} has other characters than a-z, 0-9, dot, dash, underscore.`));
  const aggregation = aggregationOf(body['aggregation']);
  const isCount = aggregation === 'count';
  if (body['eventFrom'] !== undefined)
    refuse(invalid('eventFrom is not supported.', 'Leave it out: every event counts.'));
  const valuePath = isCount ? null : text(body['valueProperty'], 'valueProperty');
  const meter: MeterRecord = {
    key,
    name: typeof body['name'] === 'string' && body['name'] !== '' ? body['name'].slice(0, 120) : key,
    eventType: text(body['eventType'], 'eventType'),
    aggregation,
    unit: 'unit',
    scale: isCount || aggregation === 'unique' ? 0 : SCALE,
    valuePath,
    dimensions: groupsOf(body['groupBy']),
    billable: true,
    overshoot: 'debt',
    window: 'month',
    createdMs: gateway.core.now(),
  };
  return jsonReply(meterView(await defineMeter(gateway.core, meter, asked.caller.actor)), 201);
}

function text(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 200) return value;
  return refuse(invalid(`The ${name} is missing or not a text of at most 200 characters.`));
}

function aggregationOf(value: unknown): Aggregation {
  const known = typeof value === 'string' ? AGGREGATIONS[value] : undefined;
  if (known) return known;
  const detail = `The aggregation ${quoted(value)} is not one this gateway counts.`;
  return refuse(invalid(detail, `Use ${Object.keys(AGGREGATIONS).join(', ')}.`));
}

const GROUP = /^[a-zA-Z_][a-zA-Z0-9_]{0,62}$/;

function groupsOf(value: unknown): Record<string, string> {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return refuse(invalid('groupBy is not an object.'));
  for (const [name, path] of Object.entries(value)) {
    if (!GROUP.test(name) || name === 'subject') refuse(invalid(`groupBy ${quoted(name)} is not a name for a group.`));
    if (typeof path !== 'string')
      refuse(invalid(`groupBy ${quoted(name)} is not a path.`, 'Send a path such as $.model.'));
  }
  return { ...(value as Record<string, string>) };
}

/** A meter never changes what it counted, and what it counted stays explained: neither PUT nor DELETE. */
function fixed(gateway: Gateway, { params, caller }: Asked): never {
  requireUnbound(caller);
  const meter = meterOf(gateway, params['meter'] ?? '');
  return refuse({
    code: 'STATE_FORBIDS',
    detail: `The meter ${meter.key} cannot be changed or removed: money may rest on it.`,
    fix: 'Define another meter under a new slug.',
  });
}
