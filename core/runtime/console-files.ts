/** The built console for a shell that serves it by a scheme of its own: the same files under the same rules. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { SECURITY_HEADERS, contentSecurityPolicy } from '#core/serve/pages.ts';
import { fileIn, isScreen, typeOf } from '#core/serve/static-files.ts';

export type ConsoleFile = Readonly<{ bytes: Uint8Array<ArrayBuffer>; type: string }>;

/** What is sent with every file to a window of our own. The page talks over its port: it connects to nothing. */
export const WINDOW_HEADERS: Readonly<Record<string, string>> = {
  ...SECURITY_HEADERS,
  'Content-Security-Policy': contentSecurityPolicy("'none'"),
};

/** A file of the built console, or null; the address of a screen gives the page itself. */
export function consoleFile(folder: string, path: string, accept: string | null = null): ConsoleFile | null {
  const found = extname(path) === '' ? null : fileIn(folder, path);
  const file = found ?? (isScreen(path, accept) ? fileIn(folder, '/index.html') : null);
  return file === null ? null : { bytes: new Uint8Array(readFileSync(file)), type: typeOf(file) };
}
