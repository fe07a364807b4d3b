/**
 * ECDSA over secp256k1 and Keccak-256, as fast as this machine allows. Which implementation runs is said and never
 * guessed: the native package falls back to one 17 times slower without a word, so its binary is loaded by name.
 */
import { createRequire } from 'node:module';
import { createKeccak } from 'hash-wasm';
import type { signRecoverable } from 'tiny-secp256k1';
import type { Hash } from '#core/domain/merkle.ts';
import { invariant } from '#core/domain/refusal.ts';
import { loadNative } from './curve-implementation.ts';
import type { CurveImplementation, Native } from './curve-implementation.ts';

/** Signs digests with keys in memory. Deterministic (RFC 6979), so every implementation gives the same bytes. */
export type Curve = Readonly<{
  implementation: CurveImplementation;
  /** 65 bytes r ‖ s ‖ v, s low, v 27 or 28. */
  sign: (digest: Uint8Array, privateKey: Uint8Array) => Uint8Array;
}>;

/** r ‖ s ‖ v from a compact signature and its recovery id. */
function joined(signature: Uint8Array, recoveryId: number): Uint8Array {
  const bytes = new Uint8Array(65);
  bytes.set(signature);
  bytes[64] = 27 + recoveryId;
  return bytes;
}

function nativeCurve(native: Native): Curve {
  return {
    implementation: 'native libsecp256k1',
    sign: (digest, privateKey) => {
      const { signature, recid } = native.ecdsaSign(digest, privateKey);
      return joined(signature, recid);
    },
  };
}

/** The same library compiled to WebAssembly, for machines without a prebuilt binary; loaded only there. */
function wasmCurve(): Curve {
  const require = createRequire(import.meta.url);
  const wasm = require('tiny-secp256k1') as { signRecoverable: typeof signRecoverable };
  return {
    implementation: 'libsecp256k1 in WebAssembly',
    sign: (digest, privateKey) => {
      const { signature, recoveryId } = wasm.signRecoverable(digest, privateKey);
      return joined(signature, recoveryId);
    },
  };
}

/** The fastest curve this machine has, or the one that is named. */
export function openCurve(only?: CurveImplementation): Curve {
  const native = only === 'libsecp256k1 in WebAssembly' ? undefined : loadNative();
  return native === undefined ? wasmCurve() : nativeCurve(native);
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
