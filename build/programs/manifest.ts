/** What is committed beside the compiled programs: from which sources, by which tools, and the hash of every file. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Toolchain } from './toolchain.ts';

export const ARTIFACTS = 'programs/artifacts';

/** The programs, by the name of their crate's library. */
export const PROGRAMS = ['team_billing', 'usage_vault'] as const;

export type Artifact = Readonly<{ bytes: number; sha256: string }>;

export type Manifest = Readonly<{
  /** Hash over every file that decides the bytes: Rust sources, manifests, the lock and cargo's configuration. */
  sourcesSha256: string;
  toolchain: Toolchain;
  files: Readonly<Record<string, Artifact>>;
}>;

const PATH = join(ARTIFACTS, 'manifest.json');

const SOURCES = ['programs/**/*.rs', 'programs/**/Cargo.toml', 'programs/Cargo.lock', 'programs/.cargo/config.toml'];

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The hash of all sources, by path, so that a renamed or a forgotten file changes it too. */
export function hashSources(): string {
  const hash = createHash('sha256');
  for (const path of globSync(SOURCES).toSorted()) hash.update(`${path}\0${sha256(readFileSync(path))}\n`);
  return hash.digest('hex');
}

export function describeFile(path: string): Artifact {
  const bytes = readFileSync(path);
  return { bytes: bytes.length, sha256: sha256(bytes) };
}

/** The names of the files one program is made of. */
export function filesOf(program: string): { so: string; idl: string } {
  return { so: `${program}.so`, idl: `${program}.idl.json` };
}

/** Describes what stands in a folder of artifacts. */
export function describeFolder(folder: string): Manifest['files'] {
  const names = PROGRAMS.flatMap((program) => Object.values(filesOf(program)));
  return Object.fromEntries(names.map((name) => [name, describeFile(join(folder, name))]));
}

export function readManifest(): Manifest {
  return JSON.parse(readFileSync(PATH, 'utf8')) as Manifest;
}

export function writeManifest(manifest: Manifest): void {
  writeFileSync(PATH, `${JSON.stringify(manifest, null, 2)}\n`);
}
