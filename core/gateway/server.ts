/** The gateway: the HTTP API that the operator's servers and customers call. API keys only; nothing for browsers. */
import fastify from 'fastify';
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify';
import type { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';
import type { Refusal } from '#core/domain/refusal.ts';
import type { Core } from '#core/services/core.ts';
import type { Router } from '#core/services/router.ts';
import { BATCH_LIMIT_BYTES, JSON_LIMIT_BYTES } from '#core/domain/limits.ts';
import { callerOf, requireScope } from './auth.ts';
import type { Caller } from './auth.ts';
import { gateRoutes } from './gate-routes.ts';
import { addRoutes, failed, send } from './http.ts';
import type { Gateway } from './http.ts';
import { openIngest } from './ingest-port.ts';
import type { IngestPort } from './ingest-port.ts';
import { Limits } from './limits.ts';
import { lagoRoutes } from './lago.ts';
import { mountedRoutes } from './mounted.ts';
import { openMeterRoutes } from './openmeter.ts';
import { PROBLEM_TYPE, invalid, jsonReply, problemBody, problemReply } from './problem.ts';
import type { Reply } from './problem.ts';
import { usageRoutes } from './usage-routes.ts';

export type GatewayOptions = Readonly<{
  core: Core;
  /** A way to the writer for the ingest worker (`openBook().ingestPort`), which takes it over. */
  ingestPort: MessagePort;
  /** Answers the contract's commands that have a route and are not hot; without it those are not served. */
  router?: Router;
  host: string;
  /** 0 for any free one. */
  port: number;
  /** A whole request must have arrived within this; 30 s unless said. */
  requestTimeoutMs?: number;
  /** Bodies being read or recorded at once, in bytes; 64 MiB unless said. */
  bodyBudget?: number;
}>;
export type RunningGateway = Readonly<{ url: string; close: () => Promise<void> }>;

const CLOSE_MS = 1_500;

export async function createGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { core, host, port, router } = options;
  const ingest = await openIngest(core, options.ingestPort);
  const requestTimeout = options.requestTimeoutMs ?? 30_000;
  const app = fastify({
    logger: false,
    bodyLimit: JSON_LIMIT_BYTES,
    requestTimeout,
    keepAliveTimeout: 65_000,
    connectionTimeout: 0,
    http: { connectionsCheckingInterval: Math.min(1_000, requestTimeout) },
    return503OnClosing: true,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    clientErrorHandler: answerBroken,
    frameworkErrors: (error, _, reply) => void send(reply, frameworkProblem(error, core)),
  });
  // Node swaps the two where the head may take longer than the whole, and a slow body would be given the larger.
  app.server.headersTimeout = Math.min(10_000, requestTimeout);
  const gateway: Gateway = { core, ingest, directory: ingest.directory, limits: new Limits() };
  app.removeAllContentTypeParsers();
  // Every body stays bytes until its route reads it: only that knows which thread is to parse it.
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BATCH_LIMIT_BYTES }, (_, body, done) =>
    done(null, body),
  );
  app.decorateRequest('caller', null);
  limitBodies(app, options.bodyBudget ?? 64 * 1024 * 1024);
  authenticate(app, gateway);
  app.setErrorHandler<FastifyError>((error, _, reply) => send(reply, frameworkProblem(error, core)));
  app.setNotFoundHandler((_, reply) => send(reply, problemReply(NOT_FOUND)));
  app.get('/healthz', (_, reply) => send(reply, health(gateway)));
  const mounted = router === undefined ? [] : mountedRoutes(gateway, router);
  const dialects = [...openMeterRoutes(gateway), ...lagoRoutes(gateway)];
  addRoutes(app, [...usageRoutes(gateway), ...gateRoutes(gateway), ...dialects, ...mounted], core);
  await app.listen({ host, port });
  return { url: urlOf(app, host), close: () => closeGateway(app, ingest) };
}

const NOT_FOUND: Refusal = {
  code: 'NOT_FOUND',
  detail: 'Nothing is at this address.',
  fix: 'See docs/openapi.json for what is.',
};

