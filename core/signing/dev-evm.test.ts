import { performance } from 'node:perf_hooks';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  bytesToHex,
  keccak256,
  parseTransaction,
  recoverTransactionAddress,
  recoverTypedDataAddress,
  toHex,
} from 'viem';
import { mnemonicToAccount, privateKeyToAccount } from 'viem/accounts';
import { VoucherDigests, typedVoucher } from '#core/domain/voucher.ts';
import { createDevEvmSigner, developmentKeys } from './dev-evm.ts';
import type { Network, SignerBackend, SigningContext, SigningRequest } from './port.ts';
import { curveImplementation } from './curve-implementation.ts';
import { openCurve, openKeccak } from './secp256k1.ts';

const LOCAL: Network = { chain: 'evm', chainId: 16602n, genesisHash: `0x${'ab'.repeat(32)}`, isTest: true };
const MNEMONIC = 'test test test test test test test test test test test junk';
const ACCOUNT = mnemonicToAccount(MNEMONIC, { addressIndex: 1 });
const CONTRACT = `0x${'dead'.padStart(40, '0')}`;
const VOUCHER = {
  user: `0x${'11'.repeat(20)}`,
  provider: `0x${'22'.repeat(20)}`,
  totalFeeWei: 1_000_000n,
  usageHash: '0x014f8a96d614d8c25929881c0d5438ee3a38eec26ca6b56d510876da7a7faf40',
  nonce: 1n,
};

const context = (signal = new AbortController().signal): SigningContext => ({
  approvalId: 'apr_test',
  signal,
  onStep: () => undefined,
});

function voucherRequest(network: Network, more: object = {}): SigningRequest {
  const chainId = network.chain === 'evm' ? network.chainId : 0n;
  const typed = typedVoucher(VOUCHER, { chainId, verifyingContract: CONTRACT });
  return { type: 'voucher', network, account: ACCOUNT.address, typed: { ...typed, ...more }, summary: 'a voucher' };
}

const TRANSACTION = {
  chainId: 16602n,
  nonce: 7n,
  to: `0x${'22'.repeat(20)}`,
  valueWei: 5n,
  data: '0x1234',
  gas: 60_000n,
  maxFeePerGasWei: 3_000_000_000n,
  maxPriorityFeePerGasWei: 1_000_000_000n,
} as const;

let signer: SignerBackend;
beforeAll(async () => {
  signer = await createDevEvmSigner();
});

describe('the development signer', () => {
  test('signs the voucher that public clients sign, byte for byte', async () => {
    const { signature } = await signer.sign(voucherRequest(LOCAL), context());
    expect(bytesToHex(signature)).toBe(
      '0x62306fedb4cae42f4f166821b92ec4db9ae836c48e5d56b6f73b313c9818f745' +
        '318f5b2316b1a63c765f04f1d86be9b2140bb7342e18492788a235b2c311251a1c',
    );
  });

  test('signs other typed data as viem does, though its type is called the same', async () => {
    const typed = typedVoucher(VOUCHER, { chainId: 16602n, verifyingContract: CONTRACT });
    const others = [
      { types: { SandboxVoucher: [...typed.types.SandboxVoucher].toReversed() } },
      { domain: { ...typed.domain, name: 'Another' } },
      { domain: { ...typed.domain, salt: `0x${'01'.repeat(32)}` } },
    ];
    for (const more of others) {
      const { signature } = await signer.sign(voucherRequest(LOCAL, more), context());
      const data = { ...typed, ...more } as unknown as Parameters<typeof recoverTypedDataAddress>[0];
      expect(await recoverTypedDataAddress({ ...data, signature: bytesToHex(signature) })).toBe(ACCOUNT.address);
    }
  });

  test('signs a transaction with every field as it was decided', async () => {
    const request: SigningRequest = {
      type: 'evm.tx',
      network: LOCAL,
      account: ACCOUNT.address,
      transaction: TRANSACTION,
      summary: 'a transfer',
    };
    const { transaction } = await signer.sign(request, context());
    const raw = bytesToHex(transaction ?? new Uint8Array()) as `0x02${string}`;
    expect(await recoverTransactionAddress({ serializedTransaction: raw })).toBe(ACCOUNT.address);
    expect(parseTransaction(raw)).toMatchObject({
      chainId: 16602,
      nonce: 7,
      to: TRANSACTION.to,
      value: 5n,
      data: '0x1234',
      gas: 60_000n,
      maxFeePerGas: 3_000_000_000n,
      maxPriorityFeePerGas: 1_000_000_000n,
    });
  });

  test('signs a message as wallets do', async () => {
    const message = new TextEncoder().encode('hello');
    const request: SigningRequest = {
      type: 'evm.personal',
      network: LOCAL,
      account: ACCOUNT.address.toLowerCase(),
      message,
      summary: 'a message',
    };
    const { signature } = await signer.sign(request, context());
    expect(bytesToHex(signature)).toBe(await ACCOUNT.signMessage({ message: { raw: message } }));
  });

  test.each<[string, Network]>([
    ['0G mainnet', { ...LOCAL, chainId: 16661n, isTest: false }],
    ['a mainnet that calls itself a test', { ...LOCAL, chainId: 16661n }],
    ['a network that is no test', { ...LOCAL, isTest: false }],
    [
      'a node whose first block is that of Ethereum',
      {
        ...LOCAL,
        genesisHash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3',
      },
    ],
    ['a Solana cluster', { chain: 'solana', cluster: 'local', genesisHash: 'x' }],
  ])('refuses %s', async (_, network) => {
    await expect(signer.sign(voucherRequest(network), context())).rejects.toThrow('0G testnet only');
  });

  test('refuses a first block it was told is real', async () => {
    const wary = await createDevEvmSigner({ mainnets: [LOCAL.genesisHash.toUpperCase()] });
    await expect(wary.sign(voucherRequest(LOCAL), context())).rejects.toThrow('0G testnet only');
  });

  test('refuses what names another chain inside than outside', async () => {
    const typed = typedVoucher(VOUCHER, { chainId: 1n, verifyingContract: CONTRACT });
    await expect(signer.sign(voucherRequest(LOCAL, { domain: typed.domain }), context())).rejects.toThrow(
      'another chain',
    );
    const { chainId: _, ...bare } = typed.domain;
    await expect(signer.sign(voucherRequest(LOCAL, { domain: bare }), context())).rejects.toThrow('another chain');
    const transaction = { ...TRANSACTION, chainId: 1n };
    const request = { type: 'evm.tx', network: LOCAL, account: ACCOUNT.address, transaction, summary: '' } as const;
    await expect(signer.sign(request, context())).rejects.toThrow('another chain');
  });

  test('has no key of others, and stops when it is told to', async () => {
    const request = { ...voucherRequest(LOCAL), account: VOUCHER.user } as SigningRequest;
    await expect(signer.sign(request, context())).rejects.toThrow('no key');
    await expect(signer.sign(voucherRequest(LOCAL), context(AbortSignal.abort()))).rejects.toThrow('aborted');
  });

  test('says what it holds', async () => {
    const { accounts, isExportable } = await signer.describe();
    expect(accounts[1]).toEqual({ chain: 'evm', address: ACCOUNT.address, label: 'development 1' });
    expect(isExportable).toBe(true);
    await signer.lock();
  });
});

