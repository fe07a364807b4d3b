/**
 * ECDSA over secp256k1 and Keccak-256, as fast as this machine allows. Which implementation runs is said and never
 * guessed: the native package falls back to one 17 times slower without a word, so its binary is loaded by name.
 */
import { createKeccak } from 'hash-wasm';
import { bytesToHex } from 'viem';
import { sign as signWithNoble } from 'viem/accounts';
import type { Hash } from '#core/domain/merkle.ts';
import { invariant } from '#core/domain/refusal.ts';
import { loadNative } from './curve-implementation.ts';
import type { CurveImplementation, Native } from './curve-implementation.ts';

/** Signs digests with keys in memory. Deterministic (RFC 6979), so every implementation gives the same bytes. */
export type Curve = Readonly<{
  implementation: CurveImplementation;
  /** 65 bytes r ‖ s ‖ v, s low, v 27 or 28. */
  sign: (digest: Uint8Array, privateKey: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}>;

function nativeCurve(native: Native): Curve {
  return {
    implementation: 'native libsecp256k1',
    sign: (digest, privateKey) => {
      const { signature, recid } = native.ecdsaSign(digest, privateKey);
      const bytes = new Uint8Array(65);
      bytes.set(signature);
      bytes[64] = 27 + recid;
      return bytes;
    },
  };
}

const NOBLE: Curve = {
  implementation: 'noble (JavaScript)',
  sign: (digest, privateKey) =>
    signWithNoble({ hash: bytesToHex(digest), privateKey: bytesToHex(privateKey), to: 'bytes' }),
};

/** The fastest curve this machine has, or the one that is named. */
export function openCurve(only?: CurveImplementation): Curve {
  const native = only === NOBLE.implementation ? undefined : loadNative();
  return native === undefined ? NOBLE : nativeCurve(native);
}

/** Keccak-256 that is ready to hash: 404,000 short inputs a second against 58,000 in JavaScript. */
export async function openKeccak(): Promise<Hash> {
  const hasher = await createKeccak(256);
  return (bytes) => {
    const digest = hasher.init().update(bytes).digest('binary');
    invariant(digest.length === 32, 'a digest has 32 bytes');
    return digest;
  };
}
