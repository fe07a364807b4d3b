/**
 * Signs for EVM with keys that everyone knows: for the local chain and the 0G testnet only. It refuses every other
 * network by chain id and by genesis, whatever the request says about itself.
 */
import { bytesToHex, hashMessage, hashTypedData, hexToBytes, keccak256, serializeTransaction } from 'viem';
import type { HashTypedDataParameters } from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import type { PrivateKeyAccount } from 'viem/accounts';
import { refuse } from '#core/domain/refusal.ts';
import { VoucherDigests, typedVoucher } from '#core/domain/voucher.ts';
import type { Voucher } from '#core/domain/voucher.ts';
import type { EvmTransaction, Network, Signature, SignerBackend, SigningRequest, TypedData } from './port.ts';
import { openCurve, openKeccak } from './secp256k1.ts';

/** The words from which anvil derives its accounts; worth nothing anywhere. */
const MNEMONIC = 'test test test test test test test test test test test junk';

/** 0G's testnet, which the local chain answers as too, and the usual id of a chain on one's own machine. */
const ALLOWED_CHAINS: ReadonlySet<bigint> = new Set([16602n, 31337n]);

/** Networks whose money is real, by the hash of their first block: what a node says of its chain id can be set. */
const MAINNETS: ReadonlySet<string> = new Set(['0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3']);

type EvmRequest = Extract<SigningRequest, { type: `evm.${string}` | 'voucher' }>;
type Key = Readonly<{ account: PrivateKeyAccount; bytes: Uint8Array; label: string }>;

/** The first keys of the development mnemonic, as the local chain funds them. */
export function developmentKeys(count: number): Key[] {
  return Array.from({ length: count }, (_, index) => {
    const bytes = mnemonicToAccount(MNEMONIC, { addressIndex: index }).getHdKey().privateKey;
    if (bytes === null) refuse(noKey(`development account ${index}`));
    return { account: privateKeyToAccount(bytesToHex(bytes)), bytes, label: `development ${index}` };
  });
}

function noKey(address: string) {
  return {
    code: 'FORBIDDEN',
    detail: `The development signer has no key of ${address}.`,
    fix: 'Choose one of the accounts it lists.',
  } as const;
}

/** Refuses what is not the local chain or a test network. `mainnets` names further first blocks of real networks. */
function checkNetwork(network: Network, mainnets: ReadonlySet<string>): void {
  const isEvm = network.chain === 'evm';
  const isKnown = isEvm && network.isTest && ALLOWED_CHAINS.has(network.chainId);
  const isReal = MAINNETS.has(network.genesisHash.toLowerCase()) || mainnets.has(network.genesisHash.toLowerCase());
  if (isKnown && !isReal) return;
  refuse({
    code: 'FORBIDDEN',
    detail: 'Development keys sign for the local chain and the 0G testnet only.',
    fix: 'Use a vault or a device for this network; development keys are known to everyone.',
    values: { network: isEvm ? network.chainId.toString() : network.chain, genesis: network.genesisHash },
  });
}

/** A request whose parts name two networks would be signed for the one nobody checked. */
function checkChainId(network: Network, named: unknown): void {
  if (network.chain === 'evm' && named !== undefined && BigInt(named as bigint) === network.chainId) return;
  refuse({
    code: 'FORBIDDEN',
    detail: 'What is to be signed names another chain than the network it is for, or none.',
    fix: 'Build it again for the network that is connected.',
    values: { named: String(named) },
  });
}

type Tools = Readonly<{ sign: (digest: Uint8Array) => Promise<Uint8Array> }>;

async function signTransaction(transaction: EvmTransaction, { sign }: Tools) {
  const { chainId, nonce, to, valueWei, data, gas, maxFeePerGasWei, maxPriorityFeePerGasWei } = transaction;
  const body = {
    type: 'eip1559',
    chainId: Number(chainId),
    nonce: Number(nonce),
    ...(to === undefined ? {} : { to }),
    value: valueWei,
    data,
    gas,
    maxFeePerGas: maxFeePerGasWei,
    maxPriorityFeePerGas: maxPriorityFeePerGasWei,
  } as const;
  const signature = await sign(keccak256(serializeTransaction(body), 'bytes'));
  const [r, s] = [bytesToHex(signature.subarray(0, 32)), bytesToHex(signature.subarray(32, 64))];
  const signed = serializeTransaction(body, { r, s, yParity: (signature[64] ?? 27) - 27 });
  return { signature, transaction: hexToBytes(signed) };
}

