/**
 * The Merkle root of RFC 9162 over hashes in hex, for proofs of millions of leaves: one scratch buffer, no bytes
 * kept.
 */
import { sha256Hex } from './hash.ts';

const NODE_BYTES = 65;
const HASH_BYTES = 32;

export class HexRoot {
  /** A node's input: a one byte, then left and right. */
  readonly #scratch = Buffer.alloc(NODE_BYTES, 1);
  /** Roots of complete subtrees, largest first: one for each bit that is set in the count. */
  readonly #peaks: string[] = [];
  #count = 0;

  append(leaf: string): void {
    let node = leaf;
    for (let rest = this.#count; rest % 2 === 1; rest = Math.floor(rest / 2))
      node = this.#join(this.#peaks.pop() ?? '', node);
    this.#peaks.push(node);
    this.#count += 1;
  }

  #join(left: string, right: string): string {
    this.#scratch.write(left, 1, HASH_BYTES, 'hex');
    this.#scratch.write(right, 1 + HASH_BYTES, HASH_BYTES, 'hex');
    return sha256Hex(this.#scratch);
  }

  /** The root over what was appended; begins anew. */
  take(): string {
    let node: string | undefined;
    for (let peak = this.#peaks.pop(); peak !== undefined; peak = this.#peaks.pop()) {
      node = node === undefined ? peak : this.#join(peak, node);
    }
    this.#count = 0;
    return node ?? sha256Hex('');
  }
}
