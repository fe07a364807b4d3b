/**
 * Which browsers came through a link, kept beside the workspace for a core that is killed: their open pages find their
 * way back to the next one. Who signs in is not kept; each browser begins again as whoever comes through a link does.
 */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { Log } from '#core/services/core.ts';

/** SHA-256 of what a browser's cookie holds: nobody gets in with what stands in the file. */
const Kept = z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(1_000);

export const keptFileOf = (workspace: string): string => `${workspace}.browsers`;

export const cookieHash = (cookie: string): string => createHash('sha256').update(cookie).digest('hex');

const me = (): number => process.getuid?.() ?? -1;

/** What a core that was killed left there; nothing when there is none, or another user wrote it. */
export function readKept(workspace: string): readonly string[] {
  const file = keptFileOf(workspace);
  try {
    if (process.platform !== 'win32' && lstatSync(file).uid !== me()) return [];
    const read = Kept.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? read.data : [];
  } catch {
    return []; // Missing, as after every end that was wanted, or torn: those browsers need a new link.
  }
}

/** Writes the file whole or not at all, readable by its owner only. */
export function writeKept(workspace: string, hashes: readonly string[], log: Log): void {
  const file = keptFileOf(workspace);
  const fresh = `${file}.${process.pid}`;
  try {
    rmSync(fresh, { force: true });
    writeFileSync(fresh, JSON.stringify(hashes), { mode: 0o600, flag: 'wx' });
    renameSync(fresh, file);
  } catch (error) {
    // Beside books on a full or write-protected disk the console still opens; only a crash then costs a new link.
    log.warn('browsers are not kept for a restart', { error });
  }
}

/** A core that ends because it is told to leaves nothing that lets anybody in. */
export function removeKept(workspace: string): void {
  rmSync(keptFileOf(workspace), { force: true });
}
