/**
 * Whether the code at an address is ours: the chain's bytes against the committed artifact's, without an explorer.
 * Values that were fixed when the contract was made stand in the code and are compared apart.
 */
import { keccak256, sliceHex } from 'viem';
import type { Address, Hex } from 'viem';
import { artifactOf } from './artifacts.ts';
import type { Artifact, ContractName } from './artifacts.ts';
import type { EvmConnection } from './connection.ts';

/** `exact`: to the byte. `same code`: but for the compiler's own note of where sources were (CBOR). */
export type CodeMatch = 'exact' | 'same code' | 'different' | 'no code';

export type CodeCheck = Readonly<{
  name: ContractName;
  address: Address;
  match: CodeMatch;
  /** Keccak-256 of the chain's code with fixed values set to zero. */
  codeHash: Hex;
  /** The fixed values as they stand in the code, in its order. */
  fixed: readonly Hex[];
}>;

const bytesOf = (code: Hex): Uint8Array => Uint8Array.from(Buffer.from(code.slice(2), 'hex'));

/** Code with the fixed values zeroed. Ranges that lie beyond the code are another contract's and are left out. */
function withoutFixed(code: Hex, { immutableReferences }: Artifact): Uint8Array {
  const bytes = bytesOf(code);
  for (const { start, length } of Object.values(immutableReferences).flat()) bytes.fill(0, start, start + length);
  return bytes;
}

/** Without the CBOR at the end, whose length the last two bytes tell. */
function withoutMetadata(bytes: Uint8Array): Uint8Array {
  const length = ((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0);
  return bytes.subarray(0, Math.max(0, bytes.length - length - 2));
}

/** The hash that `checkCode` gives where the code is exactly the artifact's. */
export function expectedCodeHash(artifact: Artifact): Hex {
  return keccak256(withoutFixed(artifact.deployedBytecode, artifact));
}

/** Compares code with an artifact. Pure: whoever has the bytes can ask. */
export function compareCode(code: Hex, artifact: Artifact): Pick<CodeCheck, 'match' | 'codeHash' | 'fixed'> {
  if (code === '0x') return { match: 'no code', codeHash: keccak256('0x'), fixed: [] };
  const [there, ours] = [withoutFixed(code, artifact), withoutFixed(artifact.deployedBytecode, artifact)];
  const codeHash = keccak256(there);
  const ranges = Object.values(artifact.immutableReferences)
    .map((all) => all[0])
    .filter((range) => range !== undefined)
    .filter(({ start, length }) => start + length <= there.length);
  const fixed = ranges.map(({ start, length }) => sliceHex(code, start, start + length));
  if (codeHash === keccak256(ours)) return { match: 'exact', codeHash, fixed };
  const isSame = keccak256(withoutMetadata(there)) === keccak256(withoutMetadata(ours));
  return { match: isSame ? 'same code' : 'different', codeHash, fixed };
}

/** Compares what stands at an address with a contract of ours. */
export async function checkCode(connection: EvmConnection, name: ContractName, address: Address): Promise<CodeCheck> {
  const code = await connection.agreedCode(address);
  return { name, address, ...compareCode(code, artifactOf(name)) };
}

/** The ERC-1967 slot in which a proxy keeps its beacon. */
const BEACON_SLOT: Hex = '0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50';

/** The beacon that a proxy's storage names; its code must name the same. */
export async function beaconOf(connection: EvmConnection, proxy: Address): Promise<Address> {
  return sliceHex(await connection.agreedStorage(proxy, BEACON_SLOT), 12);
}
