/** The ingest worker: reads, checks, fingerprints and answers large bodies, with its own way to the writer. */
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import type { MeterRecord } from '#core/ledger/catalog.ts';
import { WriterPort } from '#core/ledger/book.ts';
import { answerUsage } from './ingest-answer.ts';
import type { Mode } from './ingest-answer.ts';

/** What the worker keeps of the snapshot. */
export type WorkerSnapshot = Readonly<{ meters: readonly MeterRecord[]; refuseUnknown: boolean; maxFutureMs: number }>;
export type ToWorker =
  | Readonly<{ type: 'snapshot'; n: number; snapshot: WorkerSnapshot }>
  | Readonly<{
      type: 'body';
      n: number;
      mode: Mode;
      body: ArrayBuffer;
      actor: string;
      nowMs: number;
      refs: readonly string[] | null;
    }>
  | Readonly<{ type: 'unknown'; n: number; subjects: readonly string[] }>
  | Readonly<{ type: 'close' }>;
export type FromWorker =
  | Readonly<{ type: 'ready' | 'writer-gone' }>
  | Readonly<{ type: 'snapshot'; n: number }>
  | Readonly<{
      type: 'reply';
      n: number;
      status: number;
      headers: Readonly<Record<string, string>>;
      body: Uint8Array | null;
    }>
  | Readonly<{ type: 'unknown'; n: number; subjects: readonly string[] }>;

const { port } = workerData as { port: MessagePort };
const writer = new WriterPort(port);
// The other end closes when the writer's thread ends: what is under way then has an unknown outcome.
port.on('close', () => {
  writer.fail('the writer has stopped');
  send({ type: 'writer-gone' });
});

let snapshot: WorkerSnapshot = { meters: [], refuseUnknown: false, maxFutureMs: 0 };
let meters: ReadonlyMap<string, MeterRecord> = new Map();
let types: ReadonlySet<string> = new Set();
const asked = new Map<number, (unknown: readonly string[]) => void>();
let next = 1;
const encoder = new TextEncoder();

function send(message: FromWorker, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function askUnknown(subjects: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve) => {
    const n = next;
    next += 1;
    asked.set(n, resolve);
    send({ type: 'unknown', n, subjects });
  });
}

async function answer(request: Extract<ToWorker, { type: 'body' }>): Promise<void> {
  const { n, mode, actor, nowMs, refs } = request;
  const terms = {
    actor,
    nowMs,
    maxFutureMs: snapshot.maxFutureMs,
    refuseUnknown: snapshot.refuseUnknown,
    meters,
    types,
    refs: refs === null ? null : new Set(refs),
  };
  const books = { commit: writer.commit.bind(writer), unknown: askUnknown };
  const { status, headers, body } = await answerUsage(mode, new Uint8Array(request.body), terms, books);
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  send({ type: 'reply', n, status, headers, body: bytes }, bytes === null ? [] : [bytes.buffer as ArrayBuffer]);
}

parentPort?.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'body':
      void answer(message);
      break;
    case 'snapshot':
      snapshot = message.snapshot;
      meters = new Map(snapshot.meters.map((meter) => [meter.key, meter]));
      types = new Set(snapshot.meters.map((meter) => meter.eventType));
      send({ type: 'snapshot', n: message.n });
      break;
    case 'unknown':
      asked.get(message.n)?.(message.subjects);
      asked.delete(message.n);
      break;
    case 'close':
      port.close();
      parentPort?.close();
      break;
  }
});
send({ type: 'ready' });
