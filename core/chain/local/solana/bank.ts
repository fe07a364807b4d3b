/** Runs transactions block by block over the engine: ages, nonces, duplicates, fees, records. Knows no socket. */
import { LOOKUP_TABLE, MEMO, MEMO_V1, SYSTEM } from './addresses.ts';
import { base58 } from './base58.ts';
import { Engine } from './engine.ts';
import type { AccountState, RunResult, Trial } from './engine.ts';
import { signedBy } from './build-transaction.ts';
import type { Instruction } from './build-transaction.ts';
import { solGift, tokenGift } from './faucet.ts';
import { History } from './history.ts';
import type { Block, Change, Landed } from './history.ts';
import { localKey } from './keys.ts';
import type { LocalKey } from './keys.ts';
import { advanced, isNonceUsable, nextNonce, nonceAccountOf, nonceState } from './nonce.ts';
import { tokenBalances } from './token-balances.ts';
import type { TransactionFault } from './transaction-error.ts';
import { BlockhashWindow } from './window.ts';
import type { Blockhash } from './window.ts';
import { isWritableKey, parseTransaction, signatureOf } from './wire.ts';
import type { WireMessage, WireTransaction } from './wire.ts';

export type Sent = Readonly<{ landed: Landed }> | Readonly<{ dropped: TransactionFault }>;

/** What others hear of: the sockets, the snapshot and the rollup. */
export type BankListener = Readonly<{
  landed?: (record: Landed, changes: readonly Change[]) => void;
  changed?: (changes: readonly Change[]) => void;
  block?: (block: Block) => void;
}>;

export type LoadedKeys = Readonly<{
  all: readonly string[];
  writable: ReadonlySet<string>;
  loaded: Landed['loaded'];
}>;

/** What each run of a chain has of its own; `salt` is the chain's for ever, `run` this process's. */
export type BankIdentity = Readonly<{ salt: string; run: string }>;

/** A transaction on its way through the bank. */
export type Passing = Readonly<{ transaction: WireTransaction; signature: string; keys: LoadedKeys }>;

/** `MAX_ADDRESS_TABLES`: addresses start here in a lookup table (`LOOKUP_TABLE_META_SIZE`). */
const TABLE_HEADER = 56;

const sameState = (a: AccountState | undefined, b: AccountState | undefined): boolean =>
  a === b ||
  (a !== undefined &&
    b !== undefined &&
    a.lamports === b.lamports &&
    a.owner === b.owner &&
    a.executable === b.executable &&
    (a.data === b.data || a.data.equals(b.data)));

export class Bank {
  readonly engine = new Engine();
  readonly history = new History();
  readonly faucet: LocalKey;
  readonly identity: BankIdentity;
  readonly #window: BlockhashWindow;
  readonly #listeners = new Set<BankListener>();
  /** Signatures within the age of a blockhash, with the height they landed at: history may forget them sooner. */
  readonly #recent = new Map<string, bigint>();
  /** Every address ever written, which is what a snapshot has to hold beside genesis. */
  readonly written = new Set<string>();
  #height = 0n;
  #slot: bigint;
  #serial = 0;
  /** How far the chain's clock runs ahead of the machine's. */
  timeOffsetSeconds = 0n;

  constructor(identity: BankIdentity) {
    this.identity = identity;
    this.faucet = localKey('tollkeeper local faucet', identity.salt);
    this.#window = new BlockhashWindow(identity.run);
    this.#slot = this.engine.slot;
  }

  get slot(): bigint {
    return this.#slot;
  }

  get height(): bigint {
    return this.#height;
  }

  get latest(): Blockhash {
    return this.#window.latest;
  }

