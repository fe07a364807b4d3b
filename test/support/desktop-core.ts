/** Runs the core's entry of the desktop in a thread, with the parent port that a utility process would give it. */
import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

type Sent = Readonly<{ data: unknown; ports: readonly MessagePort[] }>;

const port = {
  on: (_event: 'message', listener: (message: Sent) => void) => parentPort?.on('message', listener),
  postMessage: (message: unknown) => parentPort?.postMessage(message),
};
Object.assign(process, { parentPort: port });
await import((workerData as { entry: string }).entry);
