/** Where `tollkeeper solana …` works: the network, the program's file, and who signs. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { Connection, Keypair, PublicKey } from '@solana/web3.js';
import { sha256 } from '#core/chain/solana/deploy/deployment.ts';
import type { Deployment } from '#core/chain/solana/deploy/deployment.ts';
import { openPending, read } from '#core/chain/solana/deploy/pending.ts';
import type { Pending } from '#core/chain/solana/deploy/pending.ts';
import { DEVNET, MAINNET, checkCluster } from '#core/chain/solana/profiles.ts';
import type { SolanaProfile } from '#core/chain/solana/profiles.ts';
import { clusterOf } from '#core/domain/solana-cluster.ts';
import type { DevKey } from '#core/signing/dev-solana.ts';
import { flagOf } from './context.ts';
import type { Invocation } from './context.ts';
import { devSignings, keyFromFile } from './dev-signers.ts';
import type { Signing } from './dev-signers.ts';
import { usage } from './failure.ts';

const ARTIFACTS = resolve(import.meta.dirname, '../../programs/artifacts');
const FEE_LIMIT = '10000000';

type Changing = Readonly<{ connection: Connection; program: PublicKey; payer: Signing; authority: Signing }>;

export type Site = Readonly<{
  name: string;
  cluster: string;
  connection: Connection;
  elf: () => Buffer;
  /** Where the program stands: as given, or as its interface says. */
  address: () => PublicKey;
  changing: (program: PublicKey) => Changing;
  deployment: (
    isFirst: boolean,
  ) => Promise<Readonly<{ deployment: Deployment; address: PublicKey; pendingFile: string }>>;
  pendingBuffer: () => Readonly<{ buffer: PublicKey; file: string }>;
}>;

/** A whole number of lamports, or a usage error. */
function lamports(invocation: Invocation, flag: string, fallback: string): bigint {
  const text = flagOf(invocation, flag) ?? fallback;
  if (!/^\d{1,18}$/.test(text)) usage(`--${flag} takes a whole number, not "${text}".`, `Write it as --${flag} 5000.`);
  return BigInt(text);
}

function keyFromSeed(seed: string, label: string): DevKey {
  const bytes = Buffer.from(seed, 'hex');
  return { label, seed: bytes, address: Keypair.fromSeed(bytes).publicKey.toBase58() };
}

function fileOf(name: string): string {
  const named = [resolve(name), join(ARTIFACTS, `${name}.so`)].find((path) => path.endsWith('.so') && existsSync(path));
  return named ?? usage(`There is no program "${name}".`, 'Give the name of one in programs/artifacts, or a .so file.');
}

function declaredAddress(name: string): PublicKey {
  const idl = join(ARTIFACTS, `${basename(name, '.so')}.idl.json`);
  if (!existsSync(idl)) return usage(`It is not known where ${name} stands.`, 'Give its address with --program.');
  return new PublicKey((JSON.parse(readFileSync(idl, 'utf8')) as { address: string }).address);
}

/** `--program` is an address, or for a first deployment the file of its key. */
function programGiven(invocation: Invocation): { key?: DevKey; address?: PublicKey } {
  const given = flagOf(invocation, 'program');
  if (given === undefined) return {};
  if (existsSync(given)) {
    const key = keyFromFile(given, 'program');
    return { key, address: new PublicKey(key.address) };
  }
  try {
    return { address: new PublicKey(given) };
  } catch {
    return usage(`"${given}" is no address and no key file.`, 'Give --program ADDRESS or --program KEYFILE.');
  }
}

type Keys = Readonly<{ payer: Signing; authority: Signing; sign: (key: DevKey) => Promise<Signing> }>;

