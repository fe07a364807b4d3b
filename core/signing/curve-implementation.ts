/**
 * Which implementation of secp256k1 this machine has: a small module, so that it can be asked without loading one that
 * is not needed.
 */
import { createRequire } from 'node:module';
import type secp256k1 from 'secp256k1';

export type CurveImplementation = 'native libsecp256k1' | 'libsecp256k1 in WebAssembly';

/** Of the package, as much as is used. */
export type Native = Pick<typeof secp256k1, 'ecdsaSign'>;

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

/** Loads the binary by its name: what the package itself would load instead of a missing one is slow and not said. */
export function loadNative(): Native | undefined {
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

/** The implementation that signs here: shown to the operator, for the other is about a third as fast. */
export function curveImplementation(): CurveImplementation {
  return loadNative() === undefined ? 'libsecp256k1 in WebAssembly' : 'native libsecp256k1';
}
