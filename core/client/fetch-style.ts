/**
 * Billing for handlers that take a `Request` and give a `Response`: workers, Next.js route handlers, plain fetch
 * servers.
 */
import { admit, type BilledCall, type BillingInfo, type BillingOptions } from './billing.ts';
import { CallerUnknown, HandlerTimeout, TollkeeperError, refusedFor } from './errors.ts';

/** The answer for a call that was not let through: 401, 402 or 429 as problem details, 503 for an outage. */
export function problemResponse(error: unknown): Response {
  const { status, headers, body } = refusedFor(error);
  return new Response(JSON.stringify(body), { status, headers });
}

/**
 * Bills each call of a handler: holds before, captures when a successful answer's body has ended, releases otherwise.
 * The handler's second argument is the framework's own with the billing beside it. A Next.js route context keeps its
 * `params`, promise or not, as it came; a server that gives none gets `{ teamId, cost, … }` alone.
 */
export function withBilling<Req extends Request, Context extends object = object, Rest extends unknown[] = []>(
  handler: (request: Req, context: Context & BillingInfo, ...rest: Rest) => Response | Promise<Response>,
  options: BillingOptions<Req>,
): (request: Req, context?: Context, ...rest: Rest) => Promise<Response> {
  return async (request, context, ...rest) => {
    let call: BilledCall;
    try {
      call = await admit(options, request);
    } catch (error) {
      return failed(error);
    }
    try {
      const told = { ...context, ...call.info } as Context & BillingInfo;
      const response = await within(options.handlerTimeoutMs, async () => handler(request, told, ...rest));
      return await settled(call, response, options);
    } catch (error) {
      await call.release();
      if (error instanceof HandlerTimeout) return problemResponse(error);
      throw error;
    }
  };
}

/** What `apiBillingMiddleware` answers. With `allowed`, the caller must end it with `deduct` or `release`. */
export type ApiBilling = Readonly<{
  allowed: boolean;
  /** Minor units that are held; 0 where it was not let through. */
  cost: bigint;
  teamId: string | null;
  error?: TollkeeperError;
  deduct(): Promise<bigint | null>;
  release(): Promise<void>;
}>;

/** `apiBillingMiddleware(request, endpoint, requestCount)` over a client, for handlers that settle by themselves. */
export function createApiBilling<Req>(
  options: Omit<BillingOptions<Req>, 'endpoint' | 'requestCount'>,
): (request: Req, endpoint: string, requestCount?: number) => Promise<ApiBilling> {
  return async (request, endpoint, requestCount = 1) => {
    try {
      const { info, deduct, release } = await admit({ ...options, endpoint, requestCount }, request);
      return { allowed: true, cost: info.cost, teamId: info.teamId, deduct, release };
    } catch (error) {
      if (!(error instanceof TollkeeperError)) throw error;
      return { allowed: false, cost: 0n, teamId: null, error, deduct: async () => null, release: async () => {} };
    }
  };
}

/** An answer for a failure of ours; what `customerOf` throws is the application's own and goes on. */
function failed(error: unknown): Response {
  if (error instanceof TollkeeperError || error instanceof CallerUnknown) return problemResponse(error);
  throw error;
}

/** Runs the work, or throws `HandlerTimeout` when it takes longer; an answer that comes after that is dropped. */
export async function within<T>(timeoutMs: number | undefined, work: () => Promise<T>): Promise<T> {
  if (timeoutMs === undefined) return work();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HandlerTimeout(timeoutMs)), timeoutMs);
  });
  const running = work();
  try {
    return await Promise.race([running, timeUp]);
  } catch (error) {
    if (error instanceof HandlerTimeout) void running.then(drop, () => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function drop(late: unknown): void {
  if (late instanceof Response && late.body !== null && !late.body.locked) void late.body.cancel().catch(() => {});
}

type Settling = Pick<BillingOptions<never>, 'isSuccess' | 'onDisconnect'>;

/**
 * The response, with the call settled by it: released at once on failure, else captured when the body has ended, and
 * before its reader is told so, because some hosts stop running the moment an answer is complete.
 */
export async function settled(call: BilledCall, response: Response, options: Settling): Promise<Response> {
  if (!(options.isSuccess?.(response.status) ?? response.ok)) {
    await call.release();
    return response;
  }
  if (response.body === null || response.body.locked) {
    await call.deduct();
    return response;
  }
  const { status, statusText, headers } = response;
  return new Response(settledBody(call, response.body, options), { status, statusText, headers });
}

/** Two chunks are read ahead: a body that is complete from the start is captured even if nobody ever reads it. */
const READ_AHEAD = 2;

function settledBody(
  call: BilledCall,
  body: ReadableStream<Uint8Array>,
  options: Settling,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (!done) return controller.enqueue(value);
        } catch (error) {
          await call.release();
          return controller.error(error);
        }
        await call.deduct();
        controller.close();
      },
      async cancel(reason) {
        await (options.onDisconnect === 'release' ? call.release() : call.deduct());
        await reader.cancel(reason);
      },
    },
    { highWaterMark: READ_AHEAD },
  );
}
