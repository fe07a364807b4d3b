/** What every route shares: how it is declared, what it is given, and how its answer or refusal is sent. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Scope } from '#core/contract/permissions.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { Core } from '#core/services/core.ts';
import { JSON_LIMIT_BYTES } from '#core/domain/limits.ts';
import type { Caller } from './auth.ts';
import type { Directory } from './directory.ts';
import type { IngestPort } from './ingest-port.ts';
import type { Limits } from './limits.ts';
import { invalid, problemReply, refusalIn } from './problem.ts';
import type { Reply } from './problem.ts';

/** What the gateway's routes work with. */
export type Gateway = Readonly<{ core: Core; ingest: IngestPort; directory: Directory; limits: Limits }>;

/** One request, authenticated, with its body as bytes. */
export type Asked = Readonly<{
  caller: Caller;
  body: Buffer;
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, string | string[] | undefined>>;
  request: FastifyRequest;
}>;

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Route = Readonly<{
  method: Method;
  /** As fastify writes it: `/v1/holds/:holdId`. */
  url: string;
  /** One of these is needed. */
  scopes: readonly Scope[];
  bodyLimit?: number;
  /** Gives every answer of this address, refusals too, the form its clients know. */
  shape?: (reply: Reply) => Reply;
  answer: (asked: Asked) => Reply | Promise<Reply>;
}>;

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Absent: no key is asked for. */
    scopes?: readonly Scope[];
    shape?: ((reply: Reply) => Reply) | undefined;
  }
}

const NOTHING = Buffer.alloc(0);

/** Registers routes, and for each address 405 under the methods it does not have. */
export function addRoutes(app: FastifyInstance, routes: readonly Route[], core: Core): void {
  const methods = new Map<string, Method[]>();
  const shapes = new Map(routes.map(({ url, shape }) => [url, shape]));
  for (const { method, url, scopes, bodyLimit = JSON_LIMIT_BYTES, shape, answer } of routes) {
    methods.set(url, [...(methods.get(url) ?? []), method]);
    app.route({
      method,
      url,
      bodyLimit,
      config: { scopes, shape },
      handler: (request, reply) => {
        const { caller } = request;
        if (caller === null) return reply;
        const asked: Asked = {
          caller,
          request,
          body: request.body instanceof Buffer ? request.body : NOTHING,
          params: request.params as Asked['params'],
          query: request.query as Asked['query'],
        };
        run(() => answer(asked), reply, core);
        return reply;
      },
    });
  }
  for (const [url, known] of methods) {
    const others = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((method) => !known.includes(method));
    app.route({
      method: others,
      url,
      bodyLimit: JSON_LIMIT_BYTES,
      config: { shape: shapes.get(url) },
      handler: (_, reply) => send(reply, notAllowed(known)),
    });
  }
}

function run(answer: () => Reply | Promise<Reply>, reply: FastifyReply, core: Core): void {
  try {
    const made = answer();
    if (!(made instanceof Promise)) return void send(reply, made);
    made.then(
      (ready) => send(reply, ready),
      (error: unknown) => send(reply, failed(error, core)),
    );
  } catch (error) {
    send(reply, failed(error, core));
  }
}

/** The problem for whatever was thrown; what nobody foresaw is logged with its stack. */
export function failed(error: unknown, core: Core): Reply {
  const refusal = refusalIn(error);
  if (refusal.code === 'INTERNAL') core.log.error('request failed', { error });
  return problemReply(refusal);
}

export function send(reply: FastifyReply, made: Reply): FastifyReply {
  const { shape } = reply.request.routeOptions.config;
  const { status, headers, body } = shape ? shape(made) : made;
  reply.code(status);
  reply.headers(headers as Record<string, string>);
  if (body === null) return reply.send();
  // Bytes, because to a text fastify adds a charset, and stock clients compare the type of a problem as it is.
  if (typeof body === 'string') return reply.send(Buffer.from(body));
  return reply.send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}

function notAllowed(known: readonly Method[]): Reply {
  return problemReply(invalid('This address does not take this method.', `Use ${known.join(' or ')}.`), {
    status: 405,
    headers: { allow: known.join(', ') },
  });
}

/** The media type of a request without its parameters, in small letters; empty where none was sent. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Refuses a body that does not say it is JSON. */
export function requireJson(request: FastifyRequest): void {
  const type = mediaType(request);
  if (type === 'application/json' || /^application\/[\w.-]+\+json$/.test(type)) return;
  refuse({
    code: 'MEDIA_TYPE_UNSUPPORTED',
    detail: type === '' ? 'The body has no content type.' : 'The content type is not JSON.',
    fix: 'Send Content-Type: application/json.',
  });
}
