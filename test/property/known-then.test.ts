/** The time machine: what a read answers of an instant is what it answered at that instant. */
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { openForReading } from '#core/ledger/open.ts';
import { NO_PAST, PAST_VIEWS } from '#core/ledger/past/views.ts';
import { READS } from '#core/ledger/reads/index.ts';
import type { Instant } from '#core/domain/instant.ts';
import type { ReadName } from '#core/ledger/reads/index.ts';
import { createReadSession } from '#core/ledger/reads/session.ts';
import type { ReadSession } from '#core/ledger/reads/session.ts';
import { RefusalError } from '#core/domain/refusal.ts';
import { TABLES } from '#core/ledger/tables.ts';
import { ASSET, CUSTOMERS, MOVES, Play, setting } from '../support/play.ts';
import type { Move } from '../support/play.ts';
import { DAY_MS, NOON_MS, World } from '../support/world.ts';

const nat = fc.nat(2 ** 16);
const move: fc.Arbitrary<Move> = fc.record({ name: fc.constantFrom(...MOVES), a: nat, b: nat, c: nat });
const business = fc.array(fc.array(move, { minLength: 8, maxLength: 30, size: 'max' }), { minLength: 3, maxLength: 5 });

/** Reads that tell of something else than the books at an instant. */
const NOT_OF_AN_INSTANT: Partial<Record<ReadName, string>> = {
  diff: 'names the instants of both sides itself, and has a property of its own',
  changes: 'the journal from a sequence on',
  stats: 'where the file stands',
  isKeyKnown: 'asked before a command is sent',
  ratedSince: 'asked before a price is published',
  find: 'finds ids; what they lead to is of an instant',
  crossings: 'what is told to whom',
  alerts: 'what is told to whom',
  alert: 'what is told to whom',
  deliveries: 'what is told to whom',
  delivery: 'what is told to whom',
  dueNotices: 'what is told to whom',
  noticeToSend: 'what is told to whom',
  knownEvents: 'asked before usage is imported',
  usageEffect: 'asked before usage is imported',
  send: 'what is on its way to chains',
  openSends: 'what is on its way to chains',
  lastNonce: 'what is on its way to chains',
  sends: 'what is on its way to chains',
  reviewContent: 'what is signed now, of an invoice as it stands',
};

type Ask = readonly [ReadName, object];
const METERS = ['calls', 'tokens', 'seats', 'users', 'peak', 'hits', 'later'];
const KINDS = ['customer', 'meter', 'price', 'plan', 'discount', 'settings', 'correction', 'minimum'];

/** Everything that can be asked, of everybody. `seen` are ids that the business made so far. */
function asks(nowMs: number, seen: Seen): Ask[] {
  const limit = 500;
  const ofCustomers = CUSTOMERS.flatMap((customer): Ask[] => [
    ['balances', { customer }],
    ['statement', { customer, asset: ASSET, fromMs: NOON_MS + 3 * DAY_MS }],
    ['grants', { customer, limit }],
    ['burnDown', { asset: ASSET, customer, days: 40, nowMs }],
    ['customer', { customer, nowMs }],
    ['customerRecord', { customer }],
    ['entries', { customer, limit }],
    ['events', { customer, limit }],
    ['holds', { customer, limit }],
    ['invoices', { customer, limit }],
    ['quote', { customer, plan: null, atMs: nowMs, items: [{ meter: 'calls', units: 40n }] }],
    ['drafts', { customer }],
    ['notes', { customer, limit }],
  ]);
  const queries = METERS.flatMap((meter): Ask[] =>
    (['HOUR', 'DAY'] as const).map((windowSize) => [
      'meterQuery',
      { meter, windowSize, timeZone: 'UTC', subjects: [], groupBy: ['subject'], filters: {} },
    ]),
  );
  return [
    ...ofCustomers,
    ...queries,
    ...KINDS.map((kind): Ask => ['records', { kind }]),
    ...['acme', 'beta'].map((name): Ask => ['nameTarget', { kind: 'customer', name }]),
    ...seen.invoices.flatMap((invoice): Ask[] => [
      ['invoice', { invoice }],
      ['invoiceDocument', { invoice }],
    ]),
    ...seen.lines.map((id): Ask => ['explain', { id, limit }]),
    ...seen.events.map((id): Ask => ['event', { source: 'test', id }]),
    ...seen.holds.map((holdId): Ask => ['hold', { holdId }]),
    ...seen.grants.flatMap((grant): Ask[] => [
      ['grant', { grant }],
      ['grantMoves', { grant, limit }],
    ]),
    ['allGrants', { limit: 7, nowMs }],
    ['allGrants', { limit, nowMs, expiringDays: 30 }],
    ['creditTotals', { nowMs }],
    ['burnDown', { asset: ASSET, days: 40, nowMs }],
    ['record', { kind: 'settings', id: 'workspace' }],
    ['whatIf', { draft: draftPrice(), fromMs: dayMs(nowMs) - 9 * DAY_MS, toMs: dayMs(nowMs) + DAY_MS, limit }],
    ['accounts', {}],
    ['entries', { limit }],
    ['transaction', { id: 'txn_00000000005' }],
    ['customers', { limit, nowMs }],
    ['customerIds', {}],
    ['keyUses', {}],
    ['runs', { kinds: ['verify', 'backup', 'drill'], limit }],
    ['reviews', { limit }],
    ['conflicts', { limit }],
    ['events', { limit: 7, beforeSequence: '12' }],
    ['unrated', { limit }],
    ['unratedSummary', {}],
    ['overview', { nowMs }],
  ];
}