async function keysOf(invocation: Invocation, connection: Connection): Promise<Keys> {
  const payerFile = flagOf(invocation, 'payer');
  const sign = async (key: DevKey): Promise<Signing> => {
    const [signing] = await devSignings([key], connection);
    return signing ?? usage('There is no key to sign with.', 'Give --payer KEYFILE.');
  };
  if (payerFile === undefined) {
    const missing = async (): Promise<Uint8Array> => usage('Nobody pays for this.', 'Give --payer KEYFILE.');
    const nobody = { address: PublicKey.default, sign: missing };
    return { payer: nobody, authority: nobody, sign };
  }
  const payer = await sign(keyFromFile(payerFile, 'payer'));
  const file = flagOf(invocation, 'authority');
  return { payer, authority: file === undefined ? payer : await sign(keyFromFile(file, 'authority')), sign };
}

/** The network by name, by address, or both: then the address must be of that network. */
function profileOf(invocation: Invocation): Readonly<{ profile: SolanaProfile; rpc: string }> {
  const [name, given] = [flagOf(invocation, 'profile') ?? 'local', flagOf(invocation, 'rpc')];
  const local = { name: 'local', cluster: 'local', endpoints: [], rollups: [] } as const;
  const profile = [local, DEVNET, MAINNET].find((each) => each.name === name);
  if (profile === undefined) return usage(`There is no profile "${name}".`, 'Choose local, devnet or mainnet.');
  const rpc = given ?? profile.endpoints[0];
  return rpc === undefined
    ? usage('Where is the local chain?', 'Give --rpc URL, as npm start prints it as solanaRpc.')
    : { profile, rpc };
}

/** One line that grows, on a terminal. */
function progressOn({ screen }: Invocation): Deployment['onProgress'] {
  return ({ written, total }) => {
    if (!process.stderr.isTTY) return;
    const full = Math.floor((30 * written) / total);
    screen.err(`\r[${'#'.repeat(full).padEnd(30, '.')}] ${written} of ${total} parts written`);
  };
}

/** Looks at the network before anything is built: it must answer, and the keys must be allowed there. */
export async function openSite(invocation: Invocation): Promise<Site> {
  const name = invocation.words[1] ?? usage('Which program?', 'Name one, such as usage_vault, or a .so file.');
  const { profile, rpc } = profileOf(invocation);
  const connection = new Connection(rpc, 'confirmed');
  const genesisHash = await connection.getGenesisHash();
  checkCluster(profile, genesisHash, rpc);
  const keys = await keysOf(invocation, connection);
  const { key: programKey, address: given } = programGiven(invocation);
  const elf = (): Buffer => readFileSync(fileOf(name));
  const address = (): PublicKey => given ?? declaredAddress(name);
  const pendingFile = resolve(flagOf(invocation, 'state') ?? `tollkeeper-deploy-${basename(name, '.so')}.json`);
  const bufferKey = ({ bufferSeed }: Pending): DevKey => keyFromSeed(bufferSeed, 'buffer');
  const deployment = async (isFirst: boolean) => {
    const file = elf();
    const pending = openPending(pendingFile, { sha256: sha256(file), genesisHash });
    const own =
      programKey ?? (isFirst && given === undefined ? keyFromSeed(pending.programSeed, 'program') : undefined);
    const program = own === undefined ? address() : await keys.sign(own);
    const { signal } = invocation;
    const built: Deployment = {
      connection,
      elf: file,
      payer: keys.payer,
      authority: keys.authority,
      buffer: await keys.sign(bufferKey(pending)),
      program,
      feeLimitLamports: lamports(invocation, 'fee-limit', FEE_LIMIT),
      microLamports: lamports(invocation, 'price', '0'),
      signal,
      onProgress: progressOn(invocation),
    };
    return { deployment: built, address: 'sign' in program ? program.address : program, pendingFile };
  };
  return {
    name,
    cluster: clusterOf(genesisHash),
    connection,
    elf,
    address,
    changing: (program) => ({ connection, program, payer: keys.payer, authority: keys.authority }),
    deployment,
    pendingBuffer: () => ({ buffer: new PublicKey(bufferKey(read(pendingFile)).address), file: pendingFile }),
  };
}
