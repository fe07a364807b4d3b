/**
 * Random lives of two customers with delegation, commits, dead rollups, prices and exits: after every step the chain
 * holds what the model says, and in the end every customer leaves with what is theirs. `PROGRAM_FUZZ_RUNS` makes it
 * longer.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Chain } from '../chain.ts';
import type { Answer } from '../chain.ts';
import { NO_DELEGATION, Validator } from '../delegation.ts';
import * as model from './model.ts';
import { TERMS, USAGE_VAULT, World } from './world.ts';

const RUNS = Number(process.env['PROGRAM_FUZZ_RUNS'] ?? 25);

/** A long run takes as long as it takes. */
const TIMEOUT_MS = 60_000 + RUNS * 2_000;

const STEPS = [
  ...['open', 'outside', 'kill', 'announce', 'cancelExit', 'closeMeter', 'abandon', 'closeVault'],
  ...['earnings', 'outsideEarnings', 'retrack', 'undelegate', 'requestExit'],
  ...['deposit', 'deposit', 'openMeter', 'openMeter', 'delegate', 'delegate', 'commit', 'commit', 'wait', 'wait'],
  ...['charge', 'charge', 'withdraw', 'withdraw', 'exit', 'exit'],
  ...['track', 'track', 'track', 'track', 'track', 'track', 'track', 'track'],
];

type Step = Readonly<{ who: number; what: string; amount: bigint }>;

const arbStep: fc.Arbitrary<Step> = fc.record({
  who: fc.integer({ min: 0, max: 1 }),
  what: fc.constantFrom(...STEPS),
  amount: fc.oneof(fc.bigInt(0n, 120n), fc.bigInt(0n, 3_000_000n)),
});

/** One customer on the base chain, its copy in the rollup, and what the model says of it. */
class Life {
  readonly world: World;
  readonly rollup: World;
  readonly validator: Validator;
  readonly expected = model.nobody();
  readonly operator: model.Operator;
  meter: model.Meter | undefined;

  constructor(world: World, rollup: World, validator: Validator, operator: model.Operator) {
    this.world = world;
    this.rollup = rollup;
    this.validator = validator;
    this.operator = operator;
  }

  private now(): bigint {
    return this.world.chain.now();
  }

  /** Where the meter is written now. */
  private place(): World {
    return this.meter?.place === 'rollup' ? this.rollup : this.world;
  }

  /** Finds an address at which no meter of an earlier life stands. */
  private nextGeneration(): void {
    this.world.generation = this.expected.generation + 1n;
    while (this.world.chain.account(this.world.meter)) this.world.generation += 1n;
    this.rollup.generation = this.world.generation;
  }

  /** Takes one step on the chain and in the model; gives both outcomes. Steps that make no sense now give nothing. */
  take({ what, amount }: Step): readonly [Answer, model.Outcome] | undefined {
    const { world, expected, operator, meter } = this;
    switch (what) {
      case 'open': {
        if (expected.isOpen) return [world.ask('init_user_vault', { terms_version: 1 }), 'AlreadyOpen'];
        const rent = world.chain.svm.minimumBalanceForRentExemption(247n);
        const before = world.chain.lamports(world.userVault);
        Object.assign(expected, model.nobody(), { isOpen: true, balance: before > rent ? before - rent : 0n });
        this.meter = undefined;
        return [world.ask('init_user_vault', { terms_version: 1 }), undefined];
      }
      case 'deposit':
        return [world.ask('deposit', { lamports: amount }), model.deposit(expected, operator, amount)];
      case 'outside':
        world.chain.fund(world.userVault, amount);
        if (expected.isOpen) expected.outside += amount;
        return undefined;
      case 'charge':
        return [world.ask('charge_fee'), model.charge(expected, operator, meter, this.now())];
      case 'announce':
        return [world.ask('set_price', { price_lamports: amount }), model.announce(expected, amount, this.now())];
      case 'withdraw':
        return [world.ask('withdraw', { lamports: amount }), model.withdraw(expected, operator, meter, amount)];
      case 'wait':
        world.chain.setTime(this.now() + amount);
        return undefined;
      case 'earnings': {
        const refusal = amount === 0n ? 'Zero' : amount > operator.available ? 'EarningsShort' : undefined;
        if (refusal === undefined) operator.available -= amount;
        return [world.ask('withdraw_earnings', { lamports: amount }), refusal];
      }
      case 'outsideEarnings':
        world.chain.fund(world.systemVault, amount);
        operator.available += amount;
        return undefined;
      default:
        return this.takeExit(what) ?? this.takeMeter(what, amount);
    }
  }

