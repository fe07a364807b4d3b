/** SandboxServing as the console reads and drives it: typed reads that nodes agree on, and intents to send. */
import { bytesToHex, encodeFunctionData, getAddress } from 'viem';
import type { Address, ContractFunctionArgs, ContractFunctionName, EncodeFunctionDataParameters, Hex } from 'viem';
import { VOUCHER_STATUSES, packEntries } from '#core/domain/voucher.ts';
import type { BatchEntry, Voucher, VoucherStatus } from '#core/domain/voucher.ts';
import { ChainError, chainRefuses } from '../error.ts';
import { servingAbi } from './abi.ts';
import { notAContract } from './connection.ts';
import type { EvmConnection } from './connection.ts';
import type { Intent } from './send.ts';

/** A voucher with its signature: 65 bytes r ‖ s ‖ v. */
export type SignedVoucher = Voucher & Readonly<{ signature: Hex }>;

/** A user's money with a provider in wei, and when what waits may go (unix seconds). */
export type UserMoney = Readonly<{
  balanceWei: bigint;
  pendingWei: bigint;
  pendingUnlockS: bigint;
  cancelledWei: bigint;
  cancelledUnlockS: bigint;
  lastNonce: bigint;
}>;

/** What a provider announces and has. Prices are wei a minute and wei a sandbox. */
export type ProviderState = Readonly<{
  isOpen: boolean;
  url: string;
  signer: Address;
  version: bigint;
  cpuPriceWei: bigint;
  memoryPriceWei: bigint;
  createFeeWei: bigint;
  stakeWei: bigint;
  stakeUnlockS: bigint;
  earningsWei: bigint;
  lastEpoch: bigint;
}>;

/** A batch with its signature. `usageRoot` is the root over the usage records that the fees stand for. */
export type SignedBatch = Readonly<{
  provider: Address;
  epoch: bigint;
  usageRoot: Hex;
  entries: readonly BatchEntry[];
  signature: Hex;
}>;

/** One proxy of SandboxServing on one network. */
export class ServingContract {
  readonly connection: EvmConnection;
  readonly address: Address;

  private constructor(connection: EvmConnection, address: Address) {
    this.connection = connection;
    this.address = address;
  }

  /** Makes sure that the address holds a SandboxServing. Rejects with NOT_A_CONTRACT or WRONG_CONTRACT. */
  static async open(connection: EvmConnection, address: Address): Promise<ServingContract> {
    if ((await connection.agreedCode(address)) === '0x') notAContract(address);
    const contract = new ServingContract(connection, address);
    await contract.#checkKind();
    return contract;
  }

