/** Solana keys for development: kept in memory, for local and test networks only. Never a place for a key of value. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { clusterOf } from '#core/domain/solana-cluster.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { Network, Signature, SignerBackend, SigningContext, SigningRequest } from './port.ts';

export type DevKey = Readonly<{ label: string; address: string; seed: Uint8Array }>;

export type DevSolanaOptions = Readonly<{
  keys: readonly DevKey[];
  /** Asks the chain itself for its genesis hash; what a request says about its network is not enough. */
  genesisHash: () => Promise<string>;
}>;

/** PKCS #8 wrapping of a raw Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

type Held = Readonly<{ key: DevKey; secret: KeyObject; publicBytes: Buffer }>;

function held(key: DevKey): Held {
  const secret = createPrivateKey({ key: Buffer.concat([PKCS8, key.seed]), format: 'der', type: 'pkcs8' });
  const publicBytes = createPublicKey(secret).export({ type: 'spki', format: 'der' }).subarray(-32);
  return { key, secret, publicBytes };
}

/** Refuses a network where a development key must not sign, by what the chain says and by what the request says. */
function checkNetwork(network: Network, actual: string): void {
  const detail = 'A development key signs on local and test networks only.';
  if (network.chain !== 'solana') {
    refuse({ code: 'FORBIDDEN', detail, fix: 'Use a signer of the chain that the request is for.' });
  }
  const [said, found] = [clusterOf(network.genesisHash), clusterOf(actual)];
  if (said === 'mainnet' || found === 'mainnet' || network.cluster === 'mainnet') {
    refuse({ code: 'FORBIDDEN', detail, fix: 'Use a vault or a device for mainnet.', values: { cluster: 'mainnet' } });
  }
  if (network.genesisHash !== actual || network.cluster !== found) {
    refuse({
      code: 'CONFLICT',
      detail: 'The chain behind this profile is not the one the request was made for.',
      fix: 'Check the profile’s endpoint, and make the request again.',
      values: { expected: network.genesisHash, actual },
    });
  }
}

/** Number at a compact-u16 and where it ends. */
function compact(bytes: Uint8Array, at: number): { value: number; next: number } {
  let value = 0;
  for (let index = 0; index < 3; index += 1) {
    const byte = bytes[at + index] ?? 0;
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return { value: -1, next: at };
}

/** Whether a message (legacy or version 0) asks for the signature of a key. */
function isSignerOf(message: Uint8Array, key: Buffer): boolean {
  const header = (message[0] ?? 0) >= 0x80 ? 1 : 0;
  const signers = message[header] ?? 0;
  const { value: keys, next } = compact(message, header + 3);
  if (signers > keys) return false;
  return Array.from({ length: signers }, (_, index) =>
    message.subarray(next + 32 * index, next + 32 * (index + 1)),
  ).some((each) => key.equals(each));
}

const TYPES = ['sol.tx', 'sol.offchain'];
const OFFCHAIN = Buffer.from('\xffsolana offchain', 'latin1');

/** Refuses bytes that are not what the request calls them: an off-chain text must never be a transaction. */
function checkMessage(request: SigningRequest & { message: Uint8Array }, key: Buffer): void {
  const isOffchain = Buffer.from(request.message).subarray(0, OFFCHAIN.length).equals(OFFCHAIN);
  const isSound = request.type === 'sol.offchain' ? isOffchain : !isOffchain && isSignerOf(request.message, key);
  if (isSound) return;
  refuse({
    code: 'INPUT_INVALID',
    detail: 'The bytes to be signed are not what the request says, or do not ask for this key’s signature.',
    fix: 'Build the request again.',
  });
}

/** A backend over keys in memory. `lock` forgets them for good. */
export function devSolanaSigner(id: string, { keys, genesisHash }: DevSolanaOptions): SignerBackend {
  const open = new Map(keys.map((key) => [key.address, held(key)]));
  const signWith = async (request: SigningRequest, context: SigningContext): Promise<Signature> => {
    if (!TYPES.includes(request.type) || !('message' in request)) {
      refuse({
        code: 'INPUT_INVALID',
        detail: 'This signer only signs for Solana.',
        fix: 'Use a signer of that chain.',
      });
    }
    const found = open.get(request.account);
    if (found === undefined) {
      refuse({ code: 'NOT_FOUND', detail: 'This signer does not hold that key.', fix: 'Choose one of its accounts.' });
    }
    checkMessage(request, found.publicBytes);
    checkNetwork(request.network, await genesisHash());
    context.signal.throwIfAborted();
    const signature = sign(null, request.message, found.secret);
    const isOwn = verify(null, request.message, createPublicKey(found.secret), signature);
    if (!isOwn) refuse({ code: 'INTERNAL', detail: 'The signature does not verify.', fix: 'Nothing was signed.' });
    context.onStep('signed');
    return { signature };
  };
  return {
    id,
    kind: 'dev',
    describe: async () => ({
      accounts: [...open.values()].map(({ key }) => ({ chain: 'solana', address: key.address, label: key.label })),
      capabilities: ['sol.tx', 'sol.offchain'],
      isInteractive: false,
      isExportable: true,
    }),
    sign: signWith,
    lock: async () => open.clear(),
  };
}
