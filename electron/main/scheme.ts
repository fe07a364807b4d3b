/** The scheme `app:` under which a window gets the console: files of the build and two plain pages, nothing else. */
import type { Protocol } from 'electron';
import { WINDOW_HEADERS, consoleFile } from '#core/runtime/console-files.ts';
import { STOPPED_PATH, shellPage } from './stopped-page.ts';

export const CONSOLE_ORIGIN = 'app://console';
export const CONSOLE_URL = `${CONSOLE_ORIGIN}/`;
export const STOPPED_URL = `${CONSOLE_ORIGIN}${STOPPED_PATH}`;

/**
 * Whether an address is the console's. Node gives a scheme of our own the origin `null`, so the parts are compared: no
 * user, no port, no other host.
 */
export function isConsole(address: string): boolean {
  const url = URL.parse(address);
  return (
    url !== null && url.protocol === 'app:' && url.host === 'console' && url.username === '' && url.password === ''
  );
}

/** To be called before the app is ready. Not among the privileges: bypassing the policy, CORS, service workers. */
export function registerScheme(protocol: Protocol): void {
  const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme: 'app', privileges }]);
}

function reply(status: number, type: string, body: string | Uint8Array<ArrayBuffer>): Response {
  return new Response(body, { status, headers: { ...WINDOW_HEADERS, 'Content-Type': type } });
}

/** Answers one request of a window from the built console in `folder`. */
export function answerScheme(
  folder: string,
  request: Pick<Request, 'method' | 'url'> & Partial<Pick<Request, 'headers'>>,
): Response {
  const plain = 'text/plain; charset=utf-8';
  if (request.method !== 'GET') return reply(405, plain, 'This address only shows the console.');
  const path = URL.parse(request.url)?.pathname;
  if (path === undefined || !isConsole(request.url)) return reply(404, plain, 'There is nothing at this address.');
  const page = shellPage(path);
  if (page !== null) return reply(200, page.type, page.text);
  const file = consoleFile(folder, path, request.headers?.get('accept') ?? null);
  return file === null ? reply(404, plain, 'There is nothing at this address.') : reply(200, file.type, file.bytes);
}
