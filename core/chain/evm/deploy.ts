/**
 * Puts our contracts on a chain: what it will cost, each contract made once however often it is interrupted, its code
 * compared with ours, and a record of it. Steps are sends with ids of their own, so what was sent is never sent again.
 */
import {
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  getContractAddress,
  isAddressEqual,
  keccak256,
} from 'viem';
import type { Address, Hex } from 'viem';
import { invariant } from '#core/domain/refusal.ts';
import { chainRefuses } from '../error.ts';
import { beaconAbi, servingAbi } from './abi.ts';
import { artifactOf } from './artifacts.ts';
import type { ContractName } from './artifacts.ts';
import type { EvmConnection } from './connection.ts';
import { layoutBreaks, readRecord, writeRecord } from './deployment-record.ts';
import type { DeployedContract, DeploymentEvent, DeploymentRecord, ServingDeployment } from './deployment-record.ts';
import { offer } from './fees.ts';
import type { FeePolicy } from './fees.ts';
import type { EvmSender } from './sender.ts';
import { beaconOf, checkCode } from './verify-code.ts';

/** Everything a deployment works with. `recordFile` is `deployments/<chainId>.json`. */
export type DeployContext = Readonly<{
  connection: EvmConnection;
  sender: EvmSender;
  account: Address;
  fees: FeePolicy;
  recordFile: string;
  signal: AbortSignal;
  /** Told as each step begins and ends, in a sentence. */
  tell: (line: string) => void;
  /** Told when a transaction of the work has come to its end. */
  stepped: () => void;
  now: () => number;
  pauseMs: number;
}>;

/** What one step will cost at most. */
export type PlannedStep = Readonly<{ what: string; gas: bigint; atMostWei: bigint }>;

export type Plan = Readonly<{ steps: readonly PlannedStep[]; atMostWei: bigint; balanceWei: bigint }>;

/** Gas of making a contract, at most: intrinsic cost and calldata, a word of code, code kept, and its constructor. */
function creationGas(name: ContractName, args: readonly unknown[]): bigint {
  const { abi, bytecode, deployedBytecode } = artifactOf(name);
  const data = encodeDeployData({ abi, bytecode, args });
  const bytes = BigInt(data.length / 2 - 1);
  const kept = BigInt(deployedBytecode.length / 2 - 1);
  return 53_000n + bytes * 16n + (bytes / 32n) * 2n + kept * 200n + 250_000n;
}

const ZERO: Address = '0x0000000000000000000000000000000000000000';
const UPGRADE_GAS = 80_000n;

function initializeData(stakeWei: bigint): Hex {
  return encodeFunctionData({ abi: servingAbi, functionName: 'initialize', args: [stakeWei] });
}

/** What a deployment would send and cost at most at the present price; sends nothing. */
export async function planDeployment(
  context: Pick<DeployContext, 'connection' | 'account' | 'fees'>,
  what: 'serving' | 'payments' | 'upgrade',
): Promise<Plan> {
  const { connection, account, fees } = context;
  const head = await connection.agreedHead();
  const { maxFeePerGasWei } = offer(head.baseFeePerGasWei, fees);
  const implementation = ['SandboxServing: make the implementation', creationGas('SandboxServing', [])] as const;
  const steps = {
    serving: [
      implementation,
      ['UpgradeableBeacon: make the beacon', creationGas('UpgradeableBeacon', [account, account])],
      ['BeaconProxy: make the proxy and set it up', creationGas('BeaconProxy', [ZERO, initializeData(1n)])],
    ],
    payments: [['Payments: make it', creationGas('Payments', [account, account])]],
    upgrade: [implementation, ['UpgradeableBeacon: point it to the implementation', UPGRADE_GAS]],
  } as const;
  const planned = steps[what].map(([name, gas]) => ({ what: name, gas, atMostWei: gas * maxFeePerGasWei }));
  const atMostWei = planned.reduce((sum, step) => sum + step.atMostWei, 0n);
  return { steps: planned, atMostWei, balanceWei: await connection.agreedBalance(account, head.number) };
}

/** Refuses what the account cannot pay, before anything is sent. */
export function checkAffordable({ atMostWei, balanceWei }: Plan): void {
  if (balanceWei >= atMostWei) return;
  chainRefuses({
    code: 'INSUFFICIENT_FUNDS',
    detail: `This may cost ${atMostWei} wei; the account has ${balanceWei}.`,
    fix: "Send it some of the chain's coin first; nothing was sent.",
    values: { atMostWei: atMostWei.toString(), balanceWei: balanceWei.toString() },
  });
}