const dayMs = (atMs: number): number => Math.floor(atMs / DAY_MS) * DAY_MS;

const draftPrice = () => ({
  meter: 'calls',
  plan: null,
  customer: null,
  asset: ASSET,
  model: JSON.stringify({ kind: 'per-unit', rate: { amountMinor: '4', perUnits: '1' } }),
  rounding: 'half-even',
  minimumMinor: '0',
});

type Seen = Readonly<Record<'invoices' | 'lines' | 'events' | 'holds' | 'grants', string[]>>;
function seenIn(session: ReadSession): Seen {
  const ids = (text: string): string[] => (session.sql(text).all() as { id: string }[]).map(({ id }) => id);
  return {
    invoices: ids('SELECT id FROM invoice ORDER BY id LIMIT 4'),
    lines: ids('SELECT id FROM line ORDER BY id LIMIT 6'),
    events: ids('SELECT id FROM event ORDER BY seq DESC LIMIT 3'),
    holds: ids('SELECT id FROM hold ORDER BY id DESC LIMIT 3'),
    grants: ids('SELECT id FROM credit_grant ORDER BY id LIMIT 3'),
  };
}

/** What a read that goes slice by slice comes to. */
function whole(value: unknown): unknown {
  if (typeof (value as Partial<Iterator<unknown>> | null)?.next !== 'function') return value;
  const slices = value as Iterator<unknown, unknown>;
  for (;;) {
    const { done, value: last } = slices.next();
    if (done) return last;
  }
}

/** An answer, or its refusal, as text. Refused calls are counted by whole hours and are in no journal. */
function answer(session: ReadSession, instant: Instant, [name, input]: Ask): string {
  const read = READS[name] as (session: ReadSession, input: object) => unknown;
  const bare = (key: string, value: unknown): unknown => {
    if (typeof value === 'bigint') return `${value}n`;
    if (key === 'needsYou') return (value as { kind: string }[]).filter(({ kind }) => kind !== 'refused');
    return key === 'refused402' || key === 'refusedCustomers' ? undefined : value;
  };
  try {
    return (
      JSON.stringify(
        session.within(instant, (at) => whole(read(at, input))),
        bare,
      ) ?? 'undefined'
    );
  } catch (error) {
    if (error instanceof RefusalError) return JSON.stringify(error.refusal);
    throw error;
  }
}

type Taken = Readonly<{ atMs: number; answers: readonly Readonly<{ ask: Ask; text: string }>[] }>;

let world: World | undefined;
afterEach(() => world?.dispose());

function withBusiness(
  parts: readonly (readonly Move[])[],
  check: (session: ReadSession, taken: Taken[]) => void,
): void {
  const clock = { nowMs: NOON_MS };
  world = new World('sqlite', { clock });
  const play = new Play(clock);
  const send = (commands: ReturnType<Play['commands']>) => {
    if (world) play.learn(commands, world.commit(...commands), world.store);
  };
  send(setting(play.script));
  const taken: Taken[] = [];
  const session = createReadSession(openForReading(world.file));
  try {
    for (const part of parts) {
      for (const one of part) send(play.commands(one));
      session.catalog.forget();
      const list = asks(clock.nowMs, seenIn(session));
      taken.push({ atMs: clock.nowMs, answers: list.map((ask) => ({ ask, text: answer(session, {}, ask) })) });
      clock.nowMs += 1;
      // The same instant again and again while the business goes on.
      check(session, taken.slice(0, 1));
    }
    check(session, taken);
  } finally {
    session.close();
    world.dispose();
    world = undefined;
  }
}

