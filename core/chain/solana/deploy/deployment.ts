/** Deploys, upgrades, hands over, closes and verifies programs. What is on the chain decides where to go on. */
import { createHash } from 'node:crypto';
import type { Connection, PublicKey } from '@solana/web3.js';
import { ChainError } from '../../error.ts';
import {
  BUFFER_HEADER,
  PROGRAM_SIZE,
  closeAccount,
  createBuffer,
  deployBuffer,
  extendProgram,
  programDataOf,
  readBuffer,
  readProgramData,
  setProgramAuthority,
  upgradeProgram,
} from './loader.ts';
import type { OnChain } from './loader.ts';
import { checkCost, costOf } from './plan.ts';
import type { Cost } from './plan.ts';
import type { Signing, Submit } from './transact.ts';
import { uploadProgram } from './upload.ts';
import type { Progress } from './upload.ts';

export type Deployment = Readonly<{
  connection: Connection;
  elf: Buffer;
  payer: Signing;
  /** May upgrade and close the program. */
  authority: Signing;
  /** A key for this deployment only: where the program is written before it stands. */
  buffer: Signing;
  /** The program's own key for its first deployment; its address for an upgrade. */
  program: Signing | PublicKey;
  feeLimitLamports: bigint;
  microLamports: bigint;
  submit: Submit;
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}>;

export type Deployed = Readonly<{ program: string; sha256: string; signature: string | null; slot: string }>;

/** Room beyond the first version, so that the next one need not pay for more at once. */
const ROOM = 1.25;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function addressOf(program: Signing | PublicKey): PublicKey {
  return 'sign' in program ? program.address : program;
}

/** The program as it stands, or undefined when there is none. */
export async function programAt(connection: Connection, program: PublicKey): Promise<OnChain | undefined> {
  const found = await connection.getAccountInfo(programDataOf(program), 'confirmed');
  return found === null ? undefined : readProgramData(found.data, found.lamports);
}

/** Whether the chain has exactly these bytes: the program, and nothing but zeros after it. */
export function isSameProgram(onChain: Buffer, elf: Buffer): boolean {
  return onChain.subarray(0, elf.length).equals(elf) && onChain.subarray(elf.length).every((byte) => byte === 0);
}

export type Verified = Readonly<{ isSame: boolean; sha256: string; authority: string | null; slot: string }>;

/** Compares what the chain runs with a file. */
export async function verifyProgram(connection: Connection, program: PublicKey, elf: Buffer): Promise<Verified> {
  const found = await programAt(connection, program);
  if (found === undefined) throw missingProgram(program);
  const isSame = isSameProgram(found.elf, elf);
  return {
    isSame,
    // Of as many bytes as the file has; what follows are zeros when they are the same.
    sha256: sha256(found.elf.subarray(0, elf.length)),
    authority: found.authority?.toBase58() ?? null,
    slot: found.slot.toString(),
  };
}

function missingProgram(program: PublicKey): ChainError {
  return new ChainError({
    code: 'ACCOUNT_MISSING',
    detail: `There is no program at ${program.toBase58()}.`,
    fix: 'Look at the address and the profile.',
    values: { program: program.toBase58() },
  });
}

/** What a deployment will cost, by what is on the chain now. */
export async function planDeployment(
  deployment: Pick<Deployment, 'connection' | 'elf' | 'program' | 'microLamports'>,
): Promise<Cost> {
  const { connection, elf, program, microLamports } = deployment;
  const standing = await programAt(connection, addressOf(program));
  const maxBytes = Math.ceil(elf.length * ROOM);
  return costOf(connection, { bytes: elf.length, maxBytes, isNew: standing === undefined, microLamports });
}

async function makeBuffer({ connection, elf, payer, authority, buffer, submit }: Deployment): Promise<void> {
  const found = await connection.getAccountInfo(buffer.address, 'confirmed');
  if (found !== null) {
    const held = readBuffer(found.data);
    if (held?.authority?.equals(authority.address) === true) return;
    throw new ChainError({
      code: 'STATE_FORBIDS',
      detail: `The buffer ${buffer.address.toBase58()} belongs to another authority.`,
      fix: 'Go on with the authority that began, or begin again with another state file.',
    });
  }
  const lamports = await connection.getMinimumBalanceForRentExemption(BUFFER_HEADER + elf.length);
  const keys = { payer: payer.address, buffer: buffer.address, authority: authority.address };
  const instructions = createBuffer(keys, { bytes: elf.length, lamports });
  const work = { summary: 'make the buffer', instructions, signers: [payer, buffer] };
  await submit(`buffer/${buffer.address.toBase58()}`, work);
}

const distinct = (...signers: readonly Signing[]): Signing[] => [
  ...new Map(signers.map((each) => [each.address.toBase58(), each])).values(),
];

