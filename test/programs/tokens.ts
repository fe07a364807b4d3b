/** Mints and token accounts of the SPL token program, put on a test's chain as the program lays them out. */
import { PublicKey } from '@solana/web3.js';
import { type Chain, keysOf } from './chain.ts';

export const TOKEN_PROGRAM = new PublicKey('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA');

const MINT_BYTES = 82;
const ACCOUNT_BYTES = 165;

/** Where an amount stands in a token account: after mint and owner. */
const AMOUNT_AT = 64;

/** A mint with six decimals and no authority. */
export function putMint(chain: Chain, name: string): PublicKey {
  const address = keysOf(name).publicKey;
  const data = Buffer.alloc(MINT_BYTES);
  data.writeBigUInt64LE(2n ** 63n, 36); // supply
  data.writeUInt8(6, 44); // decimals
  data.writeUInt8(1, 45); // is initialized
  if (!chain.account(address)) chain.put(address, { lamports: 10_000_000n, data, owner: TOKEN_PROGRAM });
  return address;
}

/** A token account of an owner. */
export function putTokens(chain: Chain, name: string, mint: PublicKey, owner: PublicKey, amount: bigint): PublicKey {
  const address = keysOf(name).publicKey;
  const data = Buffer.concat([mint.toBytes(), owner.toBytes(), Buffer.alloc(ACCOUNT_BYTES - AMOUNT_AT)]);
  data.writeBigUInt64LE(amount, AMOUNT_AT);
  data.writeUInt8(1, 108); // state: initialized
  if (!chain.account(address)) chain.put(address, { lamports: 10_000_000n, data, owner: TOKEN_PROGRAM });
  return address;
}

export function amountOf(chain: Chain, address: PublicKey): bigint {
  return chain.account(address)?.data.readBigUInt64LE(AMOUNT_AT) ?? 0n;
}

/** Puts tokens on an account, as if somebody had sent them. */
export function addTokens(chain: Chain, address: PublicKey, amount: bigint): void {
  const account = chain.account(address);
  if (!account) return;
  account.data.writeBigUInt64LE(amountOf(chain, address) + amount, AMOUNT_AT);
  chain.put(address, account);
}
