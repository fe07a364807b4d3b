/** The reader: a worker thread with a read-only connection, so that a heavy read never delays the gate. */
import { parentPort, workerData } from 'node:worker_threads';
import { RefusalError } from '#core/domain/refusal.ts';
import { openForReading } from './open.ts';
import { READS } from './reads/index.ts';
import { createReadSession } from './reads/session.ts';
import type { ReadSession } from './reads/session.ts';
import { WorkspaceError } from './diagnosis.ts';

const { file } = workerData as { file: string };

type Request = { n: number; name: keyof typeof READS; input: object };

function answer(session: ReadSession, { n, name, input }: Request): unknown {
  try {
    const read = READS[name] as (session: ReadSession, input: object) => unknown;
    // One snapshot a read: what it adds up belongs to one instant of the books.
    const value = session.within(input, (at) => read(at, input));
    return { n, value };
  } catch (error) {
    if (error instanceof RefusalError) return { n, refusal: error.refusal };
    return { n, error: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

try {
  const connection = openForReading(file);
  const session = createReadSession(connection, file);
  let version = -1;
  parentPort?.on('message', (message: Request | 'close') => {
    if (message === 'close') {
      session.close();
      parentPort?.close();
      return;
    }
    const now = Number(connection.pragma('data_version', { simple: true }));
    if (now !== version) session.catalog.forget();
    version = now;
    parentPort?.postMessage(answer(session, message));
  });
  parentPort?.postMessage({ ready: true });
} catch (error) {
  const known = error instanceof WorkspaceError;
  parentPort?.postMessage({
    failed: { code: known ? error.code : 'failed', detail: error instanceof Error ? error.message : String(error) },
  });
}
