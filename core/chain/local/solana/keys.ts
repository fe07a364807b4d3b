/** Ed25519 keys made from a seed: the faucet and the rollup's validator of a local chain. Worth nothing elsewhere. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { base58 } from './base58.ts';

export type LocalKey = Readonly<{ address: string; secret: Uint8Array; sign: (message: Uint8Array) => Buffer }>;

/** Words of the accounts that a local chain funds at its beginning: for whoever develops on it. */
export const DEVELOPMENT_ACCOUNTS = ['development 0', 'development 1', 'development 2', 'development 3'] as const;

/** PKCS #8 wrapping of a raw Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function publicBytes(key: KeyObject): Buffer {
  return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-32);
}

/** A key that is always the same for the same words, so that a restarted chain needs no key file. */
export function localKey(...words: readonly string[]): LocalKey {
  const seed = createHash('sha256').update(words.join('/')).digest();
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const own = publicBytes(key);
  return {
    address: base58(own),
    secret: Buffer.concat([seed, own]),
    sign: (message) => sign(null, message, key),
  };
}
