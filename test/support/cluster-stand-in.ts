/**
 * An endpoint on this machine that stands in for a public Solana cluster: every question goes on to a local chain, and
 * only the genesis hash, by which clusters are told apart, is answered with the cluster's own.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';

/** As `getGenesisHash` of each public cluster answers (docs.anza.xyz, "Solana clusters"). */
export const GENESIS = {
  devnet: 'EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG',
  mainnet: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
} as const;
type PublicCluster = keyof typeof GENESIS;

export type StandIn = Readonly<{
  url: string;
  /** Methods that reached it, in their order, by HTTP and by WebSocket. */
  asked: readonly string[];
  /** From now on it is another cluster, as an address that is moved to another node. */
  become: (cluster: PublicCluster) => void;
  close: () => Promise<void>;
}>;

const Call = z.looseObject({ id: z.unknown(), method: z.string() });
const Body = z.union([Call, z.array(Call)]);
const HOST = '127.0.0.1';

function listen(server: Server, port: number): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  server.once('error', reject);
  server.listen(port, HOST, () => {
    const address = server.address();
    resolve(typeof address === 'object' && address !== null ? address.port : port);
  });
  return promise;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** What one socket says goes on to the chain's, and back; what is said before that one is open waits for it. */
function join(client: WebSocket, chainWs: string, hear: (text: string) => void): void {
  const upstream = new WebSocket(chainWs);
  const waiting: string[] = [];
  client.on('message', (data) => {
    hear(String(data));
    if (upstream.readyState === WebSocket.OPEN) upstream.send(String(data));
    else waiting.push(String(data));
  });
  upstream.on('open', () => waiting.splice(0).forEach((text) => upstream.send(text)));
  upstream.on('message', (data) => client.send(String(data)));
  for (const [one, other] of [
    [client, upstream],
    [upstream, client],
  ] as const) {
    one.on('close', () => other.terminate());
    one.on('error', () => other.terminate());
  }
}

/** Opens a pair of ports, for HTTP and for WebSocket on the next one, as clients expect it of a node. */
async function pair(http: () => Server, beside: () => Server): Promise<{ servers: [Server, Server]; port: number }> {
  for (;;) {
    const servers: [Server, Server] = [http(), beside()];
    const port = await listen(servers[0], 0);
    try {
      await listen(servers[1], port + 1);
      return { servers, port };
    } catch {
      servers[0].close(); // Somebody has the port after it: another pair.
    }
  }
}

/** Stands in for a cluster over a chain that runs. */
export async function standInFor(first: PublicCluster, chain: Readonly<{ rpc: string; ws: string }>): Promise<StandIn> {
  const asked: string[] = [];
  let cluster = first;
  const hear = (text: string): z.infer<typeof Body> => {
    const body = Body.parse(JSON.parse(text));
    for (const { method } of [body].flat()) asked.push(method);
    return body;
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request);
    const calls = hear(body);
    const headers = { 'content-type': 'application/json' };
    if (!Array.isArray(calls) && calls.method === 'getGenesisHash') {
      response.writeHead(200, headers).end(JSON.stringify({ jsonrpc: '2.0', id: calls.id, result: GENESIS[cluster] }));
      return;
    }
    const forwarded = await fetch(chain.rpc, { method: 'POST', body, headers });
    response.writeHead(forwarded.status, headers).end(await forwarded.text());
  };
  const http = (): Server =>
    createServer((request, response) => {
      answer(request, response).catch(() => response.destroy());
    });
  const sockets = new WebSocketServer({ noServer: true });
  const beside = (): Server =>
    createServer((_, response) => response.writeHead(426).end()).on('upgrade', (request, socket, head) => {
      sockets.handleUpgrade(request, socket, head, (client) => join(client, chain.ws, hear));
    });
  const { servers, port } = await pair(http, beside);
  const close = async (): Promise<void> => {
    for (const client of sockets.clients) client.terminate();
    const ended = servers.map((server) => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    await Promise.all(ended);
  };
  return { url: `http://${HOST}:${port}`, asked, become: (next) => void (cluster = next), close };
}
