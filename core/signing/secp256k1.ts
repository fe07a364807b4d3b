/**
 * ECDSA over secp256k1 and Keccak-256, as fast as this machine allows. Which implementation runs is said and never
 * guessed: the native package falls back to one 17 times slower without a word, so its binary is loaded by name.
 */
import { createRequire } from 'node:module';
import { createKeccak } from 'hash-wasm';
import type secp256k1 from 'secp256k1';
import { bytesToHex } from 'viem';
import { sign as signWithNoble } from 'viem/accounts';
import type { Hash } from '#core/domain/merkle.ts';
import { invariant } from '#core/domain/refusal.ts';

export type CurveImplementation = 'native libsecp256k1' | 'noble (JavaScript)';

/** Signs digests with keys in memory. Deterministic (RFC 6979), so every implementation gives the same bytes. */
export type Curve = Readonly<{
  implementation: CurveImplementation;
  /** 65 bytes r ‖ s ‖ v, s low, v 27 or 28. */
  sign: (digest: Uint8Array, privateKey: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}>;

type Native = Pick<typeof secp256k1, 'ecdsaSign'>;

/** Prebuilt binaries that the package carries. Elsewhere the other implementation runs, by its name. */
const PREBUILDS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64/secp256k1.glibc.node',
  'darwin-arm64': 'darwin-arm64/secp256k1.node',
  'win32-x64': 'win32-x64/secp256k1.node',
};

function isMusl(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return process.platform === 'linux' && header.glibcVersionRuntime === undefined;
}

function loadNative(): Native | undefined {
  const require = createRequire(import.meta.url);
  const prebuild = PREBUILDS[`${process.platform}-${process.arch}`];
  if (prebuild === undefined) return undefined;
  try {
    const path = isMusl() ? prebuild.replace('glibc', 'musl') : prebuild;
    const { Secp256k1 } = require(`secp256k1/prebuilds/${path}`) as { Secp256k1: new () => unknown };
    return (require('secp256k1/lib') as (addon: unknown) => Native)(new Secp256k1());
  } catch {
    return undefined; // A binary that does not load here; `implementation` tells which one runs instead.
  }
}

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