/** Vouchers of a domain are signed by the thousand, so their digests are packed by hand. */
function voucherOf({ message, primaryType }: TypedData): Voucher | undefined {
  if (primaryType !== 'SandboxVoucher') return undefined;
  const { user, provider, usageHash, nonce, totalFee } = message;
  if ([user, provider, usageHash].some((value) => typeof value !== 'string')) return undefined;
  if (typeof nonce !== 'bigint' || typeof totalFee !== 'bigint') return undefined;
  return {
    user: user as string,
    provider: provider as string,
    usageHash: usageHash as string,
    nonce,
    totalFeeWei: totalFee,
  };
}

/** Whether typed data is that of a voucher and nothing else: only then may its fast digest stand for it. */
function isPlainVoucher(typed: TypedData, voucher: Voucher, chainId: bigint): boolean {
  const { verifyingContract } = typed.domain;
  if (typeof verifyingContract !== 'string') return false;
  const plain = typedVoucher(voucher, { chainId, verifyingContract });
  const { name, version } = typed.domain;
  const isDomain = name === plain.domain.name && version === plain.domain.version;
  return isDomain && Object.keys(typed.domain).length === 4 && sameTypes(typed.types, plain.types);
}

function sameTypes(a: TypedData['types'], b: TypedData['types']): boolean {
  const { EIP712Domain: _, ...own } = a;
  return JSON.stringify(own) === JSON.stringify(b);
}

/** A signer with the development mnemonic's first keys. `mainnets`: first blocks of networks it must never sign for. */
export async function createDevEvmSigner(
  options: Readonly<{ accounts?: number; mainnets?: readonly string[] }> = {},
): Promise<SignerBackend> {
  const keys = developmentKeys(options.accounts ?? 10);
  const mainnets = new Set(options.mainnets?.map((hash) => hash.toLowerCase()));
  const [curve, keccak] = [openCurve(), await openKeccak()];
  const digests = new Map<string, VoucherDigests>();

  const digestOf = (typed: TypedData, chainId: bigint): Uint8Array => {
    const voucher = voucherOf(typed);
    if (voucher === undefined || !isPlainVoucher(typed, voucher, chainId)) {
      // The port's typed data is EIP-712 with any names; viem wants them known when it is compiled.
      return hexToBytes(hashTypedData(typed as unknown as HashTypedDataParameters));
    }
    const verifyingContract = String(typed.domain['verifyingContract']);
    const known = digests.get(`${chainId} ${verifyingContract}`);
    const maker = known ?? new VoucherDigests(keccak, { chainId, verifyingContract });
    digests.set(`${chainId} ${verifyingContract}`, maker);
    return maker.voucher(voucher);
  };

  const signWith = (request: EvmRequest, tools: Tools, chainId: bigint): Promise<Signature> => {
    switch (request.type) {
      case 'evm.tx':
        checkChainId(request.network, request.transaction.chainId);
        return signTransaction(request.transaction, tools);
      case 'evm.typed':
      case 'voucher':
        checkChainId(request.network, request.typed.domain['chainId']);
        return tools.sign(digestOf(request.typed, chainId)).then((signature) => ({ signature }));
      case 'evm.personal':
        return tools.sign(hashMessage({ raw: request.message }, 'bytes')).then((signature) => ({ signature }));
    }
  };

  return {
    id: 'dev-evm',
    kind: 'dev',
    describe: async () => ({
      accounts: keys.map(({ account, label }) => ({ chain: 'evm', address: account.address, label })),
      capabilities: ['evm.tx', 'evm.typed', 'evm.personal', 'voucher'],
      isInteractive: false,
      isExportable: true,
    }),
    sign: async (request, context) => {
      checkNetwork(request.network, mainnets);
      const isOurs = request.network.chain === 'evm' && !request.type.startsWith('sol.');
      const key = keys.find(({ account }) => isOurs && sameAddress(account.address, request.account));
      if (key === undefined || request.network.chain !== 'evm') return refuse(noKey(request.account));
      context.signal.throwIfAborted();
      const sign = async (digest: Uint8Array) => curve.sign(digest, key.bytes);
      const signed = await signWith(request as EvmRequest, { sign }, request.network.chainId);
      context.onStep('signed');
      return signed;
    },
    lock: async () => undefined,
  };
}

const sameAddress = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
