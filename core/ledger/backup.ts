/**
 * Backup and restore: a consistent copy made beside the writer, made durable, opened again and proven before it is
 * called one.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { invariant } from '#core/domain/refusal.ts';
import { WorkspaceError, diagnose } from './diagnosis.ts';
import type { DiagnosisCode } from './diagnosis.ts';
import { failpoint } from './failpoint.ts';
import { openForReading } from './open.ts';
import { stepsInThread } from './step-thread.ts';
import { verifyInThread } from './verify-thread.ts';
import type { VerifyProgress } from './verify.ts';

/**
 * What was copied: its size, the block it ends with and that block's hash, and whether every row of it was proven.
 */
export type CopyReport = Readonly<{ bytes: number; block: number; head: string; verified: boolean; tookMs: number }>;

export type CopyOrder = Readonly<{ do: 'backup' | 'restore'; file: string; target: string }>;
type Failed = Readonly<{ detail: string; code: DiagnosisCode; fix: string }>;

/** How far a copy is: rows while something is proven, bytes while it is copied. The last step has the report. */
export type CopyStep = Readonly<{
  done: boolean;
  phase: 'proving-backup' | 'copying' | 'proving-copy';
  /** So many of `total`. */
  at: number;
  total: number;
  report: CopyReport | null;
  failed: Failed | null;
}>;

/**
 * Copies the books of `file` to `target` while they are in use. Runs in a thread of its own: the copy is one statement
 * over one snapshot, so that a busy writer cannot make it start over. Rejects with a WorkspaceError.
 */
export function backup(file: string, target: string): Promise<CopyReport> {
  return reportOf(copySteps({ do: 'backup', file, target }));
}

/** Proves the books in `file`, then copies them to `target`, which must not exist. Rejects with a WorkspaceError. */
export function restore(file: string, target: string): Promise<CopyReport> {
  return reportOf(copySteps({ do: 'restore', file, target }));
}

/** The report of a copy that is done. */
export async function reportOf(steps: AsyncIterable<CopyStep>): Promise<CopyReport> {
  for await (const { report } of steps) if (report !== null) return report;
  throw new WorkspaceError({ code: 'failed', detail: 'The copy was ended.', fix: 'Begin it again.' });
}

/** How often the size of a copy under way is looked at. */
const LOOK_EVERY_MS = 200;

/**
 * The same as `backup` and `restore`, step by step. Whoever leaves ends it, and so does the signal: the statement that
 * copies runs to its end, since nothing can stop it, and what it wrote is removed. Throws a WorkspaceError.
 */
export async function* copySteps(order: CopyOrder, signal?: AbortSignal): AsyncGenerator<CopyStep> {
  const left = new AbortController();
  const until = signal ? AbortSignal.any([signal, left.signal]) : left.signal;
  const steps = stepsInThread<CopyStep>(new URL(import.meta.url), { copy: order }, until);
  const partial = partialOf(resolve(order.target));
  let last: CopyStep | null = null;
  let next = steps.next();
  try {
    for (;;) {
      const step: IteratorResult<CopyStep> | null = await Promise.race([next, later()]);
      if (step === null) {
        if (last?.phase === 'copying') yield { ...last, at: Math.min(sizeOf(partial), last.total) };
        continue;
      }
      if (step.done) return;
      last = step.value;
      if (last.failed) throw new WorkspaceError(last.failed);
      yield last;
      if (last.done) return;
      next = steps.next();
    }
  } finally {
    left.abort();
    await next.catch(() => undefined); // Its failure was thrown above, or nobody waits for it any more.
    await steps.return(undefined);
    if (last?.done !== true) rmSync(partial, { force: true });
  }
}

