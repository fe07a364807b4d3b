/** Compiles the C shims that tests preload. They need gcc and Linux; elsewhere the tests that use them are skipped. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = { powercut: 'powercut.c', faults: 'faults.c', nofile: 'nofile.c' } as const;
export type ShimName = keyof typeof SOURCES;

const FOLDER = import.meta.dirname;
const CACHE = join(FOLDER, '../../../.cache/shims');

/** Why tests with shims are skipped here, or nothing when they can run. Put it into the name of the skipped test. */
export function shimsMissing(): string | undefined {
  if (process.platform !== 'linux') return 'the preload shims are for Linux';
  const gcc = spawnSync('gcc', ['--version'], { stdio: 'ignore' });
  return gcc.status === 0 ? undefined : 'gcc is not installed (on Debian: apt-get install gcc libc6-dev)';
}

/** The path of a shim's library, compiled once for each state of its source. */
export function compileShim(name: ShimName): string {
  const source = join(FOLDER, SOURCES[name]);
  const hash = createHash('sha256')
    .update(readFileSync(source))
    .update(readFileSync(join(FOLDER, 'watch.h')));
  const library = join(CACHE, `${name}-${hash.digest('hex').slice(0, 16)}.so`);
  if (existsSync(library)) return library;
  mkdirSync(CACHE, { recursive: true });
  const scratch = `${library}.${process.pid}`;
  const flags = ['-std=gnu11', '-shared', '-fPIC', '-O2', '-Wall', '-Wextra', '-Werror'];
  const gcc = spawnSync('gcc', [...flags, '-o', scratch, source, '-ldl', '-pthread'], { encoding: 'utf8' });
  if (gcc.status !== 0) throw new Error(`gcc could not compile ${source}:\n${gcc.stderr}`);
  renameSync(scratch, library); // Two test processes may compile at once; the last whole one stays.
  return library;
}
