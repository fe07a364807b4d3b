/** An export from outside its thread: how many there may be, and what becomes of one that nobody takes. */
import { Worker } from 'node:worker_threads';
import type { ExportOrder } from '#core/contract/exports.ts';
import { refuse } from '#core/domain/refusal.ts';
import { messagesOf } from '#core/files/thread.ts';
import type { ExportThreadData, FromExport } from './export-thread.ts';

/** Each holds a snapshot and a thread; more wait for their turn with whoever asked. */
const MOST_EXPORTS = 4;
/** While a part waits to be taken the log of the books cannot shrink; whoever takes nothing for so long is let go. */
const UNTAKEN_MS = 60_000;

type Options = Readonly<{ nowMs: () => number; untakenMs?: number }>;
export type ExportList = (order: ExportOrder, signal?: AbortSignal) => AsyncIterable<Uint8Array>;

/** The way out for the lists of one workspace. */
export function createExports(file: string, options: Options): ExportList {
  let underWay = 0;
  return async function* exportList(order, signal) {
    if (underWay >= MOST_EXPORTS) {
      refuse({
        code: 'BUSY',
        detail: `${MOST_EXPORTS} exports are under way already.`,
        fix: 'Wait until one of them ends.',
      });
    }
    underWay += 1;
    try {
      yield* parts(file, order, { ...options, signal });
    } finally {
      underWay -= 1;
    }
  };
}

async function* parts(
  file: string,
  { list, format, ...filters }: ExportOrder,
  { nowMs, untakenMs = UNTAKEN_MS, signal }: Options & { signal: AbortSignal | undefined },
): AsyncGenerator<Uint8Array> {
  const workerData: ExportThreadData = { file, format, order: { list, filters, nowMs: nowMs() } };
  const worker = new Worker(new URL('./export-thread.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 32 },
  });
  const stop = (): void => void worker.terminate();
  signal?.addEventListener('abort', stop);
  let isUntaken = false;
  try {
    for await (const message of messagesOf<FromExport>(worker)) {
      if (message.type === 'end') return;
      if (message.type === 'refused') refuse(message.refusal);
      const timer = setTimeout(() => {
        isUntaken = true;
        stop();
      }, untakenMs);
      yield message.bytes;
      clearTimeout(timer);
      if (isUntaken) break;
      worker.postMessage('taken');
    }
    refuse({
      code: 'BUSY',
      detail: isUntaken ? `Nobody took the export for ${untakenMs / 1000} s.` : 'The export was ended.',
      fix: 'Begin it again; nothing was changed.',
    });
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.terminate();
  }
}
