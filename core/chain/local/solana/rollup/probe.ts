/** Whether MagicBlock's ephemeral validator 0.8.3 can run on this machine, and how to start it; or why it cannot. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

export const VALIDATOR_VERSION = '0.8.3';

/** A start prefix and the binary, or one sentence of why there is none. */
export type Probe = Readonly<{ command: readonly string[] }> | Readonly<{ why: string }>;

/** Folder with a newer glibc (`lib/ld-linux-x86-64.so.2` …) and `nofile.so`; CI prepares one on an older system. */
const SYSROOT = 'TOLLKEEPER_ROLLUP_SYSROOT';
const GLIBC = 2.39;
/** What the validator raises its open files to; it ends where it cannot. */
const OPEN_FILES = 1_000_000;
const LIBSSL = ['/usr/lib/x86_64-linux-gnu/libssl.so.3', '/usr/lib64/libssl.so.3', '/lib/x86_64-linux-gnu/libssl.so.3'];

function binary(): string | undefined {
  try {
    const own = createRequire(import.meta.url).resolve('@magicblock-labs/ephemeral-validator-linux-x64/package.json');
    const { version } = JSON.parse(readFileSync(own, 'utf8')) as { version: string };
    const file = join(dirname(own), 'bin/ephemeral-validator');
    return version === VALIDATOR_VERSION && existsSync(file) ? file : undefined;
  } catch {
    return undefined; // An optional dependency: npm leaves it out where it cannot be had.
  }
}

function isOnPath(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false; // Not in this folder.
    }
  });
}

function glibcVersion(): number {
  Object.assign(process.report, { excludeNetwork: true }); // It would look up names for seconds.
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const [major = '0', minor = '0'] = (header?.glibcVersionRuntime ?? '').split('.');
  return Number(`${major}.${minor}`);
}

function hardOpenFiles(): number {
  const [, hard = '0'] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

/** Looks at everything the validator needs (facts: glibc, OpenSSL 3, open files, a terminal) before it is started. */
export function probeRollup(env: NodeJS.ProcessEnv = process.env): Probe {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { why: `there is no build of it for ${process.platform} on ${process.arch}` };
  }
  const file = binary();
  if (file === undefined) return { why: 'its optional npm package is not installed' };
  if (!isOnPath('script')) return { why: 'it needs the command "script" (util-linux) for a terminal' };
  const sysroot = env[SYSROOT];
  if (sysroot !== undefined) {
    const [loader, shim] = [join(sysroot, 'lib/ld-linux-x86-64.so.2'), join(sysroot, 'nofile.so')];
    if (!existsSync(loader) || !existsSync(shim)) return { why: `${SYSROOT} names a folder without a loader and shim` };
    const preload = hardOpenFiles() < OPEN_FILES ? ['--preload', shim] : [];
    return { command: [loader, '--library-path', join(sysroot, 'lib'), ...preload, file] };
  }
  if (glibcVersion() < GLIBC) return { why: `it needs glibc ${GLIBC} or newer` };
  if (!LIBSSL.some((path) => existsSync(path))) return { why: 'it needs OpenSSL 3 (libssl.so.3)' };
  if (hardOpenFiles() < OPEN_FILES) return { why: `it needs a hard limit of ${OPEN_FILES} open files (ulimit -Hn)` };
  return { command: [file] };
}
