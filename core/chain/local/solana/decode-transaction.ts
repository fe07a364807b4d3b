/** Transactions and messages as clients send them, with the refusals of a real node for what is none. */
import { unbase58 } from './base58.ts';
import { checkedVariant } from './params.ts';
import type { Config } from './params.ts';
import { invalidParams } from './rpc-error.ts';
import { WireError, parseMessage, parseTransaction } from './wire.ts';
import type { WireMessage, WireTransaction } from './wire.ts';

/** `PACKET_DATA_SIZE`, and the longest text that can hold it. */
const MAX_BYTES = 1232;
const MAX_TEXT = { base58: 1683, base64: 1644 } as const;
const TYPES = {
  transaction: 'solana_transaction::versioned::VersionedTransaction',
  message: 'solana_message::versions::VersionedMessage',
} as const;

/** Base64 with its padding, as the Rust decoder wants it. */
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function decoded(text: string, encoding: 'base58' | 'base64', type: string): Buffer {
  if (text.length > MAX_TEXT[encoding]) {
    const limits = `(max: encoded/raw ${MAX_TEXT[encoding]}/${MAX_BYTES})`;
    throw invalidParams(`${encoding} encoded ${type} too large: ${text.length} bytes ${limits}`);
  }
  const bytes = encoding === 'base58' ? unbase58(text) : BASE64.test(text) ? Buffer.from(text, 'base64') : undefined;
  if (bytes === undefined) throw invalidParams(`invalid ${encoding} encoding: InvalidByte`);
  if (bytes.length > MAX_BYTES) {
    throw invalidParams(`decoded ${type} too large: ${bytes.length} bytes (max: ${MAX_BYTES} bytes)`);
  }
  return Buffer.from(bytes);
}

function parsed<T>(parse: () => T, type: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw invalidParams(
      error.isSanity ? `invalid transaction: ${error.message}` : `failed to deserialize ${type}: ${error.message}`,
    );
  }
}

export function decodeTransaction(text: string, config: Config): WireTransaction {
  const encoding = checkedVariant(config['encoding'], ['base58', 'base64'] as const, 'base58');
  return parsed(() => parseTransaction(decoded(text, encoding, TYPES.transaction)), TYPES.transaction);
}

export function decodeMessage(text: string): WireMessage {
  return parsed(() => parseMessage(decoded(text, 'base64', TYPES.message)), TYPES.message);
}
