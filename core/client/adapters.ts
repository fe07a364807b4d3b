/**
 * The same billing for Express, Fastify and Hono. Their types are written out here, so none of them is a dependency.
 */
import { admit, type BilledCall, type BillingInfo, type BillingOptions } from './billing.ts';
import { HandlerTimeout, TollkeeperError, refusedFor, type Refused } from './errors.ts';
import { problemResponse, settled, within } from './fetch-style.ts';

/** What is used of Node's `ServerResponse`, which Express extends and Fastify has as `reply.raw`. */
export type NodeResponse = {
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableFinished: boolean;
  readonly errored?: Error | null;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
  once(event: 'finish' | 'close', listener: () => void): unknown;
};

/**
 * Express (or Connect) middleware. The handlers after it find `request.billing`. Charged when an answer below 400 has
 * been sent; released on 400 and above, on an error in the middle of it, and when `handlerTimeoutMs` passes without
 * one.
 */
export function expressBilling<Req extends object>(
  options: BillingOptions<Req>,
): (request: Req, response: NodeResponse, next: (error?: unknown) => void) => Promise<void> {
  return async (request, response, next) => {
    const send = ({ status, headers, body }: Refused) => {
      response.statusCode = status;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.end(JSON.stringify(body));
    };
    try {
      const call = await admit(options, request);
      Object.assign(request, { billing: call.info });
      settleOnEnd({ call, response, options, onTimeout: send });
    } catch (error) {
      if (error instanceof TollkeeperError) send(refusedFor(error));
      else next(error);
      return;
    }
    next();
  };
}

/** What is used of Fastify's reply. */
export type FastifyReply = {
  readonly raw: NodeResponse;
  code(status: number): unknown;
  headers(headers: Record<string, string>): unknown;
  send(body: string): unknown;
};

/**
 * A Fastify `preHandler` hook, with the rules of `expressBilling`: `app.get('/x', { preHandler: fastifyBilling(…) },
 * …)`.
 */
export function fastifyBilling<Req extends object>(
  options: BillingOptions<Req>,
): (request: Req, reply: FastifyReply) => Promise<unknown> {
  return async (request, reply) => {
    const send = ({ status, headers, body }: Refused) => {
      reply.code(status);
      reply.headers({ ...headers });
      reply.send(JSON.stringify(body));
    };
    try {
      const call = await admit(options, request);
      Object.assign(request, { billing: call.info });
      settleOnEnd({ call, response: reply.raw, options, onTimeout: send });
      return undefined;
    } catch (error) {
      if (!(error instanceof TollkeeperError)) throw error;
      send(refusedFor(error));
      // Fastify takes a hook that gives the reply as "answered": the handler does not run.
      return reply;
    }
  };
}

/** What is used of Hono's context. */
export type HonoContext = {
  readonly req: { readonly raw: Request };
  res: Response;
  readonly error?: Error | undefined;
  set(key: 'billing', value: BillingInfo): void;
};

/** Hono middleware, with the rules of `withBilling`. The handlers after it find `context.get('billing')`. */
export function honoBilling<Context extends HonoContext>(
  options: BillingOptions<Context>,
): (context: Context, next: () => Promise<void>) => Promise<Response | void> {
  const rules = { ...options, isSuccess: options.isSuccess ?? isBelow400 };
  return async (context, next) => {
    let call: BilledCall;
    try {
      call = await admit(options, context);
    } catch (error) {
      if (error instanceof TollkeeperError) return problemResponse(error);
      throw error;
    }
    try {
      context.set('billing', call.info);
      await within(options.handlerTimeoutMs, next);
      // Hono gives a thrown error to its own handler and goes on: it is seen here only.
      if (context.error === undefined) context.res = await settled(call, context.res, rules);
      else await call.release();
    } catch (error) {
      await call.release();
      if (error instanceof HandlerTimeout) return problemResponse(error);
      throw error;
    }
    return undefined;
  };
}

function isBelow400(status: number): boolean {
  return status < 400;
}

type Ending = Readonly<{
  call: BilledCall;
  response: NodeResponse;
  options: Pick<BillingOptions<never>, 'isSuccess' | 'onDisconnect' | 'handlerTimeoutMs'>;
  onTimeout(refused: Refused): void;
}>;

/** Settles a call by how Node ends its response. `close` comes after `finish`, or alone when the caller went away. */
function settleOnEnd({ call, response, options, onTimeout }: Ending): void {
  const { handlerTimeoutMs, onDisconnect, isSuccess = isBelow400 } = options;
  const timer =
    handlerTimeoutMs === undefined
      ? undefined
      : setTimeout(() => {
          if (response.headersSent) return;
          void call.release();
          onTimeout(refusedFor(new HandlerTimeout(handlerTimeoutMs)));
        }, handlerTimeoutMs);
  const end = (wasSent: boolean) => {
    clearTimeout(timer);
    const isCharged =
      isSuccess(response.statusCode) && (wasSent || (response.headersSent && onDisconnect !== 'release'));
    const hasFailed = response.errored !== undefined && response.errored !== null;
    void (isCharged && !hasFailed ? call.deduct() : call.release());
  };
  response.once('finish', () => end(true));
  response.once('close', () => end(response.writableFinished));
}
