/** Asks the process that holds a workspace, over its local socket. */
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import { WebSocket } from 'ws';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';
import type { ExportOrder } from '#core/contract/exports.ts';
import { refuse } from '#core/domain/refusal.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { readAttachFile } from '#core/serve/attach-file.ts';
import type { AttachRecord } from '#core/serve/attach-file.ts';
import type { Client, Connection } from './connection.ts';

type LinkSocket = ConstructorParameters<typeof RPCLink>[0]['websocket'];

const CONNECT_WITHIN_MS = 3_000;

/** Why the holder did not let us in. */
type Outcome = 'open' | 'refused' | 'gone';

function opened(socket: WebSocket): Promise<Outcome> {
  return new Promise((resolve) => {
    socket.once('open', () => resolve('open'));
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode === 401 ? 'refused' : 'gone');
      socket.terminate();
    });
    // Nobody listens there any more, or it was closing: the file is stale.
    socket.on('error', () => resolve('gone'));
  });
}

/** Connects to the holder of a workspace; null when nobody can be asked, also when what lies beside it is stale. */
export async function attach(workspace: string): Promise<Connection | null> {
  const record = readAttachFile(workspace);
  if (record === null) return null;
  const socket = new WebSocket('ws://tollkeeper/attach', {
    headers: { authorization: `Bearer ${record.token}` },
    createConnection: () => connectSocket(record.socket),
    handshakeTimeout: CONNECT_WITHIN_MS,
    perMessageDeflate: false,
  });
  const outcome = await opened(socket);
  if (outcome === 'gone') return null;
  if (outcome === 'refused') {
    // A holder that came just now has another token: the file must be the one in force.
    if (readAttachFile(workspace)?.token !== record.token) return attach(workspace);
    throw new WorkspaceError({
      code: 'locked',
      detail: `The Tollkeeper that holds ${workspace} does not take the token beside it.`,
      fix: 'Close it and start it again, which writes a new one.',
    });
  }
  // The link asks for the browser's class; of what it uses, ws has the same methods under its own types.
  const websocket = socket as unknown as LinkSocket;
  const client: Client = createORPCClient(new RPCLink({ websocket }));
  return {
    kind: 'attached',
    client,
    exportList: (order, signal) => exportOver(record, order, signal),
    isLost: () => socket.readyState !== WebSocket.OPEN,
    close: async () => {
      if (socket.readyState === WebSocket.CLOSED) return;
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
      socket.close();
      const killer = setTimeout(() => socket.terminate(), 500);
      await closed;
      clearTimeout(killer);
    },
  };
}

/** Asks the holder of a workspace for a one-time link to its console; null when there is no holder, or no console. */
export function askLink(workspace: string): Promise<string | null> {
  const record = readAttachFile(workspace);
  if (record === null) return Promise.resolve(null);
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${record.token}` };
    const asked = request({ socketPath: record.socket, method: 'POST', path: '/link', headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve(response.statusCode === 200 ? (JSON.parse(body) as { url: string }).url : null));
    });
    // Nobody listens there: the file is stale.
    asked.on('error', () => resolve(null));
    asked.end();
  });
}

/** A list from the holder over plain HTTP; what breaks off on the way ends with an error and never looks whole. */
async function* exportOver(
  { socket, token }: AttachRecord,
  { list, format, ...filters }: ExportOrder,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const given = Object.entries(filters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const path = `/export/${list}.${format}?${new URLSearchParams(given).toString()}`;
  request({ socketPath: socket, path, headers: { authorization: `Bearer ${token}` }, signal }, resolve)
    .on('error', reject)
    .end();
  const response = await promise;
  if (response.statusCode === 200) return yield* response as AsyncIterable<Uint8Array>;
  let body = '';
  for await (const text of response.setEncoding('utf8') as AsyncIterable<string>) body += text;
  const { code, detail, fix } = JSON.parse(body) as Refusal;
  return refuse({ code, detail, fix });
}