/** Usage of a month that ended, drafted, and more of it before the draft is drawn again. */
const BILLED: readonly Move[] = [
  { name: 'use', a: 5, b: 0, c: 3 },
  { name: 'leap', a: 11, b: 0, c: 0 },
  { name: 'leap', a: 11, b: 0, c: 0 },
  { name: 'leap', a: 11, b: 0, c: 0 },
  { name: 'close', a: 1, b: 0, c: 0 },
];

type Diff = ReturnType<typeof READS.diff>;

/** All pages of a comparison as one. */
function wholeDiff(session: ReadSession, input: Omit<Parameters<typeof READS.diff>[1], 'limit' | 'cursor'>): Diff {
  const first = session.within({}, (at) => READS.diff(at, { ...input, limit: 7 }));
  const items = [...first.items];
  for (let { nextCursor } = first; nextCursor !== null;) {
    const cursor = nextCursor;
    const page = session.within({}, (at) => READS.diff(at, { ...input, limit: 7, cursor }));
    items.push(...page.items);
    ({ nextCursor } = page);
  }
  return { ...first, items };
}

/** Every part's difference is what its items sum to. */
function expectExplained({ parts, items }: Diff): void {
  for (const { part, oldMinor, newMinor, differenceMinor } of parts) {
    const sum = items.filter((one) => one.part === part).reduce((total, one) => total + BigInt(one.amountMinor), 0n);
    expect({ part, sum: sum.toString() }).toEqual({ part, sum: differenceMinor });
    expect(BigInt(newMinor) - BigInt(oldMinor)).toBe(BigInt(differenceMinor));
  }
}

describe('what came in between', () => {
  test('sums to the difference of a balance and of an invoice, whatever the instants', () => {
    let [moved, drawn] = [0, 0];
    fc.assert(
      fc.property(business, fc.array(fc.nat(40), { minLength: 8, maxLength: 8 }), (parts, days) => {
        withBusiness([BILLED, ...parts], (session, taken) => {
          const known = [...taken.map(({ atMs }) => ({ knownAtMs: atMs })), {}];
          const happened = days.map((day) => ({ asOfMs: NOON_MS + (day - 5) * DAY_MS }));
          const instants = [...known, ...happened.slice(0, 3), { ...known[0], ...happened[3] }];
          for (const [at, old] of instants.entries()) {
            const now = instants[(at + (days[at % 8] ?? 0)) % instants.length] ?? {};
            for (const customer of CUSTOMERS) {
              const found = wholeDiff(session, { customer, asset: ASSET, old, new: now });
              expectExplained(found);
              const balance = session
                .within(old, (then) => READS.balances(then, { customer }))
                .items.find(({ asset }) => asset === ASSET);
              expect(found.parts[0]?.oldMinor).toBe(balance?.postedMinor ?? '0');
              moved += found.items.length;
            }
            for (const invoice of seenIn(session).invoices) {
              const sides = [old, now].map((one) => answer(session, one, ['invoice', { invoice }]));
              if (sides.every((side) => side.includes('NOT_FOUND'))) continue;
              const found = wholeDiff(session, { invoice, old, new: now });
              expectExplained(found);
              drawn += found.items.length;
            }
          }
        });
      }),
      { numRuns: 6, endOnFailure: true },
    );
    expect(moved).toBeGreaterThan(100);
    expect(drawn).toBeGreaterThan(0);
  });
});

describe('what the books knew', () => {
  test('every read known at an instant is the read that was made then', () => {
    let compared = 0;
    fc.assert(
      fc.property(business, (parts) => {
        withBusiness(parts, (session, taken) => {
          // Backwards and forwards: where the machine stood before must not matter.
          for (const { atMs, answers } of [...taken.toReversed(), ...taken]) {
            for (const { ask, text } of answers) {
              const said = answer(session, { knownAtMs: atMs }, ask);
              expect({ ask, said }).toEqual({ ask, said: text });
              if (text.length > 40) compared += 1;
            }
          }
        });
      }),
      // A business is slow to shrink: the seed is enough to see it again.
      { numRuns: 12, endOnFailure: true },
    );
    expect(compared).toBeGreaterThan(500);
  });

  test('every read of the books is asked, but for those that are of no instant', () => {
    const asked = new Set(
      asks(0, { invoices: ['i'], lines: ['l'], events: ['e'], holds: ['h'], grants: ['g'] }).map(([name]) => name),
    );
    const missing = (Object.keys(READS) as ReadName[]).filter(
      (name) => !asked.has(name) && !(name in NOT_OF_AN_INSTANT),
    );
    expect(missing).toEqual([]);
  });

  test('every table has its past, but for what is on its way to chains', () => {
    expect(Object.keys(TABLES).toSorted()).toEqual([...Object.keys(PAST_VIEWS), ...NO_PAST].toSorted());
  });
});
