/**
 * Commit and undelegate instructions for the rollup. The SDK 0.8.8 marks the committed accounts read-only and never as
 * signers, with which undelegation fails (ReadonlyDataModified); that is mended here and nowhere else.
 */
import {
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
