import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { richWorld } from '../../../test/support/rich-world.ts';
import { DAY_MS } from '../../../test/support/world.ts';
import type { World } from '../../../test/support/world.ts';
import { openForReading } from '../open.ts';
import { READS } from './index.ts';
import { createReadSession } from './session.ts';
import type { ReadSession } from './session.ts';

let world: World;
let session: ReadSession;
let nowMs: number;
const ASSET = 'USDC/6';
beforeAll(() => {
  world = richWorld();
  const { script, clock } = world;
  for (const days of [40, 3, 12]) {
    world.do(script.grant('cus_b', 7n, { expiresAtMs: clock.nowMs + days * DAY_MS, priority: 95, note: `${days}` }));
  }
  nowMs = clock.nowMs;
  session = createReadSession(openForReading(world.file));
});
afterAll(() => {
  session.close();
  world.dispose();
});

function whole<T>(slices: Iterator<unknown, T>): T {
  for (;;) {
    const { done, value } = slices.next();
    if (done) return value;
  }
}

type Filter = Partial<Parameters<typeof READS.allGrants>[1]>;
const list = (filter: Filter = {}) => whole(READS.allGrants(session, { limit: 500, nowMs, ...filter })).items;
const totals = (filter: Filter = {}) => whole(READS.creditTotals(session, { nowMs, ...filter })).items;

describe('grants of every customer', () => {
  test('begin with what ends soonest, and are each given once whatever the page', () => {
    const all = list();
    const ending = all.filter(({ expiresAtMs, state }) => expiresAtMs !== null && state === 'open');
    expect(ending.map(({ note }) => note)).toEqual(['3', '12', '40']);
    expect(all.slice(0, 3)).toEqual(ending);
    const others = all.slice(3).map(({ id }) => id);
    expect(others).toEqual(others.toSorted().reverse());
    for (const limit of [1, 2, 5]) {
      const paged = [];
      for (let cursor: string | undefined; ;) {
        const page = whole(READS.allGrants(session, { limit, nowMs, cursor }));
        paged.push(...page.items);
        if (page.nextCursor === null) break;
        cursor = page.nextCursor;
      }
      expect(paged).toEqual(all);
    }
  });

  test('are found by state, source, asset, customer and end', () => {
    const all = list();
    expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['open', 'spent', 'expired', 'clawed-back']));
    for (const { state, source, customer } of all) {
      expect(list({ state })).toEqual(all.filter((one) => one.state === state));
      expect(list({ source, customer })).toEqual(
        all.filter((one) => one.source === source && one.customer === customer),
      );
    }
    expect(list({ expiringDays: 30 }).map(({ note }) => note)).toEqual(['3', '12']);
    expect(list({ expiringDays: 30, state: 'spent' })).toEqual([]);
    expect(list({ asset: '0G/18' })).toEqual([]);
    expect(() => list({ customer: 'nobody' })).toThrow('nobody');
  });

  test('come by asset to what their rows sum to, whatever they are looked for by', () => {
    for (const filter of [{}, { state: 'open' }, { source: 'promotional' }, { expiringDays: 30 }] as const) {
      const rows = list({ ...filter, asset: ASSET });
      const total = totals(filter).find(({ asset }) => asset === ASSET);
      expect(totals({ ...filter, asset: ASSET })).toEqual(total ? [total] : []);
      for (const part of ['grantedMinor', 'consumedMinor', 'expiredMinor', 'remainingMinor'] as const) {
        expect(total?.[part]).toBe(rows.reduce((sum, row) => sum + BigInt(row[part]), 0n).toString());
      }
      expect(total?.grants).toBe(rows.length);
    }
    expect(totals({ asset: ASSET })).toMatchObject([{ expiringMinor: '14', expiringGrants: 2 }]);
    expect(totals({ asset: '0G/18' })).toEqual([]);
  });
});

