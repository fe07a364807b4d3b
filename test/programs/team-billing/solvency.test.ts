/**
 * Random lives of two teams with captures, months, tiers, deposits, refunds and ends: after every step each token is
 * where a model without accounts says, and nothing comes from or goes to nowhere. `PROGRAM_FUZZ_RUNS` makes it longer.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chain } from '../chain.ts';
import { addTokens, amountOf } from '../tokens.ts';
import { DAY, JANUARY, RULES, TEAM_BILLING, USDC, World } from './world.ts';

const RUNS = Number(process.env['PROGRAM_FUZZ_RUNS'] ?? 25);

/** A long run takes as long as it takes. */
const TIMEOUT_MS = 60_000 + RUNS * 2_000;

const ALL = 2n ** 64n - 1n;

/** Monthly fee, quota and price of a request above it, by tier: the table of the rail. */
const TIERS = [
  { fee: 50n * USDC, quota: 10_000n, overage: 10_000n },
  { fee: 250n * USDC, quota: 100_000n, overage: 5_000n },
  { fee: 1_000n * USDC, quota: 500_000n, overage: 2_000n },
  { fee: 0n, quota: ALL, overage: 0n },
] as const;

const tierOf = (number: number): (typeof TIERS)[number] => TIERS[number] ?? TIERS[0];

const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);

/** What has come to the operator of one chain. */
type Revenue = { treasury: bigint; stakers: bigint };

/** A team as the rules see it, in minor units. */
type Model = {
  isOpen: boolean;
  balance: bigint;
  baseDebt: bigint;
  overageDebt: bigint;
  basePaid: bigint;
  requests: bigint;
  fee: bigint;
  tier: number;
  nextTier: number;
  nextTierAt: bigint;
  month: readonly [bigint, bigint];
  countsFrom: bigint;
  asked: readonly [bigint, bigint];
  refunds: boolean;
};

/** Begin and end of the calendar month of an instant, by the calendar of the platform. */
function monthOf(now: bigint): readonly [bigint, bigint] {
  const date = new Date(Number(now) * 1000);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return [BigInt(Date.UTC(year, month) / 1000), BigInt(Date.UTC(year, month + 1) / 1000)];
}

const STEPS = [
  ...[
    'use',
    'use',
    'use',
    'use',
    'deposit',
    'deposit',
    'outside',
    'wait',
    'wait',
    'month',
    'month',
    'upgrade',
    'nextTier',
  ],
  ...['ask', 'askAll', 'take', 'take', 'cosign', 'refunds', 'leave', 'leave', 'open', 'open'],
];

type Step = Readonly<{ who: number; what: string; amount: bigint; tier: number }>;

const arbStep: fc.Arbitrary<Step> = fc.record({
  who: fc.integer({ min: 0, max: 1 }),
  what: fc.constantFrom(...STEPS),
  amount: fc.oneof(fc.bigInt(0n, 15_000n), fc.bigInt(0n, 400n * USDC)),
  tier: fc.integer({ min: 0, max: 3 }),
});

class Life {
  readonly world: World;
  readonly revenue: Revenue;
  model: Model | undefined;

  constructor(world: World, revenue: Revenue) {
    this.world = world;
    this.revenue = revenue;
  }

  private pay(model: Model): void {
    const base = min(model.baseDebt, model.balance);
    const overage = min(model.overageDebt, model.balance - base);
    const stakers = (model.basePaid + base) / 10n - model.basePaid / 10n;
    this.revenue.treasury += base - stakers;
    this.revenue.stakers += stakers + overage;
    model.basePaid += base;
    model.baseDebt -= base;
    model.overageDebt -= overage;
    model.balance -= base + overage;
  }

  private feeUntil(model: Model, until: bigint): bigint {
    const [start, end] = model.month;
    return (model.fee * max(min(until, end) - model.countsFrom, 0n)) / (end - start);
  }

