/**
 * A deployment that has begun: the temporary key of its buffer, kept in a file so that it can go on after anything, and
 * removed as soon as it is not needed any more.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { ChainError } from '../../error.ts';

export type Pending = Readonly<{
  format: 1;
  /** What is being deployed, and where: another file or cluster is another deployment. */
  sha256: string;
  genesisHash: string;
  /** Seeds of the buffer's key and, for a first deployment without a key of its own, the program's. Hex. */
  bufferSeed: string;
  programSeed: string;
}>;

export type PendingOf = Readonly<{ sha256: string; genesisHash: string }>;

/** Takes up what a file holds, or begins: then the file is written before anything is sent. */
export function openPending(path: string, of: PendingOf): Pending {
  if (existsSync(path)) {
    const found = read(path);
    if (found.sha256 === of.sha256 && found.genesisHash === of.genesisHash) return found;
    throw new ChainError({
      code: 'STATE_FORBIDS',
      detail: `${path} is of a deployment of another program or to another network, which has not ended.`,
      fix: 'End that one first, or give its buffer up with tollkeeper solana close-buffer --state FILE.',
      values: { sha256: found.sha256 },
    });
  }
  const seed = (): string => randomBytes(32).toString('hex');
  const pending = { format: 1, ...of, bufferSeed: seed(), programSeed: seed() } as const;
  writeFileSync(`${path}.new`, `${JSON.stringify(pending, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return pending;
}

export function read(path: string): Pending {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as Pending;
    if (value.format === 1 && value.bufferSeed.length === 64) return value;
  } catch {
    // Told below, as for JSON that is something else.
  }
  throw new ChainError({
    code: 'STATE_FORBIDS',
    detail: `${path} is no file of a deployment that has begun.`,
    fix: 'Give the file that the deployment named, or another name to begin anew.',
  });
}

/** The deployment has ended: nothing is left of its temporary keys. */
export function removePending(path: string): void {
  rmSync(path, { force: true });
}
