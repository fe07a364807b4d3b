/** Filters of program accounts: `dataSize`, `memcmp` and `tokenAccountState` (solana-rpc-client-api, filter.rs). */
import { unbase58 } from './base58.ts';
import type { AccountState } from './engine.ts';
import { checkedU64, invalidType } from './params.ts';
import { invalidParams } from './rpc-error.ts';
import { isTokenAccount } from './token-balances.ts';

export type AccountFilter = (state: AccountState) => boolean;

const MAX_FILTERS = 4;
const MAX_BYTES = 128;

function memcmpBytes(bytes: unknown, encoding: unknown): Buffer {
  if (Array.isArray(bytes)) {
    if (bytes.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255))
      return Buffer.from(bytes as number[]);
    throw invalidType(bytes, 'u8');
  }
  if (typeof bytes !== 'string') throw invalidType(bytes, 'a string');
  if (encoding === 'base64') return Buffer.from(bytes, 'base64');
  const decoded = unbase58(bytes);
  if (decoded === undefined) throw invalidParams('Invalid param: bs58 decode error');
  return Buffer.from(decoded);
}

function memcmp(value: unknown): AccountFilter {
  if (typeof value !== 'object' || value === null) throw invalidType(value, 'struct Memcmp');
  const { offset, bytes, encoding } = value as Record<string, unknown>;
  const at = checkedU64(offset);
  const wanted = memcmpBytes(bytes, encoding);
  if (wanted.length > MAX_BYTES) throw invalidParams('Invalid param: encoded data too large');
  return ({ data }) => data.length >= at + wanted.length && data.subarray(at, at + wanted.length).equals(wanted);
}

function filterOf(value: unknown): AccountFilter {
  if (value === 'tokenAccountState') return isTokenAccount;
  if (typeof value !== 'object' || value === null) throw invalidType(value, 'a filter');
  if ('dataSize' in value) {
    const size = checkedU64(value.dataSize);
    return ({ data }) => data.length === size;
  }
  if ('memcmp' in value) return memcmp(value.memcmp);
  throw invalidParams('Invalid params: unknown filter, expected one of `dataSize`, `memcmp`, `tokenAccountState`.');
}

/** All of the filters of a configuration; each account must pass every one. */
export function accountFilter(filters: unknown): AccountFilter {
  if (filters === undefined || filters === null) return () => true;
  if (!Array.isArray(filters)) throw invalidType(filters, 'a sequence');
  if (filters.length > MAX_FILTERS) throw invalidParams(`Too many filters provided; max ${MAX_FILTERS}`);
  const tests = filters.map(filterOf);
  return (state) => tests.every((test) => test(state));
}
