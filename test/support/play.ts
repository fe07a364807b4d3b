/**
 * A business in small numbers: turns arbitrary triples of numbers into commands that make sense, so that properties,
 * simulations and crash tests share one vocabulary.
 */
import { sequenceId } from '#core/domain/id.ts';
import { STACKING } from '#core/domain/discount.ts';
import type { DiscountTerms } from '#core/domain/discount.ts';
import type { Terms } from '#core/ledger/catalog.ts';
import type { Answer, Command } from '#core/ledger/port.ts';
import type { Store } from '#core/ledger/store.ts';
import { DAY_MS, HOUR_MS, Script } from './world.ts';
import type { Clock, Usage } from './world.ts';

export const MOVES = [
  'use',
  'use',
  'use',
  'again',
  'post',
  'hold',
  'hold',
  'capture',
  'capture',
  'release',
  'grant',
  'claw',
  'expire',
  'wait',
  'wait',
  'leap',
  'correct',
  'assign',
  'bill',
  'close',
  'check',
  'rename',
  'reprice',
  'discount',
  'replan',
  'replay',
] as const;
export type MoveName = (typeof MOVES)[number];
export type Move = Readonly<{ name: MoveName; a: number; b: number; c: number }>;

export const CUSTOMERS = ['cus_a', 'cus_b', 'cus_c'] as const;
const SUBJECTS = ['cus_a', 'acme', 'cus_b', 'beta', 'cus_c', 'nobody'] as const;
const METERS = ['calls', 'tokens', 'seats', 'later', 'unheard'] as const;
export const ASSET = 'USDC/6';

const pick = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

/** What a play starts from: three customers, meters of every kind, prices that differ. */
export function setting(script: Script): Command[] {
  return [
    script.settings({ name: 'Play', dueDays: 7 }),
    script.meter('calls'),
    script.meter('tokens', { scale: 2, overshoot: 'cap' }),
    script.meter('seats', { aggregation: 'latest', eventType: 'seats', overshoot: 'next-grant' }),
    script.meter('users', { aggregation: 'unique', eventType: 'web', valuePath: '$.user' }),
    script.meter('peak', { aggregation: 'max', eventType: 'web', valuePath: '$.load' }),
    script.meter('hits', { aggregation: 'count', eventType: 'web', billable: false }),
    script.plan('team', { baseFeeMinor: '700' }),
    script.price('prc_calls', 'calls', {
      priced: { kind: 'quota', quotaUnits: 15n, overage: { amountMinor: 9n, perUnits: 1n } },
    }),
    script.price('prc_tokens', 'tokens', {
      rounding: 'half-even',
      priced: {
        kind: 'graduated',
        tiers: [
          { upTo: 500n, rate: { amountMinor: 7n, perUnits: 3n }, flatMinor: 0n },
          { upTo: null, rate: { amountMinor: 1n, perUnits: 1n }, flatMinor: 40n },
        ],
      },
    }),
    script.price('prc_seats', 'seats', { perUnit: 25n }),
    script.price('prc_users', 'users', { perUnit: 30n, minimumMinor: '200' }),
    script.price('prc_peak', 'peak', { priced: { kind: 'package', sizeUnits: 5n, amountMinor: 60n } }),
    script.customer('cus_a', { subjects: ['acme'], terms: [{ fromMs: 0, plan: 'team' }] }),
    script.customer('cus_b', {
      subjects: ['beta'],
      overdrafts: { [ASSET]: '300' },
      timeZone: 'Europe/Berlin',
      anchorDay: 31,
    }),
    script.customer('cus_c'),
  ];
}

/** What was sent and can be sent again: a command whose answer is for ever, and that answer. */
export type Sent = Readonly<{ command: Command; answer: Answer }>;

const KEYED = new Set<Command['type']>([
  'hold.open',
  'credit.grant',
  'credit.claw-back',
  'hold.capture',
  'hold.release',
]);

/** Remembers what a business would: its holds, events, drafts and parked usage, learnt from answers and the journal. */
export class Play {
  readonly script: Script;
  readonly #clock: Clock;
  readonly #holds: string[] = [];
  readonly #grants: string[] = [];
  readonly #events: { id: string; usage: Usage }[] = [];
  readonly #terms: Terms[] = [{ fromMs: 0, plan: 'team' }];
  #parked: string[] = [];
  #drafts: string[] = [];
  #readTo = 0;
  #versions = 1;
  readonly sent: Sent[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.script = new Script(clock);
  }