/** Makes a contract once and checks its code. The same name, code and arguments are the same step. */
async function make(context: DeployContext, name: ContractName, args: readonly unknown[]): Promise<DeployedContract> {
  const { connection, sender, account, signal, tell, pauseMs } = context;
  const { abi, bytecode, compiler } = artifactOf(name);
  const data = encodeDeployData({ abi, bytecode, args });
  const id = `make-${connection.network.chainId}-${name}-${keccak256(data).slice(2, 18)}`;
  tell(`${name}: sending`);
  await sender.submit({ id, data, valueWei: 0n, summary: `Make ${name}` });
  const send = await sender.finish(id, { signal, pauseMs });
  const address = getContractAddress({ from: account, nonce: send.nonce });
  invariant(send.mined !== null, 'a send at its end is in a block');
  const check = await checkCode(connection, name, address);
  if (send.state === 'reverted' || check.match !== 'exact') notOurs(name, address, send.mined.hash);
  tell(`${name}: ${address}, code as committed`);
  context.stepped();
  const inputs = abi.find(({ type }) => type === 'constructor');
  const types = inputs !== undefined && 'inputs' in inputs ? inputs.inputs : [];
  return {
    name,
    address,
    transaction: send.mined.hash,
    block: send.mined.blockNumber.toString(),
    deployer: account,
    constructorArgs: encodeAbiParameters(types, args),
    codeHash: check.codeHash,
    compiler,
  };
}

function notOurs(name: ContractName, address: Address, transaction: Hex): never {
  return chainRefuses({
    code: 'WRONG_CONTRACT',
    detail: `${name} at ${address} has not the code that is committed here.`,
    fix: 'Look at the transaction in an explorer; do not use this address.',
    values: { address, transaction },
  });
}

function append(
  record: DeploymentRecord,
  made: readonly DeployedContract[],
  event: DeploymentEvent,
  change: Pick<DeploymentRecord, 'serving' | 'payments'> | object,
): DeploymentRecord {
  const known = new Set(record.contracts.map(({ address }) => address));
  const added = made.filter(({ address }) => !known.has(address));
  return { ...record, ...change, contracts: [...record.contracts, ...added], history: [...record.history, event] };
}

function open({ connection, recordFile }: DeployContext): DeploymentRecord {
  return readRecord(recordFile, connection.network, connection.profile.name);
}

/**
 * Deploys SandboxServing: implementation, beacon, and the proxy with its set-up in one transaction, so that nobody can
 * set it up first. A record that has one is answered with it. `owner` owns the beacon; the proxy is offered to it.
 */
export async function deployServing(
  context: DeployContext,
  { stakeWei, owner }: Readonly<{ stakeWei: bigint; owner: Address }>,
): Promise<ServingDeployment> {
  const record = open(context);
  if (record.serving !== undefined) {
    context.tell(`SandboxServing is at ${record.serving.proxy} already.`);
    return record.serving;
  }
  checkAffordable(await planDeployment(context, 'serving'));
  const implementation = await make(context, 'SandboxServing', []);
  const beacon = await make(context, 'UpgradeableBeacon', [implementation.address, owner]);
  const proxy = await make(context, 'BeaconProxy', [beacon.address, initializeData(stakeWei)]);
  const named = await beaconOf(context.connection, proxy.address);
  invariant(isAddressEqual(named, beacon.address), 'a proxy names the beacon it was made with');
  if (!isAddressEqual(owner, context.account)) await offerOwnership(context, proxy.address, owner);
  const serving: ServingDeployment = {
    proxy: proxy.address,
    beacon: beacon.address,
    implementation: implementation.address,
    owner: context.account,
    storageLayout: artifactOf('SandboxServing').storageLayout,
  };
  const event = happened(context, 'deployed', `SandboxServing at ${proxy.address}`);
  writeRecord(context.recordFile, append(record, [implementation, beacon, proxy], event, { serving }));
  return serving;
}

