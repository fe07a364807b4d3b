import fc from 'fast-check';
import { expect, test } from 'vitest';
import { root } from '#core/domain/merkle.ts';
import { sha256, toHex } from './hash.ts';
import { HexRoot } from './verify-root.ts';

test('the root in hex is the root of RFC 9162, for any leaves, again and again', () => {
  const builder = new HexRoot();
  const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(fc.array(leaf, { maxLength: 70 }), (leaves) => {
      for (const one of leaves) builder.append(toHex(one));
      expect(builder.take()).toBe(toHex(root(sha256, leaves)));
    }),
  );
});
