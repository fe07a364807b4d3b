/** Bytes as hexadecimal digits: the one text that bytes have in files that are compared and signed. */

const HEX = /^(?:[0-9a-f]{2})*$/;

/** Lower-case digits, two a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

/** The bytes of lower-case digits; null for any other text, so that no two texts have the same bytes. */
export function fromHex(text: string): Uint8Array | null {
  if (!HEX.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = Number.parseInt(text.slice(at * 2, at * 2 + 2), 16);
  return bytes;
}
