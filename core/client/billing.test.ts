import { EventEmitter } from 'node:events';
import Fastify from 'fastify';
import { describe, expect, test, vi } from 'vitest';
import { expressBilling, fastifyBilling, honoBilling, type HonoContext } from './adapters.ts';
import type { BillingInfo, BillingOptions } from './billing.ts';
import { createClient } from './client.ts';
import { PaymentRequired } from './errors.ts';
import { createApiBilling, withBilling } from './fetch-style.ts';
import { GatewayDouble } from '../../test/support/gateway-double.ts';

function world<Req = Request>(change: Partial<BillingOptions<Req>> = {}) {
  const gateway = new GatewayDouble();
  const retry = { attempts: 2, baseMs: 1, maxMs: 1 };
  const client = createClient({
    baseUrl: 'http://gateway.test',
    apiKey: 'tk_1',
    fetch: gateway.fetch,
    timeoutMs: 200,
    retry,
  });
  const options: BillingOptions<Req> = { client, customerOf: () => 'acme', endpoint: '/v1/verify', ...change };
  return { gateway, client, options };
}
const request = () => new Request('http://app.test/');
const text = () => new Response('done');

describe('a fetch-style handler', () => {
  test('runs with its team and cost, and is charged once it succeeded', async () => {
    const { gateway, options } = world();
    const handler = vi.fn(async (_: Request, billing: BillingInfo) => {
      expect(gateway.states()).toEqual(['open']);
      return new Response(`${billing.teamId} ${billing.cost}`, { status: 201, headers: { 'x-own': '1' } });
    });
    const response = await withBilling(handler, options)(request());
    expect([response.status, response.headers.get('x-own'), await response.text()]).toEqual([201, '1', 'acme 10']);
    expect(gateway.states()).toEqual(['captured']);
    expect(JSON.parse(gateway.seen[1]?.body ?? '')).toMatchObject({
      quantity: '1',
      dimensions: { endpoint: '/v1/verify' },
    });
  });

  test('is charged though nobody reads its answer', async () => {
    const { gateway, options } = world();
    await withBilling(text, options)(request());
    await vi.waitFor(() => expect(gateway.states()).toEqual(['captured']));
  });

  test.each([[400], [404], [500], [302]])('that answers %i is not charged', async (status) => {
    const { gateway, options } = world();
    await withBilling(() => new Response('no', { status }), options)(request());
    expect(gateway.states()).toEqual(['released']);
    expect(gateway.balance).toBe(1_000n);
  });

  test('that answers 204 is charged', async () => {
    const { gateway, options } = world();
    await withBilling(() => new Response(null, { status: 204 }), options)(request());
    expect(gateway.states()).toEqual(['captured']);
  });

  test('that throws is not charged, and its error goes on', async () => {
    const { gateway, options } = world();
    const failing = withBilling(() => Promise.reject(new Error('mine')), options);
    await expect(failing(request())).rejects.toThrow('mine');
    expect(gateway.states()).toEqual(['released']);
  });

  test('that takes too long is not charged and answers 504', async () => {
    const { gateway, options } = world({ handlerTimeoutMs: 10 });
    const response = await withBilling(() => new Promise<Response>(() => {}), options)(request());
    expect(response.status).toBe(504);
    expect(gateway.states()).toEqual(['released']);
  });

  test('keeps its Next.js route context as it came, beside the billing', async () => {
    const { options } = world();
    const params = Promise.resolve({ address: 'a1' });
    const route = withBilling<Request, { params: Promise<{ address: string }> }>(async (_, context) => {
      expect(context.params).toBe(params);
      expect(context.teamId).toBe('acme');
      return Response.json({ address: (await context.params).address, cost: String(context.cost) });
    }, options);
    expect(await (await route(request(), { params })).json()).toEqual({ address: 'a1', cost: '10' });
  });

  test('counts a batch as its size, and may charge what was really used', async () => {
    const { gateway, options } = world({ requestCount: async () => 50 });
    const response = await withBilling((_, billing) => {
      billing.setQuantity('12.5');
      return text();
    }, options)(request());
    await response.text();
    expect(gateway.balance).toBe(500n);
    expect([...gateway.holds.values()][0]?.quantity).toBe('12.5');
  });

  test('is not run for a caller who cannot pay, is limited, or is unknown', async () => {
    const handler = vi.fn(text);
    const poor = world({ requestCount: 101 });
    const refused = await withBilling(handler, poor.options)(request());
    expect(refused.status).toBe(402);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({ code: 'PAYMENT_REQUIRED', balance: '1000', required: '1010' });
    const limited = world();
    limited.gateway.faults.push(429);
    const later = await withBilling(handler, limited.options)(request());
    expect([later.status, later.headers.get('retry-after'), later.headers.get('ratelimit')]).toEqual([
      429,
      '7',
      '"startup";r=0;t=7',
    ]);
    expect((await withBilling(handler, world({ customerOf: () => null }).options)(request())).status).toBe(401);
    expect(handler).not.toHaveBeenCalled();
  });

  test('does not tell its caller that our own key is wrong', async () => {
    const { gateway, options } = world();
    gateway.outage = 401;
    expect((await withBilling(text, options)(request())).status).toBe(500);
  });

  test('passes 100 parallel calls through a balance of 100, and not one more', async () => {
    const { gateway, options } = world();
    const route = withBilling(text, options);
    const answers = await Promise.all(Array.from({ length: 150 }, () => route(request())));
    expect(answers.filter((answer) => answer.ok)).toHaveLength(100);
    await Promise.all(answers.map((answer) => answer.text()));
    expect(gateway.states().every((state) => state === 'captured')).toBe(true);
  });
});

