/** Sending a file to the console's own origin as it is, with how far it is: the one way a browser has to the spool. */
import { ORPCError } from '@orpc/client';
import { ConnectionLostError } from './link.ts';
import type { Outputs } from './rpc.ts';

export type Upload = Outputs['imports']['uploads']['items'][number];
export type Sending = Readonly<{ sent: Promise<Upload>; cancel: () => void }>;

/** The answer of the door as what a call of the contract would have thrown, so that errors read the same. */
export function refusedBy(status: number, body: string): Error {
  try {
    const { code, title, detail, fix } = JSON.parse(body) as Record<string, unknown>;
    if (typeof code === 'string') return new ORPCError(code, { status, message: String(title), data: { detail, fix } });
  } catch {
    // No problem in JSON: something between the page and the core has answered.
  }
  return new ORPCError('INTERNAL', {
    status,
    message: 'The file was not taken',
    data: { detail: `The console answered ${status}.`, fix: 'Send it again.' },
  });
}

/** `fetch` says nothing of how much was sent, and so it is the older request that sends files. */
export function sendFile(file: File, onProgress: (sentBytes: number) => void): Sending {
  const request = new XMLHttpRequest();
  const sent = new Promise<Upload>((resolve, reject) => {
    request.open('PUT', `/upload/${encodeURIComponent(file.name)}`);
    request.upload.addEventListener('progress', (event) => onProgress(event.loaded));
    request.addEventListener('error', () => reject(new ConnectionLostError()));
    request.addEventListener('abort', () => reject(new DOMException('The upload was ended.', 'AbortError')));
    request.addEventListener('load', () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText) as Upload);
      else reject(refusedBy(request.status, request.responseText));
    });
    request.send(file);
  });
  return { sent, cancel: () => request.abort() };
}
