/** Runs the proof of the books in a thread of its own, so that the console goes on while every row is read. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { openForReading } from './open.ts';
import { stepsInThread } from './step-thread.ts';
import { verifyBooks } from './verify.ts';
import type { VerifyProgress } from './verify.ts';

export type { VerifyProgress } from './verify.ts';

/** Proves the books of a file; yields progress and last the outcome (`done`). Stops when the signal says so. */
export function verifyInThread(file: string, signal?: AbortSignal): AsyncGenerator<VerifyProgress> {
  return stepsInThread(new URL(import.meta.url), { verify: file }, signal);
}

function runHere(file: string): void {
  const connection = openForReading(file);
  const run = verifyBooks(connection);
  let step = run.next();
  for (; !step.done; step = run.next()) parentPort?.postMessage(step.value);
  parentPort?.postMessage(step.value);
  connection.close();
}

const data = workerData as { verify?: string } | null;
if (!isMainThread && data?.verify !== undefined) runHere(data.verify);
