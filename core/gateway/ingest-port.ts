/** The main thread's side of usage: small bodies are done here, large ones go to the ingest worker. */
import { Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { RefusalError } from '#core/domain/refusal.ts';
import type { Core, Snapshot } from '#core/services/core.ts';
import { Directory } from './directory.ts';
import { answerUsage } from './ingest-answer.ts';
import type { Mode } from './ingest-answer.ts';
import type { FromWorker, ToWorker } from './ingest-worker.ts';
import type { IngestTerms } from './slices.ts';
import type { Reply } from './problem.ts';
import { createGatherer } from './gatherer.ts';

/** Bodies larger than this are the worker's: parsing one here would keep gate calls waiting. */
export const LARGE_BODY = 32 * 1024;

export type UsageRequest = Readonly<{
  mode: Mode;
  body: Buffer;
  actor: string;
  nowMs: number;
  /** What the customer of a bound key may be called; null for a key of the whole workspace. */
  refs: ReadonlySet<string> | null;
}>;

export type IngestPort = Readonly<{
  directory: Directory;
  /** Answers a body of usage when what it says is durable. Rejects with BUSY where the worker died under it. */
  record: (request: UsageRequest) => Promise<Reply>;
  /** The writer's thread has ended: nothing can be booked any more. */
  isWriterGone: () => boolean;
  close: () => Promise<void>;
}>;

type Waiting = { resolve: (reply: Reply) => void; reject: (error: unknown) => void };
/** A message without its number, for each kind of message. */
type Unnumbered<M> = M extends { n: number } ? Omit<M, 'n'> : never;

const typesOf = new WeakMap<Snapshot, ReadonlySet<string>>();

/** What events of a request are checked against, as of now. */
export function termsOf(core: Core, request: Pick<UsageRequest, 'actor' | 'nowMs' | 'refs'>): IngestTerms {
  const snapshot = core.snapshot();
  let types = typesOf.get(snapshot);
  if (!types) {
    types = new Set([...snapshot.meters.values()].map(({ eventType }) => eventType));
    typesOf.set(snapshot, types);
  }
  const { settings, meters } = snapshot;
  return {
    actor: request.actor,
    nowMs: request.nowMs,
    refs: request.refs,
    meters,
    types,
    maxFutureMs: settings.maxFutureMs,
    refuseUnknown: settings.unknownUsage === 'refuse',
  };
}

/** The worker, and what is asked of it and not answered yet. */
class IngestWorker {
  readonly #worker: Worker;
  readonly #core: Core;
  readonly #directory: Directory;
  readonly #replies = new Map<number, Waiting>();
  readonly #snapshots = new Map<number, () => void>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #exited: Promise<void>;
  #next = 1;
  #isDead = false;
  isWriterGone = false;

  constructor(core: Core, directory: Directory, port: MessagePort) {
    this.#core = core;
    this.#directory = directory;
    this.#worker = new Worker(new URL('./ingest-worker.ts', import.meta.url), {
      workerData: { port },
      transferList: [port],
      resourceLimits: { maxOldGenerationSizeMb: 192, maxYoungGenerationSizeMb: 16 },
    });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('exit', () => this.#fail());
    this.#worker.on('error', (error: Error) => {
      core.log.error('ingest worker died', { error });
      this.#ready.reject(error);
    });
    this.#worker.on('message', (message: FromWorker) => this.#receive(message));
  }

  ready(): Promise<void> {
    return this.#ready.promise;
  }

  #send(message: Unnumbered<ToWorker>, transfer: ArrayBuffer[] = []): number {
    const n = this.#next;
    this.#next += 1;
    this.#worker.postMessage({ ...message, n }, transfer);
    return n;
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        return this.#ready.resolve();
      case 'writer-gone':
        this.isWriterGone = true;
        return;
      case 'snapshot':
        this.#snapshots.get(message.n)?.();
        this.#snapshots.delete(message.n);
        return;
      case 'reply':
        this.#replies.get(message.n)?.resolve(message);
        this.#replies.delete(message.n);
        return;
      case 'unknown':
        void this.#answerUnknown(message.n, message.subjects);
    }
  }

  /** Who cannot be looked up is taken for known here: the books look again, and refuse whom they do not know. */
  async #answerUnknown(n: number, subjects: readonly string[]): Promise<void> {
    const unknown = await this.#directory.unknown(subjects).catch(() => []);
    this.#worker.postMessage({ type: 'unknown', n, subjects: unknown } satisfies ToWorker);
  }

  #fail(): void {
    this.#isDead = true;
    this.#ready.reject(gone());
    for (const { reject } of this.#replies.values()) reject(gone());
    this.#replies.clear();
    for (const done of this.#snapshots.values()) done();
    this.#snapshots.clear();
  }

  /** Gives the worker a snapshot; resolves when it checks against it. */
  readonly push = ({ settings, meters }: Snapshot): Promise<void> =>
    new Promise((resolve) => {
      if (this.#isDead) return resolve();
      const refuseUnknown = settings.unknownUsage === 'refuse';
      const snapshot = { meters: [...meters.values()], refuseUnknown, maxFutureMs: settings.maxFutureMs };
      this.#snapshots.set(this.#send({ type: 'snapshot', snapshot }), resolve);
    });

  record({ mode, actor, nowMs, ...request }: UsageRequest): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#isDead) {
        this.#core.log.warn('usage refused: no ingest worker');
        return reject(gone());
      }
      const body = ownBytes(request.body);
      const refs = request.refs === null ? null : [...request.refs];
      this.#replies.set(this.#send({ type: 'body', mode, body, actor, nowMs, refs }, [body]), { resolve, reject });
    });
  }

  async close(): Promise<void> {
    this.#worker.postMessage({ type: 'close' } satisfies ToWorker);
    const timer = setTimeout(() => void this.#worker.terminate(), 400);
    await this.#exited;
    clearTimeout(timer);
  }
}

/** Starts the worker with its own way to the writer (`openBook().ingestPort`), which it takes over. */
export async function openIngest(core: Core, port: MessagePort): Promise<IngestPort> {
  const directory = new Directory(core.reader);
  const worker = new IngestWorker(core, directory, port);
  await worker.ready();
  await worker.push(core.snapshot());
  core.onSnapshot(worker.push);
  const books = { commit: createGatherer((commands) => core.book.commit(commands)), unknown: directory.unknown };
  return {
    directory,
    isWriterGone: () => worker.isWriterGone,
    record: (request) =>
      request.body.length > LARGE_BODY
        ? worker.record(request)
        : answerUsage(request.mode, request.body, termsOf(core, request), books),
    close: () => worker.close(),
  };
}

function gone(): RefusalError {
  return new RefusalError({
    code: 'BUSY',
    detail: 'The ingest worker stopped; whether this was booked is not known.',
    fix: 'Send the same events again: none is counted twice.',
  });
}

/** The body in memory of its own, which can be handed over without a copy; small ones lie in a pool that cannot. */
function ownBytes(body: Buffer): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = body;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return body.buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
