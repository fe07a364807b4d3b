/** Accounts in the encodings of the interface: base58, base64, base64+zstd and jsonParsed, whole or a slice. */
import { zstdCompressSync } from 'node:zlib';
import type { Bank } from './bank.ts';
import { base58 } from './base58.ts';
import type { AccountState } from './engine.ts';
import { checkedU64, checkedVariant, invalidType } from './params.ts';
import type { Config } from './params.ts';
import { parsedAccount } from './parsed-accounts.ts';
import { CODES, RpcError } from './rpc-error.ts';

const ENCODINGS = ['binary', 'base64', 'base58', 'jsonParsed', 'base64+zstd'] as const;
export type AccountEncoding = (typeof ENCODINGS)[number];

/** Accounts never paid rent again once all had to be exempt; nodes show this epoch for them. */
const RENT_EXEMPT_EPOCH = 18_446_744_073_709_551_615n;
const MAX_BASE58_BYTES = 128;

export type Slice = Readonly<{ offset: number; length: number }>;
export type AccountShape = Readonly<{ encoding: AccountEncoding; slice: Slice | undefined }>;

/** What a configuration asks for; `fallback` is the method's own default. */
export function accountShape(config: Config, fallback: AccountEncoding = 'binary'): AccountShape {
  const encoding = checkedVariant(config['encoding'], ENCODINGS, fallback);
  const slice = config['dataSlice'];
  if (slice === undefined || slice === null) return { encoding, slice: undefined };
  if (typeof slice !== 'object') throw invalidType(slice, 'struct UiDataSliceConfig');
  const { offset, length } = slice as Record<string, unknown>;
  return { encoding, slice: { offset: checkedU64(offset), length: checkedU64(length) } };
}

function cut(data: Buffer, slice: Slice | undefined): Buffer {
  return slice === undefined ? data : data.subarray(slice.offset, slice.offset + slice.length);
}

function encodedData(address: string, state: AccountState, { encoding, slice }: AccountShape, bank: Bank): unknown {
  if (encoding === 'jsonParsed') {
    const parsed = parsedAccount(address, state, (other) => bank.account(other));
    if (parsed !== undefined) return parsed;
  }
  const data = cut(state.data, slice);
  switch (encoding) {
    case 'binary':
    case 'base58': {
      if (data.length > MAX_BASE58_BYTES) {
        const text = 'Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding.';
        throw new RpcError(CODES.invalidRequest, text);
      }
      return encoding === 'binary' ? base58(data) : [base58(data), 'base58'];
    }
    case 'base64+zstd':
      return [zstdCompressSync(data).toString('base64'), encoding];
    default:
      return [data.toString('base64'), 'base64'];
  }
}

export function encodedAccount(
  { address, state }: Readonly<{ address: string; state: AccountState | undefined }>,
  shape: AccountShape,
  bank: Bank,
): unknown {
  if (state === undefined) return null;
  return {
    data: encodedData(address, state, shape, bank),
    executable: state.executable,
    lamports: state.lamports,
    owner: state.owner,
    rentEpoch: RENT_EXEMPT_EPOCH,
    space: state.data.length,
  };
}
