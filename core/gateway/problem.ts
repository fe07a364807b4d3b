/** Every "no" of the gateway as RFC 9457 problem details, and what an HTTP answer is before a server sends it. */
import { REFUSALS, RefusalError } from '#core/domain/refusal.ts';
import type { Refusal, RefusalCode } from '#core/domain/refusal.ts';

/** An answer ready to send. `body` is null where there is none (204). */
export type Reply = Readonly<{
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string | Uint8Array | null;
}>;

/** Exactly this, without a charset: stock clients compare the text. */
export const PROBLEM_TYPE = 'application/problem+json';
export const JSON_TYPE = 'application/json; charset=utf-8';

/** A problem's type is a name, not an address: nothing is to be fetched. */
export const problemType = (code: string): string =>
  `urn:tollkeeper:problem:${code.toLowerCase().replaceAll('_', '-')}`;

/** Overrides the status of a code where HTTP has a closer one, as 405 and 408. */
export type ProblemOptions = Readonly<{ status?: number; headers?: Readonly<Record<string, string>> }>;

/** The members of a problem; `values` stand beside the standard ones, amounts as text. */
export function problemBody(refusal: Refusal, status: number = REFUSALS[refusal.code].status): Record<string, unknown> {
  return {
    ...refusal.values,
    type: problemType(refusal.code),
    title: REFUSALS[refusal.code].title,
    status,
    detail: refusal.detail,
    code: refusal.code,
    fix: refusal.fix,
  };
}

export function problemReply(refusal: Refusal, options: ProblemOptions = {}): Reply {
  const status = options.status ?? REFUSALS[refusal.code].status;
  return {
    status,
    headers: {
      'content-type': PROBLEM_TYPE,
      'cache-control': 'no-store',
      ...headersFor(refusal.code),
      ...options.headers,
    },
    body: JSON.stringify(problemBody(refusal, status)),
  };
}

function headersFor(code: RefusalCode): Record<string, string> {
  if (code === 'UNAUTHENTICATED') return { 'www-authenticate': 'Bearer realm="tollkeeper"' };
  return code === 'BUSY' || code === 'READ_ONLY' ? { 'retry-after': '1' } : {};
}

export function jsonReply(value: unknown, status = 200): Reply {
  return { status, headers: { 'content-type': JSON_TYPE }, body: JSON.stringify(value) };
}

/** The refusal in whatever was thrown; what nobody foresaw is INTERNAL and says nothing about itself. */
export function refusalIn(error: unknown): Refusal {
  if (error instanceof RefusalError) return error.refusal;
  return {
    code: 'INTERNAL',
    detail: 'The gateway failed on our side.',
    fix: 'Send the same request again with the same key; if it stays, tell whoever runs this gateway.',
  };
}

/** A refusal for input of the wrong form. */
export function invalid(detail: string, fix = 'Correct it and send it again.'): Refusal {
  return { code: 'INPUT_INVALID', detail, fix };
}

/** A text from a client inside a sentence of ours: short, and without control characters. */
export function quoted(value: unknown): string {
  const text = typeof value === 'string' ? value : String(JSON.stringify(value) ?? typeof value);
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
