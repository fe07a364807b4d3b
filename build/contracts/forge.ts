/** Runs forge in the contracts folder: the platform's binary from npm, with npm's compiler, and no network. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

export const CONTRACTS = resolve(import.meta.dirname, '../../contracts');

const PLATFORMS: Readonly<Record<string, string>> = { 'linux-x64': 'linux-amd64' };

/** The binary itself. The package's own launcher costs 80 ms and outlives being killed. Nothing where npm has none. */
export function forgeBinary(): string | undefined {
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  if (platform === undefined) return undefined;
  try {
    return createRequire(import.meta.url).resolve(`@foundry-rs/forge-${platform}/bin/forge`);
  } catch {
    return undefined; // An optional package that was left out.
  }
}

export type Ran = Readonly<{ status: number; stdout: string; stderr: string }>;

/** Runs forge with arguments; `env` adds to the environment, `cwd` is a contracts folder other than the project's. */
export function forge(
  args: readonly string[],
  options: Readonly<{ env?: Readonly<Record<string, string>>; cwd?: string; timeoutMs?: number }> = {},
): Ran {
  const binary = forgeBinary();
  if (binary === undefined) return { status: 127, stdout: '', stderr: 'There is no forge for this platform.' };
  const cwd = options.cwd ?? CONTRACTS;
  const { status, stdout, stderr } = spawnSync(binary, [...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, NO_COLOR: '1', FOUNDRY_DISABLE_NIGHTLY_WARNING: '1', ...options.env },
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs, killSignal: 'SIGKILL' as const }),
  });
  return { status: status ?? 137, stdout, stderr };
}

/** Whether the contracts folder has what forge reads. */
export function isReady(): boolean {
  return forgeBinary() !== undefined && existsSync(resolve(CONTRACTS, 'node_modules'));
}