/** Finds the caller before a body is read, so that nobody without a key makes us read one. */
function authenticate(app: FastifyInstance, { core, ingest }: Gateway): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { scopes } = request.routeOptions.config;
    if (scopes === undefined) return done();
    // Without a writer nothing is answered any more: said here, because a commit to it would wait for ever.
    if (ingest.isWriterGone()) return void send(reply, stopped('The writer has stopped.'));
    const admit = (caller: Caller): void => {
      requireScope(caller, scopes);
      request.caller = caller;
      done();
    };
    try {
      const caller = callerOf(core, request.headers);
      if (!(caller instanceof Promise)) return admit(caller);
      caller.then(admit).catch((error: unknown) => send(reply, failed(error, core)));
    } catch (error) {
      send(reply, failed(error, core));
    }
  });
}

/** Bounds the memory of bodies under way: beyond the budget a request is asked to come back. */
function limitBodies(app: FastifyInstance, budget: number): void {
  let underWay = 0;
  const busy: Refusal = {
    code: 'BUSY',
    detail: 'Too many large bodies are being read right now.',
    fix: 'Send the same request again in a second.',
  };
  app.addHook('onRequest', (request, reply, done) => {
    if (request.method === 'GET' || request.method === 'HEAD') return done();
    const claim = claimOf(request);
    if (underWay + claim > budget) return void send(reply, problemReply(busy));
    underWay += claim;
    reply.raw.once('close', () => {
      underWay -= claim;
    });
    done();
  });
}

/** What a body will take: what it says, or where it does not say, all that its route allows. */
function claimOf(request: FastifyRequest): number {
  const most = request.routeOptions.bodyLimit ?? JSON_LIMIT_BYTES;
  const stated = request.headers['content-length'];
  if (stated !== undefined) return Math.min(Number(stated), most);
  return request.headers['transfer-encoding'] === undefined ? 0 : most;
}

const stopped = (detail: string): Reply =>
  problemReply({ code: 'READ_ONLY', detail, fix: 'Look at the console; start it again when the cause is gone.' });

function health({ core, ingest }: Gateway): Reply {
  if (ingest.isWriterGone()) return stopped('The writer has stopped.');
  if (core.readOnly) return stopped('The books are open for reading only.');
  const { events, watermark } = core.book.head();
  return jsonReply({ status: 'ok', events: String(events), watermark: String(watermark) });
}

/** The problem for an error that fastify or a handler threw. */
function frameworkProblem(error: FastifyError | Error, core: Core): Reply {
  const { code, statusCode = 500 } = error as FastifyError;
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return problemReply(
        {
          code: 'BODY_TOO_LARGE',
          detail: 'The body is larger than this address takes.',
          fix: `Send at most ${JSON_LIMIT_BYTES} bytes, or ${BATCH_LIMIT_BYTES} bytes of events, in one request.`,
        },
        { headers: { connection: 'close' } },
      );
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return problemReply({
        code: 'MEDIA_TYPE_UNSUPPORTED',
        detail: 'The content type is not one.',
        fix: 'Send Content-Type: application/json.',
      });
    default:
      if (statusCode >= 400 && statusCode < 500)
        return problemReply(invalid('The request is malformed.'), { status: statusCode });
      return failed(error, core);
  }
}

/** Answers what is no HTTP, too large a head, or a request that took too long, and ends the connection. */
function answerBroken(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, reason] = BROKEN[error.code ?? ''] ?? [400, 'Bad Request'];
  const body = JSON.stringify(problemBody(invalid(`${reason}.`, 'Send a complete HTTP request in time.'), status));
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: ${PROBLEM_TYPE}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}
const BROKEN: Readonly<Record<string, [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
};

function urlOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

/** Lets requests under way end, for a while. */
async function closeGateway(app: FastifyInstance, ingest: IngestPort): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS);
  await app.close();
  clearTimeout(timer);
  await ingest.close();
}
