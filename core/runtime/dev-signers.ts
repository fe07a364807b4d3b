/** Development keys for demos and deployments on local and test networks, behind the signer port. */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Keypair, PublicKey } from '@solana/web3.js';
import type { Connection } from '@solana/web3.js';
import { clusterOf } from '#core/domain/solana-cluster.ts';
import { DEVELOPMENT_ACCOUNTS, localKey } from '#core/chain/local/solana/keys.ts';
import { refuse } from '#core/domain/refusal.ts';
import { devSolanaSigner } from '#core/signing/dev-solana.ts';
import type { DevKey } from '#core/signing/dev-solana.ts';

/** One who signs: the shape that demos and deployments take. */
export type Signing = Readonly<{
  address: PublicKey;
  sign: (message: Uint8Array, summary: string) => Promise<Uint8Array>;
}>;

export function newKey(label: string): DevKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-32);
  return { label, seed, address: Keypair.fromSeed(seed).publicKey.toBase58() };
}

/** A key from its seed in hex, as a deployment that has begun keeps it. */
export function keyFromSeed(seed: string, label: string): DevKey {
  const bytes = Buffer.from(seed, 'hex');
  return { label, seed: bytes, address: Keypair.fromSeed(bytes).publicKey.toBase58() };
}

/** The accounts of a local chain that everyone knows, as it funds them at its beginning. */
export function developmentKeys(): DevKey[] {
  return DEVELOPMENT_ACCOUNTS.map((label) => {
    const { address, secret } = localKey(label);
    return { label, address, seed: secret.subarray(0, 32) };
  });
}

/** A key from a file as the Solana tools write it: a JSON array of 64 bytes. */
export function keyFromFile(path: string, label: string): DevKey {
  try {
    const bytes = Uint8Array.from(JSON.parse(readFileSync(path, 'utf8')) as number[]);
    const pair = Keypair.fromSecretKey(bytes); // Refuses a public half that is not of the secret one.
    return { label, seed: bytes.slice(0, 32), address: pair.publicKey.toBase58() };
  } catch {
    const fix = 'Give a file with a JSON array of 64 bytes.';
    return refuse({ code: 'INPUT_INVALID', detail: `${path} is no Solana key file.`, fix });
  }
}

/** Signs with development keys. Every signature asks the chain for its genesis hash: never on mainnet. */
export async function devSignings(keys: readonly DevKey[], connection: Connection): Promise<Signing[]> {
  const genesisHash = await connection.getGenesisHash();
  const backend = devSolanaSigner('dev', { keys, genesisHash: () => connection.getGenesisHash() });
  const network = { chain: 'solana', cluster: clusterOf(genesisHash), genesisHash } as const;
  const { signal } = new AbortController();
  return keys.map(({ address }) => ({
    address: new PublicKey(address),
    sign: async (message, summary) => {
      const request = { type: 'sol.tx', network, account: address, message, summary } as const;
      const { signature } = await backend.sign(request, { approvalId: randomUUID(), signal, onStep: () => undefined });
      return signature;
    },
  }));
}
