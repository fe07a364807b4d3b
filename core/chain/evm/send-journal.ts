/**
 * Sends in a file of lines, each a version of one of them, synced before the write counts: for a command that deploys
 * without a workspace, and for tests. A workspace keeps its sends in the books.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { MemorySendStore } from './send.ts';
import type { Send } from './send.ts';

/** Amounts and nonces are bigints, which JSON has none of: they are written as text with an `n` after it. */
const toText = (send: Send): string =>
  JSON.stringify(send, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));

const fromText = (line: string): Send =>
  JSON.parse(line, (_, value: unknown) =>
    typeof value === 'string' && /^\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value,
  ) as Send;

/** Every whole line of a journal. The last may have been cut short by a crash: its write never counted. */
function readLines(file: string): Send[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.slice(0, -1).map(fromText);
}

export class SendJournal extends MemorySendStore {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    super();
    this.#handle = handle;
  }

  /** Opens a journal, or begins one. One process at a time: whoever opens it holds the workspace or the deployment. */
  static async open(file: string): Promise<SendJournal> {
    mkdirSync(dirname(file), { recursive: true });
    const known = readLines(file);
    const handle = await open(file, 'a+');
    // What a crash left of a line would run into the next one.
    const kept = known.reduce((sum, send) => sum + Buffer.byteLength(`${toText(send)}\n`), 0);
    await handle.truncate(kept);
    const journal = new SendJournal(handle);
    for (const send of known) journal.keep(send);
    return journal;
  }

  override async save(send: Send): Promise<void> {
    this.check(send);
    await this.#handle.appendFile(`${toText(send)}\n`);
    await this.#handle.datasync();
    this.keep(send);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}
