/** The typed client of the gateway: check, hold, capture, release and usage. Runs wherever there is `fetch`. */
import { createBacklog, type Backlog } from './backlog.ts';
import { InvalidRequest } from './errors.ts';
import { ask, type Retry } from './transport.ts';
import type { HoldState, Quantity, WireCheck, WireEvent, WireHold, WireUsage } from './wire.ts';

export type ClientOptions = Readonly<{
  /** Where the gateway is, as `https://billing.example.com`. */
  baseUrl: string;
  /** An API key of the workspace, `tk_…`. */
  apiKey: string;
  fetch?: typeof fetch;
  /** For one call, tries and waits included; 10 s unless said. */
  timeoutMs?: number;
  /** 3 attempts, 100 ms doubling to 2 s, unless said. */
  retry?: Partial<Retry>;
}>;

/** Money set aside. Amounts are minor units of `asset`; those of a capture are null until then. */
export type Hold = Readonly<{
  id: string;
  state: HoldState;
  customer: string;
  meter: string;
  quantity: string;
  amountMinor: bigint;
  asset: string;
  expiresAtMs: number;
  chargedMinor: bigint | null;
  overshootMinor: bigint | null;
  late: boolean;
}>;

export type Check = Readonly<{ allowed: boolean; balance: bigint; required: bigint; asset: string }>;

export type Wanted = Readonly<{ customer: string; meter: string; quantity: Quantity }>;
/** `key` makes the hold the same one when the caller itself asks again; a random one unless given. */
export type HoldWanted = Wanted & Readonly<{ ttlMs?: number; key?: string }>;
export type Captured = Readonly<{
  quantity?: Quantity;
  dimensions?: Readonly<Record<string, string>>;
  occurredAtMs?: number;
}>;
export type UsageEvent = Omit<WireEvent, 'quantity'> & Readonly<{ quantity: Quantity }>;

/** Every method throws a `TollkeeperError` where the gateway says no or says nothing. */
export type Client = Readonly<{
  /** Would this much pass now? Reserves nothing. */
  check(wanted: Wanted): Promise<Check>;
  /** Sets money aside, or throws `PaymentRequired` or `RateLimited`. */
  hold(wanted: HoldWanted): Promise<Hold>;
  /** Charges what the work came to, which may be less or more than was held. */
  capture(holdId: string, captured?: Captured): Promise<Hold>;
  /** Gives a hold back. */
  release(holdId: string): Promise<Hold>;
  /** Records at most 1,000 events, each with its own result in the order given. */
  recordUsage(events: readonly UsageEvent[]): Promise<WireUsage>;
  /** What was let through or done while the gateway could not be reached, until it is booked. */
  backlog: Backlog;
}>;

const RETRY: Retry = { attempts: 3, baseMs: 100, maxMs: 2_000 };

export function createClient(options: ClientOptions): Client {
  const transport = {
    baseUrl: options.baseUrl.replace(/\/+$/, ''),
    apiKey: options.apiKey,
    // Bound here: the fetch of browsers and workers refuses to be called as a method of another object.
    fetch: options.fetch ?? ((...request: Parameters<typeof fetch>) => fetch(...request)),
    timeoutMs: options.timeoutMs ?? 10_000,
    retry: { ...RETRY, ...options.retry },
  };
  const post = (path: string, body: unknown, key: string | null = null) => ask(transport, { path, body, key });
  const holdPath = (holdId: string, action: string) => `/v1/holds/${encodeURIComponent(holdId)}/${action}`;

  const capture = async (holdId: string, captured: Captured = {}): Promise<Hold> => {
    const { quantity, ...rest } = captured;
    const body = quantity === undefined ? rest : { ...rest, quantity: quantityText(quantity) };
    return readHold(await post(holdPath(holdId, 'capture'), body));
  };
  const recordUsage = async (events: readonly UsageEvent[]): Promise<WireUsage> => {
    const texts = events.map((event): WireEvent => ({ ...event, quantity: quantityText(event.quantity) }));
    return (await post('/v1/usage', { events: texts })) as WireUsage;
  };
  return {
    async check(wanted) {
      const answer = (await post('/v1/gate/check', written(wanted))) as WireCheck;
      const { allowed, asset } = answer;
      return { allowed, asset, balance: BigInt(answer.balance), required: BigInt(answer.required) };
    },
    async hold({ key, ...wanted }) {
      return readHold(await post('/v1/holds', written(wanted), key ?? crypto.randomUUID()));
    },
    capture,
    async release(holdId) {
      return readHold(await post(holdPath(holdId, 'release'), {}));
    },
    recordUsage,
    backlog: createBacklog({ capture, recordUsage }),
  };
}

function written<W extends Wanted>(wanted: W): W & { quantity: string } {
  return { ...wanted, quantity: quantityText(wanted.quantity) };
}

/** The text of a quantity. A number that is not a safe integer may already have lost digits, so it is refused. */
export function quantityText(quantity: Quantity): string {
  if (typeof quantity !== 'number') return String(quantity);
  if (Number.isSafeInteger(quantity)) return String(quantity);
  throw new InvalidRequest(0, {
    code: 'QUANTITY_INVALID',
    detail: `${quantity} is not a safe integer.`,
    fix: 'Give quantities with decimals as text, such as "1.5".',
  });
}

function readHold(value: unknown): Hold {
  const hold = value as WireHold;
  const amount = (text: string | null | undefined) => (text === null || text === undefined ? null : BigInt(text));
  return {
    id: hold.id,
    state: hold.state,
    customer: hold.customer ?? '',
    meter: hold.meter ?? '',
    quantity: hold.quantity ?? '',
    amountMinor: amount(hold.amountMinor) ?? 0n,
    asset: hold.asset ?? '',
    expiresAtMs: hold.expiresAtMs ?? 0,
    chargedMinor: amount(hold.chargedMinor),
    overshootMinor: amount(hold.overshootMinor),
    late: hold.late ?? false,
  };
}