  private takeExit(what: string): readonly [Answer, model.Outcome] | undefined {
    const { world, expected, operator, meter } = this;
    const wrong = expected.isOpen ? undefined : 'WrongUserVault';
    switch (what) {
      case 'requestExit': {
        const refusal = wrong ?? (expected.exitAt === undefined ? undefined : 'ExitRequested');
        if (refusal === undefined) expected.exitAt = this.now() + BigInt(TERMS.exit_delay_seconds);
        return [world.ask('request_exit'), refusal];
      }
      case 'cancelExit': {
        const refusal = wrong ?? (expected.exitAt === undefined ? 'ExitNotRequested' : undefined);
        expected.exitAt = undefined;
        return [world.ask('cancel_exit'), refusal];
      }
      case 'exit':
      case 'closeVault': {
        const refusal =
          what === 'exit' ? model.exit(expected, this.now()) : (wrong ?? (expected.hasMeter ? 'MeterOpen' : undefined));
        const before = world.chain.lamports(world.owner.publicKey);
        const answer = world.ask(what === 'exit' ? 'exit' : 'close_user_vault');
        if (refusal === undefined) {
          const rent = world.chain.svm.minimumBalanceForRentExemption(247n);
          const left = model.leave(expected, operator, meter);
          expect(world.chain.lamports(world.owner.publicKey) - before).toBe(left + rent);
        }
        return [answer, refusal];
      }
      default:
        return undefined;
    }
  }

  private takeMeter(what: string, amount: bigint): readonly [Answer, model.Outcome] | undefined {
    const { world, expected, operator, meter } = this;
    if (what === 'openMeter') {
      if (!expected.isOpen || expected.hasMeter) return undefined;
      this.nextGeneration();
      this.meter = { total: 0n, committed: 0n, sequence: 0n, cycleStart: 0n, place: 'base' };
      Object.assign(expected, { hasMeter: true, generation: world.generation, chargedUnits: 0n });
      return [world.ask('init_usage_meter', { generation: world.generation }), undefined];
    }
    if (!meter || !expected.isOpen || !expected.hasMeter) return undefined;
    switch (what) {
      case 'delegate':
        if (meter.place !== 'base') return undefined;
        return [this.delegate(meter), undefined];
      case 'track':
      case 'retrack': {
        if (meter.place === 'dead') return undefined;
        const sequence = meter.sequence + (what === 'track' ? 1n : 0n);
        const answer = this.place().ask('track_user_activity', { units: amount, sequence });
        return [answer, model.track(meter, amount, sequence)];
      }
      case 'commit':
      case 'undelegate':
        if (meter.place !== 'rollup') return undefined;
        return [this.commit(meter, what === 'undelegate'), undefined];
      case 'kill':
        if (meter.place === 'rollup') meter.place = 'dead';
        return undefined;
      case 'closeMeter': {
        const refusal = meter.place === 'base' ? undefined : 'WrongUsageMeter';
        if (refusal === undefined) model.endMeter(expected, operator, meter);
        return [world.ask('close_usage_meter'), refusal];
      }
      case 'abandon':
        model.endMeter(expected, operator, meter);
        return [world.ask('abandon_usage_meter'), undefined];
      default:
        return undefined;
    }
  }

  private delegate(meter: model.Meter): Answer {
    const answer = this.world.ask('delegate_user_vault', { validator: this.validator.keys.publicKey });
    const state = this.world.chain.account(this.world.meter);
    const system = this.world.chain.account(this.world.systemVault);
    if (state) this.rollup.chain.put(this.world.meter, { ...state, owner: USAGE_VAULT.id });
    if (system) this.rollup.chain.put(this.world.systemVault, system);
    meter.place = 'rollup';
    return answer;
  }

