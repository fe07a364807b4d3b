/** What a deployment will cost, before anything is sent. Lamports. */
import type { Connection } from '@solana/web3.js';
import { ChainError } from '../../error.ts';
import { priorityLamports } from '../sends/priority-fee.ts';
import { BUFFER_HEADER, DATA_HEADER, PROGRAM_SIZE } from './loader.ts';

/** Bytes of the program in one transaction: what is left of 1232 after signature, keys and compute budget. */
export const CHUNK = 900;
/** Units one write needs, with room. */
export const WRITE_UNITS = 10_000;
const LAMPORTS_PER_SIGNATURE = 5000n;
/** Transactions beside the writes: make the buffer, deploy or upgrade, and their second signatures. */
const OTHER_SIGNATURES = 6n;

export type Cost = Readonly<{
  writes: number;
  /** Held by the buffer while it is written, and given back when it is deployed. */
  bufferRentLamports: bigint;
  /** Held by the program for as long as it stands. */
  programRentLamports: bigint;
  feesLamports: bigint;
  /** What the payer must have at the most expensive moment. */
  neededLamports: bigint;
}>;

export type Sizes = Readonly<{ bytes: number; maxBytes: number; isNew: boolean; microLamports: bigint }>;

/** Fees and rent of writing so many bytes and deploying them with so much room. */
export async function costOf(connection: Connection, { bytes, maxBytes, isNew, microLamports }: Sizes): Promise<Cost> {
  const rent = async (size: number): Promise<bigint> =>
    BigInt(await connection.getMinimumBalanceForRentExemption(size));
  const writes = Math.ceil(bytes / CHUNK);
  const bufferRentLamports = await rent(BUFFER_HEADER + bytes);
  const programRentLamports = isNew ? (await rent(DATA_HEADER + maxBytes)) + (await rent(PROGRAM_SIZE)) : 0n;
  const perWrite = LAMPORTS_PER_SIGNATURE + priorityLamports(microLamports, BigInt(WRITE_UNITS));
  const feesLamports = BigInt(writes) * perWrite + OTHER_SIGNATURES * LAMPORTS_PER_SIGNATURE;
  const most = bufferRentLamports > programRentLamports ? bufferRentLamports : programRentLamports;
  return { writes, bufferRentLamports, programRentLamports, feesLamports, neededLamports: most + feesLamports };
}

/** Refuses a deployment whose fees are above the limit, or that the payer cannot pay to its end. */
export function checkCost(cost: Cost, given: Readonly<{ feeLimitLamports: bigint; balanceLamports: bigint }>): void {
  if (cost.feesLamports > given.feeLimitLamports) {
    throw new ChainError({
      code: 'FEE_ABOVE_CAP',
      detail: `The fees would be ${cost.feesLamports} lamports; the limit is ${given.feeLimitLamports}.`,
      fix: 'Raise --fee-limit, or wait until fees are lower.',
      values: { feesLamports: cost.feesLamports.toString(), limitLamports: given.feeLimitLamports.toString() },
    });
  }
  if (cost.neededLamports <= given.balanceLamports) return;
  throw new ChainError({
    code: 'INSUFFICIENT_FUNDS',
    detail: `The deployment needs ${cost.neededLamports} lamports; the payer has ${given.balanceLamports}.`,
    fix: 'Send the difference to the payer first: a deployment that stops half-way holds its rent until it goes on.',
    values: { neededLamports: cost.neededLamports.toString(), balanceLamports: given.balanceLamports.toString() },
  });
}
