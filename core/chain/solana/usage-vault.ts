/** The usage-vault program: addresses, instructions, accounts and events, typed. Money in lamports, usage in units. */
import {
  delegateBufferPdaFromDelegatedAccountAndOwnerProgram,
  delegationMetadataPdaFromDelegatedAccount,
  delegationRecordPdaFromDelegatedAccount,
} from '@magicblock-labs/ephemeral-rollups-sdk';
import type { PublicKey, TransactionInstruction } from '@solana/web3.js';
import type { Cluster } from '#core/domain/solana-cluster.ts';
import { ChainError } from '../error.ts';
import { ProgramInterface, seedU64 } from './program-interface.ts';
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

/**
 * The least exit delay of a system vault on a public network: a day. The program sets none, so that a local chain can
 * be left at once; shorter than this, a customer could take out the deposit before the operator commits and charges.
 */
export const LEAST_EXIT_DELAY_SECONDS = 86_400;

export class UsageVaultProgram {
  readonly interface: ProgramInterface;
  readonly #cluster: Cluster;

  /** The cluster decides which terms may be offered on it. */
  constructor(cluster: Cluster, program = ProgramInterface.of('usage_vault')) {
    this.#cluster = cluster;
    this.interface = program;
  }

  get address(): PublicKey {
    return this.interface.address;
  }

  systemVault(creator: PublicKey): PublicKey {
    return this.interface.derive(Buffer.from('system_vault'), creator.toBuffer());
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
    const userVault = this.interface.derive(Buffer.from('user_vault'), systemVault.toBuffer(), owner.toBuffer());
    const usageMeter = this.interface.derive(Buffer.from('usage_meter'), userVault.toBuffer(), seedU64(generation));
    return { systemVault, userVault, usageMeter };
  }

  /** Refuses terms below the floor of a public network with TERMS_BELOW_FLOOR, before anything is signed. */
  #checkTerms({ exitDelaySeconds }: Terms): void {
    if (this.#cluster === 'local' || exitDelaySeconds >= LEAST_EXIT_DELAY_SECONDS) return;
    throw new ChainError({
      code: 'TERMS_BELOW_FLOOR',
      detail: `An exit delay of ${exitDelaySeconds} s leaves no time to commit and charge on ${this.#cluster}.`,
      fix: `Offer an exit delay of at least ${LEAST_EXIT_DELAY_SECONDS} s, and a price notice at least as long.`,
      values: { exitDelaySeconds, leastSeconds: LEAST_EXIT_DELAY_SECONDS, cluster: this.#cluster },
    });
  }

  initSystemVault(creator: PublicKey, operator: PublicKey, terms: Terms): TransactionInstruction {
    this.#checkTerms(terms);
    const accounts = { creator, systemVault: this.systemVault(creator) };
    return this.interface.instruction('initSystemVault', {
      accounts,
      args: { operator: operator.toBase58(), ...terms },
    });
  }

  /** The offer to customers to come. */
  setTerms(admin: PublicKey, systemVault: PublicKey, terms: Terms): TransactionInstruction {
    this.#checkTerms(terms);
    return this.interface.instruction('setTerms', { accounts: { admin, systemVault }, args: { ...terms } });
  }

  /** Role 0 is the admin's, 1 the operator's; the system program's address, all zeros, withdraws a proposal. */
  proposeAuthority(
    admin: PublicKey,
    systemVault: PublicKey,
    { role, address }: Readonly<{ role: number; address: PublicKey }>,
  ): TransactionInstruction {
    const args = { role, address: address.toBase58() };
    return this.interface.instruction('proposeAuthority', { accounts: { admin, systemVault }, args });
  }

  acceptAuthority(proposed: PublicKey, systemVault: PublicKey, role: number): TransactionInstruction {
    return this.interface.instruction('acceptAuthority', { accounts: { proposed, systemVault }, args: { role } });
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

  /** Announces a vault's next price; the first charge after the notice sets it. */
  setPrice(
    admin: PublicKey,
    { systemVault, userVault }: VaultAddresses,
    priceLamports: bigint,
  ): TransactionInstruction {
    const accounts = { admin, systemVault, userVault };
    return this.interface.instruction('setPrice', { accounts, args: { priceLamports } });
  }

  withdraw(owner: PublicKey, vault: VaultAddresses, lamports: bigint): TransactionInstruction {
    return this.interface.instruction('withdraw', { accounts: { owner, ...vault }, args: { lamports } });
  }

  requestExit(owner: PublicKey, { userVault }: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('requestExit', { accounts: { owner, userVault } });
  }

  cancelExit(owner: PublicKey, { userVault }: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('cancelExit', { accounts: { owner, userVault } });
  }

  exit(owner: PublicKey, vault: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('exit', { accounts: { owner, ...vault } });
  }

  closeUserVault(owner: PublicKey, { systemVault, userVault }: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('closeUserVault', { accounts: { owner, systemVault, userVault } });
  }

  closeUsageMeter(operator: PublicKey, vault: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('closeUsageMeter', { accounts: { operator, ...vault } });
  }

  /** Charges what a meter that its rollup keeps has committed, and gives it up. */
  abandonUsageMeter(operator: PublicKey, vault: VaultAddresses): TransactionInstruction {
    return this.interface.instruction('abandonUsageMeter', { accounts: { operator, ...vault } });
  }

  closeSystemVault(admin: PublicKey, systemVault: PublicKey, recipient: PublicKey): TransactionInstruction {
    return this.interface.instruction('closeSystemVault', { accounts: { admin, systemVault, recipient } });
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
