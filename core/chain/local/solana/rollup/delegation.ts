/** The delegation program's accounts and the instructions a rollup's validator sends it (recorded from 0.8.3). */
import { DELEGATION, SYSTEM } from '../addresses.ts';
import type { Instruction, Meta } from '../build-transaction.ts';
import { base58 } from '../base58.ts';
import type { AccountState } from '../engine.ts';
import { delegationPda, programConfig, protocolFeesVault, validatorFeesVault } from '../pda.ts';

/** Record of 96 bytes: u64 tag 100, validator, owner program, slot u64, lamports u64, commit frequency u64. */
export type DelegationRecord = Readonly<{ validator: string; owner: string }>;

const RECORD_TAG = 100n;
const METADATA_TAG = 102n;

export function delegationRecord(state: AccountState | undefined): DelegationRecord | undefined {
  if (state?.owner !== DELEGATION || state.data.length < 96 || state.data.readBigUInt64LE(0) !== RECORD_TAG) {
    return undefined;
  }
  return { validator: base58(state.data.subarray(8, 40)), owner: base58(state.data.subarray(40, 72)) };
}

/** Metadata: u64 tag 102, nonce of the last commit u64, undelegatable, seeds, and the rent payer at the very end. */
export type DelegationMetadata = Readonly<{ nonce: bigint; rentPayer: string }>;

export function delegationMetadata(state: AccountState | undefined): DelegationMetadata | undefined {
  if (state?.owner !== DELEGATION || state.data.length < 49 || state.data.readBigUInt64LE(0) !== METADATA_TAG) {
    return undefined;
  }
  return { nonce: state.data.readBigUInt64LE(8), rentPayer: base58(state.data.subarray(-32)) };
}

/** An account as it is to be on the base chain. `owner` is its program's, not the delegation program's. */
export type Committed = Readonly<{
  address: string;
  lamports: bigint;
  data: Buffer;
  owner: string;
  /** Whether it is given back as well. */
  undelegates: boolean;
}>;

/** With its metadata on the base chain. */
export type Settling = Committed & Readonly<{ metadata: DelegationMetadata }>;

const tag = (value: number): Buffer => {
  const data = Buffer.alloc(8);
  data.writeBigUInt64LE(BigInt(value));
  return data;
};

const w = (address: string): Meta => ({ address, isWritable: true });
const r = (address: string): Meta => ({ address });
const signer = (address: string): Meta => ({ address, isWritable: true, isSigner: true });

/** The seven accounts that committing and finalizing begin with; finalizing writes two of them besides. */
function stateAccounts({ address }: Committed, validator: string, isFinal: boolean): Meta[] {
  return [
    signer(validator),
    isFinal ? w(address) : r(address),
    w(delegationPda('state-diff', address)),
    w(delegationPda('commit-state-record', address)),
    isFinal ? w(delegationPda('delegation', address)) : r(delegationPda('delegation', address)),
    w(delegationPda('delegation-metadata', address)),
    w(validatorFeesVault(validator)),
  ];
}

function commitState(account: Settling, validator: string): Instruction {
  const { data, lamports, owner, metadata, undelegates } = account;
  const head = Buffer.alloc(29);
  head.writeBigUInt64LE(1n, 0);
  head.writeBigUInt64LE(metadata.nonce + 1n, 8);
  head.writeBigUInt64LE(lamports, 16);
  head[24] = undelegates ? 1 : 0;
  head.writeUInt32LE(data.length, 25);
  const accounts = [...stateAccounts(account, validator, false), r(programConfig(owner)), r(SYSTEM)];
  return { program: DELEGATION, accounts, data: Buffer.concat([head, data]) };
}

function finalize(account: Settling, validator: string): Instruction {
  return { program: DELEGATION, accounts: [...stateAccounts(account, validator, true), r(SYSTEM)], data: tag(2) };
}

function undelegate({ address, owner, metadata }: Settling, validator: string): Instruction {
  const accounts = [
    signer(validator),
    w(address),
    r(owner),
    w(delegationPda('undelegate-buffer', address)),
    r(delegationPda('state-diff', address)),
    r(delegationPda('commit-state-record', address)),
    w(delegationPda('delegation', address)),
    w(delegationPda('delegation-metadata', address)),
    w(metadata.rentPayer),
    w(protocolFeesVault()),
    w(validatorFeesVault(validator)),
    r(SYSTEM),
  ];
  return { program: DELEGATION, accounts, data: tag(3) };
}

/**
 * What one transaction on the base chain does with the accounts of one request, in the order of the real validator:
 * commits all, finalizes all, then gives back those that are to be.
 */
export function settlement(accounts: readonly Settling[], validator: string): Instruction[] {
  return [
    ...accounts.map((account) => commitState(account, validator)),
    ...accounts.map((account) => finalize(account, validator)),
    ...accounts.filter(({ undelegates }) => undelegates).map((account) => undelegate(account, validator)),
  ];
}
