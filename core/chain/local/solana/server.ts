/** The HTTP and WebSocket doors of a local chain: loopback only, WebSocket on the same port and on the next one. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import type { Dispatcher } from './dispatch.ts';
import { CODES } from './rpc-error.ts';
import { toJson } from './json-text.ts';
import type { Chain } from './methods.ts';
import { serveSocket } from './sockets.ts';

const HOST = '127.0.0.1';
/** `MAX_REQUEST_BODY_SIZE` of a node. */
const MAX_BODY_BYTES = 50 * 1024;
/** Long enough that a client's kept connection is not closed under it. */
const KEEP_ALIVE_MS = 60_000;
/** Methods that change the chain past its rules are not for pages of the web. */
const OWN_METHODS = 'tollkeeper_';
const LOOPBACK_ORIGIN = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/;

export type Doors = Readonly<{ rpc: string; ws: string; port: number; close: () => Promise<void> }>;

function reply(response: ServerResponse, status: number, text: string, type = 'text/plain'): void {
  response.writeHead(status, {
    'content-type': type,
    // Wallets are pages of the web; a node answers them all.
    'access-control-allow-origin': '*',
    'access-control-allow-headers': 'content-type, solana-client',
    'access-control-allow-methods': 'POST, GET, OPTIONS',
  });
  response.end(text);
}

/** The body, or undefined when it is larger than a node takes. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > MAX_BODY_BYTES) return undefined;
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Whether a page of another site asks for a method that is not for it. */
function isForeign(request: IncomingMessage, body: string): boolean {
  const { origin } = request.headers;
  return origin !== undefined && !LOOPBACK_ORIGIN.test(origin) && body.includes(OWN_METHODS);
}

async function serve(request: IncomingMessage, response: ServerResponse, dispatcher: Dispatcher): Promise<void> {
  if (request.method === 'OPTIONS') return reply(response, 204, '');
  if (request.method === 'GET') {
    return request.url === '/health'
      ? reply(response, 200, 'ok')
      : reply(response, 405, 'Used HTTP Method is not allowed. POST or OPTIONS is required');
  }
  if (request.method !== 'POST')
    return reply(response, 405, 'Used HTTP Method is not allowed. POST or OPTIONS is required');
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return reply(response, 415, 'Supplied content type is not allowed. Content-Type: application/json is required');
  }
  const body = await bodyOf(request);
  if (body === undefined) {
    reply(response, 413, 'request body too large');
    request.destroy();
    return undefined;
  }
  if (isForeign(request, body)) {
    const error = { code: CODES.unknownMethod, message: 'Method not found' };
    return reply(response, 200, toJson({ jsonrpc: '2.0', id: null, error }), 'application/json');
  }
  return reply(response, 200, dispatcher.answer(body), 'application/json');
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/** Upgrades to WebSocket on a server. Errors of half-open sockets end those sockets only. */
function acceptSockets(server: Server, chain: Chain): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY_BYTES });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    sockets.handleUpgrade(request, socket, head, (ready) => serveSocket(ready, chain));
  });
  server.on('clientError', (_, socket) => socket.destroy());
  return sockets;
}

async function closeAll(servers: readonly Server[], sockets: readonly WebSocketServer[]): Promise<void> {
  for (const each of sockets) for (const client of each.clients) client.terminate();
  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    ),
  );
}

/** Rejects with the system's EADDRINUSE when a given port, or the one after it, is taken. */
async function openAt(port: number, { chain, dispatcher }: { chain: Chain; dispatcher: Dispatcher }): Promise<Doors> {
  const http = createServer((request, response) => {
    // A client that goes away in the middle of its request gets no answer, and nobody else minds.
    serve(request, response, dispatcher).catch(() => response.destroy());
  });
  const beside = createServer((_, response) => reply(response, 426, 'WebSocket only'));
  http.keepAliveTimeout = KEEP_ALIVE_MS;
  const sockets = [acceptSockets(http, chain), acceptSockets(beside, chain)];
  const own = await listening(http, port);
  try {
    await listening(beside, own + 1);
  } catch (error) {
    await closeAll([http], sockets);
    throw error;
  }
  const close = (): Promise<void> => closeAll([http, beside], sockets);
  return { rpc: `http://${HOST}:${own}`, ws: `ws://${HOST}:${own + 1}`, port: own, close };
}

const ATTEMPTS = 20;

/** Opens both ports. Port 0 takes a free pair: clients expect the WebSocket on the port after the HTTP one. */
export async function openDoors(port: number, chain: Chain, dispatcher: Dispatcher): Promise<Doors> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openAt(port, { chain, dispatcher });
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (port !== 0 || !isTaken || attempt === ATTEMPTS) throw error;
    }
  }
}
