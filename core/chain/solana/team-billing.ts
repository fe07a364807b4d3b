/**
 * The team-billing program: addresses, instructions, accounts and events, typed. Money in minor units of the config's
 * token, times in Unix seconds. Token accounts that an instruction names must exist; making them is not done here.
 */
import { PublicKey } from '@solana/web3.js';
import type { TransactionInstruction } from '@solana/web3.js';
import { ProgramInterface, seedU64 } from './program-interface.ts';
import type { Fields, ProgramEvent } from './program-interface.ts';

/** The program's tiers by their numbers (`tiers.rs`). Only an admin gives the last one. */
export const TEAM_TIERS = { startup: 0, growth: 1, enterprise: 2, custom: 3 } as const;

export type BillingRules = Readonly<{
  operator: PublicKey;
  lowBalanceMinor: bigint;
  withdrawalDelaySeconds: number;
  collectsBaseFee: boolean;
}>;

/** Where an operator's revenue goes, and in which token. */
export type Revenue = Readonly<{ mint: PublicKey; treasury: PublicKey; stakers: PublicKey }>;

/** The accounts that most instructions are about. */
export type TeamAddresses = Readonly<{ config: PublicKey; team: PublicKey; teamUsdc: PublicKey }>;

/** A team with the revenue accounts that its config names. */
export type TeamAccounts = TeamAddresses & Omit<Revenue, 'mint'>;

/** Requests of the open month. The sequence makes a retry count nothing twice: it is the team's last one plus one. */
export type Capture = Readonly<{ requestCount: bigint; sequence: bigint; usageHash: Uint8Array }>;

export type BillingConfig = Readonly<{
  creator: string;
  admin: string;
  pendingAdmin: string;
  operator: string;
  pendingOperator: string;
  mint: string;
  treasury: string;
  stakers: string;
  lowBalanceMinor: bigint;
  withdrawalDelaySeconds: number;
  collectsBaseFee: boolean;
  openTeams: bigint;
}>;

export type TeamBilling = Readonly<{
  config: string;
  owner: string;
  teamUsdc: string;
  tier: number;
  nextTier: number;
  nextTierAt: bigint;
  monthlyFeeMinor: bigint;
  quotaRequests: bigint;
  overageMinor: bigint;
  periodStart: bigint;
  periodEnd: bigint;
  countsFrom: bigint;
  periodRequests: bigint;
  totalRequests: bigint;
  sequence: bigint;
  baseDebtMinor: bigint;
  overageDebtMinor: bigint;
  basePaidMinor: bigint;
  baseToStakersMinor: bigint;
  overagePaidMinor: bigint;
  depositedMinor: bigint;
  withdrawnMinor: bigint;
  requestedMinor: bigint;
  unlocksAt: bigint;
  withdrawalDelaySeconds: number;
  isLow: boolean;
  refundsMonthly: boolean;
  refundAccount: string;
  /** All zeros (the system program's address) before the month's first capture. */
  usageRecord: string;
}>;

export type UsageRecord = Readonly<{
  team: string;
  config: string;
  periodStart: bigint;
  periodEnd: bigint;
  requestCount: bigint;
  overageRequests: bigint;
  overageMinor: bigint;
  baseFeeMinor: bigint;
  captures: number;
  sequence: bigint;
  usageHash: readonly number[];
  isClosed: boolean;
}>;

/** Asks for everything and an end, as `request_withdrawal` reads it. */
export const WITHDRAW_EVERYTHING = 2n ** 64n - 1n;

export class TeamBillingProgram {
  readonly interface: ProgramInterface;

  constructor(program = ProgramInterface.of('team_billing')) {
    this.interface = program;
  }

  get address(): PublicKey {
    return this.interface.address;
  }

  config(creator: PublicKey): PublicKey {
    return this.interface.derive(Buffer.from('billing_config'), creator.toBuffer());
  }

  /** The addresses of one owner's team under one operator's rules. */
  addresses({ creator, owner }: { creator: PublicKey; owner: PublicKey }): TeamAddresses {
    return {
      config: this.config(creator),
      team: this.interface.derive(Buffer.from('team_billing'), owner.toBuffer()),
      teamUsdc: this.interface.derive(Buffer.from('team_usdc'), owner.toBuffer()),
    };
  }

  /** The record of a month, by the month's begin in Unix seconds, UTC. */
  usageRecord(team: PublicKey, periodStart: bigint): PublicKey {
    return this.interface.derive(Buffer.from('usage'), team.toBuffer(), seedU64(periodStart));
  }

  initConfig(creator: PublicKey, revenue: Revenue, { operator, ...rules }: BillingRules): TransactionInstruction {
    return this.interface.instruction('initConfig', {
      accounts: { creator, config: this.config(creator), ...revenue },
      args: { operator: operator.toBase58(), ...rules },
    });
  }

  setRevenue(admin: PublicKey, config: PublicKey, to: Omit<Revenue, 'mint'>): TransactionInstruction {
    return this.interface.instruction('setRevenue', { accounts: { admin, config, ...to } });
  }

  /** Role 0 is the admin's, 1 the operator's; the system program's address, all zeros, withdraws a proposal. */
  proposeAuthority(
    admin: PublicKey,
    config: PublicKey,
    { role, address }: Readonly<{ role: number; address: PublicKey }>,
  ): TransactionInstruction {
    const args = { role, address: address.toBase58() };
    return this.interface.instruction('proposeAuthority', { accounts: { admin, config }, args });
  }

