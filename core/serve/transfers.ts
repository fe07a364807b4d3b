/**
 * Files through a door, over plain HTTP: lists out, usage in, and the rows of an import that were not taken. Streamed
 * both ways, a chunk in memory at a time. Not for who may come in: the door has looked at that before.
 */
import { createReadStream } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { refuse } from '#core/domain/refusal.ts';
import { problemReply, refusalIn } from '#core/gateway/problem.ts';
import type { RequestContext } from '#core/services/core.ts';
import { exportList, receiveUpload, uploadErrors } from '#core/services/exports.ts';
import { SECURITY_HEADERS } from './pages.ts';

/** Whoever sends nothing of an upload for so long is let go. */
const UPLOAD_IDLE_MS = 30_000;
const TYPES = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
} as const;

/** Answers a refusal, or ends the connection where an answer has begun: a file that breaks off must not look whole. */
function fail(context: RequestContext, response: ServerResponse, error: unknown): void {
  const refusal = refusalIn(error);
  const isTheirs = response.destroyed || (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE';
  if (refusal.code === 'INTERNAL' && !isTheirs) context.core.log.error('transfer failed', { error });
  if (response.headersSent || response.destroyed) return void response.destroy();
  const { status, headers, body } = problemReply(refusal);
  response.writeHead(status, { ...SECURITY_HEADERS, ...headers, Connection: 'close' });
  response.end(body);
}

const attachment = (name: string, type: string) => ({
  ...SECURITY_HEADERS,
  'Content-Type': type,
  'Cache-Control': 'no-store',
  // RFC 6266 §4.1 with the form of RFC 8187, which any name fits.
  'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
});

/** The order in an address such as `/export/usage.csv?customer=acme&fromMs=0`. */
function orderIn(url: URL): Record<string, unknown> {
  const [, list, format] = /^\/export\/([a-z-]+)\.(csv|parquet)$/.exec(url.pathname) ?? [];
  if (list === undefined) {
    refuse({ code: 'NOT_FOUND', detail: 'Nothing is exported here.', fix: 'Ask /export/LIST.csv or .parquet.' });
  }
  const filters = Object.fromEntries(
    [...url.searchParams].map(([name, value]) => [
      name,
      /^(from|to|asOf|knownAt)Ms$/.test(name) && /^\d{1,15}$/.test(value) ? Number(value) : value,
    ]),
  );
  return { ...filters, list, format };
}

async function* after(first: IteratorResult<Uint8Array>, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** Sends a list as it is read; ends with the connection or the signal. */
export async function serveExport(
  context: RequestContext,
  request: IncomingMessage,
  response: ServerResponse,
  signal?: AbortSignal,
): Promise<void> {
  const left = new AbortController();
  response.once('close', () => left.abort());
  try {
    const order = orderIn(new URL(request.url ?? '/', 'http://door.invalid'));
    const ended = signal ? AbortSignal.any([left.signal, signal]) : left.signal;
    const parts = exportList(context, order, ended)[Symbol.asyncIterator]();
    // The first part comes before the head, so that a refusal has its own status.
    const first = await parts.next();
    const format = order['format'] as 'csv' | 'parquet';
    response.writeHead(200, attachment(`${String(order['list'])}.${format}`, TYPES[format]));
    await pipeline(Readable.from(after(first, parts), { objectMode: true, highWaterMark: 1 }), response);
  } catch (error) {
    fail(context, response, error);
  }
}

/** Takes `PUT /upload/NAME`: the body as it is, into the spool. */
export async function takeUpload(
  context: RequestContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.setTimeout(UPLOAD_IDLE_MS, () => request.destroy());
  try {
    const upload = await receiveUpload(context, request, {
      name: nameIn(request.url ?? ''),
      statedBytes: Number(request.headers['content-length'] ?? -1),
    });
    response.writeHead(200, { ...SECURITY_HEADERS, 'Content-Type': 'application/json', Connection: 'close' });
    response.end(JSON.stringify(upload));
  } catch (error) {
    fail(context, response, error);
  }
}

function nameIn(path: string): string {
  try {
    return decodeURIComponent(path.split('?')[0]?.slice('/upload/'.length) ?? '');
  } catch {
    return refuse({ code: 'INPUT_INVALID', detail: 'The name is not percent-encoded.', fix: 'Encode it as UTF-8.' });
  }
}

/** Sends the error file of an upload. */
export async function serveErrors(context: RequestContext, id: string, response: ServerResponse): Promise<void> {
  try {
    const { path, name } = uploadErrors(context, id);
    response.writeHead(200, attachment(name, name.endsWith('.csv') ? TYPES.csv : TYPES.ndjson));
    await pipeline(createReadStream(path), response);
  } catch (error) {
    fail(context, response, error);
  }
}
