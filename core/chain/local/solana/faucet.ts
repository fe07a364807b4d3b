/** What the faucet of a local chain sends: SOL and test USDC, in real transactions that can be looked up. */
import { ASSOCIATED_TOKEN, SYSTEM, TOKEN } from './addresses.ts';
import { computeUnitLimit } from './build-transaction.ts';
import type { Instruction } from './build-transaction.ts';
import { associatedToken } from './pda.ts';

/** Two equal airdrops within one block would be the same transaction; a limit of its own makes each differ. */
const distinct = (serial: number): Instruction => computeUnitLimit(100_000 + (serial % 1_000_000));

export type Gift = Readonly<{ from: string; to: string; serial: number }>;

/** `SystemProgram.transfer` */
export function solGift({ from, to, serial }: Gift, lamports: bigint): Instruction[] {
  const data = Buffer.alloc(12);
  data.writeUInt32LE(2, 0);
  data.writeBigUInt64LE(lamports, 4);
  const accounts = [
    { address: from, isWritable: true, isSigner: true },
    { address: to, isWritable: true },
  ];
  return [distinct(serial), { program: SYSTEM, accounts, data }];
}

/** Creates the owner's token account when it is missing, then mints into it; the faucet is the mint's authority. */
export function tokenGift({ from, to, serial }: Gift, mint: string, amountMinor: bigint): Instruction[] {
  const account = associatedToken(to, mint);
  const create = {
    program: ASSOCIATED_TOKEN,
    accounts: [
      { address: from, isWritable: true, isSigner: true },
      { address: account, isWritable: true },
      { address: to },
      { address: mint },
      { address: SYSTEM },
      { address: TOKEN },
    ],
    data: Buffer.from([1]), // CreateIdempotent
  };
  const data = Buffer.alloc(9);
  data[0] = 7; // MintTo
  data.writeBigUInt64LE(amountMinor, 1);
  const accounts = [
    { address: mint, isWritable: true },
    { address: account, isWritable: true },
    { address: from, isSigner: true },
  ];
  return [distinct(serial), create, { program: TOKEN, accounts, data }];
}
