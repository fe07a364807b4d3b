/**
 * What can go wrong when the gateway is asked, as classes a caller can tell apart. Not for the handler's own errors.
 */
import type { Problem } from './wire.ts';

/** Any failure: `status` is the HTTP status (0 where there was no answer), `code` the gateway's code. */
export class TollkeeperError extends Error {
  readonly status: number;
  readonly code: string;
  readonly problem: Problem;
  constructor(status: number, problem: Problem) {
    super([problem.detail ?? problem.title ?? `HTTP ${status}`, problem.fix].filter(Boolean).join(' '));
    this.name = new.target.name;
    this.status = status;
    this.code = problem.code ?? 'INTERNAL';
    this.problem = problem;
  }
}

/** The balance does not cover the work. `balance` and `required` are minor units of `asset`. */
export class PaymentRequired extends TollkeeperError {
  readonly balance: bigint;
  readonly required: bigint;
  readonly asset: string;
  constructor(status: number, problem: Problem) {
    super(status, problem);
    this.balance = readAmount(problem['balance']);
    this.required = readAmount(problem['required']);
    this.asset = typeof problem['asset'] === 'string' ? problem['asset'] : '';
  }
}

/**
 * Too many requests for the tier; ask again after `retryAfterMs`. `limits` are the headers that came with the answer.
 */
export class RateLimited extends TollkeeperError {
  readonly retryAfterMs: number;
  readonly limits: Readonly<Record<string, string>>;
  constructor(status: number, problem: Problem, retryAfterMs: number, limits: Readonly<Record<string, string>>) {
    super(status, problem);
    this.retryAfterMs = retryAfterMs;
    this.limits = limits;
  }
}

/** The key is missing, wrong, or may not do this (401, 403). */
export class Unauthorized extends TollkeeperError {}
/** There is no such customer, meter or hold (404). */
export class NotFound extends TollkeeperError {}
/** Something else holds this id, key or state (409). */
export class Conflict extends TollkeeperError {}
/** The request is not one the gateway takes (other 4xx). */
export class InvalidRequest extends TollkeeperError {}
/** The gateway answered that it cannot serve now (5xx), on every try. */
export class Unavailable extends TollkeeperError {}
/** No answer came in time: the gateway may or may not have acted. Asking again with `key` is safe. */
export class OutcomeUnknown extends TollkeeperError {
  readonly key: string | null;
  constructor(problem: Problem, key: string | null) {
    super(0, problem);
    this.key = key;
  }
}

/**
 * Says whether a failure is of the way to the gateway, not an answer about the customer: the outage policy decides
 * then.
 */
export function isOutage(error: unknown): error is Unavailable | OutcomeUnknown {
  return error instanceof Unavailable || error instanceof OutcomeUnknown;
}

/** The error that an answer of 400 or more stands for. */
export function errorFor(status: number, headers: Headers, problem: Problem): TollkeeperError {
  if (status === 402) return new PaymentRequired(status, problem);
  if (status === 429) return new RateLimited(status, problem, waitOf(headers) ?? 1_000, limitsOf(headers));
  if (status === 401 || status === 403) return new Unauthorized(status, problem);
  if (status === 404) return new NotFound(status, problem);
  if (status === 409) return new Conflict(status, problem);
  return status >= 500 ? new Unavailable(status, problem) : new InvalidRequest(status, problem);
}

/**
 * When to ask again: `Retry-After` in seconds or as a date, else the reset of `RateLimit`; null where neither is said.
 */
export function waitOf(headers: Headers, nowMs: number = Date.now()): number | null {
  const after = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,7}$/.test(after)) return Number(after) * 1_000;
  const date = after === '' ? Number.NaN : Date.parse(after);
  if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  const reset = /;\s*t=(\d{1,7})/.exec(headers.get('ratelimit') ?? '');
  return reset === null ? null : Number(reset[1]) * 1_000;
}

const LIMIT_HEADERS = ['ratelimit', 'ratelimit-policy', 'retry-after'] as const;

function limitsOf(headers: Headers): Readonly<Record<string, string>> {
  const present = LIMIT_HEADERS.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(present);
}

function readAmount(value: unknown): bigint {
  return typeof value === 'string' && /^-?\d{1,40}$/.test(value) ? BigInt(value) : 0n;
}

/** What a handler's caller is told when a call is not let through: status, headers and problem details to send. */
export type Refused = Readonly<{ status: number; headers: Readonly<Record<string, string>>; body: Problem }>;

/**
 * The answer for the caller of a billed endpoint. Balance, rate limit and "come back later" are theirs to know; that
 * our own key, customer or meter is wrong is not their doing, so they get a plain 500 or, for an outage, 503.
 */
export function refusedFor(error: unknown): Refused {
  const problem = error instanceof TollkeeperError ? error.problem : {};
  const isTheirs = error instanceof PaymentRequired || error instanceof RateLimited || error instanceof CallerUnknown;
  if (isTheirs) {
    const limits = error instanceof RateLimited ? error.limits : {};
    return answer(error.status, { ...problem, status: error.status }, limits);
  }
  if (isOutage(error) || error instanceof HandlerTimeout) {
    const status = error instanceof HandlerTimeout ? 504 : 503;
    const title = status === 504 ? 'The work took too long and was not charged' : 'Billing cannot be reached right now';
    const code = status === 504 ? 'TIMEOUT' : 'BUSY';
    return answer(
      status,
      { type: 'about:blank', title, status, code, fix: 'Try again later.' },
      { 'retry-after': '5' },
    );
  }
  return answer(500, { type: 'about:blank', title: 'The call could not be billed', status: 500, code: 'INTERNAL' }, {});
}

function answer(status: number, body: Problem, headers: Readonly<Record<string, string>>): Refused {
  return {
    status,
    body,
    headers: { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  };
}

/** The request names no customer, so it is not let through (401). */
export class CallerUnknown extends TollkeeperError {
  constructor() {
    const fix = 'Send a valid key.';
    super(401, { type: 'about:blank', title: 'No customer is known for this request', code: 'UNAUTHENTICATED', fix });
  }
}

/** The handler did not answer within its time; its hold is released. */
export class HandlerTimeout extends TollkeeperError {
  constructor(timeoutMs: number) {
    super(504, { type: 'about:blank', title: `The handler took more than ${timeoutMs} ms`, code: 'TIMEOUT' });
  }
}
