/** One operator, one customer and their vaults on a test's chain: what a test of `usage-vault` starts from. */
import { PublicKey } from '@solana/web3.js';
import type { Keypair } from '@solana/web3.js';
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
  u64,
} from '../chain.ts';
import { NOTHING_FILE, Validator, delegationAccounts } from '../delegation.ts';

export const USAGE_VAULT: Program = readProgram('usage_vault');

export const MAGIC_PROGRAM = new PublicKey('Magic11111111111111111111111111111111111111');

export const SOL = 1_000_000_000n;

/** Terms that no test means anything by, unless it says so. */
export const TERMS = {
  price_lamports: 1000n,
  threshold_units: 50n,
  cap_per_call_units: 100n,
  cap_per_cycle_units: 1000n,
  price_notice_seconds: 7200,
  exit_delay_seconds: 3600,
};

export class World {
  readonly chain: Chain;
  readonly creator: Keypair;
  readonly operator: Keypair;
  readonly owner: Keypair;
  readonly stranger = keysOf('stranger');
  readonly systemVault: PublicKey;
  readonly userVault: PublicKey;
  generation = 1n;
  validator: Validator | undefined;

  constructor(chain = new Chain([USAGE_VAULT]), { operator = 'operator', owner = 'owner' } = {}) {
    this.chain = chain;
    this.creator = keysOf(`${operator}'s creator`);
    this.operator = keysOf(operator);
    this.owner = keysOf(owner);
    this.systemVault = derive(USAGE_VAULT.id, 'system_vault', this.creator.publicKey);
    this.userVault = derive(USAGE_VAULT.id, 'user_vault', this.systemVault, this.owner.publicKey);
    for (const { publicKey } of [this.creator, this.operator, this.owner, this.stranger]) {
      if (chain.account(publicKey) === undefined) chain.fund(publicKey, 1000n * SOL);
    }
  }

  get meter(): PublicKey {
    return derive(USAGE_VAULT.id, 'usage_meter', this.userVault, u64(this.generation));
  }

  /** The accounts of every instruction, by the names of the IDL. */
  accounts(): Record<string, PublicKey> {
    return {
      ...delegationAccounts(this.meter, USAGE_VAULT.id),
      creator: this.creator.publicKey,
      admin: this.creator.publicKey,
      operator: this.operator.publicKey,
      owner: this.owner.publicKey,
      payer: this.owner.publicKey,
      proposed: this.stranger.publicKey,
      recipient: this.stranger.publicKey,
      system_vault: this.systemVault,
      user_vault: this.userVault,
      usage_meter: this.meter,
    };
  }

  /** Asks the program; the accounts that must sign do, unless the test bends it. */
  ask(name: string, args: Values = {}, bending: Bending = {}): Answer {
    const accounts = { ...this.accounts(), ...bending.accounts };
    const known = [this.creator, this.operator, this.owner, this.stranger];
    return this.chain.send([instruction(USAGE_VAULT, name, args, accounts, bending)], known);
  }

  /** Asks and requires that it was done. */
  do(name: string, args: Values = {}, bending: Bending = {}): Answer {
    const answer = this.ask(name, args, bending);
    if (answer.error !== undefined) throw new Error(`${name}: ${answer.error}\n${answer.logs.join('\n')}`);
    return answer;
  }

  /** An operator with terms and a customer with a deposit. */
  open(terms: Partial<typeof TERMS> = {}, deposit = SOL): this {
    this.do('init_system_vault', { operator: this.operator.publicKey, ...TERMS, ...terms });
    this.do('init_user_vault', { terms_version: 1 });
    if (deposit > 0n) this.do('deposit', { lamports: deposit });
    return this;
  }

  /** That, and a meter. */
  metered(terms: Partial<typeof TERMS> = {}, deposit = SOL): this {
    this.open(terms, deposit).do('init_usage_meter', { generation: this.generation });
    return this;
  }

  /** A world with the delegation program, and a validator that has joined it. */
  withValidator(): this {
    this.validator = new Validator(this.chain);
    return this;
  }

  /** A world in which the rollup's program does nothing, so that a commit can be asked for on this chain. */
  withMagic(): this {
    this.chain.svm.addProgramFromFile(MAGIC_PROGRAM.toBytes(), NOTHING_FILE);
    return this;
  }

  /** Tracks units in calls no larger than the cap allows. */
  track(units: bigint): Answer {
    const sequence = BigInt(String(this.meterState()['sequence'])) + 1n;
    return this.do('track_user_activity', { units, sequence });
  }

  vaultState(): Values {
    return this.chain.read(USAGE_VAULT, 'UserVault', this.userVault);
  }

  systemState(): Values {
    return this.chain.read(USAGE_VAULT, 'SystemVault', this.systemVault);
  }

  meterState(): Values {
    return this.chain.read(USAGE_VAULT, 'UsageMeter', this.meter);
  }
}