async function offerOwnership(context: DeployContext, proxy: Address, owner: Address): Promise<void> {
  const data = encodeFunctionData({ abi: servingAbi, functionName: 'proposeOwner', args: [owner] });
  const id = `offer-${proxy}-${owner}`;
  await context.sender.submit({ id, to: proxy, data, valueWei: 0n, summary: `Offer ownership to ${owner}` });
  await context.sender.finish(id, context);
  context.tell(`Ownership is offered to ${owner}, which must accept it.`);
}

function happened({ now, account }: DeployContext, what: DeploymentEvent['what'], detail: string): DeploymentEvent {
  return { what, atMs: now(), by: account, detail };
}

/** Deploys the payments contract; a record that has one is answered with it. */
export async function deployPayments(
  context: DeployContext,
  { owner, issuer }: Readonly<{ owner: Address; issuer: Address }>,
): Promise<NonNullable<DeploymentRecord['payments']>> {
  const record = open(context);
  if (record.payments !== undefined) {
    context.tell(`Payments is at ${record.payments.address} already.`);
    return record.payments;
  }
  checkAffordable(await planDeployment(context, 'payments'));
  const made = await make(context, 'Payments', [owner, issuer]);
  const payments = { address: made.address, owner, issuer };
  const event = happened(context, 'deployed', `Payments at ${made.address}`);
  writeRecord(context.recordFile, append(record, [made], event, { payments }));
  return payments;
}

/** What a proxy answers before and after an upgrade, which must not change it. */
async function invariantsOf({ connection }: DeployContext, proxy: Address): Promise<string> {
  const at = { address: proxy, abi: servingAbi, args: [] } as const;
  const answers = await Promise.all([
    connection.agreedRead({ ...at, functionName: 'owner' }),
    connection.agreedRead({ ...at, functionName: 'providerStake' }),
    connection.agreedRead({ ...at, functionName: 'LOCK_TIME' }),
    connection.agreedRead({ ...at, functionName: 'domainSeparator' }),
  ]);
  return answers.join(' ');
}

/**
 * Moves every proxy of the beacon to the committed implementation: storage compared first, then made, pointed to, read
 * back, and the proxy asked whether it is still what it was.
 */
export async function upgradeServing(context: DeployContext): Promise<ServingDeployment> {
  const { connection, sender, recordFile, tell } = context;
  const record = open(context);
  const live = record.serving ?? noServing(recordFile);
  const next = artifactOf('SandboxServing');
  const breaks = layoutBreaks(live.storageLayout, next.storageLayout);
  if (breaks.length > 0) layoutRefused(breaks);
  checkAffordable(await planDeployment(context, 'upgrade'));
  const before = await invariantsOf(context, live.proxy);
  const made = await make(context, 'SandboxServing', []);
  const read = { address: live.beacon, abi: beaconAbi, functionName: 'implementation', args: [] } as const;
  if (!isAddressEqual(await connection.agreedRead(read), made.address)) {
    const data = encodeFunctionData({ abi: beaconAbi, functionName: 'upgradeTo', args: [made.address] });
    const id = `upgrade-${live.beacon}-${made.address}`;
    await sender.submit({ id, to: live.beacon, data, valueWei: 0n, summary: `Upgrade to ${made.address}` });
    await sender.finish(id, context);
    context.stepped();
  }
  const now = await connection.agreedRead(read);
  if (!isAddressEqual(now, made.address) || (await invariantsOf(context, live.proxy)) !== before) {
    notOurs('SandboxServing', now, made.transaction);
  }
  const serving = { ...live, implementation: made.address, storageLayout: next.storageLayout };
  const event = happened(context, 'upgraded', `SandboxServing to ${made.address}`);
  const isNew = !isAddressEqual(live.implementation, made.address);
  if (isNew) writeRecord(recordFile, append(record, [made], event, { serving }));
  tell(isNew ? `The proxy runs ${made.address}.` : 'The proxy runs the committed code already.');
  return serving;
}

function noServing(file: string): never {
  return chainRefuses({
    code: 'STATE_FORBIDS',
    detail: `${file} records no SandboxServing.`,
    fix: 'Deploy one first: tollkeeper evm deploy.',
  });
}

function layoutRefused(breaks: readonly string[]): never {
  return chainRefuses({
    code: 'STATE_FORBIDS',
    detail: `The storage of the live contract would change its meaning: ${breaks.slice(0, 3).join('; ')}.`,
    fix: 'Append new state after the old, and build again; nothing was sent.',
    values: { breaks: breaks.length },
  });
}
