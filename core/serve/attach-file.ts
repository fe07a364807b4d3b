/** What the holder of a workspace leaves beside it, so that other processes of the same person can ask it. */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const AttachRecord = z.strictObject({
  /** Path of a Unix socket, or name of a Windows pipe. */
  socket: z.string().min(1),
  /** 256 bits in hexadecimal: who can read this file may ask. */
  token: z.string().regex(/^[0-9a-f]{64}$/),
  pid: z.int().positive(),
});
export type AttachRecord = z.infer<typeof AttachRecord>;

/** The longest path that every system takes for a Unix socket, with its end mark (macOS: 104 bytes). */
const SOCKET_PATH_MOST = 103;

export const attachFileOf = (workspace: string): string => `${workspace}.attach`;

const me = (): number => process.getuid?.() ?? -1;

/** A folder that only this user can enter. One that somebody else made there first is passed over. */
function privateFolder(): string {
  const root = tmpdir().length > 60 ? '/tmp' : tmpdir();
  const folder = join(root, `tollkeeper-${me()}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = lstatSync(folder);
  const isOurs = lstatSync(folder).isDirectory() && uid === me() && (mode & 0o077) === 0;
  return isOurs ? folder : mkdtempSync(join(root, 'tollkeeper-'));
}

/** Where the holder of a workspace listens. */
export function socketOf(workspace: string): string {
  const name = createHash('sha256').update(workspace).digest('hex').slice(0, 16);
  if (process.platform === 'win32') return `\\\\.\\pipe\\tollkeeper-${name}`;
  const path = join(privateFolder(), `${name}.sock`);
  return path.length <= SOCKET_PATH_MOST ? path : join('/tmp', `tk-${me()}-${name}.sock`);
}

/** Writes the file whole or not at all, readable by its owner only. */
export function writeAttachFile(workspace: string, record: AttachRecord): void {
  const file = attachFileOf(workspace);
  const fresh = `${file}.${record.pid}`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, `${JSON.stringify(record)}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(fresh, file);
}

/**
 * What a holder left there; null when there is none, it cannot be read, or another user wrote it: whoever may write to
 * the folder could otherwise have a passphrase sent to a socket of theirs.
 */
export function readAttachFile(workspace: string): AttachRecord | null {
  const file = attachFileOf(workspace);
  try {
    if (process.platform !== 'win32') {
      const { uid } = lstatSync(file);
      if (uid !== me() && uid !== statSync(workspace).uid) return null;
    }
    const read = AttachRecord.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? read.data : null;
  } catch {
    return null; // Missing, or taken away just now: either way nobody is to be asked there.
  }
}

/** Takes the file away, unless a later holder has written its own. */
export function removeAttachFile(workspace: string, token: string): void {
  if (readAttachFile(workspace)?.token === token) rmSync(attachFileOf(workspace), { force: true });
}
