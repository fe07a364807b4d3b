/** A deployment read back from the chain and held beside its record: what runs, whose it is, whether it is ours. */
import { isAddressEqual, zeroAddress } from 'viem';
import type { Address } from 'viem';
import { beaconAbi, paymentsAbi, servingAbi } from './abi.ts';
import type { EvmConnection } from './connection.ts';
import type { DeploymentRecord, ServingDeployment } from './deployment-record.ts';
import { beaconOf, checkCode } from './verify-code.ts';
import type { CodeCheck } from './verify-code.ts';

/** One contract read back. `recorded` is the address that the record has in this place. */
export type ContractView = CodeCheck &
  Readonly<{ role: 'proxy' | 'beacon' | 'implementation' | 'payments'; recorded: Address }>;

export type DeploymentView = Readonly<{
  contracts: readonly ContractView[];
  /** Who may change what: of the proxy, of the beacon (which decides the code), of the payments contract. */
  owners: Readonly<Record<'serving' | 'beacon' | 'payments', Address | null>>;
  /** To whom ownership is offered and not yet accepted. */
  pendingOwners: Readonly<Record<'serving' | 'payments', Address | null>>;
  /** Every address is the recorded one, and every code the committed one. */
  isOurs: boolean;
  readAtBlock: bigint;
}>;

const orNull = (address: Address): Address | null => (address === zeroAddress ? null : address);

async function viewServing(connection: EvmConnection, serving: ServingDeployment, blockNumber: bigint) {
  const { proxy, beacon: recordedBeacon } = serving;
  const beacon = await beaconOf(connection, proxy);
  const at = { address: beacon, abi: beaconAbi, args: [], blockNumber } as const;
  const own = { address: proxy, abi: servingAbi, args: [], blockNumber } as const;
  const [implementation, beaconOwner, owner, pending] = await Promise.all([
    connection.agreedRead({ ...at, functionName: 'implementation' }),
    connection.agreedRead({ ...at, functionName: 'owner' }),
    connection.agreedRead({ ...own, functionName: 'owner' }),
    connection.agreedRead({ ...own, functionName: 'pendingOwner' }),
  ]);
  const checks = await Promise.all([
    checkCode(connection, 'BeaconProxy', proxy),
    checkCode(connection, 'UpgradeableBeacon', beacon),
    checkCode(connection, 'SandboxServing', implementation),
  ]);
  const roles = ['proxy', 'beacon', 'implementation'] as const;
  const recorded = [proxy, recordedBeacon, serving.implementation];
  const contracts = checks.map((check, index) => ({
    ...check,
    role: roles[index] ?? 'proxy',
    recorded: recorded[index] ?? proxy,
  }));
  return { contracts, owner, beaconOwner, pending: orNull(pending) };
}

async function viewPayments(connection: EvmConnection, address: Address, blockNumber: bigint) {
  const at = { address, abi: paymentsAbi, args: [], blockNumber } as const;
  const [owner, pending, check] = await Promise.all([
    connection.agreedRead({ ...at, functionName: 'owner' }),
    connection.agreedRead({ ...at, functionName: 'pendingOwner' }),
    checkCode(connection, 'Payments', address),
  ]);
  const contract: ContractView = { ...check, role: 'payments', recorded: address };
  return { contract, owner, pending: orNull(pending) };
}

/** Reads a recorded deployment back. What the record does not have is left out. Rejects with a ChainError. */
export async function viewDeployment(connection: EvmConnection, record: DeploymentRecord): Promise<DeploymentView> {
  const readAtBlock = await connection.rpc.head();
  const { serving, payments } = record;
  const served = serving === undefined ? undefined : await viewServing(connection, serving, readAtBlock);
  const paid = payments === undefined ? undefined : await viewPayments(connection, payments.address, readAtBlock);
  const contracts = [...(served?.contracts ?? []), ...(paid === undefined ? [] : [paid.contract])];
  const isCode = contracts.every(({ match }) => match === 'exact' || match === 'same code');
  const isPlace = contracts.every(({ address, recorded }) => isAddressEqual(address, recorded));
  return {
    contracts,
    owners: { serving: served?.owner ?? null, beacon: served?.beaconOwner ?? null, payments: paid?.owner ?? null },
    pendingOwners: { serving: served?.pending ?? null, payments: paid?.pending ?? null },
    isOurs: contracts.length > 0 && isCode && isPlace,
    readAtBlock,
  };
}
