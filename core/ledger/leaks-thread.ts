/** Looks for leaks in a thread of its own over a read-only connection: the whole of the books may be looked at. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { ranked } from '#core/domain/leak.ts';
import type { Leak, LeakKind } from '#core/domain/leak.ts';
import { findLeaks } from './leaks.ts';
import type { LeakOrder } from './leaks.ts';
import { openForReading } from './open.ts';
import { createReadSession } from './reads/session.ts';
import { stepsInThread } from './step-thread.ts';

/** How far it is; the last step has what was found. */
export type LeakStep = Readonly<{
  done: boolean;
  check: LeakKind;
  /** Rows of this check so far. */
  checked: number;
  leaks: readonly Leak[];
  /** What could not be compared, because no rate between two assets is known. */
  uncompared: readonly string[];
}>;

/** Looks through a file; yields progress and last the finds. Stops when the signal says so. */
export function findLeaksInThread(file: string, order: LeakOrder, signal?: AbortSignal): AsyncGenerator<LeakStep> {
  return stepsInThread(new URL(import.meta.url), { leaks: { file, order } }, signal);
}

function runHere({ file, order }: { file: string; order: LeakOrder }): void {
  const connection = openForReading(file);
  connection.exec('BEGIN');
  const run = findLeaks(createReadSession(connection), order);
  let last: LeakStep = { done: false, check: 'gated-not-captured', checked: 0, leaks: [], uncompared: [] };
  let step = run.next();
  for (; !step.done; step = run.next()) {
    last = { ...last, ...step.value };
    parentPort?.postMessage(last);
  }
  connection.exec('ROLLBACK');
  connection.close();
  const { leaks, uncompared } = step.value;
  parentPort?.postMessage({ ...last, done: true, leaks: ranked(leaks), uncompared } satisfies LeakStep);
}

const data = workerData as { leaks?: { file: string; order: LeakOrder } } | null;
if (!isMainThread && data?.leaks !== undefined) runHere(data.leaks);
