/** What CI installs where it is missing: its own scripts, with tools that only write down how they are called. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const RUST = 'rustc-web rust-web-src llvm-22 llvm-22-dev';
const LINKER = 'echo sbpf-linker 0.2.6';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

type Machine = Readonly<{
  /** Debian packages that are there. */
  packages?: readonly string[];
  /** Commands that are there, with what they do beside writing down that they were called. */
  commands?: Readonly<Record<string, string>>;
  isRoot?: boolean;
}>;

/** Runs a script of `.ci` where only these are to be had; gives each call of a tool, and what was said. */
function runs(script: string, { packages = [], commands = {}, isRoot = true }: Machine) {
  const home = mkdtempSync(join(tmpdir(), 'tollkeeper-ci-'));
  folders.push(home);
  const [bin, log] = [join(home, 'bin'), join(home, 'calls')];
  mkdirSync(bin);
  writeFileSync(log, '');
  const add = (name: string, does: string): void => {
    writeFileSync(join(bin, name), `#!/bin/bash\necho "${name} $*" >> ${log}\n${does}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  for (const own of ['bash', 'dirname', 'timeout', 'grep'])
    symlinkSync(spawnSync('which', [own], { encoding: 'utf8' }).stdout.trim(), join(bin, own));
  writeFileSync(join(bin, 'id'), `#!/bin/bash\necho ${isRoot ? 0 : 1000}\n`);
  chmodSync(join(bin, 'id'), 0o755);
  const status = `case " ${packages.join(' ')} " in *" \${!#} "*) echo -n "install ok installed";; *) exit 1;; esac`;
  writeFileSync(join(bin, 'dpkg-query'), `#!/bin/bash\n${status}\n`);
  chmodSync(join(bin, 'dpkg-query'), 0o755);
  for (const [name, does] of Object.entries(commands)) add(name, does);
  const env = { PATH: bin, HOME: home };
  const { status: code, stderr } = spawnSync('/bin/bash', [join(ROOT, script)], { encoding: 'utf8', env, cwd: home });
  const calls = readFileSync(log, 'utf8').trim().split('\n');
  return { code, stderr, calls: calls.filter((call) => call !== '' && !call.startsWith('apt-cache')) };
}

const APT = { 'apt-get': '', 'apt-cache': '' };
const INSTALL = 'apt-get install -y -qq --no-install-recommends';
const ENDED = 'the programs will be compared with a rebuild';

test('what compiles the programs is installed as a whole where nothing of it is there, and the linker is built', () => {
  // Debian's cargo comes with the packages.
  const cargo = String.raw`printf '#!/bin/bash\necho "cargo $*" >> $HOME/calls\n' > $HOME/bin/cargo`;
  const brings = `[ "$1" != install ] || { ${cargo}; /bin/chmod +x $HOME/bin/cargo; }`;
  const { code, calls, stderr } = runs('.ci/programs-toolchain', { commands: { ...APT, 'apt-get': brings } });
  expect(calls).toEqual([
    'apt-get update -qq',
    `${INSTALL} --download-only ${RUST} cargo-web gcc libc6-dev`,
    `${INSTALL} ${RUST} cargo-web gcc libc6-dev`,
    'cargo install sbpf-linker --version 0.2.6 --locked --quiet --no-default-features --features bpf-linker/llvm-22',
  ]);
  expect({ code, isCompared: stderr.includes(ENDED) }).toEqual({ code: 0, isCompared: true });
});

test('nothing is installed where all of it is there, and only the linker where it is of another version', () => {
  const packages = RUST.split(' ');
  const tools = { ...APT, cargo: '', cc: '' };
  const whole = runs('.ci/programs-toolchain', { packages, commands: { ...tools, 'sbpf-linker': LINKER } });
  expect(whole.calls).toEqual(['sbpf-linker --version']);
  expect(whole.stderr).toContain(ENDED);
  const older = { ...tools, 'sbpf-linker': 'echo sbpf-linker 0.2.5' };
  const { calls } = runs('.ci/programs-toolchain', { packages, commands: older });
  expect(calls.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
    'sbpf-linker --version',
    'cargo install sbpf-linker',
  ]);
});

test('only what is missing is asked for', () => {
  const commands = { ...APT, cargo: '', cc: '', 'sbpf-linker': LINKER };
  const { calls } = runs('.ci/programs-toolchain', { packages: ['rustc-web', 'llvm-22'], commands });
  expect(calls).toContain(`${INSTALL} rust-web-src llvm-22-dev`);
});

test.each([
  ['nobody but root may install', { isRoot: false, commands: APT }, 'only root on Debian can install'],
  ['there is no apt', { commands: {} }, 'only root on Debian can install'],
  ['the lists cannot be had', { commands: { ...APT, 'apt-get': 'exit 1' } }, 'the package lists are not to be had'],
  ['a package is unknown', { commands: { ...APT, 'apt-cache': 'exit 100' } }, 'this Debian has no rustc-web'],
  ['they cannot be fetched', { commands: { ...APT, 'apt-get': '[ "$1" = update ]' } }, 'packages are not to be had'],
  ['installing fails', { commands: { ...APT, 'apt-get': '[[ "$*" =~ (update|only) ]]' } }, 'installing failed'],
  ['the linker cannot be built', { packages: RUST.split(' '), commands: { cargo: 'exit 101', cc: '' } }, '0.2.6 could'],
])('it is said, and CI goes on, where %s', (_, machine: Machine, words) => {
  const { code, stderr } = runs('.ci/programs-toolchain', machine);
  expect(stderr).toContain(words);
  expect(stderr).not.toContain(ENDED);
  expect(code).toBe(0);
});

test('a bare machine with Node gets what the suites use, then every suite runs', () => {
  const { code, calls } = runs('.ci/run', { commands: { ...APT, node: '', npm: '' } });
  const [update, install = '', ...rest] = calls;
  expect(update).toBe('apt-get update -qq');
  expect(install.split(' ').slice(5)).toEqual(
    expect.arrayContaining(['git', 'procps', 'gcc', 'libc6-dev', 'chromium', 'fonts-liberation']),
  );
  expect(rest).toContain('npm run -s programs:build -- --check');
  expect(rest.at(-1)).toBe('npm test');
  expect(code).toBe(0);
});

test('without Node nothing is begun', () => {
  const { code, calls, stderr } = runs('.ci/run', { commands: APT });
  expect({ code, calls }).toEqual({ code: 1, calls: [] });
  expect(stderr).toContain('ci: node is missing');
});
