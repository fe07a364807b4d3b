/** Sends a notice to a webhook: signed as Standard Webhooks has it, to a checked address, in bounded time. */
import { request as plainRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as sealedRequest } from 'node:https';
import { Webhook } from 'standardwebhooks';
import { isAddress, isLoopback } from '#core/domain/address.ts';
import type { WebhookRecord } from '#core/domain/notice.ts';
import { checkAddress, checkedLookup } from './checked-lookup.ts';
import type { Resolve } from './checked-lookup.ts';
import { webhookBody } from './payload.ts';
import type { ToSend } from './payload.ts';

/** How a try went, as the delivery log keeps it. */
export type Went = Readonly<{ ok: boolean; status: number | null; detail: string; isGone: boolean }>;

/** Name, connection, sending and the answer's head together take at most so long. */
const TIMEOUT_MS = 15_000;
/** The receiver was removed and wants no more. */
const GONE = 410;

export type PostOptions = Readonly<{ nowMs: number; stop: AbortSignal; resolve?: Resolve; timeoutMs?: number }>;

/**
 * The three headers. One signature a secret in force, the newest first, so that a receiver may change over at any time
 * of the overlap (https://github.com/standard-webhooks/standard-webhooks, "Signature scheme"). The id stays the same at
 * every try: by it a receiver counts a notice once.
 */
export function signedHeaders(notice: ToSend, body: string, nowMs: number): Record<string, string> {
  const at = new Date(nowMs);
  const signatures = notice.secrets.map((secret) => new Webhook(secret).sign(notice.id, at, body));
  return {
    'webhook-id': notice.id,
    'webhook-timestamp': Math.floor(nowMs / 1000).toString(),
    'webhook-signature': signatures.join(' '),
  };
}

/** Posts and gives the answer's status. No redirect is followed, no connection kept, nothing of the answer read. */
function statusOf(url: URL, headers: Record<string, string>, body: string, options: Options): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // Sockets ask no lookup for a literal address.
  if (isAddress(host)) checkAddress(host, options.mayLoopBack);
  const late = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([late, options.stop]);
  const lookup = checkedLookup(options.mayLoopBack, options.resolve);
  const settings = { method: 'POST', headers, lookup, signal, agent: false as const };
  const answered = (response: IncomingMessage): void => {
    resolve(response.statusCode ?? 0);
    response.destroy();
  };
  const sent: ClientRequest =
    url.protocol === 'https:' ? sealedRequest(url, settings, answered) : plainRequest(url, settings, answered);
  sent.on('error', (error) => reject(late.aborted ? new Error(`No answer in ${options.timeoutMs / 1000} s.`) : error));
  sent.end(body);
  return promise;
}

const isHere = (host: string): boolean => host === 'localhost' || isLoopback(host.replace(/^\[|\]$/g, ''));

type Options = Readonly<{ mayLoopBack: boolean; timeoutMs: number; stop: AbortSignal; resolve: Resolve | undefined }>;

const failed = (detail: string): Went => ({ ok: false, status: null, detail, isGone: false });

/**
 * Tries to deliver a notice once. What went wrong is in the answer, without the secret; rejects only when the signal
 * ended it, because then nobody knows.
 */
export async function postNotice(notice: ToSend, webhook: WebhookRecord, options: PostOptions): Promise<Went> {
  if (notice.secrets.length === 0) return failed('The webhook has no secret in force.');
  const body = webhookBody(notice);
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body).toString(),
    'user-agent': 'tollkeeper',
    ...signedHeaders(notice, body, options.nowMs),
  };
  try {
    const { mayLoopBack } = notice;
    const { stop } = options;
    const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    const url = new URL(webhook.url);
    const isSealed = url.protocol === 'https:' || (mayLoopBack && isHere(url.hostname));
    if (!isSealed) return failed('Only https addresses are posted to.');
    const status = await statusOf(url, headers, body, { mayLoopBack, timeoutMs, stop, resolve: options.resolve });
    const ok = status >= 200 && status < 300;
    return { ok, status, detail: ok ? 'It was taken.' : `It answered ${status}.`, isGone: status === GONE };
  } catch (error) {
    options.stop.throwIfAborted();
    return failed((error instanceof Error ? error.message : String(error)).slice(0, 300));
  }
}
