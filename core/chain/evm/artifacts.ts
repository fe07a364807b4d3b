/** The compiled contracts that are committed with the source: read, never made, so that starting needs no compiler. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Abi, Hex } from 'viem';

export const CONTRACT_NAMES = ['SandboxServing', 'Payments', 'UpgradeableBeacon', 'BeaconProxy'] as const;
export type ContractName = (typeof CONTRACT_NAMES)[number];

/** Where a value that is fixed when a contract is made stands in its code: bytes. */
export type CodeRange = Readonly<{ start: number; length: number }>;

export type Slot = Readonly<{ label: string; slot: string; offset: number; type: string }>;

/** What stands where in storage; types without the compiler's own numbers. */
export type StorageLayout = Readonly<{ storage: readonly Slot[]; structs: Readonly<Record<string, readonly Slot[]>> }>;

/** A contract as it was compiled. `sourceName` and `contractName` are how explorers name it. */
export type Artifact = Readonly<{
  contractName: ContractName;
  sourceName: string;
  /** As `0.8.24+commit.e11b9ed9`. */
  compiler: string;
  settings: Readonly<Record<string, unknown>>;
  sources: readonly string[];
  abi: Abi;
  bytecode: Hex;
  deployedBytecode: Hex;
  immutableReferences: Readonly<Record<string, readonly CodeRange[]>>;
  storageLayout: StorageLayout;
}>;

const FOLDER = resolve(import.meta.dirname, '../../../contracts/artifacts');

const read = new Map<string, unknown>();

function readJson(name: string): unknown {
  const known = read.get(name) ?? JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  read.set(name, known);
  return known;
}

export function artifactOf(name: ContractName): Artifact {
  return readJson(`${name}.json`) as Artifact;
}

/** The sources an artifact was compiled from, by the path that is part of its bytecode. */
export function sourcesOf({ sources }: Artifact): Readonly<Record<string, string>> {
  const all = readJson('sources.json') as Readonly<Record<string, string>>;
  return Object.fromEntries(sources.map((path) => [path, all[path] ?? '']));
}
