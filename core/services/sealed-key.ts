/** Ed25519 keys that a passphrase seals: made, sealed, opened. Who has one is for others: operators, and reviewers. */
import {
  createCipheriv,
  createDecipheriv,
  generateKeyPairSync,
  randomBytes,
  scrypt,
  timingSafeEqual,
} from 'node:crypto';

/** Bytes are base64; `verifier` and the sealing key are two halves of one scrypt output. */
export type Credential = Readonly<Record<'salt' | 'verifier' | 'sealed' | 'sealNonce' | 'sealTag', string>>;

/** RFC 7914 parameters: 64 MiB and about a tenth of a second a try. */
const SCRYPT = { N: 2 ** 16, r: 8, p: 1, maxmem: 256 * 2 ** 20 } as const;

async function derive(passphrase: string, salt: Buffer): Promise<{ verifier: Buffer; sealing: Buffer }> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  scrypt(passphrase.normalize('NFKC'), salt, 64, SCRYPT, (error, key) => (error ? reject(error) : resolve(key)));
  const key = await promise;
  return { verifier: key.subarray(0, 32), sealing: key.subarray(32) };
}

/** A new pair: the public key as base64 of its DER, the private one as PKCS #8 DER. */
export function newKeyPair(): Readonly<{ publicKey: string; privateKey: Buffer }> {
  const pair = generateKeyPairSync('ed25519');
  return {
    publicKey: pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
  };
}

export async function seal(passphrase: string, privateKey: Buffer): Promise<Credential> {
  const salt = randomBytes(16);
  const { verifier, sealing } = await derive(passphrase, salt);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealing, nonce);
  const sealed = Buffer.concat([cipher.update(privateKey), cipher.final()]);
  const text = (bytes: Buffer): string => bytes.toString('base64');
  return {
    salt: text(salt),
    verifier: text(verifier),
    sealed: text(sealed),
    sealNonce: text(nonce),
    sealTag: text(cipher.getAuthTag()),
  };
}

/** Opens the sealed key, or answers null when the passphrase is not the one. */
export async function unseal(credential: Credential, passphrase: string): Promise<Buffer | null> {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  const { verifier, sealing } = await derive(passphrase, bytes(credential.salt));
  if (!timingSafeEqual(verifier, bytes(credential.verifier))) return null;
  const decipher = createDecipheriv('aes-256-gcm', sealing, bytes(credential.sealNonce));
  decipher.setAuthTag(bytes(credential.sealTag));
  return Buffer.concat([decipher.update(bytes(credential.sealed)), decipher.final()]);
}
