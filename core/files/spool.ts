/** Files that came through a browser: written down as they arrive, each its uploader's, and removed after use. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '#core/domain/refusal.ts';

/** An upload as it is told: what it is asked for by, what it was called, its size. */
export type Upload = Readonly<{ id: string; name: string; bytes: number; receivedMs: number }>;
type Kept = Upload & Readonly<{ actor: string; path: string }>;

export type SpoolLimits = Readonly<{ fileBytes: number; allBytes: number; files: number; lifeMs: number }>;
/** The limits as documented: 4 GiB a file, 8 GiB and 32 files at once, a day. */
export const SPOOL_LIMITS: SpoolLimits = {
  fileBytes: 4 * 2 ** 30,
  allBytes: 8 * 2 ** 30,
  files: 32,
  lifeMs: 86_400_000,
};

const GIB = 2 ** 30;
const sizeText = (bytes: number): string => (bytes >= GIB ? `${bytes / GIB} GiB` : `${bytes} bytes`);

/** A name for a path of ours: what it was called, without what leads elsewhere or hides. */
function tameName(name: string): string {
  const last = name.normalize('NFC').split(/[\\/]/).at(-1) ?? '';
  const plain = last.replaceAll(/[^\p{L}\p{N}._ -]/gu, '_').replace(/^[. ]+/, '');
  return plain.slice(-120) || 'upload';
}

export class Spool {
  readonly #folder: string;
  readonly #limits: SpoolLimits;
  readonly #now: () => number;
  readonly #kept = new Map<string, Kept>();
  #underWay = 0;
  #bytes = 0;

  /** The folder is this one's alone: what a process that was killed left in it goes. */
  constructor(folder: string, now: () => number, limits: SpoolLimits = SPOOL_LIMITS) {
    [this.#folder, this.#now, this.#limits] = [folder, now, limits];
    rmSync(folder, { recursive: true, force: true });
  }

  /** Writes a file as it comes, a chunk in memory at a time. One that is too large or breaks off leaves nothing. */
  async receive(
    stream: AsyncIterable<Uint8Array>,
    about: Readonly<{ name: string; actor: string; statedBytes: number | null }>,
  ): Promise<Upload> {
    this.#sweep();
    if (about.statedBytes !== null) this.#checkSize(about.statedBytes, this.#bytes + about.statedBytes);
    if (this.#kept.size + this.#underWay >= this.#limits.files) {
      const detail = `${this.#limits.files} uploaded files wait to be imported.`;
      refuse({ code: 'BUSY', detail, fix: 'Discard those that are done with.' });
    }
    const id = `upl_${randomBytes(16).toString('hex')}`;
    const folder = join(this.#folder, id);
    const name = tameName(about.name);
    this.#underWay += 1;
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const bytes = await this.#write(stream, join(folder, name));
      const upload = { id, name, bytes, receivedMs: this.#now() };
      this.#kept.set(id, { ...upload, actor: about.actor, path: join(folder, name) });
      return upload;
    } catch (error) {
      rmSync(folder, { recursive: true, force: true });
      throw error;
    } finally {
      this.#underWay -= 1;
    }
  }

  async #write(stream: AsyncIterable<Uint8Array>, path: string): Promise<number> {
    const file = await open(path, 'wx', 0o600);
    let bytes = 0;
    try {
      for await (const chunk of stream) {
        bytes += chunk.length;
        this.#bytes += chunk.length;
        this.#checkSize(bytes, this.#bytes);
        await file.write(chunk);
      }
      return bytes;
    } catch (error) {
      this.#bytes -= bytes;
      throw error;
    } finally {
      await file.close();
    }
  }

  #checkSize(bytes: number, allBytes: number): void {
    const { fileBytes, allBytes: mostBytes } = this.#limits;
    if (bytes > fileBytes) {
      refuse({
        code: 'BODY_TOO_LARGE',
        detail: `The file has more than ${sizeText(fileBytes)}.`,
        fix: 'Split it, or import it with `tollkeeper import FILE` on the machine of the books.',
      });
    }
    if (allBytes <= mostBytes) return;
    const detail = `Uploaded files would take more than ${sizeText(mostBytes)} together.`;
    refuse({ code: 'BUSY', detail, fix: 'Discard those that are done with.' });
  }

  /** Where an upload lies, for whoever sent it. */
  find(id: string, actor: string): Upload & Readonly<{ path: string; errorPath: string }> {
    this.#sweep();
    const kept = this.#kept.get(id);
    if (kept?.actor === actor) return { ...kept, errorPath: join(this.#folder, id, ERRORS) };
    return refuse({
      code: 'NOT_FOUND',
      detail: 'There is no such upload of yours.',
      fix: 'Send the file again: uploads are kept for a day, and until the console ends.',
    });
  }

  /** The rows of an upload that were not taken, once an import has left any. */
  errorsOf(id: string, actor: string): Readonly<{ path: string; name: string }> {
    const { errorPath, name } = this.find(id, actor);
    if (existsSync(errorPath)) return { path: errorPath, name: `${name}.errors${extensionOf(errorPath)}` };
    return refuse({
      code: 'NOT_FOUND',
      detail: 'This upload has no rows that were not taken.',
      fix: 'Import it first.',
    });
  }

  list(actor: string): Upload[] {
    this.#sweep();
    return [...this.#kept.values()]
      .filter((one) => one.actor === actor)
      .map(({ id, name, bytes, receivedMs }) => ({ id, name, bytes, receivedMs }));
  }

  discard(id: string, actor: string): void {
    this.find(id, actor);
    this.#remove(id);
  }

  #remove(id: string): void {
    const kept = this.#kept.get(id);
    if (!kept) return;
    this.#kept.delete(id);
    this.#bytes -= kept.bytes;
    rmSync(join(this.#folder, id), { recursive: true, force: true });
  }

  #sweep(): void {
    for (const { id, receivedMs } of this.#kept.values()) {
      if (this.#now() - receivedMs >= this.#limits.lifeMs) this.#remove(id);
    }
  }

  close(): void {
    this.#kept.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** No upload has this name: theirs do not begin with a dot. */
const ERRORS = '.errors';

/** Rows of CSV come back as CSV, all others as an object a line: its first byte tells. */
function extensionOf(path: string): '.csv' | '.ndjson' {
  const handle = openSync(path, 'r');
  try {
    const start = Buffer.alloc(1);
    readSync(handle, start, 0, 1, 0);
    return start.toString('latin1') === '{' ? '.ndjson' : '.csv';
  } finally {
    closeSync(handle);
  }
}
