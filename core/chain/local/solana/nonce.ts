/** Durable nonces, which LiteSVM neither checks nor advances (system-interface, `nonce::state`). */
import { createHash } from 'node:crypto';
import { SYSTEM } from './addresses.ts';
import { base58, keyBytes } from './base58.ts';
import type { AccountState } from './engine.ts';
import { isWritableKey } from './wire.ts';
import type { WireMessage } from './wire.ts';

/** version u32, state u32, authority 32, durable nonce 32, lamports per signature u64. */
export const NONCE_SIZE = 80;
const ADVANCE = 4;

export type NonceState = Readonly<{ authority: string; nonce: string; lamportsPerSignature: bigint }>;

/** The content of an initialized nonce account; undefined for anything else. */
export function nonceState(account: AccountState | undefined): NonceState | undefined {
  if (account?.owner !== SYSTEM || account.data.length !== NONCE_SIZE) return undefined;
  const { data } = account;
  if (data.readUInt32LE(0) !== 1 || data.readUInt32LE(4) !== 1) return undefined;
  return {
    authority: base58(data.subarray(8, 40)),
    nonce: base58(data.subarray(40, 72)),
    lamportsPerSignature: data.readBigUInt64LE(72),
  };
}

/** Address of the nonce account a transaction advances first, when its shape is that of a nonce transaction. */
export function nonceAccountOf(message: WireMessage): string | undefined {
  const [first] = message.instructions;
  if (first === undefined || message.keys[first.program] !== SYSTEM) return undefined;
  if (first.data.length < 4 || first.data.readUInt32LE(0) !== ADVANCE) return undefined;
  const [index] = first.accounts;
  if (index === undefined || index >= message.keys.length || !isWritableKey(message, index)) return undefined;
  return message.keys[index];
}

/** Whether a message is allowed to run on the nonce stored in an account: same value, signed by its authority. */
export function isNonceUsable(message: WireMessage, state: NonceState): boolean {
  const at = message.keys.indexOf(state.authority);
  const isSigned = at >= 0 && at < message.header.numRequiredSignatures;
  const names = message.instructions[0]?.accounts.includes(at) ?? false;
  return isSigned && names && state.nonce === message.recentBlockhash;
}

/** The nonce that follows from a blockhash: `DurableNonce::from_blockhash`. */
export function nextNonce(blockhash: string): Buffer {
  return createHash('sha256').update('DURABLE_NONCE').update(keyBytes(blockhash)).digest();
}

/** The account with its nonce moved on: also when the rest of the transaction fails, so that it cannot run again. */
export function advanced(account: AccountState, blockhash: string): AccountState {
  const data = Buffer.from(account.data);
  nextNonce(blockhash).copy(data, 40);
  return { ...account, data };
}
