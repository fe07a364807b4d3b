/** One customer of one operator, from opening to leaving without anybody: every instruction of a billing cycle. */
import { Connection, LAMPORTS_PER_SOL, PublicKey } from '@solana/web3.js';
import { setTimeout as after } from 'node:timers/promises';
import { clusterOf } from '#core/domain/solana-cluster.ts';
import { ChainError } from '../../error.ts';
import { UsageVaultProgram } from '../usage-vault.ts';
import type { Terms, UserVault, VaultAddresses } from '../usage-vault.ts';
import { Stage } from './cast.ts';
import type { Actor, DemoChain, Step } from './cast.ts';
import type { Statement } from './statement.ts';

export type Cast = Readonly<{ operator: Actor; customer: Actor }>;

export type DemoOptions = Readonly<{ chain: DemoChain; cast: Cast; tell: (step: Step) => void }>;

const TERMS: Terms = {
  priceLamports: 1000n,
  thresholdUnits: 100n,
  capPerCallUnits: 1000n,
  capPerCycleUnits: 100_000n,
  priceNoticeSeconds: 3600,
  exitDelaySeconds: 3600,
};
const DEPOSIT = BigInt(LAMPORTS_PER_SOL);
const TRACKS = 300;
/** Tracked while the first commit is charged, and after the last one: the latter are lost with the rollup. */
const TRACKS_MEANWHILE = 50;
const TRACKS_LOST = 10;

type Running = Readonly<{
  stage: Stage;
  program: UsageVaultProgram;
  cast: Cast;
  vault: VaultAddresses;
  validator: PublicKey;
}>;

/** Units of one call; they vary, so that a call counted twice or left out shows in the sum. */
const unitsOf = (sequence: number): bigint => BigInt(1 + (sequence % 7));

async function track(running: Running, from: number, count: number): Promise<bigint> {
  const { stage, program, cast, vault } = running;
  let units = 0n;
  for (let sequence = from; sequence < from + count; sequence += 1) {
    const call = { units: unitsOf(sequence), sequence: BigInt(sequence) };
    const instruction = program.track(cast.operator.address, vault.usageMeter, call);
    await stage.onRollup(`track ${call.units} units, call ${sequence}`, [instruction], [cast.operator]);
    units += call.units;
  }
  return units;
}

async function open({ stage, program, cast, vault }: Running): Promise<void> {
  const { operator, customer } = cast;
  const system = program.initSystemVault(operator.address, operator.address, TERMS);
  await stage.onBase('init system vault', [system], [operator]);
  await stage.onBase('init user vault', [program.initUserVault(customer.address, vault, 1)], [customer]);
  await stage.onBase('deposit', [program.deposit(customer.address, vault, DEPOSIT)], [customer]);
  await stage.onBase('init usage meter', [program.initUsageMeter(operator.address, vault, 1n)], [operator]);
}

async function delegate({ stage, program, cast, vault, validator }: Running): Promise<void> {
  const instruction = program.delegateUserVault(cast.operator.address, vault, validator);
  await stage.onBase('delegate user vault', [instruction], [cast.operator]);
  await stage.rollup.untilDelegated(vault.usageMeter);
  await stage.rollup.warm(program.address);
}

function commit({ program, cast, vault }: Running, undelegate: boolean) {
  const args = { belowThreshold: undelegate, undelegate };
  return program.commitAndStartBilling(cast.operator.address, vault, args);
}

async function charge({ stage, program, cast, vault }: Running): Promise<void> {
  await stage.onBase('charge fee', [program.chargeFee(cast.operator.address, vault)], [cast.operator]);
}

async function readVault({ stage, program, vault }: Running): Promise<UserVault> {
  const found = await stage.base.getAccountInfo(vault.userVault);
  const read = found === null ? undefined : program.readUserVault(found.data);
  if (read !== undefined) return read;
  throw new ChainError({
    code: 'ACCOUNT_MISSING',
    detail: `There is no user vault at ${vault.userVault.toBase58()}.`,
    fix: 'Run the demo on a chain with this version of the program.',
  });
}