  async #checkKind(): Promise<void> {
    const { address, connection } = this;
    try {
      const lock = await connection.agreedRead({ address, abi: servingAbi, functionName: 'LOCK_TIME', args: [] });
      if (lock === 7200n) return;
    } catch (error) {
      const isAnswer = error instanceof ChainError && (error.code === 'REVERTED' || error.code === 'NOT_A_CONTRACT');
      if (!isAnswer) throw error;
    }
    chainRefuses({
      code: 'WRONG_CONTRACT',
      detail: `The contract at ${address} is no SandboxServing.`,
      fix: 'Name the proxy from the deployment record, not its beacon or implementation.',
      values: { address },
    });
  }

  /** A user's money with a provider, all of it at one block. */
  async userMoney(user: Address, provider: Address): Promise<UserMoney> {
    const { address, connection } = this;
    const blockNumber = await connection.rpc.head();
    const at = { address, abi: servingAbi, blockNumber } as const;
    const [money, cancelled, lastNonce] = await Promise.all([
      connection.agreedRead({ ...at, functionName: 'getBalance', args: [user, provider] }),
      connection.agreedRead({ ...at, functionName: 'cancelledRefundOf', args: [user, provider] }),
      connection.agreedRead({ ...at, functionName: 'getLastNonce', args: [user, provider] }),
    ]);
    const [balanceWei, pendingWei, pendingUnlockS] = money;
    const [cancelledWei, cancelledUnlockS] = cancelled;
    return { balanceWei, pendingWei, pendingUnlockS, cancelledWei, cancelledUnlockS, lastNonce };
  }

  /** What a provider announces and has, all of it at one block. */
  async providerState(provider: Address): Promise<ProviderState> {
    const { address, connection } = this;
    const blockNumber = await connection.rpc.head();
    const at = { address, abi: servingAbi, blockNumber } as const;
    const [terms, isOpen, stakeWei, stakeUnlockS, earningsWei, lastEpoch] = await Promise.all([
      connection.agreedRead({ ...at, functionName: 'services', args: [provider] }),
      connection.agreedRead({ ...at, functionName: 'serviceExists', args: [provider] }),
      connection.agreedRead({ ...at, functionName: 'providerStakes', args: [provider] }),
      connection.agreedRead({ ...at, functionName: 'stakeUnlockAt', args: [provider] }),
      connection.agreedRead({ ...at, functionName: 'getProviderEarnings', args: [provider] }),
      connection.agreedRead({ ...at, functionName: 'lastEpoch', args: [provider] }),
    ]);
    const [url, signer, cpuPriceWei, createFeeWei, version, memoryPriceWei] = terms;
    const prices = { cpuPriceWei, memoryPriceWei, createFeeWei };
    return { isOpen, url, signer, version, ...prices, stakeWei, stakeUnlockS, earningsWei, lastEpoch };
  }

  /** Whether a user accepts the provider's current signer and prices. */
  isAcknowledged(user: Address, provider: Address): Promise<boolean> {
    const { address, connection } = this;
    const args = [user, provider] as const;
    return connection.agreedRead({ address, abi: servingAbi, functionName: 'isTEEAcknowledged', args });
  }

  /** What registering costs (wei). */
  registrationStake(): Promise<bigint> {
    const { address, connection } = this;
    return connection.agreedRead({ address, abi: servingAbi, functionName: 'providerStake', args: [] });
  }

  /** What each voucher would come to if it were settled first and alone: those that would fail cost gas for nothing. */
  async preview(vouchers: readonly SignedVoucher[]): Promise<VoucherStatus[]> {
    const { address, connection } = this;
    const args = [vouchers.map(toTuple)] as const;
    const codes = await connection.agreedRead({
      address,
      abi: servingAbi,
      functionName: 'previewSettlementResults',
      args,
    });
    return codes.map((code) => VOUCHER_STATUSES[code] ?? 'INVALID_SIGNATURE');
  }

  /** The intent to settle vouchers. `id` is the settlement's own, so that it is sent once. */
  settle(id: string, vouchers: readonly SignedVoucher[]): Intent {
    const data = encodeFunctionData({
      abi: servingAbi,
      functionName: 'settleFeesWithTEE',
      args: [vouchers.map(toTuple)],
    });
    return { id, to: this.address, data, valueWei: 0n, summary: `Settle ${vouchers.length} vouchers` };
  }

  /** The intent to settle a signed batch. */
  settleBatch(id: string, batch: SignedBatch): Intent {
    const { provider, epoch, usageRoot, entries, signature } = batch;
    const data = encodeFunctionData({
      abi: servingAbi,
      functionName: 'settleBatch',
      args: [provider, epoch, usageRoot, bytesToHex(packEntries(entries)), signature],
    });
    return { id, to: this.address, data, valueWei: 0n, summary: `Settle ${entries.length} entries as one batch` };
  }

  /** The intent of any other function. `valueWei` goes with it. */
  call<const name extends ContractFunctionName<typeof servingAbi, 'nonpayable' | 'payable'>>(
    id: string,
    call: Readonly<{
      functionName: name;
      args: ContractFunctionArgs<typeof servingAbi, 'nonpayable' | 'payable', name>;
      valueWei: bigint;
      summary: string;
    }>,
  ): Intent {
    const { functionName, args, valueWei, summary } = call;
    // Name and arguments are typed above; viem's encoder cannot follow a type that is still open here.
    const given = { abi: servingAbi, functionName, args } as unknown as EncodeFunctionDataParameters;
    return { id, to: this.address, data: encodeFunctionData(given), valueWei, summary };
  }
}

function toTuple({ user, provider, totalFeeWei, usageHash, nonce, signature }: SignedVoucher) {
  return {
    user: getAddress(user),
    provider: getAddress(provider),
    totalFee: totalFeeWei,
    usageHash: usageHash as Hex,
    nonce,
    signature,
  };
}
