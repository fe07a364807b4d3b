/** Landed transactions in the encodings of the interface, with their `meta` (solana-transaction-status). */
import { base58, unbase58 } from './base58.ts';
import type { InnerInstruction } from './engine.ts';
import type { Landed } from './history.ts';
import { checkedVariant } from './params.ts';
import type { Config } from './params.ts';
import { parsedInstruction } from './parsed-instructions.ts';
import { CODES, RpcError } from './rpc-error.ts';
import { isWritableKey, parseTransaction } from './wire.ts';
import type { WireMessage } from './wire.ts';

export const TRANSACTION_ENCODINGS = ['json', 'jsonParsed', 'base58', 'base64'] as const;
export type TransactionEncoding = (typeof TRANSACTION_ENCODINGS)[number];

export function statusOf(fault: Landed['fault']): unknown {
  return fault === null ? { Ok: null } : { Err: fault };
}

function plainMessage(message: WireMessage): unknown {
  const { keys, header, recentBlockhash, instructions, version } = message;
  return {
    accountKeys: keys,
    header,
    recentBlockhash,
    instructions: instructions.map(({ program, accounts, data }) => ({
      programIdIndex: program,
      accounts,
      data: base58(data),
      stackHeight: 1,
    })),
    ...(version === 'legacy' ? {} : { addressTableLookups: plainLookups(message) }),
  };
}

function plainLookups({ lookups }: WireMessage): unknown[] {
  return lookups.map(({ table, writable, readonly }) => ({
    accountKey: table,
    writableIndexes: writable,
    readonlyIndexes: readonly,
  }));
}

/** Keys of a transaction as `jsonParsed` and `accounts` list them. */
function describedKeys(message: WireMessage, { loaded }: Landed): unknown[] {
  const own = message.keys.map((pubkey, index) => ({
    pubkey,
    signer: index < message.header.numRequiredSignatures,
    source: 'transaction',
    writable: isWritableKey(message, index),
  }));
  const from = (keys: readonly string[], writable: boolean) =>
    keys.map((pubkey) => ({ pubkey, signer: false, source: 'lookupTable', writable }));
  return [...own, ...from(loaded.writable, true), ...from(loaded.readonly, false)];
}

function parsedMessage(message: WireMessage, record: Landed): unknown {
  const name = (index: number): string => record.keys[index] ?? '';
  return {
    accountKeys: describedKeys(message, record),
    recentBlockhash: message.recentBlockhash,
    instructions: message.instructions.map(({ program, accounts, data }) =>
      parsedInstruction({ programId: name(program), accounts: accounts.map(name), data }, 1),
    ),
    ...(message.version === 'legacy' ? {} : { addressTableLookups: plainLookups(message) }),
  };
}

function parsedInner({ keys, inner }: Landed): unknown[] {
  const name = (index: number): string => keys[index] ?? '';
  const parse = ({ programIdIndex, accounts, data, stackHeight }: InnerInstruction): unknown => {
    const bytes = Buffer.from(unbase58(data) ?? []);
    return parsedInstruction(
      { programId: name(programIdIndex), accounts: accounts.map(name), data: bytes },
      stackHeight,
    );
  };
  return inner.map(({ index, instructions }) => ({ index, instructions: instructions.map(parse) }));
}

export function metaOf(record: Landed, encoding: TransactionEncoding): unknown {
  const { fault, feeLamports, preLamports, postLamports, logs, preTokens, postTokens, loaded, returnData } = record;
  return {
    err: fault,
    status: statusOf(fault),
    fee: feeLamports,
    preBalances: preLamports,
    postBalances: postLamports,
    innerInstructions: encoding === 'jsonParsed' ? parsedInner(record) : record.inner,
    logMessages: logs,
    preTokenBalances: preTokens,
    postTokenBalances: postTokens,
    rewards: [],
    // A parsed transaction already shows loaded keys among its own, and a node leaves them out here.
    ...(encoding === 'jsonParsed' ? {} : { loadedAddresses: loaded }),
    ...(returnData === null ? {} : { returnData }),
    computeUnitsConsumed: record.unitsConsumed,
  };
}

export function transactionBody(record: Landed, encoding: TransactionEncoding): unknown {
  if (encoding === 'base64') return [record.bytes.toString('base64'), 'base64'];
  if (encoding === 'base58') return [base58(record.bytes), 'base58'];
  const { signatures, message } = parseTransaction(record.bytes);
  return {
    signatures: signatures.map((each) => base58(each)),
    message: encoding === 'jsonParsed' ? parsedMessage(message, record) : plainMessage(message),
  };
}

/** The shortest form, of `transactionDetails: "accounts"`. */
export function accountsBody(record: Landed): unknown {
  const { signatures, message } = parseTransaction(record.bytes);
  return { signatures: signatures.map((each) => base58(each)), accountKeys: describedKeys(message, record) };
}

export function encodingOf(config: Config): TransactionEncoding {
  return checkedVariant(config['encoding'], TRANSACTION_ENCODINGS, 'json');
}

/** The version to show, or nothing where the client did not ask; refuses one that it cannot read. */
export function versionFor({ bytes }: Landed, config: Config): { version?: 'legacy' | 0 } {
  const { version } = parseTransaction(bytes).message;
  const max = config['maxSupportedTransactionVersion'];
  if (typeof max === 'number') return { version };
  if (version === 'legacy') return {};
  const text =
    'Transaction version (0) is not supported by the requesting client. Please try the request again with the ' +
    'following configuration parameter: "maxSupportedTransactionVersion": 0';
  throw new RpcError(CODES.unsupportedVersion, text);
}
