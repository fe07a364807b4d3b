/** Which network addresses are anybody's on the internet, and which lead into a private network or this machine. */

/**
 * IPv4 blocks that are not globally reachable, from the IANA IPv4 Special-Purpose Address Registry (RFC 6890), with
 * multicast (RFC 5771) and what was reserved (RFC 1112).
 */
const SPECIAL_V4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
/**
 * Within 2000::/3, all that is given out as global unicast (RFC 4291 §2.4): protocol assignments with Teredo,
 * documentation twice, and 6to4, which carries any IPv4 address.
 */
const SPECIAL_V6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

function parseV4(text: string): bigint | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return null;
  const bytes = parts.map(BigInt);
  return bytes.every((byte) => byte < 256n) ? bytes.reduce((sum, byte) => (sum << 8n) | byte, 0n) : null;
}

function parseV6(text: string): bigint | null {
  // A tail in dotted form stands for two groups.
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted?.[2] === undefined ? null : parseV4(dotted[2]);
  if (dotted && tail === null) return null;
  const whole = tail === null ? text : `${dotted?.[1]}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const halves = whole.split('::');
  if (halves.length > 2) return null;
  const [head = [], rest = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - rest.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...rest];
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n);
}

const isIn = (address: bigint, network: bigint, prefix: number, bits: number): boolean =>
  address >> BigInt(bits - prefix) === network >> BigInt(bits - prefix);

/** Says whether an IP address, as text, is one that anybody on the internet may be reached at. Anything else is not. */
export function isPublicAddress(text: string): boolean {
  const v4 = parseV4(text);
  if (v4 !== null) return !SPECIAL_V4.some(([network, prefix]) => isIn(v4, parseV4(network) ?? 0n, prefix, 32));
  const v6 = parseV6(text);
  if (v6 === null || v6 >> 125n !== 1n) return false;
  return !SPECIAL_V6.some(([network, prefix]) => isIn(v6, parseV6(network) ?? 0n, prefix, 128));
}

/** Says whether an IP address leads to this machine itself. */
export function isLoopback(text: string): boolean {
  const v4 = parseV4(text);
  return v4 === null ? parseV6(text) === 1n : v4 >> 24n === 127n;
}

/** Says whether text is an IP address at all. */
export const isAddress = (text: string): boolean => parseV4(text) !== null || parseV6(text) !== null;
