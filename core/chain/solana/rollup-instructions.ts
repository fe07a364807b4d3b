/**
 * Commit and undelegate instructions for the rollup. The SDK 0.8.8 marks the committed accounts read-only and never as
 * signers, with which undelegation fails (ReadonlyDataModified); that is mended here and nowhere else.
 */
import {
  MAGIC_CONTEXT_ID,
  MAGIC_PROGRAM_ID,
  createCommitAndUndelegateInstruction,
  createCommitInstruction,
  createDelegateInstruction,
} from '@magicblock-labs/ephemeral-rollups-sdk';
import { SystemProgram, TransactionInstruction } from '@solana/web3.js';
import type { PublicKey } from '@solana/web3.js';
import { ChainError } from '../error.ts';

/** Plain commits of one delegation; after that only a commit with undelegation is taken. */
export const MAX_COMMITS = 10;

export type CommitWish = Readonly<{
  payer: PublicKey;
  accounts: readonly PublicKey[];
  /** Wallets sign for themselves; accounts of a program are committed by that program instead. */
  areSigners: boolean;
}>;

function mended(
  instruction: TransactionInstruction,
  { isWritable, isSigner }: Record<'isWritable' | 'isSigner', boolean>,
) {
  const [payer, context, ...accounts] = instruction.keys;
  if (payer === undefined || context === undefined) return instruction;
  const keys = [payer, context, ...accounts.map(({ pubkey }) => ({ pubkey, isWritable, isSigner }))];
  return new TransactionInstruction({ programId: instruction.programId, keys, data: instruction.data });
}

export function commit({ payer, accounts, areSigners }: CommitWish): TransactionInstruction {
  return mended(createCommitInstruction(payer, [...accounts]), { isWritable: false, isSigner: areSigners });
}

/**
 * Commits and gives back to the base chain. The payer must not be among the accounts: when such a transaction fails,
 * the validator 0.8.3 leaves its payer marked as undelegating for ever.
 */
export function commitAndUndelegate({ payer, accounts, areSigners }: CommitWish): TransactionInstruction {
  checkPayer(payer, accounts);
  const instruction = createCommitAndUndelegateInstruction(payer, [...accounts]);
  return mended(instruction, { isWritable: true, isSigner: areSigners });
}

export type IntentWish = Readonly<{
  payer: PublicKey;
  commits: readonly PublicKey[];
  undelegates: readonly PublicKey[];
  /** As in `CommitWish`. */
  areSigners: boolean;
}>;

/** A list of indices behind its length (u64), as a commit without actions (variant 0). */
function standalone(indices: readonly number[]): Buffer {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(indices.length), 4);
  return Buffer.concat([head, Buffer.from(indices)]);
}

/**
 * Commits some accounts and gives others back in one instruction, settled by one transaction on the base chain. The
 * SDK 0.8.8 has no builder for it. `ScheduleIntentBundle` (11) in bincode is the options commit, commit and undelegate,
 * commit finalize, and the last with undelegation, then a list of actions (magicblock-magic-program-api 0.8). The
 * latter three stay empty: 0.8.3 does nothing with the finalizing ones, and takes actions from programs alone.
 */
export function intentBundle({ payer, commits, undelegates, areSigners }: IntentWish): TransactionInstruction {
  checkPayer(payer, undelegates);
  const accounts = [...commits, ...undelegates];
  if (accounts.length === 0 || new Set(accounts.map(String)).size < accounts.length) {
    throw new ChainError({
      code: 'STATE_FORBIDS',
      detail: 'A bundle of intents names no account, or one of them twice.',
      fix: 'Name each account once, either to commit or to give back.',
      values: { accounts: accounts.map(String).join(' ') },
    });
  }
  // Payer and context come before them.
  const index = (account: PublicKey): number => 2 + accounts.indexOf(account);
  const [some, none] = [Buffer.from([1]), Buffer.from([0])];
  const toCommit = commits.length === 0 ? [none] : [some, standalone(commits.map(index))];
  const giveBack = undelegates.length === 0 ? [none] : [some, standalone(undelegates.map(index)), Buffer.alloc(4)];
  const data = Buffer.concat([Buffer.from([11, 0, 0, 0]), ...toCommit, ...giveBack, none, none, Buffer.alloc(8)]);
  const keys = [
    { pubkey: payer, isWritable: true, isSigner: true },
    { pubkey: MAGIC_CONTEXT_ID, isWritable: true, isSigner: false },
    ...commits.map((pubkey) => ({ pubkey, isWritable: false, isSigner: areSigners })),
    ...undelegates.map((pubkey) => ({ pubkey, isWritable: true, isSigner: areSigners })),
  ];
  return new TransactionInstruction({ programId: MAGIC_PROGRAM_ID, keys, data });
}

/** Refuses a fee payer that is itself being undelegated; see above. */
export function checkPayer(payer: PublicKey, accounts: readonly PublicKey[]): void {
  if (!accounts.some((account) => account.equals(payer))) return;
  throw new ChainError({
    code: 'STATE_FORBIDS',
    detail: 'The account that pays the fee is among those that are being undelegated.',
    fix: 'Let another account pay.',
    values: { payer: payer.toBase58() },
  });
}

/** Delegates a wallet to a validator that is named: the SDK's own default is a public one. */
export function delegateWallet(payer: PublicKey, wallet: PublicKey, validator: PublicKey): TransactionInstruction[] {
  const ownerProgram = SystemProgram.programId;
  const delegate = createDelegateInstruction({ payer, delegatedAccount: wallet, ownerProgram, validator });
  return [SystemProgram.assign({ accountPubkey: wallet, programId: delegate.programId }), delegate];
}
