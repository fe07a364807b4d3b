/**
 * Requests a customer may make by its plan: a fixed window of one UTC minute, and one of the UTC day. Counted in
 * memory, per customer: a restart begins new windows. What counts is one gate check, one hold opened, and one usage
 * request of a key bound to a customer; captures and releases never do, because work that has begun is not refused.
 */
import type { Refusal } from '#core/domain/refusal.ts';
import type { PlanRecord } from '#core/ledger/catalog.ts';

type Limit = Readonly<{ name: string; quota: number; windowMs: number }>;
type Count = { windowMs: number; startMs: number; used: number };

/** The answer's headers, and a refusal where a limit is reached. */
export type Taken = Readonly<{ headers: Readonly<Record<string, string>>; refusal: Refusal | null }>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MOST_KEPT = 100_000;
const UNLIMITED: Taken = { headers: {}, refusal: null };

export class Limits {
  readonly #counts = new Map<string, Count>();

  /** Takes one request of a customer on a plan. A refused one is not counted, so asking again costs nothing. */
  take(customer: string, plan: PlanRecord | undefined, nowMs: number): Taken {
    const limits = limitsOf(plan);
    if (limits.length === 0) return UNLIMITED;
    const states = limits.map((limit) => ({ limit, count: this.#count(customer, limit, nowMs) }));
    const full = states.findLast(({ limit, count }) => count.used >= limit.quota);
    if (!full) for (const { count } of states) count.used += 1;
    const headers: Record<string, string> = {
      'ratelimit-policy': limits
        .map(({ name, quota, windowMs }) => `"${name}";q=${quota};w=${windowMs / 1000}`)
        .join(', '),
      ratelimit: states
        .map(({ limit, count }) => `"${limit.name}";r=${limit.quota - count.used};t=${secondsLeft(count, nowMs)}`)
        .join(', '),
    };
    if (!full) return { headers, refusal: null };
    const waitSeconds = secondsLeft(full.count, nowMs);
    headers['retry-after'] = String(waitSeconds);
    return { headers, refusal: tooMany(full.limit, waitSeconds) };
  }

  #count(customer: string, { name, windowMs }: Limit, nowMs: number): Count {
    const key = `${name} ${customer}`;
    const startMs = Math.floor(nowMs / windowMs) * windowMs;
    const known = this.#counts.get(key);
    if (known?.startMs === startMs) return known;
    if (this.#counts.size >= MOST_KEPT) this.#forgetEnded(nowMs);
    const count = { windowMs, startMs, used: 0 };
    this.#counts.set(key, count);
    return count;
  }

  #forgetEnded(nowMs: number): void {
    for (const [key, { startMs, windowMs }] of this.#counts) if (startMs + windowMs <= nowMs) this.#counts.delete(key);
  }
}

function limitsOf(plan: PlanRecord | undefined): Limit[] {
  if (!plan) return [];
  const { rateLimitPerMinute, dailyLimit } = plan;
  return [
    ...(rateLimitPerMinute === null ? [] : [{ name: 'minute', quota: rateLimitPerMinute, windowMs: MINUTE_MS }]),
    ...(dailyLimit === null ? [] : [{ name: 'day', quota: dailyLimit, windowMs: DAY_MS }]),
  ];
}

const secondsLeft = ({ startMs, windowMs }: Count, nowMs: number): number =>
  Math.max(1, Math.ceil((startMs + windowMs - nowMs) / 1000));

function tooMany(limit: Limit, waitSeconds: number): Refusal {
  return {
    code: 'RATE_LIMITED',
    detail: `The plan allows ${limit.quota} requests a ${limit.name}.`,
    fix: `Ask again in ${waitSeconds} s with the same key; nothing was held or charged.`,
    values: { limit: limit.quota, window: limit.name, retryAfterSeconds: waitSeconds },
  };
}
