/** The browser door: static console files and the contract over a WebSocket, on loopback, behind a one-time link. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { BUNDLE_MOST_BYTES } from '#core/domain/bundle.ts';
import type { Core } from '#core/services/core.ts';
import { NOBODY } from '#core/services/operators.ts';
import type { Router } from '#core/services/router.ts';
import { createSignIn } from '#core/services/sign-in.ts';
import type { SignIn } from '#core/services/sign-in.ts';
import type { Principal, RequestContext } from '#core/services/core.ts';
import { cookieHash, readKept, removeKept, writeKept } from './kept-browsers.ts';
import { createStaticFiles } from './static-files.ts';
import { SECURITY_HEADERS, page } from './pages.ts';
import { serveErrors, serveExport, takeUpload } from './transfers.ts';
import { tellUnasked } from './unasked.ts';

export type BrowserDoor = Readonly<{
  /** Where the console is, without a way in. */
  origin: string;
  /** Makes a link that lets one browser in, once. */
  newLink: () => string;
  close: () => Promise<void>;
}>;

const COOKIE = 'tollkeeper_session';
const LINK_LIFE_MS = 24 * 3_600_000;
/** The largest message of the contract is a review bundle, which is proven whole; more is a mistake or an attack. */
const MOST_MESSAGE_BYTES = BUNDLE_MOST_BYTES + 1024 * 1024;
const MOST_SOCKETS = 64;
const MOST_SESSIONS = 32;

type Session = { hash: string; signIn: SignIn; sockets: Set<WebSocket>; left: AbortController };

const same = (a: string, b: string): boolean => {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
};

function cookieOf(request: IncomingMessage): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=');
    if (name === COOKIE && value !== undefined) return value;
  }
  return null;
}

/** Who has come through a one-time link; one sign-in a browser, shared by its tabs. */
class Sessions {
  readonly #core: Core;
  readonly #initial: Principal;
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, Session>();

  constructor(core: Core, initial: Principal) {
    this.#core = core;
    this.#initial = initial;
    for (const hash of readKept(core.file).slice(-MOST_SESSIONS)) this.#admit(hash);
  }

  newLink(): string {
    const token = randomBytes(32).toString('base64url');
    this.#links.set(token, performance.now() + LINK_LIFE_MS);
    return token;
  }

  /** Trades a link for a session, and gives what its cookie holds; a link works once. */
  enter(token: string): string | null {
    for (const [known, endsAt] of this.#links) {
      if (!same(known, token)) continue;
      this.#links.delete(known);
      if (performance.now() > endsAt) return null;
      const oldest = this.#sessions.size >= MOST_SESSIONS ? this.#sessions.values().next().value : undefined;
      if (oldest !== undefined) this.#drop(oldest);
      const cookie = randomBytes(32).toString('base64url');
      this.#admit(cookieHash(cookie));
      writeKept(this.#core.file, [...this.#sessions.keys()], this.#core.log);
      return cookie;
    }
    return null;
  }

  #admit(hash: string): void {
    const signIn = createSignIn(this.#core, { initial: this.#initial });
    this.#sessions.set(hash, { hash, signIn, sockets: new Set(), left: new AbortController() });
  }

  /** Whoever is dropped is out at once: their open tabs too. */
  #drop(session: Session): void {
    this.#sessions.delete(session.hash);
    for (const socket of session.sockets) socket.terminate();
    session.left.abort();
    session.signIn.close();
  }

