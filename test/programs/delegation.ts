/**
 * The real delegation program on a test's chain, and a validator that commits and hands back what was delegated to it,
 * by the same transactions as the rollup sends. The program is under the Business Source License 1.1, and comes by npm.
 */
import { existsSync } from 'node:fs';
import { PublicKey, SystemProgram, TransactionInstruction } from '@solana/web3.js';
import { type Answer, type Chain, derive, keysOf, u64 } from './chain.ts';

export const DELEGATION_PROGRAM = new PublicKey('DELeGGvXpWV2fqJUhqcF5ZSYMS4JTLjteaAMARRSaeSh');

const DUMPS = 'node_modules/@magicblock-labs/ephemeral-validator/bin/local-dumps';
export const DELEGATION_FILE = `${DUMPS}/${DELEGATION_PROGRAM.toBase58()}.so`;

/** Why tests with the real delegation program are skipped here; nothing when they can run. */
export const NO_DELEGATION = existsSync(DELEGATION_FILE)
  ? ''
  : ' (skipped: the optional package @magicblock-labs/ephemeral-validator is not installed)';

/** Does nothing with whatever it is asked: stands in for the rollup's own program, which only a rollup has. */
export const NOTHING_FILE = `${DUMPS}/noopb9bkMVfRPU8AsbpTUg8AQkHtKwMYZiFUjNRtMmV.so`;

const of = (seed: string, ...keys: readonly PublicKey[]): PublicKey => derive(DELEGATION_PROGRAM, seed, ...keys);

/** The accounts that delegating takes, by the names of our IDL. */
export function delegationAccounts(delegated: PublicKey, owner: PublicKey): Record<string, PublicKey> {
  return {
    owner_program: owner,
    buffer: derive(owner, 'buffer', delegated),
    delegation_record: of('delegation', delegated),
    delegation_metadata: of('delegation-metadata', delegated),
    delegation_program: DELEGATION_PROGRAM,
  };
}

/** A rollup's validator as the base chain sees it. */
export class Validator {
  readonly keys = keysOf('validator');
  private readonly chain: Chain;

  constructor(chain: Chain) {
    this.chain = chain;
    chain.svm.addProgramFromFile(DELEGATION_PROGRAM.toBytes(), DELEGATION_FILE);
    chain.fund(this.keys.publicKey, 100_000_000_000n);
    // What the delegation program wants of a validator that has joined it: a vault for its fees, and one for its own.
    for (const vault of [of('v-fees-vault', this.keys.publicKey), of('fees-vault')]) {
      chain.put(vault, { lamports: 1_000_000_000n, data: Buffer.alloc(8), owner: DELEGATION_PROGRAM });
    }
  }

  /** Writes a state of a delegated account to the base chain, and hands the account back if asked. */
  commit(delegated: PublicKey, owner: PublicKey, state: Buffer, isUndelegated: boolean): Answer {
    const lamports = this.chain.lamports(delegated);
    const metadata = this.chain.account(of('delegation-metadata', delegated))?.data ?? Buffer.alloc(48);
    const nonce = metadata.readBigUInt64LE(8) + 1n;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(state.length);
    const committed = Buffer.concat([u64(1n), u64(nonce), u64(lamports), Buffer.from([isUndelegated ? 1 : 0]), length]);
    const rentPayer = new PublicKey(metadata.subarray(-32));
    const steps = [
      this.ask(Buffer.concat([committed, state]), this.commitAccounts(delegated, owner)),
      this.ask(u64(2n), this.finalizeAccounts(delegated)),
    ];
    if (isUndelegated) steps.push(this.ask(u64(3n), this.undelegateAccounts(delegated, owner, rentPayer)));
    return this.chain.send(steps, [this.keys]);
  }

  private ask(data: Buffer, accounts: ReadonlyArray<readonly [PublicKey, boolean]>): TransactionInstruction {
    const keys = accounts.map(([pubkey, isWritable]) => ({ pubkey, isWritable, isSigner: false }));
    keys.unshift({ pubkey: this.keys.publicKey, isWritable: true, isSigner: true });
    return new TransactionInstruction({ programId: DELEGATION_PROGRAM, keys, data });
  }

  private commitAccounts(delegated: PublicKey, owner: PublicKey): ReadonlyArray<readonly [PublicKey, boolean]> {
    return [
      [delegated, false],
      [of('state-diff', delegated), true],
      [of('commit-state-record', delegated), true],
      [of('delegation', delegated), false],
      [of('delegation-metadata', delegated), true],
      [of('v-fees-vault', this.keys.publicKey), true],
      [of('p-conf', owner), false],
      [SystemProgram.programId, false],
    ];
  }

  private finalizeAccounts(delegated: PublicKey): ReadonlyArray<readonly [PublicKey, boolean]> {
    return [
      [delegated, true],
      [of('state-diff', delegated), true],
      [of('commit-state-record', delegated), true],
      [of('delegation', delegated), true],
      [of('delegation-metadata', delegated), true],
      [of('v-fees-vault', this.keys.publicKey), true],
      [SystemProgram.programId, false],
    ];
  }

  private undelegateAccounts(
    delegated: PublicKey,
    owner: PublicKey,
    rentPayer: PublicKey,
  ): ReadonlyArray<readonly [PublicKey, boolean]> {
    return [
      [delegated, true],
      [owner, false],
      [of('undelegate-buffer', delegated), true],
      [of('state-diff', delegated), false],
      [of('commit-state-record', delegated), false],
      [of('delegation', delegated), true],
      [of('delegation-metadata', delegated), true],
      [rentPayer, true],
      [of('fees-vault'), true],
      [of('v-fees-vault', this.keys.publicKey), true],
      [SystemProgram.programId, false],
    ];
  }
}