describe('the burn-down', () => {
  test('ends with what wallets hold, and is at each day what the books say of its end', () => {
    const [total] = totals({ asset: ASSET });
    const { days, openingMinor } = whole(READS.burnDown(session, { asset: ASSET, days: 100, nowMs }));
    expect(days).toHaveLength(100);
    expect(days.at(-1)?.remainingMinor).toBe(total?.remainingMinor);
    let left = BigInt(openingMinor);
    for (const [at, day] of days.entries()) {
      left += BigInt(day.grantedMinor) - BigInt(day.consumedMinor);
      left -= BigInt(day.expiredMinor) + BigInt(day.clawedBackMinor);
      expect(day.remainingMinor).toBe(left.toString());
      if (at % 9 > 0) continue;
      const knownAtMs = day.dayMs + DAY_MS - 1;
      const held = session.within({ knownAtMs }, (then) =>
        READS.overview(then, { nowMs: knownAtMs }).held.find((one) => one.asset === ASSET),
      );
      expect(held?.walletMinor ?? '0').toBe(day.remainingMinor);
    }
  });

  test('of one customer is a part of it, and days before the window are its opening', () => {
    const of = (customer?: string) => whole(READS.burnDown(session, { asset: ASSET, customer, days: 20, nowMs }));
    const [all, a, b] = [of(), of('cus_a'), of('cus_b')];
    expect(BigInt(a.openingMinor) + BigInt(b.openingMinor)).toBe(BigInt(all.openingMinor));
    for (const [at, day] of all.days.entries()) {
      const parts = [a, b].map(({ days }) => BigInt(days[at]?.remainingMinor ?? '0'));
      expect(parts.reduce((sum, part) => sum + part, 0n).toString()).toBe(day.remainingMinor);
    }
  });
});

describe('one grant', () => {
  test('is what its entries sum to, and names the meters and invoices that it paid', () => {
    const named = new Set<string>();
    for (const row of list()) {
      expect(READS.grant(session, { grant: row.id })).toEqual(row);
      const { items } = READS.grantMoves(session, { grant: row.id, limit: 500 });
      expect(items.reduce((sum, { amountMinor }) => sum + BigInt(amountMinor), 0n).toString()).toBe(row.remainingMinor);
      const first = READS.grantMoves(session, { grant: row.id, limit: 1 });
      expect(first.items).toEqual(items.slice(0, 1));
      for (const { meter, invoice, kind } of items) {
        if (meter !== null) named.add('meter');
        if (invoice !== null) named.add(kind === 'fee.charged' ? 'fee' : 'billed');
      }
    }
    expect(named).toEqual(new Set(['meter', 'billed', 'fee']));
    expect(() => READS.grant(session, { grant: 'grt_00000000' })).toThrow('There is no grant');
    expect(() => READS.grantMoves(session, { grant: 'grt_00000000', limit: 1 })).toThrow('There is no grant');
  });
});

test('a statement agrees at every instant, also before a grant that pays for usage of earlier days', () => {
  // Recorded after the grant, of a day before it: it is burnt from what was not there yet on that day.
  world.do(world.script.grant('cus_b', 1_000_000n, { priority: 0 }));
  world.accept([{ id: 'dated', subject: 'cus_b', meter: 'calls', units: 40n, occurredMs: nowMs - 3 * DAY_MS }]);
  world.post();
  session.catalog.forget();
  const agrees = [0, 1, 2, 4, 30, 60].map((days) => {
    const input = { customer: 'cus_b', asset: ASSET, fromMs: 0, asOfMs: nowMs + 1 - days * DAY_MS };
    return session.within(input, (then) => READS.statement(then, input));
  });
  expect(agrees.map((one) => one.agrees)).toEqual([true, true, true, true, true, true]);
  // Two days ago the wallet was short of what was burnt from the grant to come.
  const closing = (at: number): bigint => BigInt(agrees[at]?.accounts[0]?.closingMinor ?? '0');
  expect(closing(2)).toBeLessThan(closing(3));
  expect(closing(0)).toBeGreaterThan(closing(2));
});