  listen(listener: BankListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Takes up where a snapshot ended. Only before the first block. */
  resume({ slot, height }: Readonly<{ slot: bigint; height: bigint }>): void {
    this.#slot = slot;
    this.#height = height;
  }

  /** Closes the current block and opens the next, `skip` slots further on. */
  tick(skip = 0n): Block {
    const parent = this.#window.latest;
    this.#slot += 1n + skip;
    this.#height += 1n;
    const now = BigInt(Math.floor(Date.now() / 1000)) + this.timeOffsetSeconds;
    this.engine.setClock(this.#slot, now);
    const { hash } = this.#window.push({ slot: this.#slot, height: this.#height });
    this.engine.setSlotHashes(this.#window.slotHashes());
    for (const [signature, height] of this.#recent) {
      if (this.#height - height <= 300n) break;
      this.#recent.delete(signature);
    }
    const block = {
      slot: this.#slot,
      height: this.#height,
      hash,
      parentSlot: parent.slot,
      parentHash: parent.hash,
      time: Number(now),
      signatures: [],
    };
    this.history.addBlock(block);
    for (const { block: hear } of this.#listeners) hear?.(block);
    return block;
  }

  account(address: string): AccountState | undefined {
    return this.engine.account(address);
  }

  /** Writes an account past the rules and tells everyone; genesis and the local-only methods use it. */
  setAccount(address: string, state: AccountState | undefined): void {
    const before = this.engine.account(address);
    this.engine.setAccount(address, state);
    this.written.add(address);
    this.tellChanged([{ address, before, after: this.engine.account(address) }]);
  }

  /** Accounts of a program, by a scan of all: a local chain has thousands. */
  ownedBy(program: string): { address: string; state: AccountState }[] {
    return this.engine.ownedBy(program);
  }

  protected tellChanged(changes: readonly Change[]): void {
    const real = changes.filter(({ before, after }) => !sameState(before, after));
    if (real.length > 0) for (const { changed } of this.#listeners) changed?.(real);
  }

  isBlockhashValid(hash: string): boolean {
    return this.#window.isValid(hash, this.#height);
  }

  /** The keys of a message with those of its lookup tables; a missing table leaves them out, and the run says so. */
  keysOf(message: WireMessage): LoadedKeys {
    const writable: string[] = [];
    const readonly: string[] = [];
    for (const lookup of message.lookups) {
      const table = this.account(lookup.table);
      const at = (index: number): string => {
        const from = TABLE_HEADER + 32 * index;
        const bytes = table?.owner === LOOKUP_TABLE ? table.data.subarray(from, from + 32) : Buffer.alloc(0);
        return bytes.length === 32 ? base58(bytes) : SYSTEM;
      };
      writable.push(...lookup.writable.map(at));
      readonly.push(...lookup.readonly.map(at));
    }
    const own = message.keys.filter((_, index) => isWritableKey(message, index));
    return {
      all: [...message.keys, ...writable, ...readonly],
      writable: new Set([...own, ...writable]),
      loaded: { writable, readonly },
    };
  }

  /** Why a transaction may not be processed now, before anything runs. */
  refusalOf({ message }: WireTransaction, signature: string): TransactionFault | undefined {
    if (this.#recent.has(signature)) return 'AlreadyProcessed';
    return this.isAcceptable(message) ? undefined : 'BlockhashNotFound';
  }

  /** Whether a message names a recent blockhash, or the present value of a durable nonce that it advances first. */
  isAcceptable(message: WireMessage): boolean {
    if (this.isBlockhashValid(message.recentBlockhash)) return true;
    const address = nonceAccountOf(message);
    const state = nonceState(address === undefined ? undefined : this.account(address));
    if (state === undefined || !isNonceUsable(message, state)) return false;
    // A nonce that was advanced in this block has no next value before the next one.
    return state.nonce !== base58(nextNonce(this.latest.hash));
  }

  /** Processes a transaction for good. It lands, failed or not, when its fee was charged; else nothing is kept. */
  send(transaction: WireTransaction): Sent {
    const signature = signatureOf(transaction);
    const refusal = this.refusalOf(transaction, signature);
    if (refusal !== undefined) return { dropped: refusal };
    const keys = this.keysOf(transaction.message);
    const passing = { transaction, signature, keys };
    const before = this.#statesOf(keys.all);
    const { result, isLanded, feeLamports } = this.execute(passing, before);
    if (!isLanded) return { dropped: result.fault ?? 'SanitizeFailure' };
    this.#advanceNonce(transaction.message);
    const after = this.#statesOf(keys.all);
    const record = this.#recordOf(passing, { result, before, after, feeLamports });
    this.#recent.set(signature, this.#height);
    this.history.add(record);
    this.#tellLanded(record, keys, { before, after });
    return { landed: record };
  }

  /** Runs on the engine. A rollup adds its own rules here. */
  protected execute(
    { transaction, keys }: Passing,
    before: ReadonlyMap<string, AccountState | undefined>,
  ): { result: RunResult; isLanded: boolean; feeLamports: bigint } {
    const result = this.engine.run(transaction.bytes, transaction.message.version === 'legacy');
    const distinct = [...new Set(keys.all)];
    const sum = (balance: (key: string) => bigint): bigint => distinct.reduce((total, key) => total + balance(key), 0n);
    // Lamports only move within a transaction's accounts, so what is missing afterwards is the fee.
    const feeLamports = sum((key) => before.get(key)?.lamports ?? 0n) - sum((key) => this.engine.balance(key));
    return { result, isLanded: result.fault === null || feeLamports > 0n, feeLamports };
  }

  /** Runs without keeping anything. */
  simulate(transaction: WireTransaction, { verifies }: Readonly<{ verifies: boolean }>): Trial {
    return this.engine.try(transaction.bytes, { isLegacy: transaction.message.version === 'legacy', verifies });
  }

  /** A transaction of one of the chain's own keys. */
  sendSigned(payer: LocalKey, instructions: readonly Instruction[]): Sent {
    return this.send(parseTransaction(signedBy({ payer, blockhash: this.latest.hash, instructions })));
  }

  /** Lamports from the faucet. */
  airdrop(to: string, lamports: bigint): Sent {
    this.#serial += 1;
    return this.sendSigned(this.faucet, solGift({ from: this.faucet.address, to, serial: this.#serial }, lamports));
  }

  /** Tokens of a mint whose authority the faucet is, in minor units. */
  airdropToken(to: string, mint: string, amountMinor: bigint): Sent {
    this.#serial += 1;
    const gift = { from: this.faucet.address, to, serial: this.#serial };
    return this.sendSigned(this.faucet, tokenGift(gift, mint, amountMinor));
  }

  #statesOf(keys: readonly string[]): Map<string, AccountState | undefined> {
    return new Map(keys.map((key) => [key, this.account(key)]));
  }

  /**
   * Moves the nonce of a nonce transaction on, also when the transaction failed. LiteSVM leaves a failed one where it
   * was, and takes the next value of any from the transaction itself instead of from the chain.
   */
  #advanceNonce(message: WireMessage): void {
    if (this.isBlockhashValid(message.recentBlockhash)) return;
    const address = nonceAccountOf(message);
    const account = address === undefined ? undefined : this.account(address);
    if (address === undefined || account === undefined || nonceState(account) === undefined) return;
    this.engine.setAccount(address, advanced(account, this.latest.hash));
  }

  #recordOf(
    { transaction, signature, keys }: Passing,
    run: Readonly<{
      result: RunResult;
      before: ReadonlyMap<string, AccountState | undefined>;
      after: ReadonlyMap<string, AccountState | undefined>;
      feeLamports: bigint;
    }>,
  ): Landed {
    const { result, before, after, feeLamports } = run;
    const { fault, ...rest } = result;
    const mintAt = (address: string): AccountState | undefined => this.account(address);
    return {
      ...rest,
      fault,
      signature,
      slot: this.#slot,
      blockTime: Number(this.engine.unixTimestamp),
      bytes: transaction.bytes,
      loaded: keys.loaded,
      keys: keys.all,
      feeLamports,
      preLamports: keys.all.map((key) => before.get(key)?.lamports ?? 0n),
      postLamports: keys.all.map((key) => after.get(key)?.lamports ?? 0n),
      preTokens: tokenBalances(keys.all, before, mintAt),
      postTokens: tokenBalances(keys.all, after, mintAt),
      memo: memoOf(transaction.message),
    };
  }

  #tellLanded(
    record: Landed,
    keys: LoadedKeys,
    { before, after }: Readonly<Record<'before' | 'after', ReadonlyMap<string, AccountState | undefined>>>,
  ): void {
    const changes = [...keys.writable]
      .map((address) => ({ address, before: before.get(address), after: after.get(address) }))
      .filter((change) => !sameState(change.before, change.after));
    for (const { address } of changes) this.written.add(address);
    for (const { landed, changed } of this.#listeners) {
      if (changes.length > 0) changed?.(changes);
      landed?.(record, changes);
    }
  }
}

/** Memos as `getSignaturesForAddress` shows them: "[length] text", several joined by "; ". */
function memoOf(message: WireMessage): string | null {
  const memos = message.instructions
    .filter(({ program }) => [MEMO, MEMO_V1].includes(message.keys[program] ?? ''))
    .map(({ data }) => `[${data.length}] ${data.toString('utf8')}`);
  return memos.length === 0 ? null : memos.join('; ');
}
