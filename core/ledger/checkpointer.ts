/** Copies the write-ahead log into the file, in a thread of its own, so that the writer's commits need not. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** Each round copies what was written during the one before; after so many the rest is left to the writer. */
const ROUNDS = 4;
/** So few frames are quickly copied by the writer itself. */
const FEW_FRAMES = 64;

type Copied = { busy: number; log: number; checkpointed: number };

const { file } = workerData as { file: string };
const connection = new Database(file, { fileMustExist: true });
// The log must be on the disk before the file is changed: the same guarantee that the writer's own checkpoint gives.
connection.pragma('synchronous = FULL');
connection.pragma('fullfsync = ON');
connection.pragma('wal_autocheckpoint = 0');

/** A full disk stops nothing here: the log stays as it is, and the writer's next commit says what is wrong. */
function copy(): void {
  try {
    let before = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const [copied] = connection.pragma('wal_checkpoint(PASSIVE)') as Copied[];
      if (!copied || copied.busy !== 0 || copied.log - before < FEW_FRAMES) return;
      before = copied.log;
    }
  } catch (error) {
    parentPort?.postMessage({ failed: error instanceof Error ? error.message : String(error) });
  }
}

parentPort?.on('message', (message: 'copy' | 'close') => {
  if (message === 'close') {
    connection.close();
    parentPort?.close();
    return;
  }
  copy();
  parentPort?.postMessage({ copied: true });
});
