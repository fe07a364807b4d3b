/**
 * Native code lies outside the archive whose integrity the program checks of itself, so it is compared here with what
 * was bundled before the core loads it.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** SHA-256 in hexadecimal by path, as the bundle wrote it. */
const Natives = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/));

/** Names the first native file that is not the one bundled, or nothing. A package holds those of its platform only. */
export function foreignNative(listFile: string, root: string): string | undefined {
  const listed = Object.entries(Natives.parse(JSON.parse(readFileSync(listFile, 'utf8'))));
  const there = listed.filter(([path]) => existsSync(join(root, path)));
  if (there.length === 0) return listed[0]?.[0] ?? listFile;
  const hashOf = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(root, path)))
      .digest('hex');
  return there.find(([path, hash]) => hashOf(path) !== hash)?.[0];
}