  private open(tier: number): string | undefined {
    const isTaken = this.model !== undefined;
    const refusal = isTaken ? 'AlreadyOpen' : tier === 3 ? 'TierReserved' : undefined;
    const now = this.world.chain.now();
    if (refusal !== undefined) return refusal;
    this.model = {
      ...{ isOpen: true, balance: 0n, baseDebt: 0n, overageDebt: 0n, basePaid: 0n, requests: 0n, refunds: false },
      ...{
        tier,
        nextTier: tier,
        nextTierAt: 0n,
        fee: tierOf(tier).fee,
        month: monthOf(now),
        countsFrom: now,
        asked: [0n, ALL] as const,
      },
    };
    return undefined;
  }

  private free(model: Model): bigint {
    return max(model.balance - model.baseDebt - model.overageDebt - this.feeUntil(model, model.month[1]), 0n);
  }

  private use(model: Model, requests: bigint): string | undefined {
    if (requests === 0n) return 'Zero';
    const { quota, overage } = tierOf(model.tier);
    const after = model.requests + requests;
    model.overageDebt += (max(after - quota, 0n) - max(model.requests - quota, 0n)) * overage;
    model.requests = after;
    this.pay(model);
    return undefined;
  }

  private endMonth(model: Model): string | undefined {
    if (this.world.chain.now() < model.month[1]) return 'PeriodOpen';
    model.baseDebt += this.feeUntil(model, model.month[1]);
    this.pay(model);
    if (model.refunds) model.balance = 0n;
    Object.assign(model, { month: monthOf(model.month[1]), countsFrom: model.month[1], requests: 0n });
    if (model.month[0] < model.nextTierAt) return undefined;
    Object.assign(model, { tier: model.nextTier, fee: tierOf(model.nextTier).fee });
    return undefined;
  }

  private take(model: Model, amount: bigint, isCosigned: boolean): string | undefined {
    const [asked, unlocksAt] = model.asked;
    if (!isCosigned && amount > asked) return 'NotRequested';
    if (!isCosigned && this.world.chain.now() < unlocksAt) return 'WithdrawalLocked';
    if (amount === 0n) return 'Zero';
    if (amount > this.free(model)) return 'FundsHeld';
    if (!isCosigned) model.asked = [asked - amount, unlocksAt];
    model.balance -= amount;
    return undefined;
  }

  private leave(model: Model): string | undefined {
    const [asked, unlocksAt] = model.asked;
    if (asked !== ALL) return 'NotRequested';
    if (this.world.chain.now() < unlocksAt) return 'WithdrawalLocked';
    model.baseDebt += this.feeUntil(model, this.world.chain.now());
    this.pay(model);
    this.model = undefined;
    return undefined;
  }

  /** Takes one step on the chain and in the model, and requires the same answer of both. */
  step({ what, amount, tier }: Step): void {
    const { world, model } = this;
    const agree = (
      name: string,
      args: Record<string, bigint | number | boolean | Uint8Array>,
      refusal: () => string | undefined,
    ) => {
      const { error } = world.ask(name, args);
      expect({ name, amount, error }).toEqual({
        name,
        amount,
        error: model || what === 'open' ? refusal() : 'WrongTeam',
      });
    };
    const own = model ?? ({} as Model);
    switch (what) {
      case 'open':
        return agree('create_team_account', { tier }, () => this.open(tier));
      case 'use': {
        const sequence = model ? BigInt(String(world.teamState()['sequence'])) + 1n : 1n;
        const args = { request_count: amount % 30_000n, sequence, usage_hash: Buffer.alloc(32) };
        return agree('deduct_usage', args, () => this.use(own, amount % 30_000n));
      }
      case 'deposit':
        return agree('deposit_funds', { amount }, () => {
          if (amount === 0n) return 'Zero';
          own.balance += amount;
          this.pay(own);
          return undefined;
        });
      case 'outside':
        if (!model) return undefined;
        model.balance += amount;
        return addTokens(world.chain, world.tokens, amount);
      case 'wait':
        return world.wait(amount % (9n * DAY));
      case 'month':
        return agree('close_period', {}, () => this.endMonth(own));
      case 'refunds':
        return agree('set_refund', { is_wanted: tier > 1 }, () => void (own.refunds = tier > 1));
      case 'upgrade':
      case 'nextTier':
        return agree('update_tier', { new_tier: tier, at_once: what === 'upgrade' }, () => {
          const [now, to] = [tierOf(own.tier), tierOf(tier)];
          if (what === 'upgrade' && (to.quota < now.quota || to.overage > now.overage)) return 'TierWorse';
          if (what === 'upgrade') own.tier = tier;
          Object.assign(own, {
            nextTier: tier,
            nextTierAt: world.chain.now() + BigInt(RULES.withdrawal_delay_seconds),
          });
          return undefined;
        });
      default:
        return this.stepOut(what, amount, agree);
    }
  }

