/** The virtual machine: LiteSVM's native object behind plain values. Nothing else touches the native module. */
import { Account, Clock, FailedTransactionMetadata, LiteSvm } from 'litesvm/dist/internal.js';
import type { TransactionMetadata } from 'litesvm/dist/internal.js';
import { FIXED_LOADER, SYSTEM } from './addresses.ts';
import { base58, keyBytes } from './base58.ts';
import { faultOf } from './transaction-error.ts';
import type { TransactionFault } from './transaction-error.ts';

export type AccountState = Readonly<{ lamports: bigint; data: Buffer; owner: string; executable: boolean }>;

export type InnerInstruction = Readonly<{
  programIdIndex: number;
  accounts: readonly number[];
  data: string;
  stackHeight: number;
}>;

/** What running a transaction gave, whether it is kept or only tried. */
export type RunResult = Readonly<{
  fault: TransactionFault | null;
  logs: string[];
  unitsConsumed: number;
  inner: readonly Readonly<{ index: number; instructions: readonly InnerInstruction[] }>[];
  returnData: Readonly<{ programId: string; data: readonly [string, 'base64'] }> | null;
}>;

export type Trial = RunResult & Readonly<{ after: (address: string) => AccountState | undefined }>;

const LOG_BYTES = 10_000n; // Agave truncates a transaction's log there (`LOG_MESSAGES_BYTES_LIMIT`).

function stateOf(account: Account): AccountState {
  return {
    lamports: account.lamports(),
    data: Buffer.from(account.data()),
    owner: base58(account.owner()),
    executable: account.executable(),
  };
}

function resultOf(meta: TransactionMetadata, fault: TransactionFault | null): RunResult {
  const inner = meta.innerInstructions().map((list, index) => ({
    index,
    instructions: list.map((each) => {
      const instruction = each.instruction();
      return {
        programIdIndex: instruction.programIdIndex(),
        accounts: [...instruction.accounts()],
        data: base58(instruction.data()),
        stackHeight: each.stackHeight(),
      };
    }),
  }));
  const returned = meta.returnData();
  const data = Buffer.from(returned.data());
  return {
    fault,
    logs: meta.logs(),
    unitsConsumed: Number(meta.computeUnitsConsumed()),
    inner: inner.filter(({ instructions }) => instructions.length > 0),
    returnData:
      data.length === 0 ? null : { programId: base58(returned.programId()), data: [data.toString('base64'), 'base64'] },
  };
}

export class Engine {
  readonly #svm = new LiteSvm();
  /**
   * Programs whose bytes no transaction can change. Reading one anew copies its whole file, in part where the garbage
   * collector does not see it and so does not hurry: a transfer of tokens reads a hundred kilobytes four times.
   */
  readonly #fixed = new Map<string, AccountState>();

  constructor() {
    this.#svm.withNativeMints();
    // Blockhashes, nonces and duplicates are the bank's: LiteSVM knows one blockhash only and keeps history for ever.
    this.#svm.setBlockhashCheck(false);
    this.#svm.setTransactionHistory(0n);
    this.#svm.setLogBytesLimit(LOG_BYTES);
  }

  /** Undefined where nothing is: an account without lamports does not exist. */
  account(address: string): AccountState | undefined {
    const kept = this.#fixed.get(address);
    if (kept !== undefined) return { ...kept, lamports: this.balance(address) };
    const found = this.#svm.getAccount(keyBytes(address));
    if (found === null || found.lamports() === 0n) return undefined;
    const state = stateOf(found);
    if (state.executable && state.owner === FIXED_LOADER) this.#fixed.set(address, state);
    return state;
  }

  balance(address: string): bigint {
    return this.#svm.getBalance(keyBytes(address)) ?? 0n;
  }

  /** Writes an account past every rule of the chain: genesis, snapshots and the rollup's clones only. */
  setAccount(address: string, state: AccountState | undefined): void {
    const { lamports, data, owner, executable } = state ?? {
      lamports: 0n,
      data: Buffer.alloc(0),
      owner: SYSTEM,
      executable: false,
    };
    this.#fixed.delete(address);
    this.#svm.setAccount(keyBytes(address), new Account(lamports, data, keyBytes(owner), executable, 0n));
  }

  /** Installs a program under the upgradeable loader, with its program data, so that a rollup can clone it. */
  addProgram(address: string, elf: Uint8Array): void {
    this.#fixed.delete(address);
    this.#svm.addProgram(keyBytes(address), elf);
  }

  ownedBy(program: string): { address: string; state: AccountState }[] {
    return this.#svm
      .getProgramAccounts(keyBytes(program))
      .map((found) => ({ address: base58(found.address), state: stateOf(found.account()) }))
      .filter(({ state }) => state.lamports > 0n);
  }

  run(bytes: Uint8Array, isLegacy: boolean): RunResult {
    const result = isLegacy ? this.#svm.sendLegacyTransaction(bytes) : this.#svm.sendVersionedTransaction(bytes);
    if (result instanceof FailedTransactionMetadata) return resultOf(result.meta(), faultOf(result.err()));
    return resultOf(result, null);
  }

  try(bytes: Uint8Array, { isLegacy, verifies }: Readonly<{ isLegacy: boolean; verifies: boolean }>): Trial {
    this.#svm.setSigverify(verifies);
    try {
      const result = isLegacy
        ? this.#svm.simulateLegacyTransaction(bytes)
        : this.#svm.simulateVersionedTransaction(bytes);
      if (result instanceof FailedTransactionMetadata) {
        return { ...resultOf(result.meta(), faultOf(result.err())), after: () => undefined };
      }
      const posts = result.postAccounts();
      const after = (address: string): AccountState | undefined => {
        const found = posts.find((each) => base58(each.address) === address);
        return found === undefined ? undefined : stateOf(found.account());
      };
      return { ...resultOf(result.meta(), null), after };
    } finally {
      this.#svm.setSigverify(true);
    }
  }

  /** Lamports an account of this many bytes must hold to stay. */
  rentExemption(bytes: number): bigint {
    const rent = this.#svm.getRent();
    // LiteSVM answers 2^64 - 1 above 10 MiB; a node computes on: (128 + n) bytes × the yearly rate × two years.
    return bytes <= 10 * 1024 * 1024
      ? this.#svm.minimumBalanceForRentExemption(BigInt(bytes))
      : BigInt(128 + bytes) * rent.lamportsPerByteYear * BigInt(rent.exemptionThreshold);
  }

  get slot(): bigint {
    return this.#svm.getClock().slot;
  }

  get unixTimestamp(): bigint {
    return this.#svm.getClock().unixTimestamp;
  }

  /** Moves the clock; the epoch follows the slot, so that stake and epoch queries agree. */
  setClock(slot: bigint, unixTimestamp: bigint): void {
    const schedule = this.#svm.getEpochSchedule().slotsPerEpoch;
    const epoch = slot / schedule;
    this.#svm.setClock(new Clock(slot, unixTimestamp, epoch, epoch + 1n, unixTimestamp));
  }

  get slotsPerEpoch(): bigint {
    return this.#svm.getEpochSchedule().slotsPerEpoch;
  }

  /** Address lookup tables are only usable when their slot is among these; newest first, at most 512. */
  setSlotHashes(hashes: readonly Readonly<{ slot: bigint; hash: string }>[]): void {
    this.#svm.setSlotHashes([...hashes]);
  }
}
