/** The reader: a worker thread with a read-only connection, so that a heavy read never delays the gate. */
import { parentPort, workerData } from 'node:worker_threads';
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import type { Refusal } from '#core/domain/refusal.ts';
import { openForReading } from './open.ts';
import { READS } from './reads/index.ts';
import { createReadSession } from './reads/session.ts';
import type { ReadSession } from './reads/session.ts';
import { WorkspaceError } from './diagnosis.ts';

const { file } = workerData as { file: string };

/** Nobody waits for this read any more. */
type Ended = Readonly<{ ended: number }>;
type Request = { n: number; name: keyof typeof READS; input: object };

/** Reads that go slice by slice, so that others come in between; more of them at once are refused. */
const MOST_LONG = 8;
const TOO_MANY: Refusal = {
  code: 'BUSY',
  detail: `${MOST_LONG} long queries are under way already.`,
  fix: 'Wait until one of them ends, or end one.',
};
type Slices = Iterator<unknown, unknown>;
const underWay = new Map<number, Slices>();

const isSlices = (value: unknown): value is Slices => typeof (value as Partial<Slices> | null)?.next === 'function';

function failed(n: number, error: unknown): object {
  if (error instanceof RefusalError) return { n, refusal: error.refusal };
  return { n, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function start(session: ReadSession, { n, name, input }: Request): void {
  try {
    const read = READS[name] as (session: ReadSession, input: object) => unknown;
    // One snapshot a read: what it adds up belongs to one instant of the books.
    const value = session.within(input, (at) => read(at, input));
    if (!isSlices(value)) return parentPort?.postMessage({ n, value });
    if (underWay.size >= MOST_LONG) refuse(TOO_MANY);
    underWay.set(n, value);
    goOn(session, n, input);
  } catch (error) {
    parentPort?.postMessage(failed(n, error));
  }
}

/** One slice, and then whatever was asked meanwhile before the next. */
function goOn(session: ReadSession, n: number, input: object): void {
  const slices = underWay.get(n);
  if (!slices) return;
  try {
    const { done, value } = session.within(input, () => slices.next());
    if (!done) {
      if (value !== undefined) parentPort?.postMessage({ n, step: value });
      return void setImmediate(() => goOn(session, n, input));
    }
    parentPort?.postMessage({ n, value });
  } catch (error) {
    parentPort?.postMessage(failed(n, error));
  }
  underWay.delete(n);
}

try {
  const connection = openForReading(file);
  const session = createReadSession(connection, file);
  let version = -1;
  parentPort?.on('message', (message: Request | Ended | 'close') => {
    if (message === 'close') {
      underWay.clear();
      session.close();
      parentPort?.close();
      return;
    }
    if ('ended' in message) return void underWay.delete(message.ended);
    const now = Number(connection.pragma('data_version', { simple: true }));
    if (now !== version) session.catalog.forget();
    version = now;
    start(session, message);
  });
  parentPort?.postMessage({ ready: true });
} catch (error) {
  const known = error instanceof WorkspaceError;
  parentPort?.postMessage({
    failed: { code: known ? error.code : 'failed', detail: error instanceof Error ? error.message : String(error) },
  });
}
