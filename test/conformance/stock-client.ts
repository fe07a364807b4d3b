/** Installs a stock client on demand and runs a script of it in a process of its own, which reaches loopback only. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const HERE = import.meta.dirname;

/** Makes sure a client is installed; false where the registry cannot be reached, so that its tests skip by name. */
export async function isInstalled(client: string): Promise<boolean> {
  const folder = join(HERE, client);
  if (existsSync(join(folder, 'node_modules', '.package-lock.json'))) return true;
  try {
    await run(
      'npm',
      ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1', '--fetch-timeout=20000'],
      {
        cwd: folder,
        timeout: 45_000,
      },
    );
    return true;
  } catch (error) {
    process.stderr.write(`The stock client ${client} could not be installed: ${String(error).slice(0, 300)}\n`);
    return false;
  }
}

/** Runs a client's script and gives what it writes: one JSON text. */
export async function runClient<T>(script: string, args: Readonly<Record<string, string>>): Promise<T> {
  const { stdout } = await run(
    process.execPath,
    ['--import', join(HERE, './loopback-only.mjs'), join(HERE, script), JSON.stringify(args)],
    { cwd: join(HERE, dirname(script)), timeout: 45_000, maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as T;
}
