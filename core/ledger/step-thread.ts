/** Runs a long read in a thread of its own and hands on its steps, until the last one or until nobody wants them. */
import { Worker } from 'node:worker_threads';

/** Yields what the module posts; ends after a step that is `done`, or when the signal says so. */
export async function* stepsInThread<Step extends Readonly<{ done: boolean }>>(
  module: URL,
  workerData: object,
  signal?: AbortSignal,
): AsyncGenerator<Step> {
  const worker = new Worker(module, { workerData });
  const queue: Step[] = [];
  let failed: Error | null = null;
  let wake = Promise.withResolvers<void>();
  worker.on('message', (step: Step) => {
    queue.push(step);
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
