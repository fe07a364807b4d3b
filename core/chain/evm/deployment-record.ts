/**
 * What was deployed on a chain: a file per chain id that goes into version control, `deployments/<chainId>.json`.
 * Written whole and renamed into place, so that a crash leaves the old one.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Address, Hex } from 'viem';
import { chainRefuses } from '../error.ts';
import type { ContractName, Slot, StorageLayout } from './artifacts.ts';

/** A contract that was made. `constructorArgs` are the ABI-encoded arguments, as explorers ask for them. */
export type DeployedContract = Readonly<{
  name: ContractName;
  address: Address;
  transaction: Hex;
  block: string;
  deployer: Address;
  constructorArgs: Hex;
  codeHash: Hex;
  compiler: string;
}>;

/** What happened, in order. Times are unix milliseconds by this machine's clock. */
export type DeploymentEvent = Readonly<{
  what: 'deployed' | 'upgraded' | 'ownership-offered' | 'ownership-accepted' | 'beacon-transferred';
  atMs: number;
  by: string;
  detail: string;
}>;

/** SandboxServing as it is live: what users call, what decides its code, and the code. */
export type ServingDeployment = Readonly<{
  proxy: Address;
  beacon: Address;
  implementation: Address;
  owner: Address;
  storageLayout: StorageLayout;
}>;

export type DeploymentRecord = Readonly<{
  chainId: string;
  network: string;
  genesisHash: string;
  serving?: ServingDeployment;
  payments?: Readonly<{ address: Address; owner: Address; issuer: Address }>;
  contracts: readonly DeployedContract[];
  history: readonly DeploymentEvent[];
}>;

type Chain = Readonly<{ chainId: bigint; genesisHash: string }>;

/** Reads a chain's record, or begins one. Rejects with WRONG_CHAIN where it is of a chain with another first block. */
export function readRecord(file: string, chain: Chain, network: string): DeploymentRecord {
  const { chainId, genesisHash } = chain;
  if (!existsSync(file)) return { chainId: chainId.toString(), network, genesisHash, contracts: [], history: [] };
  const record = JSON.parse(readFileSync(file, 'utf8')) as DeploymentRecord;
  if (record.chainId === chainId.toString() && record.genesisHash === genesisHash) return record;
  return chainRefuses({
    code: 'WRONG_CHAIN',
    detail: `${file} records deployments on chain ${record.chainId} with another first block.`,
    fix: 'Name the network it is of, or another folder with --deployments.',
    values: { chainId: record.chainId, genesisHash: record.genesisHash },
  });
}

/**
 * Holds a network to the first block it was met with. No published hash of the 0G networks was found to ship with the
 * profiles, so the first use is trusted: it is written into the network's record, and every later connection is
 * compared with it. Gives the hash when it was recorded just now, for whoever connects to compare with an explorer.
 */
export function pinFirstBlock(file: string, chain: Chain, network: string): string | undefined {
  const record = readRecord(file, chain, network);
  if (existsSync(file)) return undefined;
  writeRecord(file, record);
  return record.genesisHash;
}

export function writeRecord(file: string, record: DeploymentRecord): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(record, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

/** A gap is room for what comes later; it may shrink by what is put before it. */
const isGap = ({ label }: Slot): boolean => label === '__gap';

const placeOf = ({ label, slot, offset, type }: Slot): string => `${label}: ${type} at ${slot}+${offset}`;

/**
 * What stands elsewhere, or is gone, in a layout that would take another's place: one line each, none where a live
 * proxy keeps its meaning. OpenZeppelin's own check runs when the contracts are built; this one runs where no
 * compiler's output is.
 */
export function layoutBreaks(live: StorageLayout, next: StorageLayout): string[] {
  const moved = (before: readonly Slot[], after: readonly Slot[], where: string): string[] => {
    const places = new Set(after.map(placeOf));
    const gone = before.filter((slot) => !isGap(slot) && !places.has(placeOf(slot)));
    return gone.map((slot) => `${where}${placeOf(slot)}`);
  };
  const structs = Object.entries(live.structs).flatMap(([name, members]) => {
    const after = next.structs[name] ?? [];
    // A struct may not grow either: in a mapping its end is free, but not in an array or beside another.
    const grown = after.length > members.length ? [`${name}: has ${after.length - members.length} more members`] : [];
    return [...moved(members, after, `${name}.`), ...grown];
  });
  const end = live.storage.find(isGap);
  const beyond = next.storage.filter((slot) => !isGap(slot) && BigInt(slot.slot) < BigInt(end?.slot ?? 0));
  const known = new Set(live.storage.map(placeOf));
  const inserted = beyond.filter((slot) => !known.has(placeOf(slot))).map((slot) => `${placeOf(slot)} is new there`);
  return [...moved(live.storage, next.storage, ''), ...structs, ...inserted];
}
