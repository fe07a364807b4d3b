/** The usage-vault program: addresses, instructions, accounts and events, typed. Money in lamports, usage in units. */
import {
  delegateBufferPdaFromDelegatedAccountAndOwnerProgram,
  delegationMetadataPdaFromDelegatedAccount,
  delegationRecordPdaFromDelegatedAccount,
} from '@magicblock-labs/ephemeral-rollups-sdk';
import { PublicKey } from '@solana/web3.js';
import type { TransactionInstruction } from '@solana/web3.js';
import { ProgramInterface } from './program-interface.ts';
import type { Fields, ProgramEvent } from './program-interface.ts';

export type Terms = Readonly<{
  priceLamports: bigint;
  thresholdUnits: bigint;
  capPerCallUnits: bigint;
  capPerCycleUnits: bigint;
  priceNoticeSeconds: number;
  exitDelaySeconds: number;
}>;

/** The accounts most instructions are about. */
export type VaultAddresses = Readonly<{ systemVault: PublicKey; userVault: PublicKey; usageMeter: PublicKey }>;

export type SystemVault = Terms &
  Readonly<{ admin: string; operator: string; termsVersion: number; rentLamports: bigint; earnedLamports: bigint }>;

export type UserVault = Readonly<{
  systemVault: string;
  owner: string;
  rentLamports: bigint;
  balanceLamports: bigint;
  depositedLamports: bigint;
  withdrawnLamports: bigint;
  chargedLamports: bigint;
  paidLamports: bigint;
  debtLamports: bigint;
  priceLamports: bigint;
  usageMeter: string;
  hasMeter: boolean;
  meterGeneration: bigint;
  chargedUnits: bigint;
  exitOpensAt: bigint;
}>;

export type UsageMeter = Readonly<{
  userVault: string;
  operator: string;
  generation: bigint;
  totalUnits: bigint;
  sequence: bigint;
  cycleStartUnits: bigint;
  commits: number;
}>;

function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

export class UsageVaultProgram {
  readonly interface: ProgramInterface;

  constructor(program = ProgramInterface.of('usage_vault')) {
    this.interface = program;
  }

  get address(): PublicKey {
    return this.interface.address;
  }

  #derive(...seeds: readonly Uint8Array[]): PublicKey {
    const [address] = PublicKey.findProgramAddressSync([...seeds], this.address);
    return address;
  }

  systemVault(creator: PublicKey): PublicKey {
    return this.#derive(Buffer.from('system_vault'), creator.toBuffer());
  }

  /** The addresses of one customer under one operator, for a generation of their meter. */
  addresses({
    creator,
    owner,
    generation,
  }: {
    creator: PublicKey;
    owner: PublicKey;
    generation: bigint;
  }): VaultAddresses {
    const systemVault = this.systemVault(creator);
    const userVault = this.#derive(Buffer.from('user_vault'), systemVault.toBuffer(), owner.toBuffer());
    const usageMeter = this.#derive(Buffer.from('usage_meter'), userVault.toBuffer(), u64(generation));
    return { systemVault, userVault, usageMeter };
  }

  initSystemVault(creator: PublicKey, operator: PublicKey, terms: Terms): TransactionInstruction {
    const accounts = { creator, systemVault: this.systemVault(creator) };
    return this.interface.instruction('initSystemVault', {
      accounts,
      args: { operator: operator.toBase58(), ...terms },
    });
  }

  initUserVault(
    owner: PublicKey,
    { systemVault, userVault }: VaultAddresses,
    termsVersion: number,
  ): TransactionInstruction {
    return this.interface.instruction('initUserVault', {
      accounts: { owner, systemVault, userVault },
      args: { termsVersion },
    });
  }

  deposit(payer: PublicKey, { systemVault, userVault }: VaultAddresses, lamports: bigint): TransactionInstruction {
    return this.interface.instruction('deposit', { accounts: { payer, systemVault, userVault }, args: { lamports } });
  }

  initUsageMeter(operator: PublicKey, vault: VaultAddresses, generation: bigint): TransactionInstruction {
    return this.interface.instruction('initUsageMeter', { accounts: { operator, ...vault }, args: { generation } });
  }

  /** Gives the meter, and only the meter, to a rollup's validator. */
  delegateUserVault(operator: PublicKey, vault: VaultAddresses, validator: PublicKey): TransactionInstruction {
    const { usageMeter } = vault;
    const accounts = {
      operator,
      ...vault,
      ownerProgram: this.address,
      buffer: delegateBufferPdaFromDelegatedAccountAndOwnerProgram(usageMeter, this.address),
      delegationRecord: delegationRecordPdaFromDelegatedAccount(usageMeter),
      delegationMetadata: delegationMetadataPdaFromDelegatedAccount(usageMeter),
    };
    return this.interface.instruction('delegateUserVault', { accounts, args: { validator: validator.toBase58() } });
  }

  /** In the rollup. The sequence makes a retry count nothing twice: it must be the meter's last one plus one. */
  track(
    operator: PublicKey,
    usageMeter: PublicKey,
    call: Readonly<{ units: bigint; sequence: bigint }>,
  ): TransactionInstruction {
    return this.interface.instruction('trackUserActivity', { accounts: { operator, usageMeter }, args: call });
  }

  /** In the rollup: commits the meter, and gives it back when asked to. */
  commitAndStartBilling(
    operator: PublicKey,
    { systemVault, usageMeter }: VaultAddresses,
    args: Readonly<{ belowThreshold: boolean; undelegate: boolean }>,
  ): TransactionInstruction {
    return this.interface.instruction('commitAndStartBilling', {
      accounts: { operator, systemVault, usageMeter },
      args,
    });
  }

  chargeFee(operator: PublicKey, vault: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('chargeFee', { accounts: { operator, ...vault } });
  }

  withdraw(owner: PublicKey, vault: VaultAddresses, lamports: bigint): TransactionInstruction {
    return this.interface.instruction('withdraw', { accounts: { owner, ...vault }, args: { lamports } });
  }

  requestExit(owner: PublicKey, { userVault }: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('requestExit', { accounts: { owner, userVault } });
  }

  exit(owner: PublicKey, vault: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('exit', { accounts: { owner, ...vault } });
  }

  withdrawEarnings(
    admin: PublicKey,
    systemVault: PublicKey,
    to: Readonly<{ recipient: PublicKey; lamports: bigint }>,
  ): TransactionInstruction {
    const accounts = { admin, systemVault, recipient: to.recipient };
    return this.interface.instruction('withdrawEarnings', { accounts, args: { lamports: to.lamports } });
  }

  readSystemVault(data: Uint8Array): SystemVault | undefined {
    return this.#read<SystemVault>('SystemVault', data);
  }

  readUserVault(data: Uint8Array): UserVault | undefined {
    return this.#read<UserVault>('UserVault', data);
  }

  readUsageMeter(data: Uint8Array): UsageMeter | undefined {
    return this.#read<UsageMeter>('UsageMeter', data);
  }

  /** The IDL that decodes and the type that is claimed are tested against the same artifact. */
  #read<T extends Fields>(name: string, data: Uint8Array): T | undefined {
    return this.interface.account(name, data) as T | undefined;
  }

  events(logs: readonly string[]): ProgramEvent[] {
    return this.interface.events(logs);
  }
}
