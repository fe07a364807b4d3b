/** A connection to one EVM network: checked to be the one that is meant, with typed reads that nodes agree on. */
import { createPublicClient, custom, decodeFunctionResult, encodeFunctionData, numberToHex } from 'viem';
import type {
  Abi,
  Address,
  ContractFunctionArgs,
  ContractFunctionName,
  ContractFunctionReturnType,
  EncodeFunctionDataParameters,
  Hex,
  PublicClient,
} from 'viem';
import type { Network } from '#core/signing/port.ts';
import { chainRefuses } from '../error.ts';
import type { NetworkProfile } from './networks.ts';
import { tellRefusal } from './reverts.ts';
import { EndpointError, Rpc } from './rpc.ts';
import type { Endpoint } from './rpc.ts';

/** A block as it matters here. Hash and parent tell one history from another. */
export type BlockHead = Readonly<{
  number: bigint;
  hash: Hex;
  parentHash: Hex;
  baseFeePerGasWei: bigint;
  timestampS: bigint;
}>;

type RawBlock = { number: Hex; hash: Hex; parentHash: Hex; baseFeePerGas?: Hex; timestamp: Hex };

function headOf(raw: unknown): BlockHead | null {
  if (raw === null) return null;
  const { number, hash, parentHash, baseFeePerGas = '0x0', timestamp } = raw as RawBlock;
  const [height, baseFeePerGasWei, timestampS] = [BigInt(number), BigInt(baseFeePerGas), BigInt(timestamp)];
  return { number: height, hash, parentHash, baseFeePerGasWei, timestampS };
}

/** One network, checked. Everything that money depends on is read by `agreed*` methods. */
export class EvmConnection {
  readonly profile: NetworkProfile;
  /** As signers are told it, with the first block's hash as the nodes gave it. */
  readonly network: Extract<Network, { chain: 'evm' }>;
  readonly rpc: Rpc;
  /** viem over the first node that answers: for what only informs. */
  readonly client: PublicClient;

  private constructor(profile: NetworkProfile, rpc: Rpc, genesisHash: string) {
    this.profile = profile;
    this.rpc = rpc;
    this.network = { chain: 'evm', chainId: profile.chainId, genesisHash, isTest: profile.isTest };
    const request = ({ method, params }: { method: string; params?: unknown }) =>
      rpc.first(method, (params ?? []) as readonly unknown[]);
    this.client = createPublicClient({ transport: custom({ request }, { retryCount: 0 }) });
  }

  /**
   * Connects, and asks every node for its chain id and first block before anything else. Rejects with WRONG_CHAIN,
   * which names the node, or RPC_DOWN.
   */
  static async open(
    profile: NetworkProfile,
    endpoints: readonly Endpoint[],
    options: Readonly<{ quorum?: number }> = {},
  ): Promise<EvmConnection> {
    const rpc = new Rpc(endpoints, options.quorum);
    const ids = await rpc.all('eth_chainId');
    ids.forEach((answer, index) => {
      if (answer.status !== 'fulfilled' || BigInt(answer.value as Hex) === profile.chainId) return;
      wrongChain(endpoints[index], `chain id ${BigInt(answer.value as Hex)}`, profile);
    });
    await rpc.agreed('eth_chainId', [], (id) => BigInt(id as Hex));
    const genesis = await rpc.agreed('eth_getBlockByNumber', ['0x0', false], headOf);
    const hash = genesis?.hash ?? '';
    if (profile.genesisHash !== undefined && hash.toLowerCase() !== profile.genesisHash.toLowerCase()) {
      wrongChain(endpoints[0], `the first block ${hash}`, profile);
    }
    return new EvmConnection(profile, rpc, hash);
  }

  /** The block a quorum of the nodes has at a height; null where it has none. */
  agreedBlock(number: bigint): Promise<BlockHead | null> {
    return this.rpc.agreed('eth_getBlockByNumber', [numberToHex(number), false], headOf);
  }

