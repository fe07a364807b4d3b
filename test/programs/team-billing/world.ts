/** One operator, one team and a token on a test's chain: what a test of `team-billing` starts from. */
import type { Keypair, PublicKey } from '@solana/web3.js';
import {
  type Answer,
  type Bending,
  Chain,
  type Program,
  type Values,
  derive,
  instruction,
  keysOf,
  readProgram,
} from '../chain.ts';
import { amountOf, putMint, putTokens } from '../tokens.ts';

export const TEAM_BILLING: Program = readProgram('team_billing');

/** One USDC in its minor units. */
export const USDC = 1_000_000n;

export const DAY = 86_400n;

/** The first of January 2027, UTC. */
export const JANUARY = 1_798_761_600n;

export const RULES = { low_balance_minor: 10n * USDC, withdrawal_delay_seconds: 86_400, collects_base_fee: false };

export const STARTUP = 0;
export const GROWTH = 1;
export const CUSTOM = 3;

export class World {
  readonly chain: Chain;
  readonly creator: Keypair;
  readonly operator: Keypair;
  readonly owner: Keypair;
  readonly stranger = keysOf('stranger');
  readonly mint: PublicKey;
  readonly treasury: PublicKey;
  readonly stakers: PublicKey;
  readonly wallet: PublicKey;
  readonly config: PublicKey;
  readonly team: PublicKey;
  readonly tokens: PublicKey;

  constructor(chain = new Chain([TEAM_BILLING], JANUARY), { operator = 'operator', owner = 'owner' } = {}) {
    this.chain = chain;
    this.creator = keysOf(`${operator}'s creator`);
    this.operator = keysOf(operator);
    this.owner = keysOf(owner);
    for (const { publicKey } of [this.creator, this.operator, this.owner, this.stranger]) {
      if (chain.account(publicKey) === undefined) chain.fund(publicKey, 1_000_000_000_000n);
    }
    this.mint = putMint(chain, `${operator}'s token`);
    this.treasury = putTokens(chain, `${operator}'s treasury`, this.mint, this.creator.publicKey, 0n);
    this.stakers = putTokens(chain, `${operator}'s stakers`, this.mint, this.creator.publicKey, 0n);
    this.wallet = putTokens(chain, `${owner}'s wallet`, this.mint, this.owner.publicKey, 1_000_000n * USDC);
    this.config = derive(TEAM_BILLING.id, 'billing_config', this.creator.publicKey);
    this.team = derive(TEAM_BILLING.id, 'team_billing', this.owner.publicKey);
    this.tokens = derive(TEAM_BILLING.id, 'team_usdc', this.owner.publicKey);
  }

  /** The record of the month that is open, or would be. */
  get record(): PublicKey {
    const start = this.chain.account(this.team) ? BigInt(String(this.teamState()['period_start'])) : JANUARY;
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(start);
    return derive(TEAM_BILLING.id, 'usage', this.team, bytes);
  }

  /** The accounts of every instruction, by the names of the IDL. */
  accounts(): Record<string, PublicKey> {
    return {
      creator: this.creator.publicKey,
      admin: this.creator.publicKey,
      operator: this.operator.publicKey,
      owner: this.owner.publicKey,
      depositor: this.owner.publicKey,
      proposed: this.stranger.publicKey,
      config: this.config,
      mint: this.mint,
      usdc_mint: this.mint,
      treasury: this.treasury,
      stakers: this.stakers,
      team: this.team,
      team_usdc: this.tokens,
      depositor_usdc: this.wallet,
      recipient_usdc: this.wallet,
      refund_usdc: this.wallet,
      usage_record: this.record,
    };
  }

  ask(name: string, args: Values = {}, bending: Bending = {}): Answer {
    const asked = instruction(TEAM_BILLING, name, args, { ...this.accounts(), ...bending.accounts }, bending);
    return this.chain.send([asked], [this.creator, this.operator, this.owner, this.stranger]);
  }

  /** Asks and requires that it was done. */
  do(name: string, args: Values = {}, bending: Bending = {}): Answer {
    const answer = this.ask(name, args, bending);
    if (answer.error !== undefined) throw new Error(`${name}: ${answer.error}\n${answer.logs.join('\n')}`);
    return answer;
  }

  /** An operator's rules, and a team with a deposit. */
  open(rules: Partial<typeof RULES> = {}, deposit = 100n * USDC, tier = STARTUP): this {
    this.do('init_config', { operator: this.operator.publicKey, ...RULES, ...rules });
    this.do('create_team_account', { tier });
    if (deposit > 0n) this.do('deposit_funds', { amount: deposit });
    return this;
  }

  /** Captures requests under the next number. */
  use(requests: bigint): Answer {
    const sequence = BigInt(String(this.teamState()['sequence'])) + 1n;
    return this.do('deduct_usage', { request_count: requests, sequence, usage_hash: Buffer.alloc(32, 5) });
  }

  /** Lets time pass until the open month has ended, and closes it. */
  endMonth(bending: Bending = {}): Answer {
    this.chain.setTime(BigInt(String(this.teamState()['period_end'])));
    return this.do('close_period', {}, bending);
  }

  wait(seconds: bigint): void {
    this.chain.setTime(this.chain.now() + seconds);
  }

  balance(): bigint {
    return amountOf(this.chain, this.tokens);
  }

  teamState(): Values {
    return this.chain.read(TEAM_BILLING, 'TeamBilling', this.team);
  }
}
