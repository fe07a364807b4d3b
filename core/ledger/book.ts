/** The books as the rest of the core sees them: an async port to the writer thread. */
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { RefusalError } from '#core/domain/refusal.ts';
import { WorkspaceError } from './diagnosis.ts';
import type { DiagnosisCode } from './diagnosis.ts';
import type { Answer, Book, Command, Head } from './port.ts';
import type { CallResult } from './writer-loop.ts';

type Waiting = { resolve: (answers: Answer[]) => void; reject: (error: unknown) => void };

/** Sends calls over a port to the writer and matches the replies; the ingest worker uses one of its own. */
export class WriterPort {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  #calls: { n: number; commands: readonly Command[] }[] = [];
  #next = 1;
  #head: Head = { sequence: 0, block: 0, events: 0, watermark: 0, recordedMs: 0 };
  readonly #heard: ((head: Head) => void)[] = [];

  constructor(port: MessagePort) {
    this.#port = port;
    port.on('message', (results: { n: number; result: CallResult }[]) => this.#receive(results));
  }

  head(): Head {
    return this.#head;
  }
  hear(head: Head): void {
    if (head.sequence < this.#head.sequence || head === this.#head) return;
    const moved = head.sequence !== this.#head.sequence || head.watermark !== this.#head.watermark;
    this.#head = head;
    if (moved) for (const listener of this.#heard) listener(head);
  }
  /** Told whenever the books moved. */
  onHead(listener: (head: Head) => void): void {
    this.#heard.push(listener);
  }

  /** Resolves when the answers are durable; rejects when nothing was booked or the outcome is unknown. */
  commit(commands: readonly Command[]): Promise<Answer[]> {
    return new Promise((resolve, reject) => {
      const n = this.#next;
      this.#next += 1;
      this.#waiting.set(n, { resolve, reject });
      if (this.#calls.length === 0) queueMicrotask(() => this.#send());
      this.#calls.push({ n, commands });
    });
  }

  #send(): void {
    const calls = this.#calls;
    this.#calls = [];
    if (calls.length > 0) this.#port.postMessage(calls);
  }

  #receive(results: { n: number; result: CallResult }[]): void {
    for (const { n, result } of results) {
      const waiting = this.#waiting.get(n);
      this.#waiting.delete(n);
      if ('answers' in result) {
        this.hear(result.head);
        waiting?.resolve(result.answers);
      } else waiting?.reject(busy(result));
    }
  }

  /** Rejects everything under way: the writer is gone. */
  fail(reason: string): void {
    for (const { reject } of this.#waiting.values()) reject(busy({ error: reason, code: '' }));
    this.#waiting.clear();
  }

  close(): void {
    this.#port.postMessage('close');
  }
  unref(): void {
    this.#port.unref();
  }
}

function busy(failure: { error: string; code: string }): RefusalError {
  const full = failure.code.startsWith('SQLITE_FULL') || failure.code.startsWith('SQLITE_IOERR');
  return new RefusalError({
    code: 'BUSY',
    detail: full
      ? 'The disk of the workspace is full; nothing was booked.'
      : `The books did not take it: ${failure.error}.`,
    fix: full
      ? 'Free some space and send the same request again with the same key.'
      : 'Send the same request again with the same key; it will not be counted twice.',
    values: { cause: failure.code || 'error' },
  });
}

export type OpenBook = Book &
  Readonly<{
    /** A second way in, for the ingest worker; transfer it there. */
    ingestPort: MessagePort;
    onHead: (listener: (head: Head) => void) => void;
    /** Told when the writer thread died. */
    onDeath: (listener: (error: Error) => void) => void;
  }>;

type FromWriter = { ready?: Head; closed?: true; failed?: { error: string; code: string; fix?: string } };

/**
 * Starts the writer on a workspace whose lock the caller holds. Rejects with a WorkspaceError when it cannot be
 * opened.
 */
export async function openBook(file: string, options: { clockOffsetMs?: number } = {}): Promise<OpenBook> {
  const main = new MessageChannel();
  const ingest = new MessageChannel();
  const worker = new Worker(new URL('./writer.ts', import.meta.url), {
    workerData: { file, ports: [main.port2, ingest.port2], clockOffsetMs: options.clockOffsetMs ?? 0 },
    transferList: [main.port2, ingest.port2],
    resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16 },
  });
  const deaths: ((error: Error) => void)[] = [];
  const port = new WriterPort(main.port1);
  const closed = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<void>();
  worker.on('message', (message: FromWriter) => {
    if (message.ready) {
      port.hear(message.ready);
      ready.resolve();
    } else if (message.failed) ready.reject(diagnosed(message.failed));
    else if (message.closed) closed.resolve();
  });
  worker.on('error', (error: Error) => {
    ready.reject(error);
    port.fail(error.message);
    for (const listener of deaths) listener(error);
  });
  worker.on('exit', () => closed.resolve());
  await ready.promise;
  return {
    commit: (commands) => port.commit(commands),
    head: () => port.head(),
    ingestPort: ingest.port1,
    onHead: (listener) => port.onHead(listener),
    onDeath: (listener) => deaths.push(listener),
    close: async () => {
      port.close();
      await closed.promise;
      main.port1.close();
    },
  };
}

function diagnosed(failed: { error: string; code: string; fix?: string }): Error {
  if (failed.fix === undefined) return new Error(failed.error);
  return new WorkspaceError({
    code: failed.code as DiagnosisCode,
    detail: failed.error.replace(failed.fix, '').trim(),
    fix: failed.fix,
  });
}
