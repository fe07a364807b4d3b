/** Program-derived addresses: the first hash from bump 255 down that is no point of Ed25519 (solana-pubkey). */
import { createHash } from 'node:crypto';
import { ASSOCIATED_TOKEN, DELEGATION, TOKEN } from './addresses.ts';
import { base58, keyBytes } from './base58.ts';

const P = 2n ** 255n - 19n;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % P;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

const D = ((P - 121_665n) * power(121_666n, P - 2n)) % P;

/** Whether 32 bytes decompress to a point: x² = (y² − 1) / (d·y² + 1) has a root (RFC 8032 §5.1.3). */
function isOnCurve(bytes: Uint8Array): boolean {
  const little = Buffer.from(bytes).reverse();
  const y = (BigInt(`0x${little.toString('hex')}`) & (2n ** 255n - 1n)) % P;
  const y2 = (y * y) % P;
  const numerator = (y2 - 1n + P) % P;
  const x2 = (numerator * power(D * y2 + 1n, P - 2n)) % P;
  return x2 === 0n || power(x2, (P - 1n) / 2n) === 1n;
}

type Seed = string | Uint8Array;

const cache = new Map<string, string>();

/** The address of a program's seeds. Text seeds are UTF-8; keys are given as bytes. */
export function derive(program: string, ...seeds: readonly Seed[]): string {
  const parts = seeds.map((seed) => Buffer.from(seed));
  const name = `${program}/${parts.map((part) => part.toString('hex')).join('/')}`;
  const cached = cache.get(name);
  if (cached !== undefined) return cached;
  for (let bump = 255; bump >= 0; bump -= 1) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    const bytes = hash
      .update(Buffer.from([bump]))
      .update(keyBytes(program))
      .update('ProgramDerivedAddress')
      .digest();
    if (isOnCurve(bytes)) continue;
    const address = base58(bytes);
    if (cache.size > 20_000) cache.clear();
    cache.set(name, address);
    return address;
  }
  return program; // 256 hashes on the curve do not happen: each is one with even chances.
}

/** Addresses under the delegation program that belong to a delegated account (MagicBlock's `pda` module). */
export const delegationPda = (
  kind: 'delegation' | 'delegation-metadata' | 'state-diff' | 'commit-state-record' | 'undelegate-buffer',
  account: string,
): string => derive(DELEGATION, kind, keyBytes(account));

export const validatorFeesVault = (validator: string): string =>
  derive(DELEGATION, 'v-fees-vault', keyBytes(validator));
export const protocolFeesVault = (): string => derive(DELEGATION, 'fees-vault');
export const programConfig = (owner: string): string => derive(DELEGATION, 'p-conf', keyBytes(owner));

/** The token account of an owner and a mint (spl-associated-token-account). */
export const associatedToken = (owner: string, mint: string, program = TOKEN): string =>
  derive(ASSOCIATED_TOKEN, keyBytes(owner), keyBytes(program), keyBytes(mint));
