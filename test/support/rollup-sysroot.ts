/** Gives a Debian 12 the newer glibc that MagicBlock's validator wants, in a folder: nothing is installed. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { probeRollup } from '#core/chain/local/solana/rollup/probe.ts';
import { compileShim, shimsMissing } from './shims/compile.ts';

const CACHE = resolve(import.meta.dirname, '../../.cache/rollup-sysroot');
const SOURCES = '/etc/apt/sources.list.d/debian.sources';
/** The release whose libraries are taken. */
const SUITE = 'trixie';
const PACKAGES = ['libc6', 'libgcc-s1', 'libstdc++6', 'libssl3t64'];
const LIBRARIES = [
  'ld-linux-x86-64.so.2',
  'libc.so.6',
  'libm.so.6',
  'libstdc++.so.6',
  'libgcc_s.so.1',
  'libssl.so.3',
  'libcrypto.so.3',
];

function apt(work: string, args: readonly string[], cwd = work): void {
  const settings = {
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': join(work, 'parts'),
    'Dir::State::Lists': join(work, 'lists'),
    'Dir::Cache': join(work, 'cache'),
    'Dir::State::status': '/dev/null',
    'APT::Sandbox::User': 'root',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  execFileSync('apt-get', [...options, '-qq', ...args], { cwd, stdio: 'pipe', timeout: 60_000 });
}

function download(work: string): void {
  for (const folder of ['parts', 'lists/partial', 'cache/archives/partial', 'debs', 'root', 'lib']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  const [stanza = ''] = readFileSync(SOURCES, 'utf8').split(/\n\s*\n/);
  writeFileSync(join(work, 'parts/newer.sources'), `${stanza.replace(/^Suites:.*$/m, `Suites: ${SUITE}`)}\n`);
  apt(work, ['update']);
  apt(work, ['download', ...PACKAGES], join(work, 'debs'));
  for (const file of readdirSync(join(work, 'debs'))) {
    execFileSync('dpkg-deb', ['-x', join(work, 'debs', file), join(work, 'root')], { stdio: 'pipe' });
  }
  const from = join(work, 'root/usr/lib/x86_64-linux-gnu');
  for (const library of LIBRARIES) copyFileSync(join(from, library), join(work, 'lib', library));
}

function prepare(): void {
  const work = mkdtempSync(join(tmpdir(), 'rollup-sysroot-'));
  try {
    download(work);
    mkdirSync(CACHE, { recursive: true });
    rmSync(join(CACHE, 'lib'), { recursive: true, force: true });
    execFileSync('cp', ['-r', join(work, 'lib'), join(CACHE, `lib.${process.pid}`)]);
    renameSync(join(CACHE, `lib.${process.pid}`), join(CACHE, 'lib'));
    copyFileSync(compileShim('nofile'), join(CACHE, 'nofile.so'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Makes the real validator startable where it can be, by setting the variable that the product reads. Gives the reason
 * when it cannot; tests put that into the name under which they are skipped.
 */
export function realRollupMissing(): string | undefined {
  const native = probeRollup({});
  if ('command' in native) return undefined;
  if (!existsSync(SOURCES)) return native.why;
  const noShim = shimsMissing();
  if (noShim !== undefined) return noShim;
  try {
    if (!existsSync(join(CACHE, 'lib/libcrypto.so.3')) || !existsSync(join(CACHE, 'nofile.so'))) prepare();
  } catch (error) {
    return `the newer glibc could not be fetched (${(error as Error).message.split('\n', 1)[0]})`;
  }
  process.env['TOLLKEEPER_ROLLUP_SYSROOT'] = CACHE;
  const probed = probeRollup();
  return 'why' in probed ? probed.why : undefined;
}