describe('a streamed answer', () => {
  const slow = (chunks: number, fails: boolean) => {
    let sent = 0;
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (sent < chunks) controller.enqueue(new TextEncoder().encode(String((sent += 1))));
        else if (fails) controller.error(new Error('broke'));
        else controller.close();
      },
    });
  };

  test('is charged when it has ended, before its reader knows', async () => {
    const { gateway, options } = world();
    const response = await withBilling(() => new Response(slow(5, false)), options)(request());
    expect(gateway.states()).toEqual(['open']);
    expect(await response.text()).toBe('12345');
    expect(gateway.states()).toEqual(['captured']);
  });

  test('that breaks is not charged', async () => {
    const { gateway, options } = world();
    const response = await withBilling(() => new Response(slow(5, true)), options)(request());
    await expect(response.text()).rejects.toThrow('broke');
    expect(gateway.states()).toEqual(['released']);
  });

  test.each([
    ['capture', 'captured'],
    ['release', 'released'],
  ] as const)('whose caller goes away is settled by %s', async (onDisconnect, state) => {
    const { gateway, options } = world({ onDisconnect });
    const response = await withBilling(() => new Response(slow(500, false)), options)(request());
    await response.body?.cancel();
    expect(gateway.states()).toEqual([state]);
  });
});

describe('while the gateway cannot be reached', () => {
  test('no call passes, by default', async () => {
    const { gateway, options } = world();
    gateway.outage = 'down';
    const handler = vi.fn(text);
    const response = await withBilling(handler, options)(request());
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5']);
    expect(handler).not.toHaveBeenCalled();
  });

  test('so many pass as the policy says; each is booked once when it is back', async () => {
    const { gateway, client, options } = world({ outage: { allow: 3 }, requestCount: 4 });
    gateway.outage = 503;
    const route = withBilling(text, options);
    const statuses: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      const response = await route(request());
      await response.text();
      statuses.push(response.status);
    }
    expect(statuses).toEqual([200, 200, 200, 503, 503]);
    expect(client.backlog.pending()).toHaveLength(3);
    gateway.outage = null;
    gateway.faults.push('lost', 'lost');
    await client.backlog.flush();
    expect(await client.backlog.flush()).toBe(0);
    expect([...gateway.events.values()].map((event) => event.quantity)).toEqual(['4', '4', '4']);
    expect(client.backlog.blindCalls()).toBe(0);
  });

  test('a call let through that fails is not booked and frees its place', async () => {
    const { gateway, client, options } = world({ outage: { allow: 1 } });
    gateway.outage = 'down';
    await withBilling(() => new Response('no', { status: 500 }), options)(request());
    expect([client.backlog.blindCalls(), client.backlog.pending().length]).toEqual([0, 0]);
  });

  test('a capture waits, and its caller is answered', async () => {
    const { gateway, client, options } = world();
    const response = await withBilling(() => {
      gateway.outage = 'down';
      return text();
    }, options)(request());
    expect(await response.text()).toBe('done');
    expect([gateway.states(), client.backlog.pending().length]).toEqual([['open'], 1]);
    gateway.outage = null;
    await client.backlog.flush();
    expect(gateway.states()).toEqual(['captured']);
  });
});

describe('apiBillingMiddleware', () => {
  test('answers allowed, cost and deduct, which charges once', async () => {
    const { gateway, client } = world();
    const apiBillingMiddleware = createApiBilling({ client, customerOf: () => 'acme' });
    const billing = await apiBillingMiddleware(request(), '/batch', 100);
    expect(billing).toMatchObject({ allowed: true, cost: 1_000n, teamId: 'acme' });
    expect([await billing.deduct(), await billing.deduct()]).toEqual([1_000n, null]);
    await billing.release();
    expect(gateway.states()).toEqual(['captured']);
    const refused = await apiBillingMiddleware(request(), '/batch', 1);
    expect(refused).toMatchObject({ allowed: false, cost: 0n });
    expect(refused.error).toBeInstanceOf(PaymentRequired);
  });
});