  /** The commands of a move, which are one commit. Moves the clock where the move says so. */
  commands(move: Move): Command[] {
    const { a, b, c } = move;
    const { script } = this;
    const hold = pick(this.#holds, a);
    switch (move.name) {
      case 'use':
        return [script.usage(Array.from({ length: 1 + (a % 6) }, (_, index) => this.#usage(a + index, b, c + index)))];
      case 'again':
        return this.#again(a, b);
      case 'post':
        return [{ type: 'post', actor: 'poster' }];
      case 'hold':
        return [this.#openHold(a, b, c)];
      case 'capture':
        return hold ? [script.capture(hold, b % 3 === 0 ? null : BigInt(c % 40))] : [];
      case 'release':
        return hold ? [script.release(hold)] : [];
      case 'grant':
        return [this.#grant(a, b, c)];
      case 'claw':
        return this.#claw(a, b, c);
      case 'expire':
        return [{ type: 'expire', actor: 'clock' }];
      case 'wait':
        this.#clock.nowMs += a % 40_000;
        return [];
      case 'leap':
        this.#clock.nowMs += (a % 12) * DAY_MS + b;
        return [];
      case 'correct':
        return this.#correct(a, b);
      case 'assign':
        return this.#assign(a, b);
      case 'bill':
        return this.#drafts.length > 0 ? [script.finalize(this.#drafts)] : [];
      case 'close':
        return [script.close(CUSTOMERS, this.#clock.nowMs, a % 5 === 0)];
      case 'check':
        return [
          {
            type: 'gate.check',
            actor: 'gate',
            customer: pick(CUSTOMERS, a) ?? '',
            meter: pick(METERS, b) ?? '',
            units: BigInt(c % 50),
          },
        ];
      case 'rename':
        return [this.#rename(a, b)];
      case 'reprice':
        return this.#reprice(a, b);
      case 'discount':
        return [this.#discount(a, b, c)];
      case 'replan':
        return [this.#replan(a)];
      case 'replay':
        return this.sent.length > 0 ? [(pick(this.sent, a) as Sent).command] : [];
    }
  }

  #usage(a: number, b: number, c: number): Usage {
    const subject = pick(SUBJECTS, a) ?? '';
    const occurredMs = b % 4 === 0 ? null : this.#clock.nowMs - (b % 3 === 0 ? (c % 40) * DAY_MS : (c % 5) * HOUR_MS);
    const id = this.script.id('evt');
    const shapes: Partial<Usage>[] = [
      { meter: pick(METERS.slice(0, 2), b) ?? '', units: BigInt(c % 60) },
      { type: 'web', data: { user: `u${c % 7}`, load: c % 11 } },
      { type: 'seats', data: { value: c % 9 } },
      { type: 'seats', data: { value: 'no number' } },
      { meter: 'later', units: null, data: { quantity: c % 9 } },
    ];
    const usage: Usage = { id, subject, occurredMs, ...pick(shapes, a * 7 + c) };
    this.#events.push({ id, usage });
    return usage;
  }

  /** An event that was sent before: the same, or with another body. */
  #again(a: number, b: number): Command[] {
    const event = pick(this.#events, a);
    if (!event) return [];
    return [this.script.usage([b % 2 === 0 ? event.usage : { ...event.usage, data: { changed: b } }])];
  }

  #openHold(a: number, b: number, c: number): Command {
    const meter = pick(['calls', 'tokens', 'peak', 'users'] as const, b) ?? '';
    return this.script.hold(pick(CUSTOMERS, a) ?? '', meter, BigInt(c % 30), { ttlMs: 1000 + (c % 90_000) });
  }

  #grant(a: number, b: number, c: number): Command {
    return this.script.grant(pick(CUSTOMERS, a) ?? '', BigInt(1 + (c % 900)), {
      priority: b % 3,
      source: b % 2 === 0 ? 'prepaid' : 'promotional',
      expiresAtMs: b % 5 < 2 ? this.#clock.nowMs + 1 + (c % 20) * DAY_MS : null,
    });
  }

  #claw(a: number, b: number, c: number): Command[] {
    const grant = pick(this.#grants, a);
    return grant === undefined ? [] : [this.script.clawBack(grant, b % 3 === 0 ? null : BigInt(1 + (c % 200)))];
  }

  #correct(a: number, b: number): Command[] {
    const counted = this.#events.filter(({ usage }) => usage.meter === 'calls' || usage.meter === 'tokens');
    const event = pick(counted, a);
    return event ? [this.script.correct(event.id, BigInt(b % 50), { book: b % 4 !== 0 })] : [];
  }

  #assign(a: number, b: number): Command[] {
    const ids = this.#parked.slice(a % Math.max(1, this.#parked.length)).slice(0, 3);
    if (ids.length === 0) return [];
    if (b % 4 === 0) return [this.script.assign(ids, { dismiss: 'not ours' })];
    return [
      this.script.assign([...ids, ...ids], b % 2 === 0 ? { customer: 'cus_c' } : { customer: 'cus_b', meter: 'calls' }),
    ];
  }

  /** One of four rules begins, ends, or changes its terms. */
  #discount(a: number, b: number, c: number): Command {
    const kind = pick(STACKING, a) ?? 'promotion';
    const terms: DiscountTerms =
      b % 3 === 0
        ? { kind: 'amount', amountMinor: BigInt(1 + (c % 300)) }
        : { kind: 'percent', basisPoints: 1 + (c % 9000) };
    return this.script.discount(`dsc_${kind}`, {
      kind,
      terms,
      customer: b % 2 === 0 ? (pick(CUSTOMERS, c) ?? null) : null,
      meters: b % 4 === 0 ? ['calls'] : null,
      committedMinor: kind === 'commitment' ? BigInt(1 + (c % 800)) : null,
      untilMs: b % 5 === 0 ? this.#clock.nowMs : null,
    });
  }

  /** The first customer changes its plan now, in the middle of a period. */
  #replan(a: number): Command {
    this.#terms.push({ fromMs: this.#clock.nowMs, plan: a % 2 === 0 ? 'team' : null });
    return this.script.customer('cus_a', { subjects: ['acme'], terms: this.#terms });
  }

  /** A subject moves from one customer to another, or is let go. */
  #rename(a: number, b: number): Command {
    const from = a % 2 === 0 ? 'cus_a' : 'cus_b';
    const name = a % 2 === 0 ? 'acme' : 'beta';
    const isTaken = b % 2 === 0;
    const fields = {
      subjects: isTaken ? [] : [name],
      ...(a % 2 === 0 ? { terms: this.#terms } : {}),
    };
    const changed = this.script.customer(from, { ...fields, overdrafts: a % 2 === 0 ? {} : { [ASSET]: '300' } });
    return isTaken ? ({ ...changed, names: [{ kind: 'customer', name, take: true }] } as Command) : changed;
  }

  /** A new version of a price, or a meter that was not there. */
  #reprice(a: number, b: number): Command[] {
    this.#versions += 1;
    if (a % 3 === 0) return [this.script.meter('later', { overshoot: 'cap' }), this.script.price('prc_later', 'later')];
    return [
      this.script.price(`prc_calls_${this.#versions}`, 'calls', {
        perUnit: BigInt(1 + (b % 12)),
        version: this.#versions,
        effectiveFromMs: this.#clock.nowMs - (b % 3) * HOUR_MS,
        ...(a % 3 === 1 ? { customer: pick(CUSTOMERS, b) ?? '' } : {}),
      }),
    ];
  }

  /** Learns from what was answered and from what the journal says since. */
  learn(commands: readonly Command[], answers: readonly Answer[], store: Store): void {
    for (const [index, command] of commands.entries()) {
      const answer = answers[index];
      if (!answer?.ok) continue;
      if (KEYED.has(command.type)) this.sent.push({ command, answer });
      if (command.type === 'hold.open') this.#holds.push(command.id);
      if (command.type === 'credit.grant') this.#grants.push(command.id);
      if (command.type === 'invoice.close') this.#drafts = (answer.value as { invoices: string[] }).invoices;
      if (command.type === 'invoice.finalize') this.#drafts = [];
    }
    const last = store.get('book')?.seq ?? 0;
    for (let seq = this.#readTo + 1; seq <= last; seq += 1) this.#read(seq, store);
    this.#readTo = last;
    this.#parked = this.#parked.filter((id) => store.get('parked', id)?.state === 'open');
  }

  #read(seq: number, store: Store): void {
    const tx = store.get('tx', seq);
    if (tx?.kind !== 'usage.posted') return;
    const { parked } = JSON.parse(tx.body) as { parked: unknown[] };
    for (const line of parked.keys()) this.#parked.push(sequenceId('prk', seq, line + 1));
  }
}