describe('the curve', () => {
  test('gives the same bytes by every implementation, s always low', async () => {
    const [fast, slow] = [openCurve(), openCurve('libsecp256k1 in WebAssembly')];
    const [key] = developmentKeys(1);
    for (let index = 0; index < 50; index += 1) {
      const digest = keccak256(toHex(index), 'bytes');
      const signature = bytesToHex(await fast.sign(digest, key?.bytes ?? digest));
      expect(signature).toBe(bytesToHex(await slow.sign(digest, key?.bytes ?? digest)));
      expect(BigInt(`0x${signature.slice(66, 130)}`)).toBeLessThan(2n ** 255n);
    }
    expect(slow.implementation).toBe('libsecp256k1 in WebAssembly');
  });

  test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')('is native where a prebuilt binary is', () => {
    expect(openCurve().implementation).toBe('native libsecp256k1');
    expect(curveImplementation()).toBe('native libsecp256k1');
  });

  test('is named as the slow one where no binary is, and never another without a word', () => {
    const { arch } = process;
    Object.defineProperty(process, 'arch', { value: 'riscv64' });
    try {
      expect([curveImplementation(), openCurve().implementation]).toEqual([
        'libsecp256k1 in WebAssembly',
        'libsecp256k1 in WebAssembly',
      ]);
    } finally {
      Object.defineProperty(process, 'arch', { value: arch });
    }
  });

  test('agrees with an account of viem on a whole voucher', async () => {
    const keccak = await openKeccak();
    const [key] = developmentKeys(1);
    const domain = { chainId: 16602n, verifyingContract: CONTRACT };
    const digest = new VoucherDigests(keccak, domain).voucher(VOUCHER);
    const account = privateKeyToAccount(bytesToHex(key?.bytes ?? digest));
    const typed = typedVoucher(VOUCHER, domain) as unknown as Parameters<typeof account.signTypedData>[0];
    const signature = await openCurve().sign(digest, key?.bytes ?? digest);
    expect(bytesToHex(signature)).toBe(await account.signTypedData(typed));
  });

  test('signs several thousand vouchers a second', async () => {
    const keccak = await openKeccak();
    const curve = openCurve();
    const digests = new VoucherDigests(keccak, { chainId: 16602n, verifyingContract: CONTRACT });
    const [key] = developmentKeys(1);
    const startedAtMs = performance.now();
    for (let nonce = 1n; nonce <= 2000n; nonce += 1n) {
      await curve.sign(digests.voucher({ ...VOUCHER, nonce }), key?.bytes ?? new Uint8Array(32));
    }
    // The goal of 15,000 a second is a row of the benchmark; here only a slow path that came back silently is caught.
    expect(2000 / ((performance.now() - startedAtMs) / 1000)).toBeGreaterThan(2000);
  });
});
