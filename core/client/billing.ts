/**
 * One billed call, whatever framework carries it: money is held before the work, captured after it succeeded, and given
 * back when it failed, threw or took too long. Not for frameworks: `fetch-style.ts` and `adapters.ts` know those.
 */
import { quantityText, type Client, type Hold } from './client.ts';
import { CallerUnknown, isOutage } from './errors.ts';

/**
 * What happens while the gateway cannot be reached: refuse, or let through up to this many calls that are not booked
 * yet.
 */
export type OutagePolicy = 'deny' | Readonly<{ allow: number }>;

export type BillingOptions<Req> = Readonly<{
  client: Client;
  /** The customer (team) a request is billed to, or null where it has none: it is refused with 401. */
  customerOf(request: Req): string | null | Promise<string | null>;
  /** The meter that counts; `api.requests` unless said. */
  meter?: string;
  /** Goes with the usage as the dimension `endpoint`. */
  endpoint?: string;
  /** How many requests one call counts as; a batch endpoint says its size. 1 unless said. */
  requestCount?: number | ((request: Req) => number | Promise<number>);
  /** How long money may be held for one call: 60 s unless said. Work that ends later is still charged. */
  ttlMs?: number;
  /** After this the caller gets a 504 and the hold is released. No limit unless said. */
  handlerTimeoutMs?: number;
  /** `deny` unless said. */
  outage?: OutagePolicy;
  /** A caller that goes away in the middle of an answer is charged unless this says `release`: the work was done. */
  onDisconnect?: 'capture' | 'release';
  /** Which statuses are charged: 2xx in fetch-style handlers, and below 400 elsewhere, unless said. */
  isSuccess?(status: number): boolean;
}>;

/**
 * What the handler is told. `cost` is what is held, in minor units of `asset`; it is 0 for a call let through blind.
 */
export type BillingInfo = Readonly<{
  teamId: string;
  cost: bigint;
  asset: string;
  isBlind: boolean;
  /**
   * Charges another quantity than was held for, such as the tokens that were really used. A decimal as text, or an
   * integer.
   */
  setQuantity(quantity: string | number | bigint): void;
}>;

/** A call that was let through. It is settled once: whichever of the two is called first decides. Neither throws. */
export type BilledCall = Readonly<{
  info: BillingInfo;
  /** Charges it; gives what was charged in minor units, or null where that is booked later. */
  deduct(): Promise<bigint | null>;
  /** Gives the money back. */
  release(): Promise<void>;
}>;

/**
 * Holds money for a request and gives the call to settle. Throws the `TollkeeperError` that says why it may not pass.
 */
export async function admit<Req>(options: BillingOptions<Req>, request: Req): Promise<BilledCall> {
  const customer = await options.customerOf(request);
  if (customer === null || customer === '') throw new CallerUnknown();
  const quantity = quantityText(await countOf(options, request));
  const meter = options.meter ?? 'api.requests';
  const work: Work = { client: options.client, customer, meter, quantity, ...endpointOf(options) };
  try {
    const hold = await options.client.hold({ customer, meter, quantity, ttlMs: options.ttlMs ?? 60_000 });
    if (options.client.backlog.pending().length > 0) void options.client.backlog.flush();
    return heldCall(work, hold);
  } catch (error) {
    const { outage = 'deny' } = options;
    if (!isOutage(error) || outage === 'deny') throw error;
    if (!options.client.backlog.takePlace(outage.allow)) throw error;
    return blindCall(work);
  }
}

type Work = Readonly<{
  client: Client;
  customer: string;
  meter: string;
  quantity: string;
  dimensions?: Readonly<Record<string, string>>;
}>;

function endpointOf(options: Readonly<{ endpoint?: string }>): { dimensions?: Readonly<Record<string, string>> } {
  return options.endpoint === undefined ? {} : { dimensions: { endpoint: options.endpoint } };
}

async function countOf<Req>(options: BillingOptions<Req>, request: Req): Promise<number> {
  const { requestCount = 1 } = options;
  return typeof requestCount === 'function' ? requestCount(request) : requestCount;
}

function heldCall(work: Work, hold: Hold): BilledCall {
  const { client, dimensions = {} } = work;
  return settledOnce(
    work,
    { cost: hold.amountMinor, asset: hold.asset, isBlind: false },
    {
      async deduct(quantity) {
        // The instant goes along so that a second try, minutes later, says the same thing and books the same month.
        const captured = { quantity, dimensions, occurredAtMs: Date.now() };
        try {
          return (await client.capture(hold.id, captured)).chargedMinor;
        } catch {
          // The work is done, so it must be booked: an outage is waited out, a refusal is told by the backlog.
          client.backlog.add({ kind: 'capture', id: hold.id, holdId: hold.id, captured });
          return null;
        }
      },
      async release() {
        try {
          await client.release(hold.id);
        } catch {
          // A hold that cannot be released now expires by itself.
        }
      },
    },
  );
}

function blindCall(work: Work): BilledCall {
  const { client, customer, meter, dimensions = {} } = work;
  return settledOnce(
    work,
    { cost: 0n, asset: '', isBlind: true },
    {
      async deduct(quantity) {
        const id = crypto.randomUUID();
        const event = { source: 'blind', id, customer, meter, quantity, occurredAt: Date.now(), dimensions };
        client.backlog.add({ kind: 'blind', id, event });
        return null;
      },
      async release() {
        client.backlog.freePlace();
      },
    },
  );
}

type Ends = Readonly<{ deduct(quantity: string): Promise<bigint | null>; release(): Promise<void> }>;

function settledOnce(work: Work, told: Pick<BillingInfo, 'cost' | 'asset' | 'isBlind'>, ends: Ends): BilledCall {
  let quantity = work.quantity;
  let isSettled = false;
  const settle = async <T>(end: () => Promise<T>, otherwise: T): Promise<T> => {
    if (isSettled) return otherwise;
    isSettled = true;
    return end();
  };
  const setQuantity = (used: string | number | bigint) => {
    quantity = quantityText(used);
  };
  return {
    info: { teamId: work.customer, ...told, setQuantity },
    deduct: () => settle(() => ends.deduct(quantity), null),
    release: () => settle(ends.release, undefined),
  };
}
