/** The bank of the emulated rollup: clones from the base chain, writes delegated accounts only, schedules commits. */
import { COMPUTE_BUDGET, DELEGATION, NATIVE_LOADER, SYSTEM, SYSVAR_OWNER, UPGRADEABLE_LOADER } from '../addresses.ts';
import { Bank } from '../bank.ts';
import type { BankIdentity, Passing } from '../bank.ts';
import { base58 } from '../base58.ts';
import type { AccountState, RunResult } from '../engine.ts';
import { feeOf } from '../fees.ts';
import { delegationPda } from '../pda.ts';
import type { TransactionFault } from '../transaction-error.ts';
import type { WireTransaction } from '../wire.ts';
import { delegationMetadata, delegationRecord } from './delegation.ts';
import type { Committed } from './delegation.ts';
import { MAGIC, MAGIC_CONTEXT, MAX_COMMITS, TOO_MANY_COMMITS, commitRequests } from './magic.ts';
import type { CommitRequest } from './magic.ts';

/** Accounts to be settled on the base chain, as they were when the transaction ran. */
export type Scheduled = Readonly<{ accounts: readonly Committed[] }>;

/** Header of a program's data account under the upgradeable loader. */
const PROGRAM_DATA_HEADER = 45;
const OWN = new Set([SYSTEM, MAGIC, MAGIC_CONTEXT, COMPUTE_BUDGET, UPGRADEABLE_LOADER, NATIVE_LOADER]);

type Execution = { result: RunResult; isLanded: boolean; feeLamports: bigint };

export class RollupBank extends Bank {
  readonly #base: Bank;
  readonly #validator: string;
  readonly #known = new Set<string>();
  readonly #delegated = new Set<string>();
  readonly #undelegating = new Set<string>();
  /** Changed on the base chain since they were cloned. */
  readonly #stale = new Set<string>();
  /** Plain commits scheduled and not yet on the base chain. */
  readonly #pending = new Map<string, bigint>();
  /** Schedules a settlement and gives the lines the rollup logs about it. */
  onSchedule: (scheduled: Scheduled) => readonly string[] = () => [];
  /** Lines that a transaction of the validator's own logs, by its signature. */
  readonly ownLogs = new Map<string, readonly string[]>();

