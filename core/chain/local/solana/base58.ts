/** Keys, hashes and signatures between base58 text and bytes, with the length checked: a native call aborts on less. */
import bs58 from 'bs58';

/** What a node says about text that is no key: Agave's `ParsePubkeyError` and `ParseSignatureError`. */
export type Base58Fault = 'WrongSize' | 'Invalid';

const SIZES = { key: 32, signature: 64 } as const;
const LONGEST = { key: 44, signature: 88 } as const;

/** Bytes of a key or signature, or what is wrong with the text. */
export function decodeBase58(text: string, kind: keyof typeof SIZES): Uint8Array | Base58Fault {
  if (text.length > LONGEST[kind]) return 'WrongSize';
  const bytes = bs58.decodeUnsafe(text);
  if (bytes === undefined) return 'Invalid';
  return bytes.length === SIZES[kind] ? bytes : 'WrongSize';
}

export function base58(bytes: Uint8Array): string {
  return bs58.encode(bytes);
}

/** Bytes of base58 text of any length; undefined when it is none. */
export function unbase58(text: string): Uint8Array | undefined {
  return bs58.decodeUnsafe(text);
}

/** Decoding costs microseconds and the same few hundred keys come all the time. */
const known = new Map<string, Uint8Array>();

/** Bytes of an address that was checked where it came in. */
export function keyBytes(address: string): Uint8Array {
  const cached = known.get(address);
  if (cached !== undefined) return cached;
  const bytes = bs58.decode(address);
  if (known.size > 20_000) known.clear();
  known.set(address, bytes);
  return bytes;
}