  private stepOut(
    what: string,
    amount: bigint,
    agree: (name: string, args: Record<string, bigint>, refusal: () => string | undefined) => void,
  ): void {
    const own = this.model ?? ({} as Model);
    if (what === 'ask' || what === 'askAll') {
      const asked = what === 'ask' ? amount : ALL;
      return agree('request_withdrawal', { amount: asked }, () => {
        own.asked = [
          asked,
          asked === 0n ? 2n ** 63n - 1n : this.world.chain.now() + BigInt(RULES.withdrawal_delay_seconds),
        ];
        return undefined;
      });
    }
    if (what === 'leave') {
      const { record } = this.world;
      agree('close_team_account', {}, () => this.leave(own));
      // A team that comes back in the same month would find its old record.
      if (this.model || !this.world.chain.account(record)) return undefined;
      this.world.do('close_usage_record', {}, { accounts: { usage_record: record } });
      return undefined;
    }
    const name = what === 'take' ? 'withdraw_unused' : 'withdraw_cosigned';
    return agree(name, { amount }, () => this.take(own, amount, what === 'cosign'));
  }

  /** Compares what the chain holds with the model. */
  check(): void {
    const { world, model } = this;
    if (!model) return expect(world.chain.account(world.tokens)).toBeUndefined();
    expect(world.teamState()).toMatchObject({
      base_debt_minor: model.baseDebt,
      overage_debt_minor: model.overageDebt,
      period_requests: model.requests,
      period_start: model.month[0],
      period_end: model.month[1],
      tier: model.tier,
      monthly_fee_minor: model.fee,
    });
    expect(world.balance()).toBe(model.balance);
    return undefined;
  }
}

function tokensOf({ chain, wallet, tokens }: World): bigint {
  return amountOf(chain, wallet) + amountOf(chain, tokens);
}

test(
  "every token is somebody's, whatever happens in which order",
  () => {
    fc.assert(
      fc.property(fc.array(arbStep, { minLength: 20, maxLength: 70, size: 'max' }), (steps) => {
        const chain = new Chain([TEAM_BILLING], JANUARY);
        const revenue: Revenue = { treasury: 0n, stakers: 0n };
        const lives = ['a team', 'another team'].map((owner) => new Life(new World(chain, { owner }), revenue));
        const [first] = lives;
        first?.world.do('init_config', { operator: first.world.operator.publicKey, ...RULES, collects_base_fee: true });
        for (const life of lives) life.step({ who: 0, what: 'open', amount: 0n, tier: 0 });
        for (const step of steps) {
          const life = lives[step.who];
          if (!life) continue;
          const outside = step.what === 'outside' && life.model ? step.amount : 0n;
          const before =
            lives.reduce((sum, { world }) => sum + tokensOf(world), 0n) + revenue.treasury + revenue.stakers;
          life.step(step);
          life.check();
          const { treasury, stakers } = life.world;
          expect([amountOf(chain, treasury), amountOf(chain, stakers)]).toEqual([revenue.treasury, revenue.stakers]);
          const after =
            lives.reduce((sum, { world }) => sum + tokensOf(world), 0n) + revenue.treasury + revenue.stakers;
          expect(after).toBe(before + outside);
        }
        for (const life of lives) {
          if (!life.model) continue;
          life.step({ who: 0, what: 'askAll', amount: 0n, tier: 0 });
          life.world.wait(DAY);
          life.step({ who: 0, what: 'leave', amount: 0n, tier: 0 });
          life.check();
        }
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: TIMEOUT_MS - 20_000 },
    );
  },
  TIMEOUT_MS,
);
