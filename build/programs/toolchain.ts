/** The tools that compile the on-chain programs: where they come from, which versions, and what is missing here. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Debian's packages: its Rust with the standard library's sources, and the LLVM that Rust was built on. */
const PACKAGES = ['rustc-web', 'rust-web-src', 'llvm-22', 'llvm-22-dev'];

/** Debian's own compiler; a rustup toolchain earlier on PATH cannot build the standard library for this target. */
const RUSTC = '/usr/bin/rustc';

const LINKER_VERSION = '0.2.6';

const INSTALL_PACKAGES = `apt-get install --no-install-recommends ${PACKAGES.join(' ')}`;
const INSTALL_LINKER =
  'LLVM_SYS_221_PREFIX=/usr/lib/llvm-22 LLVM_PREFIX=/usr/lib/llvm-22 cargo install sbpf-linker ' +
  `--version ${LINKER_VERSION} --locked --no-default-features --features bpf-linker/llvm-22`;

/** Versions of what decides the bytes of a program. */
export type Toolchain = Readonly<Record<string, string>>;

/** Either the versions, or what to install. */
export type Found =
  | Readonly<{ isComplete: true; versions: Toolchain }>
  | Readonly<{ isComplete: false; missing: string }>;

/** What a person may have set for other work, and would change the bytes here. */
const FOREIGN = [
  'RUSTFLAGS',
  'CARGO_ENCODED_RUSTFLAGS',
  'CARGO_BUILD_TARGET',
  'CARGO_BUILD_RUSTFLAGS',
  'RUSTC_WRAPPER',
];

/** The environment in which cargo builds for the chain, or for the host. */
export function environment(target: 'chain' | 'host'): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN.includes(name));
  const common = {
    ...Object.fromEntries(own),
    PATH: [process.env['PATH'] ?? '', join(homedir(), '.cargo/bin')].join(delimiter),
    CARGO_TARGET_DIR: '../.cache/programs/target',
    CARGO_TERM_COLOR: 'never',
  };
  return target === 'chain' ? { ...common, RUSTC, RUSTC_BOOTSTRAP: '1' } : common;
}

function output(command: string, args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', env: environment('host') });
  return status === 0 ? stdout.trim() : undefined;
}

/** The version of the regular cargo, which runs the tests on the host; nothing when there is none. */
export function cargoVersion(): string | undefined {
  return output('cargo', ['--version']);
}

/** Looks for everything a build for the chain takes. */
export function findToolchain(): Found {
  const missing: string[] = [];
  const packages = PACKAGES.map((name) => [name, output('dpkg-query', ['-W', '-f', '${Version}', name])] as const);
  if (!existsSync(RUSTC) || packages.some(([, version]) => (version ?? '') === '')) missing.push(INSTALL_PACKAGES);
  if (cargoVersion() === undefined) missing.push('cargo, from https://rustup.rs or Debian');
  const linker = /^sbpf-linker (\S+)/.exec(output('sbpf-linker', ['--version']) ?? '')?.[1];
  if (linker !== LINKER_VERSION) missing.push(INSTALL_LINKER);
  if (missing.length > 0) return { isComplete: false, missing: missing.join('\n  ') };
  const versions = Object.fromEntries(packages.map(([name, version]) => [name, version ?? '']));
  return { isComplete: true, versions: { ...versions, 'sbpf-linker': linker ?? '' } };
}
