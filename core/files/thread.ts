/** The thread that reads files, from outside: what it says, and what becomes of one that says nothing. */
import { Worker } from 'node:worker_threads';
import { refuse } from '#core/domain/refusal.ts';
import type { FromImport, ThreadData } from './import-thread.ts';
import { FileError } from './rows.ts';

/** A thread that is waited for this long has met a file that keeps it busy for ever: lengths that lie, say. */
const STALL_MS = 60_000;

export function startFileThread(workerData: ThreadData): Worker {
  return new Worker(new URL('./import-thread.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 },
  });
}

/** A sentence of a file's fault as the refusal that carriers send. */
export function refuseFile(error: unknown): never {
  if (!(error instanceof FileError)) throw error;
  return refuse({ code: 'INPUT_INVALID', detail: error.message, fix: error.fix });
}

/** A file whose rows do not fit is a fault of the file; anything else is one of ours. */
function asFileError(failure: Error & { code?: string }): Error {
  if (failure.code !== 'ERR_WORKER_OUT_OF_MEMORY') return failure;
  return new FileError('The file needs too much memory to be read.', 'Write it with smaller row groups or records.');
}

async function within(ms: number, wait: Promise<void>): Promise<void> {
  const stalled = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const fix = 'The file is damaged; write it again. What was taken is not counted twice.';
    stalled.reject(new FileError(`Nothing more could be read within ${ms / 1000} s.`, fix));
  }, ms);
  try {
    await Promise.race([wait, stalled.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Messages of the thread as they come; ends with the thread. */
export async function* messagesOf<Message = FromImport>(worker: Worker, stallMs = STALL_MS): AsyncGenerator<Message> {
  const waiting: Message[] = [];
  let [wake, isOver, failure]: [(() => void) | null, boolean, Error | null] = [null, false, null];
  const stir = (): void => wake?.();
  worker.on('message', (message: Message) => {
    waiting.push(message);
    stir();
  });
  worker.on('error', (error: Error) => {
    failure = error;
    stir();
  });
  worker.on('exit', () => {
    isOver = true;
    stir();
  });
  for (;;) {
    const next = waiting.shift();
    if (next) yield next;
    else if (failure) throw asFileError(failure);
    else if (isOver) return;
    else await within(stallMs, new Promise<void>((resolve) => (wake = resolve)));
  }
}
