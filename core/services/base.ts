/**
 * What every service stands on: the contract with its context, permission and session checks, refusals as typed
 * errors.
 */
import { implement, ORPCError } from '@orpc/server';
import { contract } from '#core/contract/index.ts';
import type { CommandMeta } from '#core/contract/command.ts';
import { REFUSALS, RefusalError, refuse } from '#core/domain/refusal.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import type { Answer, Command } from '#core/ledger/port.ts';
import type { Core, Principal, RequestContext } from './core.ts';

/** Any handler that keeps the loop busy for longer logs its name. */
const SLOW_MS = 5;

/** A refusal as the error that carriers send: code, status, and detail, fix and values as data. */
export function asError(refusal: Refusal): ORPCError<string, unknown> {
  const { code, detail, fix, values } = refusal;
  return new ORPCError(code, {
    status: REFUSALS[code].status,
    message: REFUSALS[code].title,
    data: values === undefined ? { detail, fix } : { detail, fix, values },
  });
}

/** Why a read that was asked of an instant takes none, or not that one; undefined where something else is wrong. */
function noPastOf(data: unknown, { noPast }: CommandMeta): string | undefined {
  const issues = (data as { issues?: { keys?: readonly string[] }[] } | undefined)?.issues ?? [];
  const isAsked = issues.some(({ keys }) => keys?.some((key) => key === 'asOfMs' || key === 'knownAtMs'));
  return isAsked ? noPast : undefined;
}

function firstIssue(data: unknown): string {
  const issues = (data as { issues?: { path?: (string | number)[]; message: string }[] } | undefined)?.issues;
  const issue = issues?.[0];
  if (!issue) return 'The input does not fit.';
  const path = (issue.path ?? []).map((part) => (typeof part === 'object' ? '' : String(part))).join('.');
  return `${path === '' ? 'The input' : path}: ${issue.message}.`;
}

/**
 * Turns whatever was thrown into an error of the closed set; what we did not foresee is INTERNAL, logged with its
 * stack.
 */
function closed(error: unknown, core: Core, path: readonly string[], meta: CommandMeta): never {
  if (error instanceof RefusalError) throw asError(error.refusal);
  if (error instanceof ORPCError && error.code === 'BAD_REQUEST') {
    const noPast = noPastOf(error.data, meta);
    throw asError(
      noPast === undefined
        ? { code: 'INPUT_INVALID', detail: firstIssue(error.data), fix: 'Correct it and send it again.' }
        : { code: 'INPUT_INVALID', detail: `It is of no such instant. ${noPast}`, fix: 'Ask again without it.' },
    );
  }
  if (error instanceof ORPCError && error.code in REFUSALS) throw error;
  core.log.error('command failed', { command: path.join('.'), error });
  throw asError({
    code: 'INTERNAL',
    detail: 'The command failed on our side.',
    fix: 'Try again with the same key; if it stays, send the log to whoever runs this console.',
  });
}

function checkPermission(meta: CommandMeta, context: RequestContext): void {
  const { session } = context;
  if (meta.permission === 'anyone') return;
  const principal = context.principal();
  if (session?.isLocked()) {
    refuse({ code: 'LOCKED', detail: 'This session is locked.', fix: 'Give your passphrase to go on.' });
  }
  const isAllowed = principal.permissions.includes(meta.permission);
  // A door may let whoever comes through it read; for more, somebody has to sign in.
  if (!isAllowed && principal.kind === 'nobody') {
    refuse({ code: 'UNAUTHENTICATED', detail: 'Nobody is signed in.', fix: 'Sign in with your name and passphrase.' });
  }
  if (!isAllowed) {
    refuse({
      code: 'FORBIDDEN',
      detail: `This needs the permission ${meta.permission}.`,
      fix: 'Ask an admin of the workspace for it.',
      values: { permission: meta.permission },
    });
  }
  if (meta.idempotent !== 'read' && context.core.readOnly) {
    refuse({
      code: 'READ_ONLY',
      detail: 'The workspace is open for reading only.',
      fix: 'See Settings for the reason.',
    });
  }
  if (!context.isUnasked) session?.touch();
}

const base = implement(contract)
  .$context<RequestContext>()
  .$config({ initialInputValidationIndex: 1, initialOutputValidationIndex: 1 });

/** The implementer that all services use: one middleware around validation and handler. */
export const os = base.use(async ({ context, next, path, procedure }) => {
  const startedMs = performance.now();
  const meta = procedure['~orpc'].meta as CommandMeta;
  try {
    checkPermission(meta, context);
    return await next();
  } catch (error) {
    return closed(error, context.core, path, meta);
  } finally {
    const tookMs = performance.now() - startedMs;
    if (tookMs > SLOW_MS * 100)
      context.core.log.warn('slow command', { command: path.join('.'), tookMs: Math.round(tookMs) });
  }
});

/** Commits one command and gives its value, or throws its refusal. */
export async function commitOne<T>(core: Core, command: Command): Promise<T> {
  const [answer] = (await core.book.commit([command])) as Answer<T>[];
  if (answer?.ok) return answer.value;
  return refuse(answer?.refusal ?? { code: 'INTERNAL', detail: 'The books gave no answer.', fix: 'Try again.' });
}

/** Reads an amount of minor units from the wire; the schema has checked its form. */
export const minor = (text: string): bigint => BigInt(text);

export const actorOf = (principal: Principal): string => principal.actor;
