/** A disk that a test fills, frees or write-protects while the process under test runs. */
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileShim } from './compile.ts';

export type FaultyDisk = Readonly<{
  /** Environment of the process that meets the faults. */
  env: Readonly<Record<string, string>>;
  /** From now on, only so many more bytes fit (ENOSPC after that). */
  leave: (freeBytes: number) => void;
  /** From now on, nothing may be written (EROFS). */
  protect: () => void;
  /** From now on, all is well again. */
  heal: () => void;
  dispose: () => void;
}>;

/** Prepares faults for what a process writes under `folder`, which must exist. The disk starts well. */
export function faultyDisk(folder: string): FaultyDisk {
  const scratch = mkdtempSync(join(tmpdir(), 'tollkeeper-faults-'));
  const path = join(scratch, 'control');
  const control = openSync(path, 'w+');
  const set = (mode: 'o' | 's' | 'r', freeBytes: number) => {
    const state = Buffer.alloc(16);
    state.writeBigInt64LE(BigInt(freeBytes), 8);
    state.write(mode, 0, 'latin1');
    writeSync(control, state, 8, 8, 8); // The space first, so that the mode never acts on an old figure.
    writeSync(control, state, 0, 8, 0);
  };
  set('o', 0);
  return {
    env: { LD_PRELOAD: compileShim('faults'), FAULTS_DIR: realpathSync(folder), FAULTS_CONTROL: path },
    leave: (freeBytes) => set('s', freeBytes),
    protect: () => set('r', 0),
    heal: () => set('o', 0),
    dispose: () => {
      closeSync(control);
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
