/** The rest of the contract over HTTP: each command with a route that is not hot, by the handler of all carriers. */
import { StandardOpenAPIHandler } from '@orpc/openapi/standard';
import { SmartCoercionPlugin } from '@orpc/json-schema';
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4';
import { contract } from '#core/contract/index.ts';
import type { CommandMeta } from '#core/contract/command.ts';
import { REFUSALS, refuse } from '#core/domain/refusal.ts';
import type { Refusal, RefusalCode } from '#core/domain/refusal.ts';
import type { RequestContext } from '#core/services/core.ts';
import type { Router } from '#core/services/router.ts';
import { requireOwn, requireUnbound } from './auth.ts';
import { requireJson } from './http.ts';
import type { Asked, Gateway, Method, Route } from './http.ts';
import { parseJson } from './ingest-answer.ts';
import { invalid, jsonReply, problemReply } from './problem.ts';
import type { Reply } from './problem.ts';

/** These have handlers of their own: no middleware on their path. */
const HOT = new Set([
  '/usage',
  '/gate/check',
  '/holds',
  '/holds/{holdId}/capture',
  '/holds/{holdId}/release',
  '/holds/{holdId}',
]);
/** What a bound key may ask that names no customer. */
const HARMLESS = new Set(['/meters', '/plans']);

type Routed = Readonly<{ method: Method; path: string; meta: CommandMeta }>;

/** Every command of the contract that has an HTTP route. */
export function routedCommands(): Routed[] {
  return Object.values(contract)
    .flatMap((noun) => Object.values(noun))
    .flatMap((procedure) => {
      const { route, meta } = procedure['~orpc'];
      if (route.path === undefined) return [];
      return [{ method: (route.method ?? 'POST') as Method, path: route.path, meta: meta as CommandMeta }];
    });
}

export const isHot = (path: string): boolean => HOT.has(path);

export function mountedRoutes(gateway: Gateway, router: Router): Route[] {
  const handler = new StandardOpenAPIHandler<RequestContext>(router, {
    filter: ({ contract: one }) => one['~orpc'].route.path !== undefined && !isHot(one['~orpc'].route.path),
    plugins: [new SmartCoercionPlugin<RequestContext>({ schemaConverters: [new ZodToJsonSchemaConverter()] })],
    customErrorResponseBodyEncoder: ({ code, data }) => ({ code, ...(data as object | undefined) }),
  });
  return routedCommands()
    .filter(({ path }) => !isHot(path))
    .map(({ method, path }) => ({
      method,
      scopes: [],
      url: `/v1${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      answer: (asked: Asked) => answer(gateway, handler, asked, path),
    }));
}

async function answer(
  gateway: Gateway,
  handler: StandardOpenAPIHandler<RequestContext>,
  asked: Asked,
  path: string,
): Promise<Reply> {
  const { request, caller, body } = asked;
  if (body.length > 0) requireJson(request);
  const value = body.length === 0 ? undefined : parseJson(body);
  await requireBound(gateway, asked, path, value);
  const { matched, response } = await handler.handle(
    {
      method: request.method,
      url: new URL(request.url, 'http://gateway.invalid'),
      headers: {},
      signal: undefined,
      body: () => Promise.resolve(value),
    },
    { prefix: '/v1', context: { core: gateway.core, principal: () => caller, session: null } },
  );
  if (!matched)
    return refuse({ code: 'NOT_FOUND', detail: 'Nothing is at this address.', fix: 'See the API description.' });
  return response.status < 400 ? jsonReply(response.body, response.status) : problem(response.status, response.body);
}

/** A bound key reaches only what names its own customer, and what is everybody's. */
async function requireBound(gateway: Gateway, asked: Asked, path: string, body: unknown): Promise<void> {
  const { caller, params, query, request } = asked;
  if (caller.customer === null || (request.method === 'GET' && HARMLESS.has(path))) return;
  const named =
    params['customer'] ?? (request.method === 'GET' ? query['customer'] : (body as { customer?: unknown })?.customer);
  if (typeof named !== 'string') return requireUnbound(caller);
  const found = await gateway.directory.find(named);
  requireOwn(caller, found?.id ?? null, named);
}

type Encoded = Readonly<{ code?: unknown; detail?: unknown; fix?: unknown; values?: Refusal['values'] }>;

/** The error that the handler encoded, as a problem; what is not of the closed set is the form of the request. */
function problem(status: number, body: unknown): Reply {
  const { code, detail, fix, values } = (body ?? {}) as Encoded;
  if (typeof code !== 'string' || !(code in REFUSALS) || typeof detail !== 'string') {
    return problemReply(
      status < 500
        ? invalid('The request does not fit this command.')
        : { code: 'INTERNAL', detail: 'The command failed on our side.', fix: 'Try again.' },
    );
  }
  const refusal = {
    code: code as RefusalCode,
    detail,
    fix: typeof fix === 'string' ? fix : 'Correct it and send it again.',
  };
  return problemReply(values === undefined ? refusal : { ...refusal, values });
}
