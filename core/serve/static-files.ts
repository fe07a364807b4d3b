/**
 * Serves the built console: files of one folder by an allow-list of types, and the page itself for every screen's
 * address.
 */
import { createReadStream, readFileSync, realpathSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, resolve, sep } from 'node:path';
import { SECURITY_HEADERS, page } from './pages.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
};

/** The media type of a file that `fileIn` found. */
export function typeOf(file: string): string {
  return TYPES[extname(file)] ?? '';
}

/** The file under a folder that a path names, or null: no way out of the folder, no type we do not know. */
export function fileIn(folder: string, path: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (decoded.includes('\0') || decoded.includes('\\')) return null;
  const file = resolve(folder, `.${decoded.startsWith('/') ? decoded : `/${decoded}`}`);
  if (!file.startsWith(resolve(folder) + sep) || TYPES[extname(file)] === undefined) return null;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return null;
  // A link inside the folder may lead out of it.
  return realpathSync(file).startsWith(realpathSync(folder) + sep) ? file : null;
}

/**
 * Whether a path is a screen's address, whatever ids stand in it. An id may end as a file does (`evt.2026.js`): where
 * there is no such file, the browser says whether it opens a page (`Accept` of a navigation) or wants a part of one.
 */
export function isScreen(path: string, accept: string | null | undefined): boolean {
  return extname(path) === '' || (!path.startsWith('/assets/') && (accept ?? '').includes('text/html'));
}

export function createStaticFiles(folder: string) {
  return (path: string, request: IncomingMessage, response: ServerResponse): void => {
    // Browsers ask for it now and then although the page names its icon; a 404 would stand in their console.
    if (path === '/favicon.ico') return void response.writeHead(204, SECURITY_HEADERS).end();
    const file = extname(path) === '' ? null : fileIn(folder, path);
    if (file) {
      // Built assets have their hash in the name, so a browser may keep them for good.
      const kept = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      const headers = { ...SECURITY_HEADERS, 'Content-Type': typeOf(file), 'Cache-Control': kept };
      response.writeHead(200, headers);
      if (request.method === 'HEAD') response.end();
      else createReadStream(file).pipe(response);
      return;
    }
    const html = isScreen(path, request.headers.accept) ? fileIn(folder, '/index.html') : null;
    const headers = { ...SECURITY_HEADERS, 'Content-Type': TYPES['.html'] ?? '' };
    if (html) response.writeHead(200, headers).end(readFileSync(html));
    else response.writeHead(404, headers).end(page('Not found', 'There is nothing at this address.'));
  };
}