  acceptAuthority(proposed: PublicKey, config: PublicKey, role: number): TransactionInstruction {
    return this.interface.instruction('acceptAuthority', { accounts: { proposed, config }, args: { role } });
  }

  createTeamAccount(
    owner: PublicKey,
    addresses: TeamAddresses,
    { mint, tier }: Readonly<{ mint: PublicKey; tier: number }>,
  ): TransactionInstruction {
    const accounts = { owner, ...addresses, usdcMint: mint };
    return this.interface.instruction('createTeamAccount', { accounts, args: { tier } });
  }

  depositFunds(
    depositor: PublicKey,
    accounts: TeamAccounts,
    { from, amountMinor }: Readonly<{ from: PublicKey; amountMinor: bigint }>,
  ): TransactionInstruction {
    return this.interface.instruction('depositFunds', {
      accounts: { depositor, ...accounts, depositorUsdc: from },
      args: { amount: amountMinor },
    });
  }

  /** `periodStart` is the open month's, as the team's account has it. */
  deductUsage(
    operator: PublicKey,
    accounts: TeamAccounts,
    { periodStart, ...capture }: Capture & Readonly<{ periodStart: bigint }>,
  ): TransactionInstruction {
    const usageRecord = this.usageRecord(accounts.team, periodStart);
    return this.interface.instruction('deductUsage', {
      accounts: { operator, ...accounts, usageRecord },
      args: capture,
    });
  }

  /** As the team's account stands: it says which record is closed, and where a refund goes. */
  closePeriod(operator: PublicKey, accounts: TeamAccounts, state: TeamBilling): TransactionInstruction {
    const refundUsdc = state.refundsMonthly ? new PublicKey(state.refundAccount) : accounts.teamUsdc;
    const usageRecord = recordOf(accounts.team, state);
    return this.interface.instruction('closePeriod', {
      accounts: { operator, ...accounts, usageRecord, refundUsdc },
    });
  }

  updateTier(
    admin: PublicKey,
    { config, team }: TeamAddresses,
    { tier, atOnce }: Readonly<{ tier: number; atOnce: boolean }>,
  ): TransactionInstruction {
    const args = { newTier: tier, atOnce };
    return this.interface.instruction('updateTier', { accounts: { admin, config, team }, args });
  }

  /** Zero takes a request back, `WITHDRAW_EVERYTHING` asks for an end. */
  requestWithdrawal(owner: PublicKey, { team }: TeamAddresses, amountMinor: bigint): TransactionInstruction {
    const args = { amount: amountMinor };
    return this.interface.instruction('requestWithdrawal', { accounts: { owner, team }, args });
  }

  withdrawUnused(
    owner: PublicKey,
    addresses: TeamAddresses,
    { to, amountMinor }: Readonly<{ to: PublicKey; amountMinor: bigint }>,
  ): TransactionInstruction {
    const accounts = { owner, ...addresses, recipientUsdc: to };
    return this.interface.instruction('withdrawUnused', { accounts, args: { amount: amountMinor } });
  }

  withdrawCosigned(
    { owner, operator }: Readonly<{ owner: PublicKey; operator: PublicKey }>,
    addresses: TeamAddresses,
    { to, amountMinor }: Readonly<{ to: PublicKey; amountMinor: bigint }>,
  ): TransactionInstruction {
    const accounts = { owner, operator, ...addresses, recipientUsdc: to };
    return this.interface.instruction('withdrawCosigned', { accounts, args: { amount: amountMinor } });
  }

  setRefund(
    owner: PublicKey,
    { config, team }: TeamAddresses,
    { isWanted, to }: Readonly<{ isWanted: boolean; to: PublicKey }>,
  ): TransactionInstruction {
    const accounts = { owner, config, team, refundUsdc: to };
    return this.interface.instruction('setRefund', { accounts, args: { isWanted } });
  }

  /** Once everything was asked for and the delay has passed. */
  closeTeamAccount(
    owner: PublicKey,
    accounts: TeamAccounts,
    { to, state }: Readonly<{ to: PublicKey; state: TeamBilling }>,
  ): TransactionInstruction {
    const usageRecord = recordOf(accounts.team, state);
    return this.interface.instruction('closeTeamAccount', {
      accounts: { owner, ...accounts, recipientUsdc: to, usageRecord },
    });
  }

  closeUsageRecord(operator: PublicKey, config: PublicKey, usageRecord: PublicKey): TransactionInstruction {
    return this.interface.instruction('closeUsageRecord', { accounts: { operator, config, usageRecord } });
  }

  readConfig(data: Uint8Array): BillingConfig | undefined {
    return this.#read<BillingConfig>('BillingConfig', data);
  }

  readTeam(data: Uint8Array): TeamBilling | undefined {
    return this.#read<TeamBilling>('TeamBilling', data);
  }

  readUsageRecord(data: Uint8Array): UsageRecord | undefined {
    return this.#read<UsageRecord>('UsageRecord', data);
  }

  /** The IDL that decodes and the type that is claimed are tested against the same artifact. */
  #read<T extends Fields>(name: string, data: Uint8Array): T | undefined {
    return this.interface.account(name, data) as T | undefined;
  }

  events(logs: readonly string[]): ProgramEvent[] {
    return this.interface.events(logs);
  }
}

/** The open month's record; the team again where the month has none yet, as the program wants it. */
function recordOf(team: PublicKey, { usageRecord }: TeamBilling): PublicKey {
  const record = new PublicKey(usageRecord);
  return record.equals(PublicKey.default) ? team : record;
}
