/** Writes a program into its buffer, many parts at once, and only the parts that are not there yet. */
import type { Connection, PublicKey } from '@solana/web3.js';
import { setTimeout as after } from 'node:timers/promises';
import { ChainError } from '../../error.ts';
import { readBuffer, writeBuffer } from './loader.ts';
import { CHUNK, WRITE_UNITS } from './plan.ts';
import { signed } from './transact.ts';
import type { Signing } from './transact.ts';

export type Progress = Readonly<{ written: number; total: number }>;

export type Upload = Readonly<{
  connection: Connection;
  payer: Signing;
  authority: Signing;
  buffer: PublicKey;
  elf: Buffer;
  microLamports: bigint;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}>;

/** Transactions on their way at once: enough for the distance, few enough for a public endpoint. */
const AT_ONCE = 24;
const ROUNDS = 20;
const POLL_MS = 150;

function parts(elf: Buffer): number[] {
  return Array.from({ length: Math.ceil(elf.length / CHUNK) }, (_, index) => index * CHUNK);
}

/** Offsets whose bytes on the chain are not the program's. */
async function missing({ connection, buffer, elf }: Upload): Promise<number[]> {
  const found = await connection.getAccountInfo(buffer, 'confirmed');
  const held = found === null ? undefined : readBuffer(found.data);
  if (held === undefined || held.elf.length !== elf.length) {
    throw new ChainError({
      code: 'STATE_FORBIDS',
      detail: `The buffer ${buffer.toBase58()} is not one for this program.`,
      fix: 'Close it with tollkeeper solana close-buffer, then deploy again.',
    });
  }
  return parts(elf).filter((at) => !held.elf.subarray(at, at + CHUNK).equals(elf.subarray(at, at + CHUNK)));
}

async function send(upload: Upload, offsets: readonly number[], blockhash: string): Promise<void> {
  const { connection, payer, authority, buffer, elf, microLamports, signal } = upload;
  const isOne = payer.address.equals(authority.address);
  for (const offset of offsets) {
    signal.throwIfAborted();
    const part = elf.subarray(offset, offset + CHUNK);
    const bytes = await signed(
      {
        summary: `write ${part.length} bytes at ${offset}`,
        instructions: [writeBuffer(buffer, authority.address, offset, part)],
        signers: isOne ? [payer] : [payer, authority],
        price: { units: WRITE_UNITS, microLamports },
      },
      blockhash,
    );
    // What was refused or lost is seen as missing in the next round: the buffer tells, not the answers.
    await connection.sendRawTransaction(bytes, { skipPreflight: true, maxRetries: 0 }).catch(() => undefined);
  }
}

/** Waits until everything is written or nothing of this round can be written any more. */
async function settle(upload: Upload, lastValidBlockHeight: number, total: number): Promise<number[]> {
  let left = await missing(upload);
  let idle = 0;
  while (left.length > 0 && idle < 20) {
    upload.onProgress({ written: total - left.length, total });
    await after(POLL_MS);
    upload.signal.throwIfAborted();
    const now = await missing(upload);
    idle = now.length === left.length ? idle + 1 : 0;
    left = now;
    if ((await upload.connection.getBlockHeight('confirmed')) > lastValidBlockHeight) break;
  }
  return left;
}

/** Brings a buffer to hold the program. Can be cut off anywhere and called again: what is written stays written. */
export async function uploadProgram(upload: Upload): Promise<void> {
  const total = parts(upload.elf).length;
  let left = await missing(upload);
  upload.onProgress({ written: total - left.length, total });
  for (let round = 0; left.length > 0 && round < ROUNDS; round += 1) {
    const { blockhash, lastValidBlockHeight } = await upload.connection.getLatestBlockhash('confirmed');
    const lanes = Array.from({ length: AT_ONCE }, (_, lane) => left.filter((__, index) => index % AT_ONCE === lane));
    await Promise.all(lanes.map((offsets) => send(upload, offsets, blockhash)));
    left = await settle(upload, lastValidBlockHeight, total);
  }
  upload.onProgress({ written: total - left.length, total });
  if (left.length === 0) return;
  throw new ChainError({
    code: 'EXPIRED',
    detail: `${left.length} of ${total} parts could not be written.`,
    fix: 'Run the same command again: it writes only what is missing.',
  });
}
