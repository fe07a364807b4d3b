/**
 * A small HTTP/1.1 load over raw sockets: the client must cost less than what it measures. Loopback only, bounded in
 * time.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export type LoadResult = Readonly<{
  requests: number;
  seconds: number;
  perSecond: number;
  statuses: Record<string, number>;
  latenciesMs: Float64Array;
}>;
type Request = Readonly<{ path: string; body: string | Buffer; headers?: string }>;

const HEAD_END = Buffer.from('\r\n\r\n');

export function requestBytes(host: string, key: string, { path, body, headers = '' }: Request): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const head =
    `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\n${headers}` +
    `Content-Type: application/json\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** Calls `done` with each complete answer's status. Answers here have a Content-Length or are 204. */
function readAnswers(socket: Socket, done: (status: string) => void): void {
  let kept: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    kept = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
    for (;;) {
      const end = kept.indexOf(HEAD_END);
      if (end < 0) return;
      const head = kept.toString('latin1', 0, end).toLowerCase();
      const length = /content-length: (\d+)/.exec(head);
      const total = end + 4 + (length ? Number(length[1]) : 0);
      if (kept.length < total) return;
      const status = head.slice(9, 12);
      kept = kept.subarray(total);
      done(status);
    }
  });
}

/** Sends requests over `connections` sockets, each the next when the last was answered, until the time is over. */
export async function load(
  options: Readonly<{
    url: string;
    connections: number;
    seconds: number;
    next: () => Buffer;
    perSecond?: number;
  }>,
): Promise<LoadResult> {
  const { hostname, port } = new URL(options.url);
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  const startedAt = performance.now();
  const endAt = startedAt + options.seconds * 1000;
  let sent = 0;
  let answered = 0;
  const one = async (): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = connect(Number(port), hostname);
    let began = 0;
    const send = (): void => {
      const due = options.perSecond === undefined ? 0 : startedAt + (sent / options.perSecond) * 1000;
      const now = performance.now();
      if (now >= endAt) return void socket.end();
      if (due > now) return void setTimeout(send, due - now);
      began = Math.max(performance.now(), due);
      sent += 1;
      socket.write(options.next());
    };
    readAnswers(socket, (status) => {
      statuses[status] = (statuses[status] ?? 0) + 1;
      latencies.push(performance.now() - began);
      answered += 1;
      send();
    });
    socket.setNoDelay(true);
    socket.on('connect', send);
    socket.on('close', () => resolve());
    socket.on('error', reject);
    await promise;
  };
  await Promise.all(Array.from({ length: options.connections }, one));
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    requests: answered,
    seconds,
    perSecond: answered / seconds,
    statuses,
    latenciesMs: Float64Array.from(latencies).sort(),
  };
}

export const quantile = (sorted: ArrayLike<number>, q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
