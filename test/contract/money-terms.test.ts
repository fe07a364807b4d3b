/** Terms of money through the contract: discounts from quote to invoice, credit taken back, statements. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openGatewayWorld, seedTrade } from '../support/gateway-world.ts';
import type { GatewayWorld } from '../support/gateway-world.ts';

const ASSET = 'USDC/6';
let world: GatewayWorld;
beforeAll(async () => {
  world = await openGatewayWorld();
  await seedTrade(world, { credit: '10000000' });
});
afterAll(async () => {
  expect(world.errors).toEqual([]);
  await world.close();
});

/** Resolves when everything that was accepted is posted. */
async function posted(): Promise<void> {
  for (;;) {
    const { events, watermark } = world.core.book.head();
    if (events === watermark) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
const spend = async (id: string, quantity: string): Promise<void> => {
  const event = { source: 'terms', id, customer: 'acme', meter: 'api.requests', quantity };
  await world.client.usage.record({ events: [event] });
  await posted();
};
const code = (error: unknown): string => (error as { code?: string }).code ?? String(error);

describe('notes', () => {
  test('are written once under one key, and read the last first', async () => {
    const { customers } = world.client;
    const first = await customers.addNote({ key: 'n1', customer: 'acme', text: ' Agreed on net 30. ' });
    expect(first).toMatchObject({ text: 'Agreed on net 30.' });
    expect(await customers.addNote({ key: 'n1', customer: 'acme', text: 'Agreed on net 30.' })).toEqual(first);
    await expect(customers.addNote({ key: 'n1', customer: 'acme', text: 'Other' })).rejects.toSatisfy(
      (error) => code(error) === 'KEY_REUSED',
    );
    const second = await customers.addNote({ key: 'n2', customer: 'acme', text: 'Called.' });
    const page = await customers.notes({ customer: 'acme', limit: 1 });
    expect(page.items).toEqual([second]);
    const rest = await customers.notes({ customer: 'acme', limit: 5, cursor: page.nextCursor ?? '' });
    expect(rest).toEqual({ items: [first], nextCursor: null });
    expect(await customers.notes({ customer: 'acme', limit: 5, knownAtMs: first.writtenMs - 1 })).toMatchObject({
      items: [],
    });
  });

  test.each([
    [{ customer: 'nobody' }, 'CUSTOMER_UNKNOWN'],
    [{ text: '  ' }, 'INPUT_INVALID'],
    [{ text: 'x'.repeat(4001) }, 'INPUT_INVALID'],
  ])('%o is refused with %s', async (more, refusal) => {
    const order = { key: 'n3', customer: 'acme', text: 'Text', ...more };
    await expect(world.client.customers.addNote(order)).rejects.toSatisfy((error) => code(error) === refusal);
  });
});

describe('a what-if', () => {
  const draft = {
    from: '2026-01-01',
    to: '2026-02-01',
    meter: 'api.requests',
    asset: ASSET,
    model: { kind: 'per-unit' as const, rate: { amountMinor: '1', perUnits: '1' } },
    rounding: 'half-even' as const,
  };
  const compare = async (more: Partial<typeof draft> & { customer?: string }) => {
    let last = null;
    for await (const step of await world.client.quotes.whatIf({ ...draft, ...more })) last = step;
    return last;
  };

  test('ends with its result, of no customers where nobody used the meter then', async () => {
    expect(await compare({})).toMatchObject({ done: true, result: { customers: 0, items: [] } });
  });

  test.each([
    [{ meter: 'unknown' }, 'METER_UNKNOWN'],
    [{ customer: 'nobody' }, 'CUSTOMER_UNKNOWN'],
    [{ to: '2026-01-01' }, 'INPUT_INVALID'],
    [{ from: '2026-02-30' }, 'INPUT_INVALID'],
  ])('%o is refused with %s', async (more, refusal) => {
    await expect(compare(more)).rejects.toSatisfy((error) => code(error) === refusal);
  });
});

describe('discounts', () => {
  test('are in the quote and on the invoice, the same', async () => {
    const { discounts, quotes, invoices } = world.client;
    const rule = await discounts.create({
      key: 'spring',
      kind: 'promotion',
      name: 'Spring',
      customer: 'acme',
      asset: ASSET,
      terms: { kind: 'percent', basisPoints: 2500 },
      fromMs: 0,
    });
    const quote = await quotes.make({ customer: 'acme', items: [{ meter: 'api.requests', quantity: '8' }] });
    expect(quote.adjustments).toMatchObject([{ kind: 'discount', rule: rule.id }]);
    await spend('d1', '8');
    const closed = await invoices.close({ customer: 'acme', early: true, finalize: true });
    const { lines, invoice } = await invoices.get({ invoice: closed.invoices[0] ?? '' });
    const discount = lines.find(({ kind }) => kind === 'discount');
    expect(discount?.amountMinor).toBe(quote.adjustments[0]?.amountMinor);
    expect(invoice.totalMinor).toBe(quote.totals[0]?.amountMinor);
    const why = await invoices.explain({ id: discount?.id ?? '' });
    expect(why).toMatchObject({ agrees: true });
    expect(why.steps[0]?.title).toBe('Spring, a promotion discount');
    expect(why.entries.map(({ label }) => label)).toContain('Discounts · promotion');
  });

  test('are created once under one key, listed in stacking order, and end', async () => {
    const { discounts } = world.client;
    const order = {
      key: 'volume',
      kind: 'volume' as const,
      name: 'Volume',
      asset: ASSET,
      terms: { kind: 'steps' as const, steps: [{ fromMinor: '1000000', basisPoints: 500 }] },
    };
    const made = await discounts.create(order);
    expect(await discounts.create(order)).toEqual(made);
    await expect(discounts.create({ ...order, name: 'Other' })).rejects.toSatisfy((e) => code(e) === 'KEY_REUSED');
    expect((await discounts.list({})).items.map(({ name }) => name)).toEqual(['Volume', 'Spring']);
    const untilMs = Date.now() + 60_000;
    expect(await discounts.end({ discount: made.id, untilMs })).toMatchObject({ untilMs });
    await expect(discounts.end({ discount: made.id, untilMs: made.fromMs })).rejects.toSatisfy(
      (e) => code(e) === 'STATE_FORBIDS',
    );
  });

  test.each([
    [{ kind: 'commitment' as const }, 'INPUT_INVALID'],
    [{ meters: ['unheard'] }, 'METER_UNKNOWN'],
    [{ plan: 'unheard' }, 'NOT_FOUND'],
    [{ customer: 'unheard' }, 'CUSTOMER_UNKNOWN'],
    [{ untilMs: 1, fromMs: 5 }, 'INPUT_INVALID'],
  ])('%o is refused with %s', async (change, expected) => {
    const order = {
      key: JSON.stringify(change).replaceAll(' ', ''),
      kind: 'promotion' as const,
      name: 'Wrong',
      asset: ASSET,
      terms: { kind: 'percent' as const, basisPoints: 100 },
      ...change,
    };
    await expect(world.client.discounts.create(order)).rejects.toSatisfy((e) => code(e) === expected);
  });
});

describe('rates between assets', () => {
  const order = { key: 'one', from: 'USD/2', to: 'SOL/9', rate: '0.0065', source: 'desk', observedMs: 1_000_000 };

  test('are kept in the order they were seen, and repeated answers stay', async () => {
    const { rates } = world.client;
    const first = await rates.record(order);
    expect(first).toMatchObject({ numerator: '65000', denominator: '1', untilMs: 1_000_000 + 86_400_000 });
    const second = await rates.record({ ...order, key: 'two', observedMs: 2_000_000 });
    expect(await rates.record(order)).toEqual(first);
    expect((await rates.list({ from: 'USD/2' })).items).toMatchObject([{ id: second.id }, { untilMs: 2_000_000 }]);
    await expect(rates.record({ ...order, key: 'three', observedMs: 1_500_000 })).rejects.toSatisfy(
      (e) => code(e) === 'STATE_FORBIDS',
    );
  });

  test.each([
    [{ to: 'USD/2' }, 'INPUT_INVALID'],
    [{ rate: '0' }, 'INPUT_INVALID'],
    [{ rate: '1e9' }, 'INPUT_INVALID'],
    [{ observedMs: Date.now() + 86_400_000 }, 'STATE_FORBIDS'],
  ])('%o is refused with %s', async (change, expected) => {
    const wrong = { ...order, from: 'USD/2', key: JSON.stringify(change), ...change };
    await expect(world.client.rates.record(wrong)).rejects.toSatisfy((e) => code(e) === expected);
  });

  test('a price that is charged by them has no minimum', async () => {
    const price = {
      key: 'min',
      meter: 'api.requests',
      asset: 'USD/2',
      chargedIn: 'SOL/9',
      model: { kind: 'per-unit' as const, rate: { amountMinor: '1', perUnits: '1' } },
      rounding: 'floor' as const,
      minimumMinor: '5',
    };
    await expect(world.client.prices.publish(price)).rejects.toSatisfy((e) => code(e) === 'INPUT_INVALID');
  });
});

describe('a price that begins in the past', () => {
  const fromMs = Date.UTC(2026, 0, 1);
  const model = { kind: 'per-unit' as const, rate: { amountMinor: '7', perUnits: '1' } };
  const price = { asset: ASSET, model, rounding: 'floor' as const, effectiveFromMs: fromMs };

  test('is published where nothing was rated since, and rates usage of then', async () => {
    const { meters, prices, usage, unrated } = world.client;
    await meters.create({
      key: 'old.calls',
      name: 'Old calls',
      eventType: 'old.calls',
      aggregation: 'sum',
      unit: 'call',
    });
    const occurredAt = new Date(fromMs + 1000).toISOString();
    const event = { source: 'terms', customer: 'acme', meter: 'old.calls', quantity: '3', occurredAt };
    await usage.record({ events: [{ ...event, id: 'old-1' }] });
    await posted();
    const made = await prices.publish({ ...price, key: 'past', meter: 'old.calls' });
    const { items } = await unrated.list({});
    const parked = items.find(({ event: one }) => one.id === 'old-1');
    expect(await unrated.assign({ ids: [parked?.id ?? ''], customer: 'acme' })).toMatchObject({ rated: 1 });
    expect(await prices.publish({ ...price, key: 'past', meter: 'old.calls' })).toEqual(made);
    await expect(prices.publish({ ...price, key: 'again', meter: 'old.calls' })).rejects.toSatisfy(
      (e) => code(e) === 'STATE_FORBIDS',
    );
    // For a customer who used nothing of it, it may still begin then.
    const other = await world.client.customers.create({ name: 'Newcomer', externalId: 'newcomer' });
    await prices.publish({ ...price, key: 'other', meter: 'old.calls', customer: other.id });
  });
});

describe('a statement', () => {
  test('explains every balance by what moved, and shows another instant as it was', async () => {
    const { credits } = world.client;
    const before = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const grant = await credits.grant({
      key: 'late',
      customer: 'acme',
      asset: ASSET,
      amountMinor: '500',
      source: 'sla',
      priority: 900,
    });
    await credits.clawBack({ key: 'back', grant: grant.id, amountMinor: '200', reason: 'too much' });
    const now = await credits.statement({ customer: 'acme', asset: ASSET });
    expect(now.agrees).toBe(true);
    expect(now.grants.find(({ id }) => id === grant.id)).toMatchObject({
      remainingMinor: '300',
      clawedBackMinor: '200',
    });
    const wallet = now.accounts.find(({ role }) => role === 'wallet');
    expect(wallet?.moves.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['credit.granted', 'credit.clawed-back']),
    );
    const then = await credits.statement({ customer: 'acme', asset: ASSET, knownAtMs: before });
    expect(then.agrees).toBe(true);
    expect(then.grants.some(({ id }) => id === grant.id)).toBe(false);
    const walletThen = then.accounts.find(({ role }) => role === 'wallet');
    expect(BigInt(wallet?.closingMinor ?? '0') - BigInt(walletThen?.closingMinor ?? '0')).toBe(300n);
  });

  test('takes a grant back no further than it is left', async () => {
    const { credits } = world.client;
    const { id: grant } = await credits.grant({
      key: 'small',
      customer: 'acme',
      asset: ASSET,
      amountMinor: '10',
      source: 'manual',
      priority: 900,
    });
    const order = { key: 'over', grant, amountMinor: '11', reason: 'r' };
    await expect(credits.clawBack(order)).rejects.toSatisfy((e) => code(e) === 'AMOUNT_INVALID');
    expect(await credits.clawBack({ ...order, amountMinor: '10' })).toMatchObject({ amountMinor: '10' });
  });
});
