/**
 * A small double of the core for tests of the page's states: the contract's answers from seeded data, over the same
 * carrier and content policy. Never for tests of money.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { RPCHandler } from '@orpc/server/ws';
import { WebSocketServer } from 'ws';
import { doubleRouter } from './console-double-router.ts';
import { seedWorld } from './console-double-seed.ts';
import type { World } from './console-double-world.ts';

const DIST = join(import.meta.dirname, '..', '..', 'dist', 'renderer');

export const CONTENT_POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'",
  "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "require-trusted-types-for 'script'; trusted-types 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export type Double = Readonly<{ url: string; world: World; drop: () => void; close: () => Promise<void> }>;

async function serveFile(path: string): Promise<{ body: Buffer; type: string }> {
  const known = extname(path) in TYPES ? normalize(path) : '/index.html';
  const body = await readFile(join(DIST, known));
  return { body, type: TYPES[extname(known)] ?? 'application/octet-stream' };
}

async function answer(url: string, response: ServerResponse): Promise<void> {
  try {
    const { body, type } = await serveFile(new URL(url, 'http://double').pathname);
    const headers = {
      'content-type': type,
      'content-security-policy': CONTENT_POLICY,
      'x-content-type-options': 'nosniff',
    };
    response.writeHead(200, headers).end(body);
  } catch {
    // The page asked for a file that was not built; it says so itself.
    response.writeHead(404).end();
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/** Starts on a free loopback port. `world` may be changed by a test at any time; `drop` cuts every connection. */
export async function startDouble(change: (world: World) => void = () => undefined): Promise<Double> {
  const world = seedWorld();
  change(world);
  const server = createServer((request, response) => void answer(request.url ?? '/', response));
  const sockets = new WebSocketServer({ server, path: '/rpc' });
  const handler = new RPCHandler(doubleRouter(world));
  sockets.on('connection', (socket) => void handler.upgrade(socket));
  const port = await listen(server);
  const drop = (): void => {
    for (const socket of sockets.clients) socket.terminate();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    world,
    drop,
    close: () =>
      new Promise((resolve) => {
        drop();
        sockets.close();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