  /** The highest block that a quorum of the nodes has, and on which it agrees. */
  async agreedHead(): Promise<BlockHead> {
    const number = await this.rpc.head();
    const block = await this.agreedBlock(number);
    return block ?? chainRefuses(noBlock(number));
  }

  /** An account's balance in wei at a block. */
  agreedBalance(address: Address, blockNumber: bigint): Promise<bigint> {
    return this.rpc.agreed('eth_getBalance', [address, numberToHex(blockNumber)], (balance) => BigInt(balance as Hex));
  }

  /** How many transactions of an account are mined up to a block: the nonce that follows. */
  agreedNonce(address: Address, blockNumber: bigint): Promise<bigint> {
    const params = [address, numberToHex(blockNumber)];
    return this.rpc.agreed('eth_getTransactionCount', params, (count) => BigInt(count as Hex));
  }

  /** The code at an address; `0x` where there is none. */
  agreedCode(address: Address): Promise<Hex> {
    return this.rpc.agreed('eth_getCode', [address, 'latest'], (code) => code as Hex);
  }

  /** A storage word. */
  agreedStorage(address: Address, slot: Hex): Promise<Hex> {
    return this.rpc.agreed('eth_getStorageAt', [address, slot, 'latest'], (word) => word as Hex);
  }

  /** A contract's answer that a quorum gives alike, at a block or at the agreed head. Rejects with REVERTED. */
  async agreedRead<
    const abi extends Abi,
    name extends ContractFunctionName<abi, 'view' | 'pure'>,
    args extends ContractFunctionArgs<abi, 'view' | 'pure', name>,
  >(call: {
    address: Address;
    abi: abi;
    functionName: name;
    args: args;
    blockNumber?: bigint;
  }): Promise<ContractFunctionReturnType<abi, 'view' | 'pure', name, args>> {
    const { address, abi, functionName, args } = call;
    const blockNumber = call.blockNumber ?? (await this.rpc.head());
    // The call is typed above; viem's own encoder cannot follow a type that is still open here.
    const data = encodeFunctionData({ abi, functionName, args } as unknown as EncodeFunctionDataParameters);
    const raw = await this.agreedCall({ to: address, data }, blockNumber);
    if (raw === '0x') return notAContract(address);
    const decoded: unknown = decodeFunctionResult({ abi: abi as Abi, functionName: functionName as string, data: raw });
    return decoded as ContractFunctionReturnType<abi, 'view' | 'pure', name, args>;
  }

  /** The raw answer to a call at a block, `0x` where no contract stands. */
  async agreedCall(call: Readonly<{ to: Address; data: Hex; from?: Address }>, blockNumber: bigint): Promise<Hex> {
    try {
      return await this.rpc.agreed('eth_call', [call, numberToHex(blockNumber)], (result) => result as Hex);
    } catch (error) {
      throw error instanceof EndpointError ? tellRefusal(error) : error;
    }
  }
}

function wrongChain(endpoint: Endpoint | undefined, found: string, profile: NetworkProfile): never {
  return chainRefuses({
    code: 'WRONG_CHAIN',
    detail: `${endpoint?.url ?? 'The endpoint'} has ${found}, which is not ${profile.name}.`,
    fix: `Name an endpoint of ${profile.name} (chain id ${profile.chainId}), or another network.`,
    values: { expectedChainId: profile.chainId.toString() },
  });
}

function noBlock(number: bigint) {
  return {
    code: 'RPC_DOWN',
    detail: `The endpoints said they have block ${number} and then had not.`,
    fix: 'Ask again; if it goes on, one of them is broken.',
  } as const;
}

/** Refuses an address without code. */
export function notAContract(address: Address): never {
  return chainRefuses({
    code: 'NOT_A_CONTRACT',
    detail: `There is no contract at ${address} that answers this.`,
    fix: 'Check the address and the network it is meant for.',
    values: { address },
  });
}
