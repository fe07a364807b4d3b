/**
 * What the repository keeps of its compiled contracts, so that starting and verifying need no compiler: ABI, code,
 * settings, storage layout, and the sources that an explorer asks for.
 */
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { CONTRACTS, forge } from './forge.ts';

/** Contract by contract, the file that makes it ours. OpenZeppelin's two are compiled by ours that name them. */
const KEPT = {
  SandboxServing: 'src/SandboxServing.sol',
  Payments: 'src/Payments.sol',
  UpgradeableBeacon: 'src/proxy/UpgradeableBeacon.sol',
  BeaconProxy: 'src/proxy/BeaconProxy.sol',
} as const;

export const ARTIFACTS = join(CONTRACTS, 'artifacts');
const RELEASE = resolve(CONTRACTS, '../.cache/forge/release');
export const RELEASES = join(CONTRACTS, 'releases');

type Metadata = Readonly<{
  compiler: { version: string };
  settings: { compilationTarget: Record<string, string>; [name: string]: unknown };
  sources: Record<string, unknown>;
}>;

type Slot = Readonly<{ label: string; offset: number; slot: string; type: string }>;
type Layout = Readonly<{
  storage: readonly Slot[];
  types: Record<string, { label: string; numberOfBytes: string; members?: readonly Slot[] }>;
}>;

type Compiled = Readonly<{
  abi: readonly unknown[];
  bytecode: { object: string };
  deployedBytecode: { object: string; immutableReferences?: Record<string, unknown> };
  metadata: Metadata;
  storageLayout: Layout;
}>;

/** Files by name, as they are committed under `contracts/artifacts`. */
export type Artifacts = Readonly<Record<string, string>>;

function compiledOf(name: string): Compiled {
  return JSON.parse(readFileSync(join(RELEASE, 'out', `${name}.sol`, `${name}.json`), 'utf8')) as Compiled;
}

/** A type's name without the number of its declaration in the compiler's tree, which moves when other files do. */
const withoutId = (type: string): string => type.replaceAll(/\)\d+_/g, ')_');

const slots = (storage: readonly Slot[]): unknown[] =>
  storage.map(({ label, offset, slot, type }) => ({ label, slot, offset, type: withoutId(type) }));

/** A storage layout as people compare it: what is where. */
function plainLayout({ storage, types }: Layout): unknown {
  const structs = Object.entries(types ?? {}).filter(([, { members }]) => members !== undefined);
  return {
    storage: slots(storage),
    structs: Object.fromEntries(structs.map(([type, { members = [] }]) => [withoutId(type), slots(members)])),
  };
}

function artifactOf(name: string): unknown {
  const { abi, bytecode, deployedBytecode, metadata, storageLayout } = compiledOf(name);
  const { compilationTarget, ...settings } = metadata.settings;
  return {
    contractName: name,
    sourceName: Object.keys(compilationTarget)[0],
    compiler: metadata.compiler.version,
    settings,
    sources: Object.keys(metadata.sources).toSorted(),
    abi,
    bytecode: bytecode.object,
    deployedBytecode: deployedBytecode.object,
    immutableReferences: deployedBytecode.immutableReferences ?? {},
    storageLayout: plainLayout(storageLayout),
  };
}

/** Builds what is released, from source, in a folder of its own. Gives what forge says when it cannot. */
export function buildRelease(): string | undefined {
  rmSync(RELEASE, { recursive: true, force: true });
  const built = forge(['build', ...Object.values(KEPT)], { env: { FOUNDRY_PROFILE: 'release' } });
  return built.status === 0 ? undefined : `${built.stdout}${built.stderr}`;
}

/** The artifacts of the last `buildRelease`. */
export function makeArtifacts(): Artifacts {
  const files: Record<string, string> = {};
  const sources: Record<string, string> = {};
  for (const name of Object.keys(KEPT)) {
    files[`${name}.json`] = `${JSON.stringify(artifactOf(name), null, 1)}\n`;
    for (const path of Object.keys(compiledOf(name).metadata.sources)) {
      sources[path] = readFileSync(join(CONTRACTS, path), 'utf8');
    }
  }
  const sorted = Object.fromEntries(Object.entries(sources).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  files['sources.json'] = `${JSON.stringify(sorted, null, 1)}\n`;
  return files;
}

/** The committed artifacts. */
export function readArtifacts(): Artifacts {
  const names = readdirSync(ARTIFACTS).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(ARTIFACTS, name), 'utf8')]));
}

export function writeArtifacts(files: Artifacts): void {
  rmSync(ARTIFACTS, { recursive: true, force: true });
  mkdirSync(ARTIFACTS, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(ARTIFACTS, name), text);
}

/** The compiler's whole input and output of the last `buildRelease`: what the layout check compares. */
export function buildInfo(): string {
  const folder = join(RELEASE, 'build-info');
  const name = readdirSync(folder).find((file) => file.endsWith('.json')) ?? '';
  return join(folder, basename(name));
}