  constructor(base: Bank, { identity, validator }: Readonly<{ identity: BankIdentity; validator: string }>) {
    super(identity);
    this.#base = base;
    this.#validator = validator;
    base.listen({
      changed: (changes) => {
        // What was never cloned is read when it is asked for.
        for (const { address } of changes) if (this.#known.has(address)) this.#stale.add(address);
      },
    });
  }

  isDelegated(address: string): boolean {
    this.#clone(address);
    return this.#delegated.has(address);
  }

  override account(address: string): AccountState | undefined {
    this.#clone(address);
    return super.account(address);
  }

  override ownedBy(program: string): { address: string; state: AccountState }[] {
    for (const { address } of this.#base.ownedBy(program)) this.#clone(address);
    return super.ownedBy(program);
  }

  /** Brings an account over from the base chain, unless the rollup itself is where it lives now. */
  #clone(address: string): void {
    if (OWN.has(address) || address.startsWith('Sysvar')) return;
    if (this.#delegated.has(address)) return;
    if (this.#known.has(address) && !this.#stale.has(address)) return;
    this.#stale.delete(address);
    this.#known.add(address);
    const state = this.#base.account(address);
    if (state?.owner === NATIVE_LOADER || state?.owner === SYSVAR_OWNER) return;
    const local = this.#localState(address, state);
    if (state?.executable === true) this.#cloneProgram(address, state);
    else if (local !== undefined || super.account(address) !== undefined) this.engine.setAccount(address, local);
  }

  /** Under its own program when it is delegated to this validator; else as it is on the base chain. */
  #localState(address: string, state: AccountState | undefined): AccountState | undefined {
    if (state?.owner !== DELEGATION) return state;
    const record = delegationRecord(this.#base.account(delegationPda('delegation', address)));
    if (record?.validator !== this.#validator) return state;
    this.#delegated.add(address);
    this.#undelegating.delete(address);
    return { ...state, owner: record.owner };
  }

  #cloneProgram(address: string, state: AccountState): void {
    if (state.owner !== UPGRADEABLE_LOADER) return; // Those of the older loaders are on every LiteSVM.
    const data = this.#base.account(base58(state.data.subarray(4, 36)));
    if (data !== undefined) this.engine.addProgram(address, data.data.subarray(PROGRAM_DATA_HEADER));
  }

  override simulate(
    transaction: WireTransaction,
    options: Readonly<{ verifies: boolean }>,
  ): ReturnType<Bank['simulate']> {
    const keys = this.keysOf(transaction.message).all;
    for (const key of keys) this.#clone(key);
    const payer = keys[0] ?? '';
    const before = this.#payFor(payer, transaction);
    try {
      return super.simulate(transaction, options);
    } finally {
      this.engine.setAccount(payer, before);
    }
  }

  /** Transactions cost nothing in a rollup, but LiteSVM charges: the payer gets the fee beforehand. */
  #payFor(payer: string, { message }: WireTransaction): AccountState | undefined {
    const before = super.account(payer);
    const empty = { lamports: 0n, data: Buffer.alloc(0), owner: SYSTEM, executable: false };
    const state = before ?? empty;
    this.engine.setAccount(payer, { ...state, lamports: state.lamports + feeOf(message) });
    return before;
  }

  protected override execute(passing: Passing, before: ReadonlyMap<string, AccountState | undefined>): Execution {
    const { transaction, keys, signature } = passing;
    const payer = keys.all[0] ?? '';
    const unpaid = this.#payFor(payer, transaction);
    const funded = new Map(before).set(payer, this.engine.account(payer));
    const { result, isLanded } = super.execute(passing, funded);
    if (!isLanded || result.fault !== null) {
      this.engine.setAccount(payer, unpaid);
      return { result, isLanded, feeLamports: 0n };
    }
    const fault = this.#judge(passing, result, before);
    if (fault !== null) {
      for (const key of keys.writable) this.engine.setAccount(key, before.get(key));
      return { result: { ...result, fault }, isLanded: true, feeLamports: 0n };
    }
    result.logs.push(...(this.ownLogs.get(signature) ?? []));
    this.ownLogs.delete(signature);
    return { result, isLanded: true, feeLamports: 0n };
  }

  /** What a rollup refuses after a run, and the scheduling of what it does not. */
  #judge(
    { transaction, keys }: Passing,
    result: RunResult,
    before: ReadonlyMap<string, AccountState | undefined>,
  ): TransactionFault | null {
    const { message } = transaction;
    const isForeign = (key: string): boolean => !this.#delegated.has(key) || this.#undelegating.has(key);
    const isChanged = (key: string): boolean => {
      const [was, is] = [before.get(key), this.engine.account(key)];
      return (
        was?.lamports !== is?.lamports || was?.owner !== is?.owner || !(was?.data ?? EMPTY).equals(is?.data ?? EMPTY)
      );
    };
    const isWritten = (key: string): boolean => key !== MAGIC_CONTEXT && isForeign(key) && isChanged(key);
    if ([...keys.writable].some(isWritten)) return 'InvalidWritableAccount';
    const requests = commitRequests({ message, keys: keys.all, writable: keys.writable, inner: result.inner });
    const signers = new Set(message.keys.slice(0, message.header.numRequiredSignatures));
    for (const request of requests) {
      const refusal = this.#refusalOf(request, signers);
      if (refusal !== null) return { InstructionError: [request.instruction, refusal] };
    }
    for (const request of requests) result.logs.push(...this.#schedule(request));
    return null;
  }

  /** As the validator 0.8.3 answers, run for run: a reader of its errors must not need to know which rollup it is. */
  #refusalOf(
    { accounts, caller, fault }: CommitRequest,
    signers: ReadonlySet<string>,
  ): string | { Custom: number } | null {
    if (fault !== null) return fault;
    if (signers.has(this.#validator)) return null;
    for (const { address, isWritable, undelegates } of accounts) {
      const owner = this.engine.account(address)?.owner;
      if (!this.#delegated.has(address) || this.#undelegating.has(address)) return 'IllegalOwner';
      if (caller === undefined && !signers.has(address)) return 'InvalidInstructionData';
      if (caller !== undefined && caller !== owner && !signers.has(address)) return 'InvalidAccountOwner';
      if (undelegates && !isWritable) return 'ReadonlyDataModified';
      if (!undelegates && this.#commitsOf(address) >= MAX_COMMITS) return { Custom: TOO_MANY_COMMITS };
    }
    return null;
  }

  /** Commits of this delegation: those on the base chain and those on their way. */
  #commitsOf(address: string): bigint {
    const metadata = delegationMetadata(this.#base.account(delegationPda('delegation-metadata', address)));
    return (metadata?.nonce ?? 0n) + (this.#pending.get(address) ?? 0n);
  }

  #schedule({ accounts }: CommitRequest): readonly string[] {
    const committed = accounts.flatMap(({ address, undelegates }): Committed[] => {
      const state = this.engine.account(address);
      if (state === undefined) return [];
      const { lamports, data, owner } = state;
      return [{ address, lamports, data, owner, undelegates }];
    });
    for (const { address, undelegates } of committed) {
      this.#pending.set(address, (this.#pending.get(address) ?? 0n) + 1n);
      if (undelegates) this.#undelegating.add(address);
      const state = undelegates ? this.engine.account(address) : undefined;
      if (state !== undefined) this.engine.setAccount(address, { ...state, owner: DELEGATION });
    }
    return this.onSchedule({ accounts: committed });
  }

  /** Told when a settlement has reached the base chain, or failed there. */
  settled({ accounts }: Scheduled, isDone: boolean): void {
    for (const { address, undelegates } of accounts) {
      const left = (this.#pending.get(address) ?? 1n) - 1n;
      if (left > 0n) this.#pending.set(address, left);
      else this.#pending.delete(address);
      if (!undelegates || !isDone) continue;
      // The base chain owns it again: the next reader clones it from there, delegated anew or not.
      this.#delegated.delete(address);
      this.#undelegating.delete(address);
      this.#stale.add(address);
    }
  }

  /** What the rollup alone knows, for its own snapshot: delegated accounts as they are here. */
  delegatedState(): { address: string; state: AccountState }[] {
    return [...this.#delegated].flatMap((address) => {
      const state = this.#undelegating.has(address) ? undefined : this.engine.account(address);
      return state === undefined ? [] : [{ address, state }];
    });
  }

  /** Takes up what a snapshot held, for accounts that are still delegated to this validator. */
  restoreDelegated(saved: readonly Readonly<{ address: string; state: AccountState }>[]): void {
    for (const { address, state } of saved) {
      if (this.isDelegated(address)) this.engine.setAccount(address, state);
    }
  }
}

const EMPTY = Buffer.alloc(0);
