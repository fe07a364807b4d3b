/**
 * Cutting the power of a process: run it with `env`, kill it whenever you like, then `cut()` the folder back to what
 * was synced. Says nothing about disks that reorder or tear synced writes.
 */
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileShim } from './compile.ts';

/** What one file lost: how many writes, and whether the file itself. */
export type Loss = Readonly<{ path: string; writes: number; isGone: boolean }>;

export type PowerCut = Readonly<{
  /** Environment of the process whose power will be cut. */
  env: Readonly<Record<string, string>>;
  /** Takes every file back to its last sync. The process must be dead. */
  cut: () => Loss[];
  /** Removes the journals. */
  dispose: () => void;
}>;

type UndoRecord = Readonly<{ kind: string; offset: number; length: number; bytes: Buffer }>;

const HEAD_BYTES = 21;

/** Reads a journal up to its last whole record; see powercut.c for the layout. */
function readJournal(path: string): UndoRecord[] {
  const text = readFileSync(path);
  const records: UndoRecord[] = [];
  for (let at = 0; at + HEAD_BYTES <= text.length;) {
    const count = text.readUInt32LE(at + 17);
    const end = at + HEAD_BYTES + count;
    if (end > text.length) break;
    records.push({
      kind: text.toString('latin1', at, at + 1),
      offset: Number(text.readBigUInt64LE(at + 1)),
      length: Number(text.readBigUInt64LE(at + 9)),
      bytes: text.subarray(at + HEAD_BYTES, end),
    });
    at = end;
  }
  return records;
}

/** Every file under a folder by its inode, as a rename may have moved it since. */
function filesByInode(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [statSync(path, { bigint: true }).ino.toString(), path]));
}

/** Undoes one file's writes since its last sync, newest first. */
function undo(path: string, records: readonly UndoRecord[]): Loss {
  const created = records.find(({ kind }) => kind === 'C');
  const writes = records.filter(({ kind }) => kind !== 'C').length;
  if (created !== undefined) {
    // Moved to another name, it is an empty file there; where it was made, it never was.
    if (created.bytes.toString() === path) rmSync(path);
    else truncateSync(path, 0);
    return { path, writes, isGone: true };
  }
  const fd = openSync(path, 'r+');
  for (const { offset, length, bytes } of records.toReversed()) {
    writeSync(fd, bytes, 0, bytes.length, offset);
    ftruncateSync(fd, length);
  }
  closeSync(fd);
  return { path, writes, isGone: false };
}

/** Prepares to cut the power of a process that writes under `folder`, which must exist. */
export function powerCut(folder: string): PowerCut {
  const dir = realpathSync(folder);
  const journals = mkdtempSync(join(tmpdir(), 'tollkeeper-powercut-'));
  const cut = (): Loss[] => {
    const paths = filesByInode(dir);
    const losses: Loss[] = [];
    for (const name of readdirSync(journals)) {
      const path = paths.get(name.replace('.undo', ''));
      const journal = join(journals, name);
      const records = readJournal(journal);
      if (path !== undefined && records.length > 0) losses.push(undo(path, records));
      truncateSync(journal, 0);
    }
    return losses.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  };
  return {
    env: { LD_PRELOAD: compileShim('powercut'), POWERCUT_DIR: dir, POWERCUT_JOURNAL: journals },
    cut,
    dispose: () => rmSync(journals, { recursive: true, force: true }),
  };
}
