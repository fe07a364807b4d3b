/** The door for other processes of this machine: oRPC over a WebSocket on a local socket, with a token from a file. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { ROLE_PERMISSIONS } from '#core/contract/permissions.ts';
import { canonicalPath } from '#core/runtime/paths.ts';
import type { Core, Principal, RequestContext } from '#core/services/core.ts';
import type { Router } from '#core/services/router.ts';
import { createSignIn } from '#core/services/sign-in.ts';
import { serveExport } from './transfers.ts';
import { removeAttachFile, socketOf, writeAttachFile } from './attach-file.ts';

/** Answers under way at the end are waited for this long. */
const DRAIN_MS = 2_000;
const LOOK_EVERY_MS = 20;
/** A batch of usage at its limit fits; nothing else comes near. */
const MESSAGE_BYTES_MOST = 16 * 2 ** 20;

export type AttachDoor = Readonly<{ socket: string; close: () => Promise<void> }>;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown'); // A user id without a name, as in some containers.
  }
}

/** Whoever can read the workspace and its token reads and proves the books; for more, an operator signs in. */
export function localReader(): Principal {
  return {
    kind: 'nobody',
    actor: `cli:${userName()}`,
    permissions: [...ROLE_PERMISSIONS.viewer, 'books:verify'],
  };
}

/** Compares in constant time; a header of another length is wrong whatever it holds. */
function hasToken(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function refuseUpgrade(socket: Duplex, status: '401 Unauthorized' | '503 Service Unavailable'): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function listen(server: Server, socket: string): Promise<void> {
  // What lies there is left from a holder that was killed: whoever starts this door has the lock of the workspace.
  if (process.platform !== 'win32') rmSync(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, () => resolve());
  });
}

/** Counts the answers under way, so that closing can wait for them. Streams do not count: they end with the door. */
class Counter {
  #count = 0;
  #idle = Promise.withResolvers<void>();

  async run<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      // The answer leaves after this returns.
      setImmediate(() => {
        this.#count -= 1;
        if (this.#count === 0) this.#idle.resolve();
      });
    }
  }

  async whenIdle(withinMs: number): Promise<void> {
    if (this.#count === 0) return;
    this.#idle = Promise.withResolvers();
    const timer = setTimeout(() => this.#idle.resolve(), withinMs);
    await this.#idle.promise;
    clearTimeout(timer);
  }
}

/** Resolves when nobody is connected any more, or the time is over. */
async function whenLeft(sockets: WebSocketServer, withinMs: number): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (sockets.clients.size > 0 && performance.now() < deadlineMs) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

async function closeAll(sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.close(1001, 'the holder of the workspace ends');
  const killer = setTimeout(() => {
    for (const socket of sockets.clients) socket.terminate();
  }, 200);
  await new Promise<void>((resolve) => sockets.close(() => resolve()));
  clearTimeout(killer);
}

export type AttachOptions = Readonly<{
  router: Router;
  /** Makes a one-time link to the console, where there is one. */
  newLink?: () => string;
  /** How long those who are connected may go on when the door closes; a command that ends lets others finish. */
  lingerMs?: number;
}>;

/**
 * `POST /link` answers a new link to the console, so that a second window needs no second core. `GET /export/LIST.csv`
 * sends a list: as bytes of HTTP, which wait for whoever takes them, as messages of a socket would not.
 */
function answerPlain(core: Core, options: AttachOptions, token: string): RequestListener {
  return (request, response) => {
    request.resume();
    if (!hasToken(request, token)) return response.writeHead(401).end();
    if (request.method === 'GET' && request.url?.startsWith('/export/')) {
      return serveExport({ core, principal: localReader, session: null }, request, response);
    }
    if (request.method !== 'POST' || request.url !== '/link' || !options.newLink) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ url: options.newLink() }));
  };
}

/** Opens the door of the core's workspace. The caller holds its lock. */
export async function openAttachDoor(core: Core, options: AttachOptions): Promise<AttachDoor> {
  const workspace = canonicalPath(core.file);
  const token = randomBytes(32).toString('hex');
  const socket = socketOf(workspace);
  const underWay = new Counter();
  const handler = new RPCHandler<RequestContext>(options.router, {
    interceptors: [({ next }) => underWay.run(() => next())],
  });
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_BYTES_MOST });
  const server = createServer(answerPlain(core, options, token));
  let isClosing = false;

  const admit = (connection: WebSocket): void => {
    const { principal, session, close } = createSignIn(core, { initial: localReader() });
    connection.on('close', close);
    connection.on('error', (error) => core.log.warn('local connection failed', { error }));
    void handler.upgrade(connection, { context: { core, principal, session } });
  };
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    if (isClosing) return refuseUpgrade(stream, '503 Service Unavailable');
    if (!hasToken(request, token)) return refuseUpgrade(stream, '401 Unauthorized');
    return sockets.handleUpgrade(request, stream, head, admit);
  });
  await listen(server, socket);
  writeAttachFile(workspace, { socket, token, pid: process.pid });

  const close = async (): Promise<void> => {
    if (isClosing) return;
    isClosing = true;
    removeAttachFile(workspace, token);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await whenLeft(sockets, options.lingerMs ?? 0);
    await underWay.whenIdle(DRAIN_MS);
    await closeAll(sockets);
    // An export that somebody takes slowly would keep the door open for as long.
    server.closeAllConnections();
    await closed;
  };
  return { socket, close };
}
