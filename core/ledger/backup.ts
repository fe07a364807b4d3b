/**
 * Backup and restore: a consistent copy made beside the writer, made durable, opened again and proven before it is
 * called one.
 */
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { invariant } from '#core/domain/refusal.ts';
import { WorkspaceError, diagnose } from './diagnosis.ts';
import type { DiagnosisCode } from './diagnosis.ts';
import { failpoint } from './failpoint.ts';
import { openForReading } from './open.ts';
import { verifyInThread } from './verify-thread.ts';
import type { VerifyProgress } from './verify.ts';

/** What was copied: its size, the block it ends with, and whether every row of the copy was proven. */
export type CopyReport = Readonly<{ bytes: number; block: number; verified: boolean; tookMs: number }>;

type Job = Readonly<{ do: 'backup' | 'restore'; file: string; target: string }>;
type Reply = Readonly<
  { report: CopyReport } | { failed: Readonly<{ detail: string; code: DiagnosisCode; fix: string }> }
>;

/**
 * Copies the books of `file` to `target` while they are in use. Runs in a thread of its own: the copy is one statement
 * over one snapshot, so that a busy writer cannot make it start over. Rejects with a WorkspaceError.
 */
export function backup(file: string, target: string): Promise<CopyReport> {
  return inThread({ do: 'backup', file, target });
}

/** Proves the books in `file`, then copies them to `target`, which must not exist. Rejects with a WorkspaceError. */
export function restore(file: string, target: string): Promise<CopyReport> {
  return inThread({ do: 'restore', file, target });
}

async function inThread(job: Job): Promise<CopyReport> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { copy: job } });
  const reply = await new Promise<Reply>((done, failed) => {
    worker.on('message', done);
    worker.on('error', failed);
  });
  if ('report' in reply) return reply.report;
  throw new WorkspaceError(reply.failed);
}

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
  const partial = `${target}.${process.pid}.partial`;
  const source = openForReading(file);
  try {
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

async function prove(file: string): Promise<VerifyProgress> {
  let last: VerifyProgress | null = null;
  for await (const step of verifyInThread(file)) last = step;
  invariant(last !== null, 'a verification has an outcome');
  return last;
}

async function requireProof(file: string): Promise<void> {
  const { problem } = await prove(file);
  if (problem === null) return;
  throw new WorkspaceError({
    code: 'damaged',
    detail: `${file} does not prove: ${problem.table} ${problem.key}: ${problem.detail}`,
    fix: 'Restore another backup; nothing was written.',
  });
}

async function run(job: Job): Promise<CopyReport> {
  const startedMs = performance.now();
  const target = resolve(job.target);
  refuseToOverwrite(target);
  if (!existsSync(dirname(target))) {
    throw new WorkspaceError({
      code: 'missing',
      detail: `The folder ${dirname(target)} does not exist.`,
      fix: 'Make it, or name a file elsewhere.',
    });
  }
  sweep(target);
  if (job.do === 'restore') await requireProof(job.file);
  copy(job.file, target);
  const { ok, block } = await prove(target);
  return {
    bytes: statSync(target).size,
    block: Number(block),
    verified: ok === true,
    tookMs: performance.now() - startedMs,
  };
}

async function answer(job: Job): Promise<Reply> {
  try {
    return { report: await run(job) };
  } catch (error) {
    const { message, code, fix } = diagnose(error, job.target);
    return { failed: { detail: message.replace(fix, '').trim(), code, fix } };
  }
}

const data = workerData as { copy?: Job } | null;
if (!isMainThread && data?.copy !== undefined) parentPort?.postMessage(await answer(data.copy));
