/** Headers on every answer of the browser door, and its two or three plain pages. */

/**
 * The policy of the console: nothing but its own files, no inline code, no HTML made from text. `connect` is where its
 * page may connect to: the door it came from, or nothing where it talks over a port.
 */
export function contentSecurityPolicy(connect: "'self'" | "'none'"): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${connect}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

export const CONTENT_SECURITY_POLICY = contentSecurityPolicy("'self'");

export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
  'Cache-Control': 'no-store',
};

/** A page of one sentence. The texts are ours: nothing from a request is ever in them. */
export function page(title: string, text: string): string {
  const head = `<meta charset="utf-8"><title>${title} · Tollkeeper</title>`;
  return `<!doctype html><html lang="en">${head}<h1>${title}</h1><p>${text}</p></html>`;
}