class ResponseDouble extends EventEmitter {
  statusCode = 200;
  headersSent = false;
  writableFinished = false;
  errored: Error | null = null;
  body = '';
  setHeader() {}
  end(body = '') {
    this.headersSent = true;
    this.writableFinished = true;
    this.body = body;
    this.emit('finish');
    this.emit('close');
  }
}

describe('Express', () => {
  type Sent = (response: ResponseDouble) => void;
  const cases: ReadonlyArray<[string, Sent, string]> = [
    ['is charged for an answer below 400', (response) => response.end('x'), 'captured'],
    [
      'is not charged for a 500',
      (response) => {
        response.statusCode = 500;
        response.end();
      },
      'released',
    ],
    ['is not charged where nothing was sent', (response) => response.emit('close'), 'released'],
    [
      'is charged where the caller went away in the middle',
      (response) => {
        response.headersSent = true;
        response.emit('close');
      },
      'captured',
    ],
    [
      'is not charged where the answer broke',
      (response) => {
        response.headersSent = true;
        response.errored = new Error('x');
        response.emit('close');
      },
      'released',
    ],
  ];
  test.each(cases)('%s', async (_, send, state) => {
    const { gateway, options } = world<object>();
    const incoming: { billing?: BillingInfo } = {};
    const response = new ResponseDouble();
    const next = vi.fn();
    await expressBilling(options)(incoming, response, next);
    expect(next).toHaveBeenCalledWith();
    expect(incoming.billing?.cost).toBe(10n);
    send(response);
    await vi.waitFor(() => expect(gateway.states()).toEqual([state]));
  });

  test('is refused with problem details, and times out with 504', async () => {
    const poor = world<object>({ requestCount: 500 });
    const response = new ResponseDouble();
    const next = vi.fn();
    await expressBilling(poor.options)({}, response, next);
    expect([response.statusCode, JSON.parse(response.body).code, next.mock.calls.length]).toEqual([
      402,
      'PAYMENT_REQUIRED',
      0,
    ]);
    const slow = world<object>({ handlerTimeoutMs: 5 });
    const late = new ResponseDouble();
    await expressBilling(slow.options)({}, late, next);
    await vi.waitFor(() => expect([late.statusCode, ...slow.gateway.states()]).toEqual([504, 'released']));
  });
});

describe('Fastify', () => {
  test('is charged for success and not for failure, with the real framework', async () => {
    const { gateway, options } = world<object>();
    const app = Fastify();
    const preHandler = fastifyBilling(options);
    app.get('/ok', { preHandler }, async (incoming) => {
      const { billing } = incoming as typeof incoming & { billing: BillingInfo };
      return { team: billing.teamId };
    });
    app.get('/bad', { preHandler }, async () => Promise.reject(new Error('no')));
    expect((await app.inject('/ok')).json()).toEqual({ team: 'acme' });
    await vi.waitFor(() => expect(gateway.states()).toEqual(['captured']));
    expect((await app.inject('/bad')).statusCode).toBe(500);
    await vi.waitFor(() => expect(gateway.states()).toEqual(['captured', 'released']));
    gateway.balance = 0n;
    const refused = await app.inject('/ok');
    expect([refused.statusCode, refused.headers['content-type'], refused.json().balance]).toEqual([
      402,
      expect.stringContaining('application/problem+json'),
      '0',
    ]);
    await app.close();
  });
});

describe('Hono', () => {
  class Context implements HonoContext {
    readonly req = { raw: request() };
    res = new Response('nothing', { status: 404 });
    error: Error | undefined;
    billing: BillingInfo | null = null;
    set(_: 'billing', value: BillingInfo) {
      this.billing = value;
    }
  }
  const run = async (next: (context: Context) => void, change: Partial<BillingOptions<Context>> = {}) => {
    const { gateway, options } = world<Context>(change);
    const context = new Context();
    const answer = await honoBilling(options)(context, async () => next(context));
    return { gateway, context, answer };
  };

  test('is charged when the answer has ended', async () => {
    const { gateway, context } = await run((each) => {
      each.res = new Response(each.billing?.teamId);
    });
    expect(await context.res.text()).toBe('acme');
    expect(gateway.states()).toEqual(['captured']);
  });

  test('is not charged for an error that Hono has caught', async () => {
    const { gateway } = await run((each) => {
      each.error = new Error('handler');
      each.res = new Response('mapped to success');
    });
    expect(gateway.states()).toEqual(['released']);
  });

  test('is refused with problem details', async () => {
    const { answer } = await run(() => expect.unreachable(), { requestCount: 500 });
    expect(answer instanceof Response && answer.status).toBe(402);
  });
});
