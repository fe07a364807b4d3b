import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { hashDomain, hashTypedData, hexToBytes, keccak256, toHex } from 'viem';
import { BATCH_TYPES, VoucherDigests, packEntries, readEntries, typedVoucher, usageBytes } from './voucher.ts';
import type { Voucher, VoucherDomain } from './voucher.ts';

const keccak = (bytes: Uint8Array): Uint8Array => keccak256(bytes, 'bytes');

const hex = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((value) => toHex(value));
const arbUint256 = fc.oneof(fc.bigInt(0n, 2n ** 256n - 1n), fc.bigInt(0n, 2n ** 70n), fc.bigInt(0n, 100n));
const arbVoucher = fc.record({
  user: hex(20),
  provider: hex(20),
  totalFeeWei: arbUint256,
  usageHash: hex(32),
  nonce: arbUint256,
});
const arbDomain = fc.record({ chainId: fc.bigInt(1n, 2n ** 64n), verifyingContract: hex(20) });

/** A vector computed with the public contract; `contracts/test/Interface.t.sol` holds its separator too. */
const DOMAIN: VoucherDomain = { chainId: 16602n, verifyingContract: `0x${'dead'.padStart(40, '0')}` };
const VOUCHER: Voucher = {
  user: `0x${'11'.repeat(20)}`,
  provider: `0x${'22'.repeat(20)}`,
  totalFeeWei: 1_000_000n,
  usageHash: '0x014f8a96d614d8c25929881c0d5438ee3a38eec26ca6b56d510876da7a7faf40',
  nonce: 1n,
};

describe('a voucher', () => {
  test.prop([arbVoucher, arbDomain])('has the digest that a general encoder gives it', (voucher, domain) => {
    const digest = new VoucherDigests(keccak, domain).voucher(voucher);
    const typed = typedVoucher(voucher, domain);
    // viem types addresses as 0x-strings, which these are.
    expect(toHex(digest)).toBe(hashTypedData(typed as unknown as Parameters<typeof hashTypedData>[0]));
  });

  test('has the digest that public clients sign', () => {
    const digests = new VoucherDigests(keccak, DOMAIN);
    expect(toHex(digests.separator)).toBe('0x5ec9eb587157e674375f15ebc9208c649005e5e0b9e6ddfd36e3e4e34fa81767');
    expect(toHex(digests.voucher(VOUCHER))).toBe('0xe0963b739fff8a43d90db5a6741a1e3cb7193aeec83769e84c847446b821708b');
  });

  test('one after the other leave nothing behind', () => {
    const digests = new VoucherDigests(keccak, DOMAIN);
    const first = toHex(digests.voucher(VOUCHER));
    digests.voucher({ ...VOUCHER, totalFeeWei: 2n ** 255n, nonce: 2n ** 200n });
    expect(toHex(digests.voucher(VOUCHER))).toBe(first);
  });

  test('refuses what is no address and what no word holds', () => {
    const digests = new VoucherDigests(keccak, DOMAIN);
    expect(() => digests.voucher({ ...VOUCHER, user: '0x11' })).toThrow('20 bytes');
    expect(() => digests.voucher({ ...VOUCHER, user: `0x${'g1'.repeat(20)}` })).toThrow('hex');
    expect(() => digests.voucher({ ...VOUCHER, nonce: -1n })).toThrow('uint256');
    expect(() => digests.voucher({ ...VOUCHER, nonce: 2n ** 256n })).toThrow('uint256');
  });

  test('stands for usage as public clients hash it', () => {
    const usage = { sandboxIdUtf8: new TextEncoder().encode('sb-abc'), startS: 1000n, endS: 2000n, units: 17n };
    expect(keccak256(usageBytes(usage))).toBe(VOUCHER.usageHash);
    expect(() => usageBytes({ ...usage, units: 2n ** 63n })).toThrow('64 bits');
  });
});

describe('a batch', () => {
  const arbEntry = fc.record({
    user: hex(20),
    nonce: fc.bigInt(0n, 2n ** 64n - 1n),
    feeWei: fc.bigInt(0n, 2n ** 96n - 1n),
  });

  test.prop([fc.array(arbEntry, { maxLength: 20 })])('packs 40 bytes an entry and reads them back', (entries) => {
    const bytes = packEntries(entries);
    expect(bytes.length).toBe(entries.length * 40);
    expect(readEntries(bytes)).toEqual(entries);
  });

  test.prop([fc.array(arbEntry, { minLength: 1, maxLength: 5 }), hex(20), arbUint256, hex(32)])(
    'has the digest that a general encoder gives it',
    (list, provider, epoch, usageRoot) => {
      const entries = packEntries(list);
      const digest = new VoucherDigests(keccak, DOMAIN).batch({ provider, epoch, usageRoot, entries });
      const typed = {
        domain: typedVoucher(VOUCHER, DOMAIN).domain,
        types: BATCH_TYPES,
        primaryType: 'SettleBatch',
        message: { provider, epoch, usageRoot, entriesHash: keccak256(entries) },
      };
      expect(toHex(digest)).toBe(hashTypedData(typed as unknown as Parameters<typeof hashTypedData>[0]));
    },
  );

  test('refuses what an entry cannot hold', () => {
    const entry = { user: VOUCHER.user, nonce: 1n, feeWei: 1n };
    expect(() => packEntries([{ ...entry, feeWei: 2n ** 96n }])).toThrow('96 bits');
    expect(() => packEntries([{ ...entry, nonce: 2n ** 64n }])).toThrow('64 bits');
    expect(() => readEntries(hexToBytes('0x00'))).toThrow('40 bytes');
  });

  test('has the domain that viem computes', () => {
    const { domain } = typedVoucher(VOUCHER, DOMAIN);
    const types = {
      EIP712Domain: [
        { name: 'name', type: 'string' },
        { name: 'version', type: 'string' },
        { name: 'chainId', type: 'uint256' },
        { name: 'verifyingContract', type: 'address' },
      ],
    };
    // viem types addresses as 0x-strings, which this one is.
    const expected = hashDomain({ domain, types } as unknown as Parameters<typeof hashDomain>[0]);
    expect(toHex(new VoucherDigests(keccak, DOMAIN).separator)).toBe(expected);
  });
});
