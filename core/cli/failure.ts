/** How the command line says no: what happened, what to do, a code; and the exit code that scripts go by. */
import { ORPCError } from '@orpc/client';
import { CHAIN_FAILURES, ChainError } from '#core/chain/error.ts';
import type { ChainFailure } from '#core/chain/error.ts';
import { REFUSALS, RefusalError } from '#core/domain/refusal.ts';
import type { RefusalCode } from '#core/domain/refusal.ts';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';

/** 0 done · 1 refused, or the books do not prove · 2 could not be done now · 64 the command was not understood. */
export const EXIT = { ok: 0, refused: 1, cannot: 2, usage: 64 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command that was not understood. */
export class UsageError extends Error {
  readonly fix: string;
  constructor(detail: string, fix: string) {
    super(detail);
    this.name = 'UsageError';
    this.fix = fix;
  }
}

export function usage(detail: string, fix: string): never {
  throw new UsageError(detail, fix);
}

/** The holder of the workspace went away before it answered. */
export class HolderLost extends Error {
  constructor() {
    super('The Tollkeeper that held the workspace ended before it answered.');
    this.name = 'HolderLost';
  }
}

/** What is told of an error, in either output. */
export type Failure = Readonly<{
  code: string;
  title: string;
  detail: string;
  fix: string;
  exit: ExitCode;
  status?: number;
  values?: Readonly<Record<string, unknown>>;
}>;

/** Refusals that say nothing about the request: the same one may pass later, or elsewhere. */
const NOT_NOW: ReadonlySet<string> = new Set<RefusalCode>(['BUSY', 'INTERNAL', 'READ_ONLY']);

/** The same of chains: whoever asks again later may be answered. */
const CHAIN_NOT_NOW: ReadonlySet<ChainFailure> = new Set(['RPC_DOWN', 'RPC_DISAGREES', 'LOCAL_CHAIN_FAILED']);

type Told = { detail?: string; fix?: string; values?: Record<string, unknown> };

function refused(code: string, told: Told, fallback: string): Failure {
  const known = code in REFUSALS ? REFUSALS[code as RefusalCode] : undefined;
  return {
    code,
    title: known?.title ?? fallback,
    detail: told.detail ?? fallback,
    fix: told.fix ?? 'Check that this command and the Tollkeeper that holds the workspace are of one version.',
    exit: NOT_NOW.has(code) ? EXIT.cannot : EXIT.refused,
    ...(known ? { status: known.status } : {}),
    ...(told.values ? { values: told.values } : {}),
  };
}

/** Reads any error as a failure. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) {
    const title = 'The command was not understood';
    return { code: 'USAGE', title, detail: error.message, fix: error.fix, exit: EXIT.usage };
  }
  if (error instanceof RefusalError) return refused(error.refusal.code, error.refusal, error.refusal.detail);
  if (error instanceof ChainError) {
    const { code, detail, fix, values } = error.refusal;
    const exit = CHAIN_NOT_NOW.has(code) ? EXIT.cannot : EXIT.refused;
    return { code, title: CHAIN_FAILURES[code], detail, fix, exit, ...(values ? { values } : {}) };
  }
  if (error instanceof ORPCError) return refused(error.code, (error.data ?? {}) as Told, error.message);
  if (error instanceof WorkspaceError) {
    const detail = error.message.replace(error.fix, '').trim();
    const code = error.code.toUpperCase().replaceAll('-', '_');
    return { code, title: 'The workspace cannot be used', detail, fix: error.fix, exit: EXIT.cannot };
  }
  if (error instanceof HolderLost) {
    const fix = 'Whether it was done is not known; look, or run the same again with the same --key.';
    return { code: 'HOLDER_LOST', title: 'The holder is gone', detail: error.message, fix, exit: EXIT.cannot };
  }
  const text = error instanceof Error ? error.message : String(error);
  const detail = /[.!?]$/.test(text) ? text : `${text}.`;
  const fix = 'Set TOLLKEEPER_DEBUG=1 to see where it comes from.';
  return { code: 'FAILED', title: 'Something failed that was not foreseen', detail, fix, exit: EXIT.cannot };
}

/** RFC 9457, as the gateway answers too; `code` and `fix` are extension members. */
export function problemJson(failure: Failure): string {
  const { code, title, detail, fix, status, values } = failure;
  const type = `urn:tollkeeper:problem:${code.toLowerCase().replaceAll('_', '-')}`;
  return JSON.stringify({ type, title, ...(status === undefined ? {} : { status }), detail, code, fix, ...values });
}
