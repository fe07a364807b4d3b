/** The recent blockhashes a transaction may name: 150 blocks, as on a real cluster. */
import { createHash } from 'node:crypto';
import { base58 } from './base58.ts';

/** `MAX_PROCESSING_AGE` of Agave: a blockhash is good for this many blocks after its own. */
export const BLOCKHASH_AGE = 150;
/** `MAX_RECENT_BLOCKHASHES`: how many the cluster keeps in its queue. */
const KEPT = 300;

export type Blockhash = Readonly<{ hash: string; slot: bigint; height: bigint }>;

export class BlockhashWindow {
  readonly #entries: Blockhash[] = [];
  readonly #byHash = new Map<string, Blockhash>();
  #last: string;

  /** `salt` makes the hashes of one run unlike those of any other, so that no old transaction fits a new run. */
  constructor(salt: string) {
    this.#last = salt;
  }

  push({ slot, height }: Readonly<{ slot: bigint; height: bigint }>): Blockhash {
    const hash = base58(createHash('sha256').update(`${this.#last}/${slot}`).digest());
    const entry = { hash, slot, height };
    this.#last = hash;
    this.#entries.push(entry);
    this.#byHash.set(hash, entry);
    const dropped = this.#entries.length > KEPT ? this.#entries.shift() : undefined;
    if (dropped !== undefined) this.#byHash.delete(dropped.hash);
    return entry;
  }

  /** The newest; there is one as soon as the chain has started. */
  get latest(): Blockhash {
    const entry = this.#entries.at(-1);
    return entry ?? { hash: this.#last, slot: 0n, height: 0n };
  }

  /** Whether a transaction that names this hash may still be processed at a block height. */
  isValid(hash: string, height: bigint): boolean {
    const entry = this.#byHash.get(hash);
    return entry !== undefined && height - entry.height <= BigInt(BLOCKHASH_AGE);
  }

  /** Newest first, for the SlotHashes sysvar. */
  slotHashes(): { slot: bigint; hash: string }[] {
    return this.#entries.toReversed().map(({ slot, hash }) => ({ slot, hash }));
  }
}
