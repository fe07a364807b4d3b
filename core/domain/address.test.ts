import { BlockList, isIP } from 'node:net';
import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { isAddress, isLoopback, isPublicAddress } from './address.ts';

describe('an address', () => {
  test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.63.255.255', '2606:4700::1111', '2a00:1450:4001::200e'])(
    '%s is public',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.1',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fe80::1%eth0',
    'localhost',
    '0x7f.0.0.1',
    '010.0.0.1',
    '',
  ])('%s is not', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.prop([fc.oneof(fc.ipV4(), fc.ipV6())])('is read as Node reads it', (address) => {
    expect(isAddress(address)).toBe(isIP(address) !== 0);
    const here = new BlockList();
    here.addSubnet('127.0.0.0', 8, 'ipv4');
    here.addAddress('::1', 'ipv6');
    const isMapped = address.startsWith('::ffff:');
    if (!isMapped) expect(isLoopback(address)).toBe(here.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6'));
    expect(isLoopback(address) && isPublicAddress(address)).toBe(false);
  });
});
