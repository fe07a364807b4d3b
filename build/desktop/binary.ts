/** Electron's binary on this machine: npm brings the package, and the binary only where it could be fetched. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** The path of the binary, or nothing. Asks the files and not the package, which would begin to download. */
export function electronBinary(folder = 'node_modules/electron', env: Environment = process.env): string | undefined {
  const named = join(folder, 'path.txt');
  const file = existsSync(named) ? readFileSync(named, 'utf8').trim() : 'electron';
  const path = join(env['ELECTRON_OVERRIDE_DIST_PATH'] ?? join(folder, 'dist'), file);
  return existsSync(path) ? path : undefined;
}