const later = (): Promise<null> => setTimeout(LOOK_EVERY_MS, null, { ref: false });
const partialOf = (target: string): string => `${target}.${process.pid}.partial`;
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function refuseToOverwrite(target: string): void {
  if (!existsSync(target)) return;
  throw new WorkspaceError({
    code: 'failed',
    detail: `${target} exists already.`,
    fix: 'Name a file that does not exist yet; nothing is overwritten.',
  });
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to somebody else. Otherwise there is no such process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Removes what copies to this target left behind when their process was killed. */
function sweep(target: string): void {
  const pattern = /\.(\d+)\.partial$/;
  for (const name of readdirSync(dirname(target))) {
    const pid = name.startsWith(`${basename(target)}.`) ? pattern.exec(name)?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(dirname(target), name), { force: true });
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Copies one snapshot to a name of its own, makes it durable, and only then gives it the name that was asked for. */
function copy(file: string, target: string): void {
  const partial = partialOf(target);
  const source = openForReading(file);
  try {
    const [pages, free, size] = ['page_count', 'freelist_count', 'page_size'].map((of) =>
      Number(source.pragma(of, { simple: true })),
    );
    tell('copying', 0, ((pages ?? 0) - (free ?? 0)) * (size ?? 0));
    source.prepare('VACUUM INTO ?').run(partial);
    failpoint('backup.copied');
    sync(partial);
    refuseToOverwrite(target);
    renameSync(partial, target);
    failpoint('backup.renamed');
    // The name is durable when its folder is; Windows keeps folders itself and opens none.
    if (process.platform !== 'win32') sync(dirname(target));
  } catch (error) {
    rmSync(partial, { force: true });
    throw diagnose(error, target);
  } finally {
    source.close();
  }
}

/** Tells how far this thread is. */
function tell(phase: CopyStep['phase'], at: number, total: number): void {
  parentPort?.postMessage({ done: false, phase, at, total, report: null, failed: null } satisfies CopyStep);
}

type Proof = VerifyProgress & Readonly<{ head: string }>;

/** Rows are proven by the million; so many steps are enough to see it move. */
const TELL_EVERY_MS = 100;

async function prove(file: string, phase: CopyStep['phase']): Promise<Proof> {
  let toldMs = -Infinity;
  let last: VerifyProgress | null = null;
  for await (const step of verifyInThread(file)) {
    last = step;
    if (performance.now() - toldMs < TELL_EVERY_MS) continue;
    toldMs = performance.now();
    tell(phase, Number(step.checked), Number(step.total));
  }
  invariant(last !== null, 'a verification has an outcome');
  return { ...last, head: headOf(file) };
}

function headOf(file: string): string {
  const connection = openForReading(file);
  try {
    const row = connection.prepare('SELECT lower(hex(head)) AS head FROM book').get() as { head: string } | undefined;
    return row?.head ?? '';
  } finally {
    connection.close();
  }
}

async function requireProof(file: string): Promise<Proof> {
  const proof = await prove(file, 'proving-backup');
  const { problem } = proof;
  if (problem === null) return proof;
  throw new WorkspaceError({
    code: 'damaged',
    detail: `${file} does not prove: ${problem.table} ${problem.key}: ${problem.detail}`,
    fix: 'Restore another backup; nothing was written.',
  });
}

async function run(order: CopyOrder): Promise<CopyReport> {
  const startedMs = performance.now();
  const target = resolve(order.target);
  refuseToOverwrite(target);
  if (!existsSync(dirname(target))) {
    throw new WorkspaceError({
      code: 'missing',
      detail: `The folder ${dirname(target)} does not exist.`,
      fix: 'Make it, or name a file elsewhere.',
    });
  }
  sweep(target);
  const source = order.do === 'restore' ? await requireProof(order.file) : null;
  copy(order.file, target);
  const { ok, block, head } = await prove(target, 'proving-copy');
  const verified = ok === true && (source === null || source.head === head);
  return { bytes: statSync(target).size, block: Number(block), head, verified, tookMs: performance.now() - startedMs };
}

async function answer(order: CopyOrder): Promise<CopyStep> {
  const last = { done: true, phase: 'proving-copy', at: 1, total: 1 } as const;
  try {
    return { ...last, report: await run(order), failed: null };
  } catch (error) {
    const { message, code, fix } = diagnose(error, order.target);
    return { ...last, report: null, failed: { detail: message.replace(fix, '').trim(), code, fix } };
  }
}

const data = workerData as { copy?: CopyOrder } | null;
if (!isMainThread && data?.copy !== undefined) parentPort?.postMessage(await answer(data.copy));