async function standUp(deployment: Deployment, standing: OnChain | undefined): Promise<string> {
  const { connection, elf, payer, authority, buffer, program, submit } = deployment;
  const step = (name: string): string => `${name}/${buffer.address.toBase58()}`;
  const address = addressOf(program);
  if (standing === undefined) {
    if (!('sign' in program)) throw missingProgram(address);
    const programLamports = await connection.getMinimumBalanceForRentExemption(PROGRAM_SIZE);
    const keys = { payer: payer.address, program: address, buffer: buffer.address, authority: authority.address };
    const instructions = deployBuffer(keys, { maxBytes: Math.ceil(elf.length * ROOM), programLamports });
    return submit(step('deploy'), { summary: 'deploy', instructions, signers: distinct(payer, program, authority) });
  }
  const keys = { program: address, buffer: buffer.address, authority: authority.address, spill: payer.address };
  const more = elf.length - standing.elf.length;
  if (more > 0) {
    const instructions = [extendProgram(address, payer.address, more)];
    await submit(step('extend'), { summary: 'make room', instructions, signers: [payer] });
    await untilNextSlot(connection); // A program that was extended in a slot cannot be upgraded in it.
  }
  const instructions = [upgradeProgram(keys)];
  return submit(step('upgrade'), { summary: 'upgrade', instructions, signers: distinct(payer, authority) });
}

async function untilNextSlot(connection: Connection): Promise<void> {
  const slot = await connection.getSlot('confirmed');
  while ((await connection.getSlot('confirmed')) === slot) await new Promise((resolve) => setTimeout(resolve, 50));
}

function checkAuthority(standing: OnChain | undefined, authority: PublicKey, program: PublicKey): void {
  if (standing === undefined || standing.authority?.equals(authority) === true) return;
  const holder = standing.authority?.toBase58() ?? null;
  throw new ChainError({
    code: 'STATE_FORBIDS',
    detail:
      holder === null
        ? `The program ${program.toBase58()} is final: nobody can change it.`
        : `The program ${program.toBase58()} may be changed by ${holder} only.`,
    fix: holder === null ? 'Deploy under a new address.' : 'Sign with that authority.',
    values: { authority: holder },
  });
}

/** Brings a program to the chain, for the first time or as its next version. Costs nothing when it is there already. */
export async function deployProgram(deployment: Deployment): Promise<Deployed> {
  const { connection, elf, payer, authority, program, feeLimitLamports } = deployment;
  const address = addressOf(program);
  const standing = await programAt(connection, address);
  checkAuthority(standing, authority.address, address);
  const done = async (signature: string | null): Promise<Deployed> => {
    const found = await verifyProgram(connection, address, elf);
    if (found.isSame) return { program: address.toBase58(), sha256: found.sha256, signature, slot: found.slot };
    throw new ChainError({
      code: 'WRONG_CONTRACT',
      detail: `The chain has other bytes at ${address.toBase58()} than the file.`,
      fix: 'Deploy again, and look at who else holds the authority.',
      values: { onChain: found.sha256, file: sha256(elf) },
    });
  };
  if (standing !== undefined && isSameProgram(standing.elf, elf)) return done(null);
  const balanceLamports = BigInt(await connection.getBalance(payer.address, 'confirmed'));
  const isBegun = (await connection.getAccountInfo(deployment.buffer.address, 'confirmed')) !== null;
  // The rent of a buffer that was begun is paid already.
  if (!isBegun) checkCost(await planDeployment(deployment), { feeLimitLamports, balanceLamports });
  await makeBuffer(deployment);
  await uploadProgram({ ...deployment, buffer: deployment.buffer.address });
  return done(await standUp(deployment, standing));
}

export type Changing = Readonly<{
  connection: Connection;
  program: PublicKey;
  payer: Signing;
  authority: Signing;
  submit: Submit;
  /** Names this change: the same again is sent once. */
  runId: string;
}>;

/** Hands a program over, or, with `next` null, makes it final for ever. */
export async function changeAuthority(given: Changing, next: PublicKey | null): Promise<string> {
  const { connection, program, payer, authority, submit, runId } = given;
  const standing = await programAt(connection, program);
  if (standing === undefined) throw missingProgram(program);
  checkAuthority(standing, authority.address, program);
  const instructions = [setProgramAuthority(program, authority.address, next)];
  const summary = next === null ? 'make the program final' : `hand the program to ${next.toBase58()}`;
  return submit(`authority/${runId}`, { summary, instructions, signers: distinct(payer, authority) });
}

/** Closes a program for ever: its address can never be used again. Its rent goes to the payer. */
export async function closeProgram(given: Changing): Promise<string> {
  const { connection, program, payer, authority, submit } = given;
  checkAuthority(await programAt(connection, program), authority.address, program);
  const keys = { account: programDataOf(program), recipient: payer.address, authority: authority.address };
  const instructions = [closeAccount(keys, program)];
  const work = { summary: 'close the program', instructions, signers: distinct(payer, authority) };
  return submit(`close/${program.toBase58()}`, work);
}

/** Gives up a deployment that was begun: the rent of its buffer goes back to the payer. */
export async function closeBuffer(
  { payer, authority, submit }: Omit<Changing, 'program' | 'connection' | 'runId'>,
  buffer: PublicKey,
): Promise<string> {
  const keys = { account: buffer, recipient: payer.address, authority: authority.address };
  const instructions = [closeAccount(keys)];
  const work = { summary: 'close the buffer', instructions, signers: distinct(payer, authority) };
  return submit(`close-buffer/${buffer.toBase58()}`, work);
}
