/** What went wrong, in words a person can act on, from whatever a call threw. */
import { ORPCError } from '@orpc/client';
import { REFUSALS } from '#core/domain/refusal.ts';
import { ConnectionLostError } from './link.ts';

export type Failure = Readonly<{
  code: string;
  title: string;
  detail: string;
  fix: string;
  values: Readonly<Record<string, unknown>>;
}>;

type Told = { detail?: unknown; fix?: unknown; values?: unknown };

function told(data: unknown): Told {
  return typeof data === 'object' && data !== null ? data : {};
}

function text(value: unknown, otherwise: string): string {
  return typeof value === 'string' && value !== '' ? value : otherwise;
}

const UNKNOWN_FIX = 'Try again. If it comes back, copy the details and send them to whoever runs this core.';

export function failureOf(error: unknown): Failure {
  if (error instanceof ConnectionLostError) {
    return {
      code: 'CONNECTION_LOST',
      title: 'The core cannot be reached',
      detail: 'The connection between this page and the core is lost.',
      fix: 'It is tried again by itself. If it stays so, see whether the console still runs where it was started.',
      values: {},
    };
  }
  if (error instanceof ORPCError) {
    const { detail, fix, values } = told(error.data);
    const known = Object.entries(REFUSALS).find(([code]) => code === error.code);
    return {
      code: error.code,
      title: known ? known[1].title : error.message,
      detail: text(detail, error.message),
      fix: text(fix, UNKNOWN_FIX),
      values: typeof values === 'object' && values !== null ? { ...values } : {},
    };
  }
  const message = error instanceof Error ? error.message : 'The call ended without an answer.';
  return { code: 'INTERNAL', title: REFUSALS.INTERNAL.title, detail: message, fix: UNKNOWN_FIX, values: {} };
}

/** Whether the error says that the session is not open; the frame then asks for the passphrase. */
export function isSessionClosed(error: unknown): boolean {
  return error instanceof ORPCError && (error.code === 'LOCKED' || error.code === 'UNAUTHENTICATED');
}

/** Whether a retry of a read could help: the connection or a busy core, never a refusal. */
export function isPassing(error: unknown): boolean {
  return error instanceof ConnectionLostError || (error instanceof ORPCError && error.code === 'BUSY');
}

/** The details as one text to copy, without anything secret: codes and values only. */
export function failureText(failure: Failure): string {
  const values = Object.entries(failure.values).map(([name, value]) => `${name}: ${String(value)}`);
  return [`${failure.code}: ${failure.title}`, failure.detail, failure.fix, ...values].join('\n');
}
