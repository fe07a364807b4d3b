/**
 * The local EVM chain of a workspace: anvil with our contracts on it and funded accounts, its state kept in a folder of
 * its own. Its keys are known to everyone and its money is worth nothing.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeDeployData, encodeFunctionData, getAddress } from 'viem';
import type { Address, Hex } from 'viem';
import { artifactOf } from '../../evm/artifacts.ts';
import type { ContractName } from '../../evm/artifacts.ts';
import { LOCAL_CHAIN_ID, LOCAL_GENESIS_S } from '../../evm/networks.ts';
import { ChainError, chainRefuses } from '../../error.ts';
import { startAnvil } from './anvil.ts';
import type { Anvil } from './anvil.ts';
import { leaveWord } from './running.ts';

/** What stands on the local chain. Accounts are anvil's, in their order: owner, provider, signer, then users. */
export type LocalContracts = Readonly<{
  implementation: Address;
  beacon: Address;
  serving: Address;
  payments: Address;
  owner: Address;
}>;

export type LocalEvm = Readonly<{
  rpcUrl: string;
  accounts: readonly Address[];
  contracts: LocalContracts;
  /** Settles when the chain has ended, by itself or because it was told to. */
  ended: Promise<void>;
  close: () => Promise<void>;
}>;

/** What a provider stakes on the local chain: 0.1 of its coin, in wei. */
const STAKE_WEI = 10n ** 17n;

type Request = (method: string, params?: readonly unknown[]) => Promise<unknown>;

function requestTo(rpcUrl: string): Request {
  return async (method, params = []) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const answer = await fetch(rpcUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
    if (error === undefined) return result;
    return chainRefuses({
      code: 'LOCAL_CHAIN_FAILED',
      detail: `The local EVM chain refused ${method}: ${error.message}.`,
      fix: 'Reset it: remove the folder beside the workspace that holds its state, and start again.',
    });
  };
}

/** Makes a contract from an account that anvil holds open, and waits for its address. */
async function make(request: Request, name: ContractName, args: readonly unknown[], from: Address): Promise<Address> {
  const { abi, bytecode } = artifactOf(name);
  const data: Hex = encodeDeployData({ abi, bytecode, args });
  // A call that is answered with the receipt: anvil gives the hash before the receipt is there.
  const receipt = (await request('eth_sendTransactionSync', [{ from, data }])) as { contractAddress: Address };
  return getAddress(receipt.contractAddress);
}

async function makeContracts(request: Request, owner: Address): Promise<LocalContracts> {
  const implementation = await make(request, 'SandboxServing', [], owner);
  const beacon = await make(request, 'UpgradeableBeacon', [implementation, owner], owner);
  const data = encodeFunctionData({
    abi: artifactOf('SandboxServing').abi,
    functionName: 'initialize',
    args: [STAKE_WEI],
  });
  const serving = await make(request, 'BeaconProxy', [beacon, data], owner);
  const payments = await make(request, 'Payments', [owner, owner], owner);
  return { implementation, beacon, serving, payments, owner };
}

const contractsFile = (folder: string): string => join(folder, 'contracts.json');

/** The contracts that a chain's starter left word of; nothing where it has none. */
export function contractsIn(folder: string): LocalContracts | undefined {
  const file = contractsFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as LocalContracts) : undefined;
}

/** What an earlier run left, where the chain still has it and it is the code that is committed now. */
async function findContracts(request: Request, file: string): Promise<LocalContracts | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    const known = JSON.parse(readFileSync(file, 'utf8')) as LocalContracts;
    const code = await request('eth_getCode', [known.implementation, 'latest']);
    return code === artifactOf('SandboxServing').deployedBytecode ? known : undefined;
  } catch (error) {
    if (error instanceof ChainError) throw error;
    return undefined; // A file that was cut short; the contracts are made again.
  }
}

/** Starts anvil on what was kept; state that a kill cut short is put aside, as it holds nothing of worth. */
async function startOnState(folder: string, port: number): Promise<Anvil> {
  const options = { chainId: Number(LOCAL_CHAIN_ID), folder, genesisS: LOCAL_GENESIS_S, port };
  try {
    return await startAnvil(options);
  } catch (error) {
    if (!existsSync(join(folder, 'state.json'))) throw error;
    rmSync(folder, { recursive: true, force: true });
    return startAnvil(options);
  }
}

/** Starts the chain with its state in `folder`, contracts made where they are missing. Rejects with a ChainError. */
export async function startLocalEvm(folder: string, { port = 0 }: { port?: number } = {}): Promise<LocalEvm> {
  mkdirSync(folder, { recursive: true });
  const anvil = await startOnState(folder, port);
  try {
    const request = requestTo(anvil.rpcUrl);
    const accounts = ((await request('eth_accounts')) as Address[]).map((account) => getAddress(account));
    const [owner] = accounts;
    const file = contractsFile(folder);
    const known = await findContracts(request, file);
    const contracts = known ?? (await makeContracts(request, owner ?? '0x'));
    if (known === undefined) writeFileSync(file, `${JSON.stringify(contracts, null, 2)}\n`);
    const takeAway = leaveWord(folder, anvil.rpcUrl);
    const close = async (): Promise<void> => {
      takeAway();
      await anvil.close();
    };
    return { rpcUrl: anvil.rpcUrl, accounts, contracts, ended: anvil.ended, close };
  } catch (error) {
    await anvil.close();
    throw error;
  }
}
