/** Instructions and accounts of the upgradeable loader (solana-loader-v3-interface). Bincode: a u32 of the variant. */
import {
  PublicKey,
  SYSVAR_CLOCK_PUBKEY,
  SYSVAR_RENT_PUBKEY,
  SystemProgram,
  TransactionInstruction,
} from '@solana/web3.js';
import type { AccountMeta } from '@solana/web3.js';

export const LOADER = new PublicKey('BPFLoaderUpgradeab1e11111111111111111111111');

/** Bytes before the program's own: of a buffer, of program data, and the whole of a program account. */
export const BUFFER_HEADER = 37;
export const DATA_HEADER = 45;
export const PROGRAM_SIZE = 36;

const w = (pubkey: PublicKey): AccountMeta => ({ pubkey, isWritable: true, isSigner: false });
const r = (pubkey: PublicKey): AccountMeta => ({ pubkey, isWritable: false, isSigner: false });
const signs = (pubkey: PublicKey): AccountMeta => ({ pubkey, isWritable: false, isSigner: true });
const pays = (pubkey: PublicKey): AccountMeta => ({ pubkey, isWritable: true, isSigner: true });

function instruction(variant: number, keys: AccountMeta[], ...rest: readonly Buffer[]): TransactionInstruction {
  return new TransactionInstruction({ programId: LOADER, keys, data: Buffer.concat([u32(variant), ...rest]) });
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export function programDataOf(program: PublicKey): PublicKey {
  const [address] = PublicKey.findProgramAddressSync([program.toBuffer()], LOADER);
  return address;
}

/** A buffer for a program of so many bytes, owned by the loader and written by its authority. */
export function createBuffer(
  { payer, buffer, authority }: Readonly<Record<'payer' | 'buffer' | 'authority', PublicKey>>,
  { bytes, lamports }: Readonly<{ bytes: number; lamports: number }>,
): TransactionInstruction[] {
  const space = BUFFER_HEADER + bytes;
  return [
    SystemProgram.createAccount({ fromPubkey: payer, newAccountPubkey: buffer, space, lamports, programId: LOADER }),
    instruction(0, [w(buffer), r(authority)]),
  ];
}

export function writeBuffer(
  buffer: PublicKey,
  authority: PublicKey,
  offset: number,
  part: Buffer,
): TransactionInstruction {
  return instruction(1, [w(buffer), signs(authority)], u32(offset), u64(part.length), part);
}

type Deploying = Readonly<Record<'payer' | 'program' | 'buffer' | 'authority', PublicKey>>;

/** Makes the program account, and deploys a buffer into it with room for later versions. */
export function deployBuffer(
  { payer, program, buffer, authority }: Deploying,
  { maxBytes, programLamports }: Readonly<{ maxBytes: number; programLamports: number }>,
): TransactionInstruction[] {
  const create = { fromPubkey: payer, newAccountPubkey: program, space: PROGRAM_SIZE, programId: LOADER };
  const keys = [
    pays(payer),
    w(programDataOf(program)),
    w(program),
    w(buffer),
    r(SYSVAR_RENT_PUBKEY),
    r(SYSVAR_CLOCK_PUBKEY),
    r(SystemProgram.programId),
    signs(authority),
  ];
  return [SystemProgram.createAccount({ ...create, lamports: programLamports }), instruction(2, keys, u64(maxBytes))];
}

/** Replaces a program by a buffer; what the buffer held goes to `spill`. */
export function upgradeProgram({
  program,
  buffer,
  authority,
  spill,
}: Readonly<Record<'program' | 'buffer' | 'authority' | 'spill', PublicKey>>): TransactionInstruction {
  const data = programDataOf(program);
  return instruction(3, [
    w(data),
    w(program),
    w(buffer),
    w(spill),
    r(SYSVAR_RENT_PUBKEY),
    r(SYSVAR_CLOCK_PUBKEY),
    signs(authority),
  ]);
}

/** Room for a longer program; the payer pays the rent of it. */
export function extendProgram(program: PublicKey, payer: PublicKey, bytes: number): TransactionInstruction {
  const keys = [w(programDataOf(program)), w(program), r(SystemProgram.programId), pays(payer)];
  return instruction(6, keys, u32(bytes));
}

/** Hands a program to another authority; to none makes it final for ever. */
export function setProgramAuthority(
  program: PublicKey,
  authority: PublicKey,
  next: PublicKey | null,
): TransactionInstruction {
  const keys = [w(programDataOf(program)), signs(authority), ...(next === null ? [] : [r(next)])];
  return instruction(4, keys);
}

/** Closes a buffer, or a program for ever when `program` is given; its lamports go to `recipient`. */
export function closeAccount(
  { account, recipient, authority }: Readonly<Record<'account' | 'recipient' | 'authority', PublicKey>>,
  program?: PublicKey,
): TransactionInstruction {
  return instruction(5, [w(account), w(recipient), signs(authority), ...(program === undefined ? [] : [w(program)])]);
}

/** What is on the chain under a program's address. */
export type OnChain = Readonly<{ authority: PublicKey | null; elf: Buffer; slot: bigint; lamports: bigint }>;

/** Reads program data: u32 3, slot u64, option of the authority, then the program and zeros up to its room. */
export function readProgramData(data: Buffer, lamports: number): OnChain | undefined {
  if (data.length < DATA_HEADER || data.readUInt32LE(0) !== 3) return undefined;
  const authority = data[12] === 1 ? new PublicKey(data.subarray(13, 45)) : null;
  return { authority, slot: data.readBigUInt64LE(4), elf: data.subarray(DATA_HEADER), lamports: BigInt(lamports) };
}

/** The program in a buffer: u32 1, option of the authority, then its bytes. */
export function readBuffer(data: Buffer): Readonly<{ authority: PublicKey | null; elf: Buffer }> | undefined {
  if (data.length < BUFFER_HEADER || data.readUInt32LE(0) !== 1) return undefined;
  const authority = data[4] === 1 ? new PublicKey(data.subarray(5, 37)) : null;
  return { authority, elf: data.subarray(BUFFER_HEADER) };
}