  close(): void {
    for (const session of this.#sessions.values()) this.#drop(session);
    this.#links.clear();
    removeKept(this.#core.file);
  }

  of(request: IncomingMessage): Session | null {
    const cookie = cookieOf(request);
    if (cookie === null) return null;
    const hash = cookieHash(cookie);
    for (const session of this.#sessions.values()) if (same(session.hash, hash)) return session;
    return null;
  }
}

type Door = Readonly<{
  core: Core;
  sessions: Sessions;
  serveFile: ReturnType<typeof createStaticFiles>;
  hosts: () => ReadonlySet<string>;
}>;

function send(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { ...SECURITY_HEADERS, 'Content-Type': 'text/html; charset=utf-8', ...headers });
  response.end(body);
}

/** A name that resolves to loopback is not enough (DNS rebinding): the Host must be one that this door gave out. */
function isOurHost(door: Door, request: IncomingMessage): boolean {
  return door.hosts().has(request.headers.host ?? '');
}

function handle(door: Door, request: IncomingMessage, response: ServerResponse): void {
  if (!isOurHost(door, request)) {
    return send(response, 421, page('Wrong address', 'This console answers only on the address it printed.'));
  }
  if (request.method === 'PUT' && request.url?.startsWith('/upload/')) return upload(door, request, response);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return send(response, 405, page('Not here', 'This address only shows the console.'), { Allow: 'GET, HEAD' });
  }
  const path = (request.url ?? '/').split('?')[0] ?? '/';
  if (path.startsWith('/open/')) return open(door, request, response);
  if (path === '/healthz') return send(response, 200, 'ok', { 'Content-Type': 'text/plain' });
  const session = door.sessions.of(request);
  if (!session) {
    const text =
      'Open the link that Tollkeeper printed when it started. It lets one browser in, once. ' +
      'For another one, run: npx tollkeeper open';
    return send(response, 401, page('A link is needed', text));
  }
  const context = { core: door.core, principal: session.signIn.principal, session: session.signIn.session };
  const [, errorsOf] = /^\/upload\/(upl_[0-9a-f]{32})\/errors$/.exec(path) ?? [];
  if (errorsOf !== undefined) return void serveErrors(context, errorsOf, response);
  if (path.startsWith('/export/')) return void serveExport(context, request, response, session.left.signal);
  door.serveFile(path, request, response);
}

/** What changes something is taken only from our own pages, as with sockets: a cookie alone does not say who asks. */
function upload(door: Door, request: IncomingMessage, response: ServerResponse): void {
  const session = door.sessions.of(request);
  const isOurs = request.headers.origin === `http://${request.headers.host ?? ''}`;
  if (!session || !isOurs) {
    const [status, title] = isOurs ? [401, 'A link is needed'] : [403, 'Wrong origin'];
    return send(response, status, page(title, 'Only the console sends files here.'), { Connection: 'close' });
  }
  const context = { core: door.core, principal: session.signIn.principal, session: session.signIn.session };
  return void takeUpload(context, request, response);
}

/** A new navigation of our own origin follows, so that the strict cookie is sent wherever the link was clicked. */
function open(door: Door, request: IncomingMessage, response: ServerResponse): void {
  // Previews look with HEAD: that must not spend the link.
  if (request.method === 'HEAD') return send(response, 200, '');
  const token = (request.url ?? '').split('?')[0]?.slice('/open/'.length) ?? '';
  const cookie = door.sessions.enter(token);
  if (cookie === null) {
    return send(response, 403, page('This link was used', 'A link works once. For another, run: npx tollkeeper open'));
  }
  send(response, 200, page('Opening', 'The console opens.'), {
    'Set-Cookie': `${COOKIE}=${cookie}; HttpOnly; SameSite=Strict; Path=/`,
    Refresh: '0; url=/',
  });
}

function attachSockets(door: Door, server: Server, router: Router): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE_BYTES, perMessageDeflate: false });
  const handler = new RPCHandler<RequestContext>(router, { interceptors: [tellUnasked] });
  server.on('upgrade', (request, socket, head) => {
    const session = door.sessions.of(request);
    const isOurs = isOurHost(door, request) && request.headers.origin === `http://${request.headers.host ?? ''}`;
    const isRpc = (request.url ?? '').split('?')[0] === '/rpc';
    if (!session || !isOurs || !isRpc || sockets.clients.size >= MOST_SOCKETS) {
      const status = !isRpc ? '404 Not Found' : isOurs ? '401 Unauthorized' : '403 Forbidden';
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (ws) => {
      // A broken frame or one over the limit: ws ends the connection; unheard, the error would end the process.
      ws.on('error', (error) => door.core.log.warn('browser socket failed', { error }));
      session.sockets.add(ws);
      ws.once('close', () => session.sockets.delete(ws));
      const { principal, session: control } = session.signIn;
      void handler.upgrade(ws, { context: { core: door.core, principal, session: control } });
    });
  });
  return sockets;
}

/** Opens the door on loopback. `initial` is who a browser is before it signs in. */
export async function openBrowserDoor(
  core: Core,
  options: Readonly<{ router: Router; port: number; filesDir: string; initial?: Principal }>,
): Promise<BrowserDoor> {
  let hosts: ReadonlySet<string> = new Set();
  const sessions = new Sessions(core, options.initial ?? NOBODY);
  const door: Door = { core, sessions, serveFile: createStaticFiles(options.filesDir), hosts: () => hosts };
  // An upload may take long; its own timer ends one that stands still. Nobody waits for the body of another request.
  const server = createServer({ requestTimeout: 0, headersTimeout: 5_000 }, (request, response) => {
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || request.headers['content-length'] !== undefined;
    if (hasBody) response.setHeader('Connection', 'close');
    handle(door, request, response);
  });
  const sockets = attachSockets(door, server, options.router);
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(options.port, '127.0.0.1', () => listening.resolve());
  await listening.promise;
  const { port } = server.address() as AddressInfo;
  hosts = new Set([`127.0.0.1:${port}`, `localhost:${port}`]);
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    newLink: () => `${origin}/open/${sessions.newLink()}`,
    close: async () => {
      sessions.close();
      for (const client of sockets.clients) client.terminate();
      sockets.close();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
