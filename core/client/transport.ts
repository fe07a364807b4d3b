/**
 * One question to the gateway: asked again while the outcome is unknown, always the same question, never past its
 * deadline.
 */
import { OutcomeUnknown, errorFor, waitOf, type TollkeeperError } from './errors.ts';
import type { Problem } from './wire.ts';

/** How often and how far apart a question is asked; waits double from `baseMs` to `maxMs`, with jitter. */
export type Retry = Readonly<{ attempts: number; baseMs: number; maxMs: number }>;

export type TransportOptions = Readonly<{
  baseUrl: string;
  apiKey: string;
  fetch: typeof fetch;
  /** For the whole question, waits included. */
  timeoutMs: number;
  retry: Retry;
}>;

export type Question = Readonly<{ path: string; body: unknown; key: string | null }>;

type Answer = Readonly<{ status: number; headers: Headers; value: unknown }>;

/**
 * Posts a question and gives its 2xx answer. An unknown outcome (no answer, or 5xx) is asked again with the same bytes
 * and idempotency key, so that at most one of the tries acts. Throws a `TollkeeperError`.
 */
export async function ask(options: TransportOptions, question: Question): Promise<unknown> {
  const deadlineMs = Date.now() + options.timeoutMs;
  const body = JSON.stringify(question.body);
  let failure: TollkeeperError = unknown('The deadline left no time to ask.', question.key);
  for (let attempt = 1; attempt <= options.retry.attempts; attempt += 1) {
    const remainingMs = deadlineMs - Date.now();
    if (remainingMs <= 0) break;
    const share = Math.max(1, Math.ceil(remainingMs / (options.retry.attempts - attempt + 1)));
    let waitMs = backoffMs(options.retry, attempt);
    try {
      const answer = await attemptOnce(options, question, body, share);
      if (answer.status < 400) return answer.value;
      failure = errorFor(answer.status, answer.headers, problemOf(answer));
      if (answer.status < 500) break;
      waitMs = waitOf(answer.headers) ?? waitMs;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      failure = unknown(`No answer from the gateway: ${reason}.`, question.key);
    }
    if (attempt === options.retry.attempts || Date.now() + waitMs >= deadlineMs) break;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
  throw failure;
}

/** One try, its body included, that ends when its time is up even where the given `fetch` ignores its signal. */
async function attemptOnce(
  options: TransportOptions,
  question: Question,
  body: string,
  timeoutMs: number,
): Promise<Answer> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`none within ${timeoutMs} ms`));
      abort.abort();
    }, timeoutMs);
  });
  const headers: Record<string, string> = {
    authorization: `Bearer ${options.apiKey}`,
    'content-type': 'application/json',
    accept: 'application/json, application/problem+json',
  };
  if (question.key !== null) headers['idempotency-key'] = question.key;
  const request = { method: 'POST', headers, body, signal: abort.signal, redirect: 'error' } as const;
  const read = async (): Promise<Answer> => {
    const response = await options.fetch(`${options.baseUrl}${question.path}`, request);
    return { status: response.status, headers: response.headers, value: parse(await response.text(), response.ok) };
  };
  try {
    return await Promise.race([read(), timeUp]);
  } finally {
    clearTimeout(timer);
  }
}

/** A 2xx that is not JSON came from something else on the way: its outcome is unknown. An error may have any body. */
function parse(text: string, isOk: boolean): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (isOk) throw error;
    return { title: text.slice(0, 200) };
  }
}

function problemOf(answer: Answer): Problem {
  return typeof answer.value === 'object' && answer.value !== null ? (answer.value as Problem) : {};
}

function unknown(detail: string, key: string | null): OutcomeUnknown {
  return new OutcomeUnknown({ title: 'The outcome is unknown', code: 'OUTCOME_UNKNOWN', detail }, key);
}

function backoffMs(retry: Retry, attempt: number): number {
  const mostMs = Math.min(retry.maxMs, retry.baseMs * 2 ** (attempt - 1));
  return mostMs / 2 + (Math.random() * mostMs) / 2;
}
