/** The data of the credits and the invoice service: money by its source, usage, what is left; and any record at all. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SystemName } from '#core/contract/imports.ts';
import { CONVERTERS } from '#core/files/systems/index.ts';
import { RecordProblem } from '#core/files/systems/makes.ts';
import { leftIn, madeIn, openSystemWorld } from '../support/system-world.ts';
import type { SystemWorld } from '../support/system-world.ts';

let systems: SystemWorld;
beforeAll(async () => {
  systems = await openSystemWorld();
});
afterAll(() => systems.close());

describe('the credits service', () => {
  const user = '7f1de0d2-0000-4000-8000-000000000001';
  const at = '2026-01-05T10:00:00Z';
  const transaction = (id: string, type: string, cents: number, more: object = {}) => ({
    id,
    user_id: user,
    amount_cents: cents,
    transaction_type: type,
    balance_after_cents: 0,
    description: type,
    created_at: at,
    ...more,
  });

  test('brings accounts, credit by its source, and what was spent', async () => {
    const accounts = [
      {
        user_id: user,
        balance_cents: 900,
        balance_formatted: '$9.00',
        plan: 'Free',
        auto_refill_enabled: true,
        created_at: at,
      },
    ];
    const left = leftIn(
      await systems.thrice('credits-service', systems.fileOf('accounts.json', accounts), { customer: 1 }),
    );
    expect(left).toEqual({ balance_cents: 1, plan: 1, auto_refill_enabled: 1 });
    const transactions = {
      transactions: [
        transaction('t1', 'purchase', 5000),
        transaction('t2', 'subscriptiongrant', 2500),
        transaction('t3', 'usage', -120),
        transaction('t4', 'usage', -80),
        transaction('t5', 'bonus', 100),
      ],
      has_more: false,
    };
    await systems.thrice('credits-service', systems.fileOf('transactions.json', transactions), {
      grant: 3,
      meter: 1,
      price: 1,
      event: 2,
    });
    const { items } = await systems.client.credits.list({ customer: user });
    expect(items.map(({ asset, source, grantedMinor }) => [asset, source, grantedMinor]).toSorted()).toEqual([
      ['CREDIT/0', 'manual', '100'],
      ['CREDIT/0', 'prepaid', '5000'],
      ['CREDIT/0', 'promotional', '2500'],
    ]);
    await systems.drained();
    const spent = await systems.client.meters.query({ meter: 'credits.spent', subjects: [user] });
    expect(spent.items[0]?.value).toBe('200');
  });

  test('brings usage events as counts that cost nothing, in the parts that it reports itself', async () => {
    const llm = { type: 'llm_tokens', provider: 'openai', model: 'gpt-4o', input_tokens: 1000, output_tokens: 50 };
    const events = {
      events: [
        { event_id: 'e1', user_id: user, metric: llm, cost_cents: 3, created_at: at },
        {
          event_id: 'e2',
          user_id: user,
          metric: { type: 'compute', cpu_hours: 2.5, memory_gb_hours: 4 },
          created_at: at,
        },
        { event_id: 'e3', user_id: user, metric: { type: 'api_calls', endpoint: '/x', count: 12 }, created_at: at },
      ],
    };
    const step = await systems.thrice('credits-service', systems.fileOf('events.json', events), { meter: 5, event: 5 });
    expect(leftIn(step)).toEqual({ cost_cents: 1 });
    await systems.drained();
    const { items } = await systems.client.meters.query({ meter: 'llm_input_tokens', groupBy: ['model'] });
    expect(items).toMatchObject([{ value: '1000', groupBy: { model: 'gpt-4o' } }]);
    expect((await systems.client.meters.query({ meter: 'cpu_hours' })).items[0]?.value).toBe('2.5');
  });

  test.each([
    ['says nobody', transaction('x1', 'purchase', 5, { user_id: undefined }), /no user_id/],
    ['adds credit by usage', transaction('x2', 'usage', 5), /fault of the service/],
    ['takes credit by a grant', transaction('x3', 'bonus', -5), /A grant adds credit/],
    ['is of a type that is none', transaction('x4', 'gift', 5), /no transaction_type "gift"/],
    ['has an amount beyond what JSON reads', transaction('x5', 'bonus', 2 ** 60), /does not read exactly/],
    [
      'is of somebody unknown',
      transaction('x6', 'bonus', 5, { user_id: 'nobody' }),
      /No customer is known as "nobody"/,
    ],
  ])('is told of a transaction that %s', async (_, one, said) => {
    const { problems, refused } = await systems.run('credits-service', systems.fileOf('bad.json', [one]));
    expect(refused).toBe(1);
    expect(problems[0]?.detail).toMatch(said);
  });
});

describe('the invoice service', () => {
  const credit = (id: string, more: object = {}) => ({
    credit_id: id,
    account_id: 'synor-1',
    amount: 1_000_000,
    remaining: 1_000_000,
    source: { Prepaid: { tx_id: '0xabc' } },
    expires_at: null,
    created_at: '2026-01-01T00:00:00Z',
    ...more,
  });

  test('brings what is unspent of credits, to the micro-SYNOR, with source and expiry', async () => {
    const credits = [
      credit('c1', { amount: '12345678901234567890', remaining: '12345678901234567890' }),
      credit('c2', { source: 'SlaCredit', remaining: 5, expires_at: '2099-01-01T00:00:00Z' }),
      credit('c3', { source: { type: 'Referral', referred_by: 'x' } }),
      credit('c4', { remaining: 0 }),
      credit('c5', { expires_at: 1_600_000_000 }),
    ];
    const path = systems.fileOf('credits.json', credits);
    const taken = await systems.run('invoice-service', path);
    expect(madeIn(taken)).toEqual({ customer: [1, 4, 0], grant: [3, 0, 0] });
    expect(leftIn(taken)).toEqual({
      'used parts of credits': 1,
      'credits that are used up': 1,
      'credits that have expired': 1,
    });
    expect(madeIn(await systems.run('invoice-service', path))).toEqual({ customer: [0, 5, 0], grant: [0, 3, 0] });
    const { items } = await systems.client.credits.list({ customer: 'synor-1' });
    expect(items.map((one) => [one.source, one.grantedMinor, one.expiresAtMs]).toSorted()).toEqual([
      ['prepaid', '12345678901234567890', null],
      ['referral', '1000000', null],
      ['sla', '5', Date.UTC(2099, 0, 1)],
    ]);
    const spent = await systems.run(
      'invoice-service',
      systems.fileOf('spent.json', [credit('c3', { source: { type: 'Referral', referred_by: 'x' }, remaining: 7 })]),
    );
    expect(spent.problems[0]?.detail).toMatch(/another body|was used/);
  });

  test('brings lines of drafts as usage, and leaves what was finalized there', async () => {
    const line = (quantity: number) => ({
      service: 'Compute',
      resource: 'vm-1',
      description: 'Hours',
      quantity,
      unit: 'hour',
      unit_price_micro_synor: 250,
      amount_micro_synor: 250 * quantity,
    });
    const invoice = (id: string, status: string) => ({
      invoice_id: id,
      account_id: 'synor-1',
      period_start: '2026-01-01T00:00:00Z',
      period_end: '2026-02-01T00:00:00Z',
      line_items: [line(3), line(4)],
      discounts: [],
      credits_applied: 0,
      status,
    });
    const path = systems.fileOf('invoices.json', {
      invoices: ['Draft', 'Paid', 'Overdue'].map((status, at) => invoice(`i${at}`, status)),
    });
    const step = await systems.run('invoice-service', path);
    expect(madeIn(step)).toMatchObject({ event: [2, 0, 0], meter: [1, 1, 0], price: [1, 1, 0] });
    expect(leftIn(step)).toEqual({ credits_applied: 3, 'invoices that are paid': 1, 'invoices that are overdue': 1 });
    expect(madeIn(await systems.run('invoice-service', path))).toMatchObject({ event: [0, 2, 0], price: [0, 2, 0] });
    await systems.drained();
    const { items } = await systems.client.meters.query({ meter: 'compute.hour', groupBy: ['resource'] });
    expect(items).toMatchObject([{ value: '7', groupBy: { resource: 'vm-1' } }]);
  });
});

describe('a record of any system', () => {
  const terms = {
    actor: 't',
    nowMs: Date.now(),
    maxFutureMs: 0,
    refuseUnknown: false,
    meters: new Map(),
    types: new Set<string>(),
    refs: null,
  };
  const names = [
    ...['id', 'object', 'event', 'transaction_id', 'external_id', 'external_customer_id', 'code', 'timestamp', 'name'],
    ...[
      'Price ID',
      'Product ID',
      'Amount',
      'Currency',
      'Interval',
      'currency',
      'tiers',
      'recurring',
      'balance',
      'product',
    ],
    ...['user_id', 'amount_cents', 'transaction_type', 'created_at', 'event_id', 'metric', 'credit_id', 'account_id'],
    ...['amount', 'remaining', 'source', 'expires_at', 'invoice_id', 'status', 'line_items', 'period_start', 'active'],
  ];
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.constantFrom('price', 'customer', 'usd', 'usage', 'bonus', 'draft', '12', '-1', 'cus_1', { type: 'compute' }, [
      {},
    ]),
  );
  test.each(Object.keys(CONVERTERS) as SystemName[])('%s is read, or told of in a sentence, whatever it is', (from) => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (record) => {
        try {
          const { makes } = CONVERTERS[from]()(record as never, terms);
          for (const make of makes) expect(typeof make.kind).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(RecordProblem);
        }
      }),
      { numRuns: 400 },
    );
  });
});
