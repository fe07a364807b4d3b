/** What has happened on the chain: landed transactions, blocks, and which addresses they touched. Bounded. */
import { deserialize, serialize } from 'node:v8';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AccountState, RunResult } from './engine.ts';
import { Records, bytesOf } from './records.ts';
import type { Stored } from './records.ts';
import type { TokenBalance } from './token-balances.ts';
import type { TransactionFault } from './transaction-error.ts';

/** A landed transaction, with all that a node tells about it. Lamports are bigint. */
export type Landed = Readonly<{
  signature: string;
  slot: bigint;
  blockTime: number;
  fault: TransactionFault | null;
  bytes: Buffer;
  /** Keys loaded through lookup tables, in the order of the message. */
  loaded: Readonly<{ writable: readonly string[]; readonly: readonly string[] }>;
  keys: readonly string[];
  feeLamports: bigint;
  preLamports: readonly bigint[];
  postLamports: readonly bigint[];
  preTokens: readonly TokenBalance[];
  postTokens: readonly TokenBalance[];
  memo: string | null;
  logs: string[];
  unitsConsumed: number;
  inner: RunResult['inner'];
  returnData: RunResult['returnData'];
}>;

export type Block = Readonly<{
  slot: bigint;
  height: bigint;
  hash: string;
  parentSlot: bigint;
  parentHash: string;
  time: number;
  signatures: string[];
}>;

export type Change = Readonly<{ address: string; before: AccountState | undefined; after: AccountState | undefined }>;

const KEPT_TRANSACTIONS = 10_000;
/** Of packed records: with it, the process stays under 180 MB however large the transactions are. */
const KEPT_BYTES = 8 * 1024 * 1024;
const KEPT_BLOCKS = 10_000;

/** Records stay packed in a snapshot as well. */
export type SavedHistory = Readonly<{ count: number; landed: readonly Uint8Array[]; blocks: readonly Block[] }>;

/** Logs and keys repeat: the fastest level already makes a record of a token transaction a third of its size. */
function packed(record: Landed): Uint8Array {
  return deflateRawSync(serialize(record), { level: 1 });
}

/** v8 gives back Uint8Array where a Buffer was. */
function unpacked(bytes: Uint8Array): Landed {
  const record = deserialize(inflateRawSync(bytes)) as Landed;
  return { ...record, bytes: Buffer.from(record.bytes) };
}

export class History {
  /** Packed: as objects they would take four times the memory, and most are never asked for again. */
  readonly #landed = new Map<string, Stored>();
  readonly #records = new Records();
  #bytes = 0;
  readonly #byAddress = new Map<string, string[]>();
  readonly #blocks = new Map<bigint, Block>();
  #count = 0;

  /** Every landed transaction since genesis, kept or not. */
  get count(): number {
    return this.#count;
  }

  get(signature: string): Landed | undefined {
    const stored = this.#landed.get(signature);
    return stored === undefined ? undefined : unpacked(bytesOf(stored));
  }

  add(record: Landed): void {
    this.#count += 1;
    const stored = this.#records.add(packed(record));
    this.#landed.set(record.signature, stored);
    this.#bytes += stored.length;
    this.#blocks.get(record.slot)?.signatures.push(record.signature);
    for (const key of new Set(record.keys)) {
      const list = this.#byAddress.get(key);
      if (list === undefined) this.#byAddress.set(key, [record.signature]);
      else list.push(record.signature);
    }
    while (this.#landed.size > KEPT_TRANSACTIONS || this.#bytes > KEPT_BYTES) this.#dropOldest();
  }

  #dropOldest(): void {
    const [stored] = this.#landed.values();
    if (stored === undefined) return;
    const oldest = unpacked(bytesOf(stored));
    this.#landed.delete(oldest.signature);
    this.#bytes -= stored.length;
    for (const key of new Set(oldest.keys)) {
      const list = this.#byAddress.get(key);
      // Each list is in the order of landing, so the oldest transaction is first in all of its lists.
      list?.shift();
      if (list?.length === 0) this.#byAddress.delete(key);
    }
  }

  /** Signatures that touched an address, newest first. */
  signaturesOf(address: string): string[] {
    return this.#byAddress.get(address)?.toReversed() ?? [];
  }

  addBlock(block: Block): void {
    this.#blocks.set(block.slot, block);
    if (this.#blocks.size <= KEPT_BLOCKS) return;
    const [oldest] = this.#blocks.keys();
    if (oldest !== undefined) this.#blocks.delete(oldest);
  }

  block(slot: bigint): Block | undefined {
    return this.#blocks.get(slot);
  }

  get firstSlot(): bigint {
    const [first] = this.#blocks.keys();
    return first ?? 0n;
  }

  /** Slots with a block, from one to another, both included. */
  slotsBetween({ from, to }: Readonly<{ from: bigint; to: bigint }>): bigint[] {
    return [...this.#blocks.keys()].filter((slot) => slot >= from && slot <= to);
  }

  /** The newest of it, oldest first, for a snapshot. */
  saved(most: Readonly<{ transactions: number; blocks: number }>): SavedHistory {
    const landed = [...this.#landed.values()].slice(-most.transactions).map(bytesOf);
    return { count: this.#count, landed, blocks: [...this.#blocks.values()].slice(-most.blocks) };
  }

  restore({ count, landed, blocks }: SavedHistory): void {
    for (const block of blocks) this.addBlock({ ...block, signatures: [] });
    for (const bytes of landed) this.add(unpacked(bytes));
    this.#count = count;
  }
}
