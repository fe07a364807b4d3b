/** An in-memory gateway behind `fetch`, for tests only: balances, holds, keys, and whatever failure a test asks for. */
import type { WireEvent } from '#core/client/wire.ts';

export type Seen = Readonly<{ path: string; key: string | null; authorization: string | null; body: string }>;
type Row = { id: string; state: string; customer: string; meter: string; quantity: string; amount: bigint };
/** `lost`: it acts, and its answer is lost. `down`: no connection. `hang`: it never answers. A number: that status. */
export type Fault = 'lost' | 'down' | 'hang' | number;

export class GatewayDouble {
  readonly seen: Seen[] = [];
  readonly holds = new Map<string, Row>();
  readonly events = new Map<string, WireEvent>();
  /** Taken one a request, before it is answered; `outage` is for every request until it is lifted. */
  readonly faults: Fault[] = [];
  outage: Fault | null = null;
  balance = 1_000n;
  readonly #keys = new Map<string, string>();

  readonly fetch: typeof fetch = async (input, init) => {
    const path = new URL(input as string).pathname;
    const headers = new Headers(init?.headers);
    const key = headers.get('idempotency-key');
    this.seen.push({ path, key, authorization: headers.get('authorization'), body: String(init?.body) });
    const fault = this.outage ?? this.faults.shift();
    if (fault === 'down') throw new TypeError('fetch failed');
    if (fault === 'hang') return new Promise<Response>(() => {});
    if (typeof fault === 'number') return problem(fault, { code: fault === 429 ? 'RATE_LIMITED' : 'BUSY' });
    const response = this.#answer(path, key, JSON.parse(String(init?.body)) as Record<string, unknown>);
    if (fault === 'lost') throw new TypeError('socket closed');
    return response;
  };

  /** The states of all holds, oldest first. */
  states(): string[] {
    return [...this.holds.values()].map((hold) => hold.state);
  }

  #answer(path: string, key: string | null, body: Record<string, unknown>): Response {
    if (path === '/v1/gate/check') {
      return Response.json({
        allowed: this.balance > 0n,
        balance: String(this.balance),
        required: '10',
        asset: 'USDC/6',
      });
    }
    if (path === '/v1/usage') return this.#record(body['events'] as WireEvent[]);
    if (path === '/v1/holds') return this.#open(key, body as Record<string, string>);
    const [, id = '', action] = /^\/v1\/holds\/([^/]+)\/(capture|release)$/.exec(path) ?? [];
    const hold = this.holds.get(id);
    if (hold === undefined) return problem(404, { code: 'HOLD_UNKNOWN' });
    if (action === 'capture' && hold.state === 'open') {
      hold.state = 'captured';
      hold.quantity = typeof body['quantity'] === 'string' ? body['quantity'] : hold.quantity;
    }
    if (action === 'release' && hold.state === 'open') {
      hold.state = 'released';
      this.balance += hold.amount;
    }
    const charged = hold.state === 'captured' ? { chargedMinor: String(hold.amount), overshootMinor: '0' } : {};
    return Response.json({ id, state: hold.state, ...charged });
  }

  #open(key: string | null, body: Record<string, string>): Response {
    const known = this.#keys.get(key ?? '');
    const amount = BigInt(body['quantity'] ?? '1') * 10n;
    if (known === undefined && amount > this.balance) {
      const values = { balance: String(this.balance), required: String(amount), asset: 'USDC/6' };
      return problem(402, { code: 'PAYMENT_REQUIRED', fix: 'Top up.', ...values });
    }
    const id = known ?? `hld_${String(this.holds.size + 1).padStart(8, '0')}`;
    if (known === undefined) {
      this.balance -= amount;
      const { customer = '', meter = '', quantity = '' } = body;
      this.holds.set(id, { id, state: 'open', customer, meter, quantity, amount });
      this.#keys.set(key ?? '', id);
    }
    const { customer, meter, quantity } = body;
    const amountMinor = String(amount);
    return Response.json(
      { id, state: 'open', customer, meter, quantity, amountMinor, asset: 'USDC/6', expiresAtMs: 5 },
      { status: 201 },
    );
  }

  #record(events: readonly WireEvent[]): Response {
    const results = events.map((event, index) => {
      const key = `${event.source}/${event.id}`;
      if (event.customer === 'unknown') return { index, status: 'refused', code: 'CUSTOMER_UNKNOWN' };
      const status = this.events.has(key) ? 'duplicate' : 'accepted';
      this.events.set(key, event);
      return { index, status };
    });
    const count = (status: string) => results.filter((result) => result.status === status).length;
    const [accepted, duplicates, refused] = ['accepted', 'duplicate', 'refused'].map(count);
    return Response.json({ accepted, duplicates, refused, results }, { status: refused === 0 ? 200 : 207 });
  }
}

function problem(status: number, values: Record<string, unknown>): Response {
  const headers = {
    'content-type': 'application/problem+json',
    ...(status === 429
      ? { 'retry-after': '7', ratelimit: '"startup";r=0;t=7', 'ratelimit-policy': '"startup";q=10;w=60' }
      : {}),
  };
  return new Response(JSON.stringify({ type: 'about:blank', title: 'No', status, ...values }), { status, headers });
}
