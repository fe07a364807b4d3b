/**
 * When the write-ahead log is copied into the file, and by whom. A checkpoint of thousands of pages inside a commit
 * makes every call that waits for it wait for the disk; so while gate calls are about, a thread beside the writer
 * copies nearly all of it, and the writer only the rest, after which its next commit begins the log anew. Without them
 * nobody waits for the disk but ingest, and the writer copies by itself.
 */
import { Worker } from 'node:worker_threads';
import type { Connection } from './open.ts';

/** About so many pages of log are gathered before they are copied (8 MiB). */
const PAGES = 2000;
/** A commit writes a few pages whatever it holds, and about one for so many rows (measured over holds and events). */
const PAGES_A_COMMIT = 6;
const ROWS_A_PAGE = 8;
/** Past this the writer copies within its commit, as SQLite does by itself. */
const OWN_PAGES = 4_000;
/** The same while the thread copies: it cannot keep up then. */
const MOST_PAGES = 16_000;

export class Checkpoints {
  readonly #connection: Connection;
  readonly #worker: Worker;
  readonly #changes;
  readonly #exited: Promise<void>;
  #isCopying = false;
  #ownPages = 0;
  #isGone = false;
  #rows = 0;
  #commits = 0;

  constructor(file: string, connection: Connection) {
    this.#connection = connection;
    this.#changes = connection.prepare('SELECT total_changes()').pluck();
    this.#rows = this.#changes.get() as number;
    this.#worker = new Worker(new URL('./checkpointer.ts', import.meta.url), {
      workerData: { file },
      resourceLimits: { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 },
    });
    this.#copyBeyond(OWN_PAGES);
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (message: { copied?: true }) => {
      if (message.copied) this.#settle();
    });
    // Without the thread the writer does it all, as any SQLite program would.
    this.#worker.on('error', () => connection.open && this.#giveUp());
    this.#worker.unref();
  }

  #copyBeyond(pages: number): void {
    if (pages === this.#ownPages) return;
    this.#connection.pragma(`wal_autocheckpoint = ${pages}`);
    this.#ownPages = pages;
  }

  #giveUp(): void {
    this.#isGone = true;
    this.#copyBeyond(OWN_PAGES);
  }

  /** Counts a commit, and while gate calls are about has the log copied when enough has gathered. */
  afterCommit(isGateAbout: boolean): void {
    this.#commits += 1;
    if (this.#isCopying || this.#isGone) return;
    this.#copyBeyond(isGateAbout ? MOST_PAGES : OWN_PAGES);
    if (!isGateAbout) return;
    const rows = (this.#changes.get() as number) - this.#rows;
    if (this.#commits * PAGES_A_COMMIT + rows / ROWS_A_PAGE < PAGES) return;
    this.#isCopying = true;
    this.#worker.postMessage('copy');
  }

  /** Copies what was written since the thread looked last: then all of the log is copied, and it begins anew. */
  #settle(): void {
    if (!this.#connection.open) return;
    try {
      this.#connection.pragma('wal_checkpoint(PASSIVE)');
    } catch {
      // A disk that is full keeps the log as it is; the next commit fails with the reason, and nothing is lost.
    }
    this.#isCopying = false;
    this.#commits = 0;
    this.#rows = this.#changes.get() as number;
  }

  /** Resolves when the thread has let go of the file. */
  async close(): Promise<void> {
    this.#worker.postMessage('close');
    await this.#exited;
  }
}
