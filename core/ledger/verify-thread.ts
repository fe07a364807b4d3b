/** Runs the proof of the books in a thread of its own, so that the console goes on while every row is read. */
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { openForReading } from './open.ts';
import { verifyBooks } from './verify.ts';
import type { VerifyProgress } from './verify.ts';

export type { VerifyProgress } from './verify.ts';

/** Proves the books of a file; yields progress and last the outcome (`done`). Stops when the signal says so. */
export async function* verifyInThread(file: string, signal?: AbortSignal): AsyncGenerator<VerifyProgress> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { verify: file } });
  const queue: VerifyProgress[] = [];
  let failed: Error | null = null;
  let wake = Promise.withResolvers<void>();
  worker.on('message', (progress: VerifyProgress) => {
    queue.push(progress);
    wake.resolve();
  });
  worker.on('error', (error) => {
    failed = error;
    wake.resolve();
  });
  const stop = (): void => wake.resolve();
  signal?.addEventListener('abort', stop);
  try {
    while (!signal?.aborted) {
      for (let next = queue.shift(); next; next = queue.shift()) {
        yield next;
        if (next.done) return;
      }
      if (failed) throw failed;
      await wake.promise;
      wake = Promise.withResolvers<void>();
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
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
