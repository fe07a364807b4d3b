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
    actor: request.actor, nowMs: request.nowMs, refs: request.refs, meters, types, maxFutureMs: settings.maxFutureMs,
    refuseUnknown: settings.unknownUsage === 'refuse',
  };
}

/** Starts the worker with its own way to the writer (`openBook().ingestPort`), which it takes over. */
export async function openIngest(core: Core, port: MessagePort): Promise<IngestPort> {
  const worker = new Worker(new URL('./ingest-worker.ts', import.meta.url), {
    workerData: { port }, transferList: [port], resourceLimits: { maxOldGenerationSizeMb: 192 },
  });
  const directory = new Directory(core.reader);
  const replies = new Map<number, Waiting>();
  const snapshots = new Map<number, () => void>();
  const ready = Promise.withResolvers<void>();
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let next = 1;
  let dead: Error | null = null;
  let isWriterGone = false;

  const post = (message: Unnumbered<ToWorker>, transfer: ArrayBuffer[] = []): number => {
    const n = next;
    next += 1;
    worker.postMessage({ ...message, n }, transfer);
    return n;
  };
  const fail = (error: Error): void => {
    dead = error;
    ready.reject(error);
    for (const { reject } of replies.values()) reject(gone());
    replies.clear();
    for (const done of snapshots.values()) done();
    snapshots.clear();
  };
  worker.on('error', (error: Error) => {
    core.log.error('ingest worker died', { error });
    fail(error);
  });
  worker.on('exit', () => fail(new Error('the ingest worker has ended')));
  worker.on('message', (message: FromWorker) => {
    if (message.type === 'ready') ready.resolve();
    else if (message.type === 'writer-gone') isWriterGone = true;
    else if (message.type === 'snapshot') {
      snapshots.get(message.n)?.();
      snapshots.delete(message.n);
    } else if (message.type === 'reply') {
      replies.get(message.n)?.resolve(message);
      replies.delete(message.n);
    } else if (message.type === 'unknown') {
      const { n, subjects } = message;
      void directory.unknown(subjects).then((unknown) => worker.postMessage({ type: 'unknown', n, subjects: unknown }));
    }
  });

  const push = (snapshot: Snapshot): Promise<void> =>
    new Promise((resolve) => {
      if (dead) return resolve();
      const { settings, meters } = snapshot;
      const n = post({
        type: 'snapshot',
        snapshot: {
          meters: [...meters.values()], refuseUnknown: settings.unknownUsage === 'refuse', maxFutureMs: settings.maxFutureMs,
        },
      });
      snapshots.set(n, resolve);
    });
  await ready.promise;
  await push(core.snapshot());
  core.onSnapshot(push);

  const gather = createGatherer((commands) => core.book.commit(commands));
  const books = { commit: gather, unknown: directory.unknown };
  const recordLarge = (request: UsageRequest): Promise<Reply> =>
    new Promise((resolve, reject) => {
      if (dead) return reject(gone());
      const { mode, actor, nowMs } = request;
      const body = ownBytes(request.body);
      const refs = request.refs === null ? null : [...request.refs];
      replies.set(post({ type: 'body', mode, body, actor, nowMs, refs }, [body]), { resolve, reject });
    });
  return {
    directory,
    isWriterGone: () => isWriterGone,
    record: (request) =>
      request.body.length > LARGE_BODY
        ? recordLarge(request)
        : answerUsage(request.mode, request.body, termsOf(core, request), books),
    close: async () => {
      worker.postMessage({ type: 'close' });
      const timer = setTimeout(() => void worker.terminate(), 400);
      await exited;
      clearTimeout(timer);
    },
  };
}

function gone(): RefusalError {
  return new RefusalError({
    code: 'BUSY', detail: 'The ingest worker stopped; whether this was booked is not known.',
    fix: 'Send the same events again: none is counted twice.',
  });
}

/** The body in memory of its own, which can be handed over without a copy; small ones lie in a pool that cannot. */
function ownBytes(body: Buffer): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = body;
  if (buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength) return buffer;
  return body.buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
