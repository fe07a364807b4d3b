/**
 * `npm run programs:build`: compiles the on-chain programs, writes their IDL and records both with the versions of the
 * tools. With `--check` it builds beside the committed files and compares: versions first, since another compiler may
 * rightly give other bytes, and then bytes.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  ARTIFACTS,
  PROGRAMS,
  describeFolder,
  filesOf,
  hashSources,
  readManifest,
  writeManifest,
} from './programs/manifest.ts';
import { type Toolchain, environment, findToolchain } from './programs/toolchain.ts';

const OUT = '.cache/programs/out';
const BUILT = '.cache/programs/target/bpfel-unknown-none/release';
const CHAIN = ['build', '--release', '--locked', '--quiet', '--target', 'bpfel-unknown-none'];

/** What a check answers where the tools are missing, for whoever runs it as a process. */
export const CANNOT_BUILD = 3;

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Runs cargo in the workspace of the programs; its own words go to the terminal. */
function cargo(target: 'chain' | 'host', args: readonly string[]): boolean {
  const { status } = spawnSync('cargo', args, { cwd: 'programs', env: environment(target), stdio: 'inherit' });
  return status === 0;
}

/** Compiles every program and writes every IDL into a folder. */
function buildInto(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  const crates = PROGRAMS.flatMap((name) => ['--package', name.replaceAll('_', '-')]);
  if (!cargo('chain', [...CHAIN, ...crates])) return false;
  for (const name of PROGRAMS) copyFileSync(join(BUILT, `lib${name}.so`), join(folder, filesOf(name).so));
  return cargo('host', ['run', '--locked', '--quiet', '--package', 'idl', '--', join('..', folder)]);
}

/** Says in which versions the tools differ from those that made the committed files. */
function differences(versions: Toolchain, committed: Toolchain): string[] {
  return Object.keys({ ...versions, ...committed })
    .filter((name) => versions[name] !== committed[name])
    .map((name) => `${name} is ${versions[name] ?? 'absent'} here and was ${committed[name] ?? 'absent'}`);
}

function check(versions: Toolchain): number {
  const manifest = readManifest();
  const other = differences(versions, manifest.toolchain);
  if (other.length > 0) {
    say(`Other tools than those of the committed files, so their bytes are not compared:\n  ${other.join('\n  ')}`);
    return CANNOT_BUILD;
  }
  if (!buildInto(OUT)) return 1;
  const built = describeFolder(OUT);
  const wrong = Object.keys(built).filter((name) => built[name]?.sha256 !== manifest.files[name]?.sha256);
  for (const name of wrong) say(`${name} is not what the sources give: run npm run programs:build and commit it.`);
  if (wrong.length === 0) say(`${Object.keys(built).length} files are what the sources give.`);
  return wrong.length === 0 ? 0 : 1;
}

function build(versions: Toolchain): number {
  if (!buildInto(ARTIFACTS)) return 1;
  const files = describeFolder(ARTIFACTS);
  writeManifest({ sourcesSha256: hashSources(), toolchain: versions, files });
  for (const [name, { bytes, sha256 }] of Object.entries(files)) say(`${name}  ${bytes} bytes  sha256 ${sha256}`);
  return 0;
}

function main(): number {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const tools = findToolchain();
  if (!tools.isComplete) {
    say(`The programs cannot be compiled here. Install first:\n  ${tools.missing}`);
    return CANNOT_BUILD;
  }
  return values.check ? check(tools.versions) : build(tools.versions);
}

if (import.meta.main) process.exitCode = main();
