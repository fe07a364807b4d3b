/**
 * The single writer: a worker thread that owns the only writable connection. Everything reaches it as commands over
 * ports.
 */
import { receiveMessageOnPort, parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { Checkpoints } from './checkpoints.ts';
import { Engine, ensureBook } from './engine.ts';
import { openForWriting } from './open.ts';
import type { Command } from './port.ts';
import { createSqliteStore } from './sqlite-store.ts';
import { WriterLoop, failure } from './writer-loop.ts';
import { WorkspaceError } from './diagnosis.ts';

export type WriterData = Readonly<{ file: string; ports: readonly MessagePort[]; clockOffsetMs: number }>;
/** Calls of one tick travel together. */
export type ToWriter = readonly Readonly<{ n: number; commands: readonly Command[] }>[] | 'close';

const { file, ports, clockOffsetMs } = workerData as WriterData;

/** Replies of one commit leave together: the first asks for a flush after the commit's synchronous part. */
function repliesTo(port: MessagePort): (n: number, result: unknown) => void {
  const results: { n: number; result: unknown }[] = [];
  return (n, result) => {
    if (results.length === 0) queueMicrotask(() => port.postMessage(results.splice(0)));
    results.push({ n, result });
  };
}

function start(): void {
  const connection = openForWriting(file);
  const store = createSqliteStore(connection, 'main');
  const clock = (): number => Date.now() + clockOffsetMs;
  ensureBook(store, clock());
  const engine = new Engine(store, clock);
  const checkpoints = new Checkpoints(file, connection);
  let closing = false;
  let scheduled = false;

  const receive = (port: MessagePort, message: ToWriter): void => {
    if (message === 'close') {
      closing = true;
      return;
    }
    const reply = repliesTo(port);
    for (const { n, commands } of message) loop.add({ n, commands, reply: (result) => reply(n, result) });
  };
  const poll = (): void => {
    for (const port of ports) {
      for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) {
        receive(port, next.message as ToWriter);
      }
    }
  };
  const loop = new WriterLoop(engine, poll);
  const run = (): void => {
    scheduled = false;
    if (isFinishing) return;
    poll();
    if (loop.hasWork) {
      loop.turn();
      checkpoints.afterCommit(loop.isGateAbout);
    }
    if (loop.hasWork) schedule();
    else if (closing) void finish();
    else waitToPost();
  };
  // Not for commits, which wait for nothing: this ends the gathering of slices when no further work comes.
  const waitToPost = (): void => {
    const inMs = loop.nextPostMs;
    if (inMs !== null) setTimeout(schedule, inMs + 1);
  };
  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(run);
  };
  // A timer set for posting may still fire while the checkpoint thread lets go of the file.
  let isFinishing = false;
  const finish = async (): Promise<void> => {
    isFinishing = true;
    loop.postAll();
    await checkpoints.close();
    connection.pragma('wal_checkpoint(TRUNCATE)');
    store.close();
    for (const port of ports) port.close();
    parentPort?.postMessage({ closed: true });
    parentPort?.close();
  };
  for (const port of ports) {
    port.on('message', (message: ToWriter) => {
      receive(port, message);
      schedule();
    });
  }
  parentPort?.postMessage({ ready: engine.head() });
  schedule();
}

try {
  start();
} catch (error) {
  const fix = error instanceof WorkspaceError ? { code: error.code, fix: error.fix } : {};
  parentPort?.postMessage({ failed: { ...failure(error), ...fix } });
}