  private commit(meter: model.Meter, undelegate: boolean): Answer {
    this.rollup.do('commit_and_start_billing', { below_threshold: true, undelegate });
    const state = this.rollup.chain.account(this.world.meter)?.data ?? Buffer.alloc(0);
    meter.cycleStart = meter.total;
    meter.committed = meter.total;
    if (undelegate) meter.place = 'base';
    return this.validator.commit(this.world.meter, USAGE_VAULT.id, state, undelegate);
  }

  /** Compares what the chain holds with what the model says. */
  check(): void {
    const { world, expected } = this;
    const held = world.chain.lamports(world.userVault);
    if (!expected.isOpen) {
      expect(world.chain.account(world.userVault)?.owner.equals(USAGE_VAULT.id) ?? false).toBe(false);
      return;
    }
    const state = world.vaultState();
    const rent = BigInt(String(state['rent_lamports']));
    expect(state).toMatchObject({
      balance_lamports: expected.balance,
      debt_lamports: expected.debt,
      price_lamports: expected.price,
      has_meter: expected.hasMeter,
      charged_units: expected.chargedUnits,
    });
    expect(held).toBe(rent + expected.balance + expected.outside);
    const sum = (name: string) => BigInt(String(state[name]));
    expect(sum('deposited_lamports')).toBe(sum('withdrawn_lamports') + sum('paid_lamports') + expected.balance);
    expect(sum('charged_lamports')).toBe(sum('paid_lamports') + expected.debt);
  }
}

function checkOperator(world: World, operator: model.Operator, lives: readonly Life[]): void {
  const state = world.systemState();
  expect(state['earned_lamports']).toBe(operator.earned);
  expect(world.chain.lamports(world.systemVault)).toBe(BigInt(String(state['rent_lamports'])) + operator.available);
  expect(state['open_vaults']).toBe(BigInt(lives.filter(({ expected }) => expected.isOpen).length));
}

function begin(): { lives: Life[]; operator: model.Operator } {
  const [chain, rollup] = [new Chain([USAGE_VAULT]), new Chain([USAGE_VAULT])];
  const validator = new Validator(chain);
  const operator = { earned: 0n, available: 0n };
  const lives = ['a customer', 'another customer'].map(
    (owner) => new Life(new World(chain, { owner }), new World(rollup, { owner }).withMagic(), validator, operator),
  );
  const first = lives[0]?.world;
  first?.do('init_system_vault', { operator: first.operator.publicKey, ...TERMS });
  return { lives, operator };
}

test.skipIf(NO_DELEGATION !== '')(
  `every lamport is somebody's, whatever happens in which order${NO_DELEGATION}`,
  () => {
    fc.assert(
      fc.property(fc.array(arbStep, { minLength: 20, maxLength: 90, size: 'max' }), (steps) => {
        const { lives, operator } = begin();
        for (const life of lives) {
          life.take({ who: 0, what: 'open', amount: 0n });
          life.take({ who: 0, what: 'deposit', amount: 2_000_000n });
          life.take({ who: 0, what: 'openMeter', amount: 0n });
        }
        for (const step of steps) {
          const life = lives[step.who];
          const [answer, refusal] = life?.take(step) ?? [];
          expect({ ...step, error: answer?.error }).toEqual({ ...step, error: refusal });
          life?.check();
          if (life) checkOperator(life.world, operator, lives);
        }
        for (const life of lives) leaveAlone(life);
      }),
      { numRuns: RUNS, interruptAfterTimeLimit: TIMEOUT_MS - 20_000 },
    );
  },
  TIMEOUT_MS,
);

/** In the end the operator is gone and every rollup dead: whoever has a vault still leaves with all that is left. */
function leaveAlone(life: Life): void {
  if (!life.expected.isOpen) return;
  const { chain } = life.world;
  life.take({ who: 0, what: 'requestExit', amount: 0n });
  chain.setTime(chain.now() + BigInt(TERMS.exit_delay_seconds));
  const [answer, refusal] = life.take({ who: 0, what: 'exit', amount: 0n }) ?? [];
  expect([answer?.error, refusal]).toEqual([undefined, undefined]);
  expect(chain.account(life.world.userVault)).toBeUndefined();
}
