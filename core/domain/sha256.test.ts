import { hash as digest } from 'node:crypto';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { fromHex, toHex } from './hex.ts';
import { sha256Bytes } from './sha256.ts';

describe('SHA-256', () => {
  test('hashes "abc" as FIPS 180-2 appendix B.1 does', () => {
    expect(toHex(sha256Bytes(new TextEncoder().encode('abc')))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
  });

  test.prop([fc.uint8Array({ maxLength: 300 })])('gives what Node gives, across the ends of blocks', (bytes) => {
    expect(toHex(sha256Bytes(bytes))).toBe(digest('sha256', bytes, 'hex'));
  });
});

describe('Hexadecimal text', () => {
  test.prop([fc.uint8Array({ maxLength: 80 })])('gives its bytes back', (bytes) => {
    expect(fromHex(toHex(bytes))).toEqual(bytes);
  });

  test.each(['a', 'AB', '0g', ' 00', '0x00'])('is refused as %j, which is not the one text of its bytes', (text) => {
    expect(fromHex(text)).toBeNull();
  });
});