/** Waits until the base chain owns the meter again, and the rollup knows it. */
async function untilReturned({ stage, program, vault }: Running): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const found = await stage.base.getAccountInfo(vault.usageMeter);
    if (found?.owner.equals(program.address) === true) return stage.rollup.untilReturned(vault.usageMeter, stage.base);
    await after(20);
  }
  throw new ChainError({
    code: 'ACCOUNT_MISSING',
    detail: 'The meter did not come back from the rollup.',
    fix: 'The customer can still exit without it.',
  });
}

/** Meters, commits and charges while metering goes on, pays out what is free, and closes the cycle. */
async function cycle(running: Running): Promise<{ committed: bigint; withdrawn: bigint }> {
  const { stage, program, cast, vault } = running;
  await delegate(running);
  const first = await track(running, 1, TRACKS);
  await stage.committed('commit', [commit(running, false)], [cast.operator]);
  const [, meanwhile] = await Promise.all([charge(running), track(running, TRACKS + 1, TRACKS_MEANWHILE)]);
  const { balanceLamports } = await readVault(running);
  const withdrawn = balanceLamports - TERMS.capPerCycleUnits * TERMS.priceLamports;
  await stage.onBase(
    'withdraw above the reserve',
    [program.withdraw(cast.customer.address, vault, withdrawn)],
    [cast.customer],
  );
  await stage.committed('commit and undelegate', [commit(running, true)], [cast.operator]);
  await untilReturned(running);
  await charge(running);
  return { committed: first + meanwhile, withdrawn };
}

/** The rollup goes, and its operator with it: what was not committed is lost, and the customer leaves alone. */
async function leave(running: Running): Promise<void> {
  const { stage, program, cast, vault } = running;
  await delegate(running);
  await track(running, TRACKS + TRACKS_MEANWHILE + 1, TRACKS_LOST);
  await stage.rollup.close();
  await stage.local('tollkeeper_stopRollup', []);
  await stage.onBase('request exit', [program.requestExit(cast.customer.address, vault)], [cast.customer]);
  await stage.local('tollkeeper_advance', [{ seconds: TERMS.exitDelaySeconds + 1 }]);
  await stage.onBase('exit', [program.exit(cast.customer.address, vault)], [cast.customer]);
}

/** Runs the whole cycle. Gives every step, and what the balances must be by the demo's own sum. */
export async function runVaultDemo({ chain, cast, tell }: DemoOptions): Promise<Statement> {
  const cluster = clusterOf(await new Connection(chain.rpc).getGenesisHash());
  const program = new UsageVaultProgram(cluster);
  const stage = new Stage(chain, { tell, refusal: (...of) => program.interface.refusal(...of) });
  const { operator, customer } = cast;
  const vault = program.addresses({ creator: operator.address, owner: customer.address, generation: 1n });
  const { validator } = (await stage.local('tollkeeper_facts', [])) as { validator: string };
  const running = { stage, program, cast, vault, validator: new PublicKey(validator) };
  stage.rollup.open();
  try {
    for (const { address } of [operator, customer]) await fund(stage, address);
    await open(running);
    const { committed, withdrawn } = await cycle(running);
    await leave(running);
    const fees = committed * TERMS.priceLamports;
    return {
      rpc: chain.rpc,
      systemVault: vault.systemVault.toBase58(),
      userVault: vault.userVault.toBase58(),
      signatures: stage.steps.filter(({ where }) => where === 'base').map(({ signature }) => signature),
      units: committed.toString(),
      depositedLamports: DEPOSIT.toString(),
      feesLamports: fees.toString(),
      withdrawnLamports: withdrawn.toString(),
      paidOutLamports: (DEPOSIT - fees - withdrawn).toString(),
    };
  } finally {
    await stage.rollup.close();
  }
}

async function fund({ base }: Stage, address: PublicKey): Promise<void> {
  const signature = await base.requestAirdrop(address, 10 * LAMPORTS_PER_SOL);
  await base.confirmTransaction({ signature, ...(await base.getLatestBlockhash()) });
}
