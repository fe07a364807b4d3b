/** The async side of the reader thread: reads by name, typed. */
import { Worker } from 'node:worker_threads';
import { RefusalError } from '#core/domain/refusal.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { WorkspaceError } from './diagnosis.ts';
import type { DiagnosisCode } from './diagnosis.ts';
import type { Instant } from '#core/domain/instant.ts';
import type { ReadInput, ReadName, ReadOutput, ReadStep } from './reads/index.ts';

export type Reader = Readonly<{
  /**
   * Of now, or of the instants that the input carries beside what the read itself asks for. With the signal a read that
   * takes long is ended; what one that goes slice by slice tells on its way comes to `onStep`.
   */
  read: <N extends ReadName>(
    name: N,
    input: ReadInput<N> & Instant,
    signal?: AbortSignal,
    onStep?: (step: ReadStep<N>) => void,
  ) => Promise<ReadOutput<N>>;
  close: () => Promise<void>;
}>;

const ENDED: Refusal = { code: 'BUSY', detail: 'The read was ended.', fix: 'Ask again; nothing was changed.' };

type Waiting = {
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
  onStep: ((step: never) => void) | undefined;
};
type Message =
  | { ready: true }
  | { failed: { code: string; detail: string } }
  | { n: number; step: unknown }
  | { n: number; value?: unknown; refusal?: Refusal; error?: string };

/** Starts a reader on a workspace that the writer has opened (and so migrated) before. */
export async function openReader(file: string): Promise<Reader> {
  const worker = new Worker(new URL('./reader.ts', import.meta.url), {
    workerData: { file },
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16 },
  });
  const waiting = new Map<number, Waiting>();
  const ready = Promise.withResolvers<void>();
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let next = 1;
  worker.on('message', (message: Message) => {
    if ('ready' in message) return ready.resolve();
    if ('failed' in message) {
      const { code, detail } = message.failed;
      return ready.reject(new WorkspaceError({ code: code as DiagnosisCode, detail, fix: '' }));
    }
    const call = waiting.get(message.n);
    if ('step' in message) return call?.onStep?.(message.step as never);
    waiting.delete(message.n);
    if (message.refusal) call?.reject(new RefusalError(message.refusal));
    else if (message.error !== undefined) call?.reject(new Error(message.error));
    else call?.resolve(message.value as never);
  });
  worker.on('error', (error) => {
    ready.reject(error);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });
  await ready.promise;
  return {
    read: (name, input, signal, onStep) =>
      new Promise((resolve, reject) => {
        const n = next;
        next += 1;
        const end = (): void => {
          if (!waiting.delete(n)) return;
          worker.postMessage({ ended: n });
          reject(new RefusalError(ENDED));
        };
        const untied = <T>(settle: (value: T) => void) => {
          return (value: T): void => {
            signal?.removeEventListener('abort', end);
            settle(value);
          };
        };
        waiting.set(n, { resolve: untied(resolve), reject: untied(reject), onStep });
        worker.postMessage({ n, name, input });
        if (signal?.aborted) end();
        else signal?.addEventListener('abort', end);
      }),
    close: async () => {
      worker.postMessage('close');
      await exited;
    },
  };
}
