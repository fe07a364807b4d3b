/** `build/openapi.ts [--check]`: writes docs/openapi.json from the contract's HTTP part and the gateway's routes. */
import { readFileSync, writeFileSync } from 'node:fs';
import { OpenAPIGenerator } from '@orpc/openapi';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { contract } from '#core/contract/index.ts';
import { REFUSALS } from '#core/domain/refusal.ts';
import { problemType } from '#core/gateway/problem.ts';

const FILE = 'docs/openapi.json';
const VERBS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type Media = { content: Record<string, { schema: object }> };
type Operation = {
  summary?: string;
  tags?: string[];
  operationId?: string;
  parameters?: object[];
  requestBody?: object;
  responses: Record<string, { description: string; headers?: object } & Partial<Media>>;
};
type Paths = Record<string, Partial<Record<(typeof VERBS)[number], Operation>>>;
type Document = { paths: Paths; components?: { schemas?: Record<string, object> } } & Record<string, unknown>;

const PROBLEM = { $ref: '#/components/schemas/Problem' };
const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: PROBLEM } },
});
const json = (schema: object): Media => ({ content: { 'application/json': { schema } } });

/** RFC 9457 with our members: a closed set of codes, what to do, and the values beside them. */
const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code', 'fix'],
  additionalProperties: true,
  properties: {
    type: { type: 'string', examples: [problemType('PAYMENT_REQUIRED')] },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(REFUSALS) },
    fix: { type: 'string' },
    balance: { type: 'string', description: 'With PAYMENT_REQUIRED: what can be spent, in minor units.' },
    required: { type: 'string', description: 'With PAYMENT_REQUIRED: what it needs, in minor units.' },
    asset: { type: 'string' },
  },
};

/** What fastify answers to in the dialect, in short: its own documents say the rest. */
function dialectPaths(): Paths {
  const answer = (description: string, schema: object = {}) => ({ description, ...json(schema) });
  const made = (summary: string, responses: Operation['responses'], more: Partial<Operation> = {}): Operation => ({
    summary,
    tags: ['openmeter'],
    ...more,
    responses: { ...responses, default: problem('Refused') },
  });
  const parameter = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string' } });
  const event = {
    type: 'object',
    required: ['specversion', 'id', 'source', 'type', 'subject'],
    additionalProperties: true,
  };
  const events = { oneOf: [event, { type: 'array', items: event }] };
  const eventTypes = ['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json'];
  const query = {
    ...answer('Rows of windows, subjects and groups'),
    content: { 'application/json': { schema: {} }, 'text/csv': { schema: {} } },
  };
  return {
    '/api/v1/events': {
      post: made(
        'Take CloudEvents 1.0, structured, in a batch or binary: all or none',
        { 204: { description: 'Durable' } },
        {
          requestBody: {
            required: true,
            content: Object.fromEntries(eventTypes.map((type) => [type, { schema: events }])),
          },
        },
      ),
      get: made('Events, newest first', {
        200: answer('Events, with why a meter cannot count them', { type: 'array', items: {} }),
      }),
    },
    '/api/v1/meters': {
      get: made('All meters', { 200: answer('Meters', { type: 'array', items: {} }) }),
      post: made('Define a meter: SUM, COUNT, UNIQUE_COUNT, MAX or LATEST', { 201: answer('The meter') }),
    },
    '/api/v1/meters/{slug}': {
      get: made('One meter', { 200: answer('The meter') }, { parameters: [parameter('slug')] }),
    },
    '/api/v1/meters/{slug}/query': {
      get: made('What a meter came to', { 200: query }, { parameters: [parameter('slug')] }),
      post: made('What a meter came to', { 200: query }, { parameters: [parameter('slug')] }),
    },
    '/api/v1/meters/{slug}/group-by/{group}/values': {
      get: made(
        'The values of a group',
        { 200: answer('Texts', { type: 'array', items: { type: 'string' } }) },
        {
          parameters: [parameter('slug'), parameter('group')],
        },
      ),
    },
    '/api/v1/subjects': {
      get: made('All subjects', { 200: answer('Subjects', { type: 'array', items: {} }) }),
      post: made('Add subjects', { 200: answer('Subjects', { type: 'array', items: {} }) }),
    },
    '/api/v1/subjects/{subject}': {
      get: made('One subject', { 200: answer('The subject') }, { parameters: [parameter('subject')] }),
    },
  };
}

const KEY_HEADER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', maxLength: 200 },
  description:
    "The same key and body get the same bytes for ever; another body gets 409. The body's `key` may say it instead.",
};
const LIMITS = Object.fromEntries(
  ['RateLimit', 'RateLimit-Policy', 'Retry-After'].map((name) => [name, { schema: { type: 'string' } }]),
);

/** The contract's errors are the handler's own shape; on the wire every refusal is a problem. */
function asServed(paths: Paths): Paths {
  const served: Paths = {};
  for (const [path, operations] of Object.entries(paths)) {
    const changed: Paths[string] = {};
    for (const verb of VERBS) {
      const operation = operations[verb];
      if (!operation) continue;
      const responses = Object.fromEntries(
        Object.entries(operation.responses).map(([status, response]) => [
          status,
          Number(status) < 400
            ? response
            : { ...problem(response.description), ...(status === '429' ? { headers: LIMITS } : {}) },
        ]),
      );
      changed[verb] = { ...operation, responses };
    }
    served[`/v1${path}`] = changed;
  }
  const hold = served['/v1/holds']?.post;
  if (hold) hold.parameters = [...(hold.parameters ?? []), KEY_HEADER];
  const usage = served['/v1/usage']?.post;
  const taken = usage?.responses['200'];
  if (usage && taken)
    usage.responses['207'] = {
      ...taken,
      description: 'Some events were refused or in conflict; the others are durable',
    };
  return served;
}

const HEALTH: Paths = {
  '/healthz': {
    get: {
      summary: 'Whether the books take anything; needs no key',
      tags: ['gateway'],
      responses: {
        200: {
          description: 'They do',
          ...json({
            type: 'object',
            required: ['status', 'events', 'watermark'],
            properties: { status: { const: 'ok' }, events: { type: 'string' }, watermark: { type: 'string' } },
          }),
        },
        503: problem('They do not'),
      },
    },
  },
};

/** The whole description, as text. */
export async function openApiText(): Promise<string> {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] });
  const document = (await generator.generate(contract, {
    info: {
      title: 'Tollkeeper gateway',
      version,
      description: "Usage in, the gate, and what an operator's servers read.",
    },
    filter: ({ contract: one }) => one['~orpc'].route.path !== undefined,
    security: [{ bearer: [] }, { key: [] }],
    // Through unknown: the generator's type allows references in every place, this document has them in schemas only.
  })) as unknown as Document;
  const whole = {
    ...document,
    openapi: '3.1.1',
    paths: { ...HEALTH, ...asServed(document.paths), ...dialectPaths() },
    components: {
      ...document.components,
      schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API key, tk_…' },
        key: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      },
    },
  };
  return `${JSON.stringify(whole, null, 2)}\n`;
}

async function main(isCheck: boolean): Promise<number> {
  const text = await openApiText();
  if (!isCheck) {
    writeFileSync(FILE, text);
    return 0;
  }
  if (readFileSync(FILE, 'utf8') === text) return 0;
  process.stderr.write(`${FILE} is not what the contract says: run build/openapi.ts.\n`);
  return 1;
}

if (import.meta.main) process.exitCode = await main(process.argv.includes('--check'));
