/** Reads Solana transactions as they are sent: legacy and version 0. Every index is checked before a native call. */
import { base58 } from './base58.ts';

export type WireInstruction = Readonly<{ program: number; accounts: readonly number[]; data: Buffer }>;
export type WireLookup = Readonly<{ table: string; writable: readonly number[]; readonly: readonly number[] }>;
export type WireHeader = Readonly<{
  numRequiredSignatures: number;
  numReadonlySignedAccounts: number;
  numReadonlyUnsignedAccounts: number;
}>;
export type WireMessage = Readonly<{
  version: 'legacy' | 0;
  header: WireHeader;
  keys: readonly string[];
  recentBlockhash: string;
  instructions: readonly WireInstruction[];
  lookups: readonly WireLookup[];
}>;
export type WireTransaction = Readonly<{ signatures: readonly Buffer[]; message: WireMessage; bytes: Buffer }>;

/** Bytes that are no transaction. `isSanity` tells a well-formed one with impossible indices from torn bytes. */
export class WireError extends Error {
  readonly isSanity: boolean;
  constructor(message: string, isSanity = false) {
    super(message);
    this.isSanity = isSanity;
  }
}

const END = 'io error: failed to fill whole buffer';

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new WireError(END);
    return byte;
  }

  byte(): number {
    const byte = this.peek();
    this.#at += 1;
    return byte;
  }

  take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new WireError(END);
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }

  /** A length in Solana's compact-u16: seven bits a byte, at most three bytes, no longer than it must be. */
  length(): number {
    let value = 0;
    for (let index = 0; index < 3; index += 1) {
      const byte = this.byte();
      if (byte === 0 && index > 0) throw new WireError('alias encoding');
      value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) {
        if (value > 0xffff) throw new WireError('invalid value: overflow of a u16');
        return value;
      }
    }
    throw new WireError('byte three continues');
  }

  indices(): number[] {
    return [...this.take(this.length())];
  }
}

function readMessage(reader: Reader): WireMessage {
  const isVersioned = reader.peek() >= 0x80;
  if (isVersioned) {
    const version = reader.byte() & 0x7f;
    if (version !== 0)
      throw new WireError(`invalid value: integer \`${version}\`, expected a valid transaction message version`);
  }
  const header = {
    numRequiredSignatures: reader.byte(),
    numReadonlySignedAccounts: reader.byte(),
    numReadonlyUnsignedAccounts: reader.byte(),
  };
  const keys = Array.from({ length: reader.length() }, () => base58(reader.take(32)));
  const recentBlockhash = base58(reader.take(32));
  const instructions = Array.from({ length: reader.length() }, () => ({
    program: reader.byte(),
    accounts: reader.indices(),
    data: reader.take(reader.length()),
  }));
  const lookups = isVersioned
    ? Array.from({ length: reader.length() }, () => ({
        table: base58(reader.take(32)),
        writable: reader.indices(),
        readonly: reader.indices(),
      }))
    : [];
  return { version: isVersioned ? 0 : 'legacy', header, keys, recentBlockhash, instructions, lookups };
}

/** Refuses what Agave's `sanitize` refuses, before any of it is used as an index. */
export function sanitizeMessage(message: WireMessage): void {
  const { header, keys, instructions, lookups } = message;
  const loaded = lookups.reduce((sum, { writable, readonly }) => sum + writable.length + readonly.length, 0);
  const total = keys.length + loaded;
  const isSound =
    header.numRequiredSignatures + header.numReadonlyUnsignedAccounts <= keys.length &&
    header.numReadonlySignedAccounts < header.numRequiredSignatures &&
    total <= 256 &&
    lookups.every(({ writable, readonly }) => writable.length + readonly.length > 0) &&
    instructions.every(
      ({ program, accounts }) => program > 0 && program < keys.length && accounts.every((index) => index < total),
    );
  if (!isSound) throw new WireError('Transaction failed to sanitize accounts offsets correctly', true);
}

/** A message alone, as `getFeeForMessage` takes it. */
export function parseMessage(bytes: Buffer): WireMessage {
  const reader = new Reader(bytes);
  const message = readMessage(reader);
  if (!reader.isAtEnd) throw new WireError('Slice had bytes remaining after deserialization');
  sanitizeMessage(message);
  return message;
}

/** A whole transaction. Throws a WireError when the bytes are none. */
export function parseTransaction(bytes: Buffer): WireTransaction {
  const reader = new Reader(bytes);
  const signatures = Array.from({ length: reader.length() }, () => reader.take(64));
  const message = readMessage(reader);
  if (!reader.isAtEnd) throw new WireError('Slice had bytes remaining after deserialization');
  sanitizeMessage(message);
  if (signatures.length !== message.header.numRequiredSignatures || signatures.length === 0) {
    throw new WireError('Transaction failed to sanitize accounts offsets correctly', true);
  }
  return { signatures, message, bytes };
}

/** Whether the account at an index of the static keys may be written. */
export function isWritableKey(message: WireMessage, index: number): boolean {
  const { numRequiredSignatures: signed, numReadonlySignedAccounts, numReadonlyUnsignedAccounts } = message.header;
  if (index < signed) return index < signed - numReadonlySignedAccounts;
  return index < message.keys.length - numReadonlyUnsignedAccounts;
}

/** Base58 of the first signature: what the transaction is called. */
export function signatureOf(transaction: WireTransaction): string {
  const [first] = transaction.signatures;
  if (first === undefined) throw new WireError('Transaction failed to sanitize accounts offsets correctly', true);
  return base58(first);
}
