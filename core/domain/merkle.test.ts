import { hash as digest } from 'node:crypto';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { MerkleBuilder, inclusionProof, leafHash, root, verifyInclusion } from './merkle.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(digest('sha256', bytes, 'buffer'));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => leafHash(sha256, Buffer.from(`entry ${index}`)));

/** The definition of RFC 9162 §2.1.1, word for word. */
function mth(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length === 0) return sha256(new Uint8Array(0));
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) return sha256(Buffer.concat([Buffer.of(0), first]));
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return sha256(Buffer.concat([Buffer.of(1), mth(entries.slice(0, k)), mth(entries.slice(k))]));
}

/**
 * The entries and roots that Certificate Transparency's reference implementation is tested with, after 0 to 8 entries.
 */
const ENTRIES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('the Merkle tree', () => {
  test('has the roots of the reference implementation', () => {
    const builder = new MerkleBuilder(sha256);
    expect(hex(builder.root())).toBe(ROOTS[0]);
    for (const [index, entry] of ENTRIES.entries()) {
      builder.append(leafHash(sha256, Buffer.from(entry, 'hex')));
      expect(builder.size).toBe(index + 1);
      expect(hex(builder.root())).toBe(ROOTS[index + 1]);
    }
  });

  test.prop([fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 })])(
    'is the tree the RFC defines',
    (entries) => {
      const leaves = entries.map((entry) => leafHash(sha256, entry));
      expect(hex(root(sha256, leaves))).toBe(hex(mth(entries)));
    },
  );

  test.prop([fc.integer({ min: 1, max: 130 }).chain((size) => fc.tuple(fc.constant(size), fc.nat({ max: size - 1 })))])(
    'proves every leaf, at its place only, shortly',
    ([size, index]) => {
      const leaves = leavesOf(size);
      const top = root(sha256, leaves);
      const proof = inclusionProof(sha256, index, leaves);
      const claim = { leaf: leaves[index] as Uint8Array, index, size, proof, root: top };
      expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
      expect(verifyInclusion(sha256, claim)).toBe(true);
      for (let other = 0; other < size; other += 1) {
        expect(verifyInclusion(sha256, { ...claim, index: other })).toBe(other === index);
      }
      expect(verifyInclusion(sha256, { ...claim, proof: [...proof, top] })).toBe(false);
      expect(verifyInclusion(sha256, { ...claim, leaf: sha256(top) })).toBe(false);
      if (proof.length > 0) expect(verifyInclusion(sha256, { ...claim, proof: proof.slice(1) })).toBe(false);
    },
  );

  test.each([
    [-1, 4],
    [4, 4],
    [0.5, 4],
    [0, 0],
    [Number.NaN, 4],
    [0, Number.POSITIVE_INFINITY],
  ])('answers false for leaf %d of %d', (index, size) => {
    const leaf = leafHash(sha256, Buffer.from('x'));
    expect(verifyInclusion(sha256, { leaf, index, size, proof: [], root: leaf })).toBe(false);
  });

  test('takes 100,000 leaves in a second and hashes each inner node once', () => {
    const builder = new MerkleBuilder(sha256);
    const [leaf] = leavesOf(1);
    const begun = performance.now();
    for (let index = 0; index < 100_000; index += 1) builder.append(leaf as Uint8Array);
    builder.root();
    expect(performance.now() - begun).toBeLessThan(1_000);
  });
});
