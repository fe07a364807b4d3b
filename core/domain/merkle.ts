/**
 * The Merkle tree of RFC 9162 §2.1: one hash for a list, and short proofs of its entries. Not for choosing the hash.
 */
import { invariant } from './refusal.ts';

/** SHA-256, or any hash of a fixed length. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/**
 * What proves an entry: its leaf hash, its place in a list of `size`, the hashes beside its path (leaf first), the
 * root.
 */
export type Inclusion = Readonly<{
  leaf: Uint8Array;
  index: number;
  size: number;
  proof: readonly Uint8Array[];
  root: Uint8Array;
}>;

/** The hash of an entry: a zero byte before it, so that no entry can pass for an inner node. */
export function leafHash(hash: Hash, entry: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(entry.length + 1);
  bytes.set(entry, 1);
  return hash(bytes);
}

/** The hash of two nodes: a one byte before them. */
function nodeHash(hash: Hash, left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + left.length + right.length);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 1 + left.length);
  return hash(bytes);
}

/** The root over leaf hashes; that of no leaves is the hash of nothing. */
export function root(hash: Hash, leaves: readonly Uint8Array[]): Uint8Array {
  const builder = new MerkleBuilder(hash);
  for (const leaf of leaves) builder.append(leaf);
  return builder.root();
}

/** The hashes that lead from leaf `index` up to the root over `leaves` (leaf hashes): at most log2 n of them. */
export function inclusionProof(hash: Hash, index: number, leaves: readonly Uint8Array[]): Uint8Array[] {
  invariant(Number.isInteger(index) && index >= 0 && index < leaves.length, 'a proof is of a leaf in the list');
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = leaves.length;
  while (end - start > 1) {
    const middle = start + largestPowerBelow(end - start);
    const isLeft = index < middle;
    proof.push(root(hash, isLeft ? leaves.slice(middle, end) : leaves.slice(start, middle)));
    if (isLeft) end = middle;
    else start = middle;
  }
  return proof.reverse();
}

/**
 * Says whether a proof leads from its leaf to its root (RFC 9162 §2.1.3.2). Total: nonsense is false, never an error.
 */
export function verifyInclusion(hash: Hash, inclusion: Inclusion): boolean {
  const { leaf, index, size, proof } = inclusion;
  const isPlace = Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;
  if (!isPlace) return false;
  let node = leaf;
  let place = index;
  let last = size - 1;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (place % 2 === 1 || place === last) {
      node = nodeHash(hash, sibling, node);
      while (place % 2 === 0 && place !== 0) {
        place /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      node = nodeHash(hash, node, sibling);
    }
    place = Math.floor(place / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && areEqual(node, inclusion.root);
}

/**
 * Builds a root as leaves come. It keeps one node for each complete subtree: memory grows with the logarithm of the
 * count.
 */
export class MerkleBuilder {
  readonly #hash: Hash;
  /** Roots of complete subtrees, largest and leftmost first: one for each bit that is set in the count. */
  readonly #peaks: Uint8Array[] = [];
  #count = 0;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** How many leaves were appended. */
  get size(): number {
    return this.#count;
  }

  /** Adds one leaf hash on the right. */
  append(leaf: Uint8Array): void {
    let node = leaf;
    for (let rest = this.#count; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      const left = this.#peaks.pop();
      invariant(left !== undefined, 'there is a peak for each bit of the count');
      node = nodeHash(this.#hash, left, node);
    }
    this.#peaks.push(node);
    this.#count += 1;
  }

  /** The root over the leaves so far; appending may go on. */
  root(): Uint8Array {
    let node: Uint8Array | undefined;
    for (let index = this.#peaks.length - 1; index >= 0; index -= 1) {
      const peak = this.#peaks[index];
      invariant(peak !== undefined, 'a peak is a node');
      node = node === undefined ? peak : nodeHash(this.#hash, peak, node);
    }
    return node ?? this.#hash(new Uint8Array(0));
  }
}

/** The largest power of two strictly below a count of at least 2. */
function largestPowerBelow(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function areEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
