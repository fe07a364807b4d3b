/**
 * The restore drill: a backup is restored into a folder made for it, proven there and removed. A backup that was never
 * restored is a hope.
 */
import { accessSync, constants, mkdtempSync, rmSync, statSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { copySteps } from './backup.ts';
import type { CopyStep } from './backup.ts';
import { WorkspaceError } from './diagnosis.ts';
import { openForReading } from './open.ts';

/** What a drill found: `problem` says in a sentence why the backup could not be relied on. */
export type DrillReport = Readonly<{
  ok: boolean;
  block: number;
  bytes: number;
  tookMs: number;
  problem: string | null;
}>;
export type DrillStep = Readonly<Pick<CopyStep, 'done' | 'phase' | 'at' | 'total'> & { report: DrillReport | null }>;

/** Where there is room beside the backup it is tried there, on the disk it would be restored from. */
function placeFor(file: string): string {
  try {
    accessSync(dirname(file), constants.W_OK);
    return dirname(file);
  } catch {
    // A backup on a disk that cannot be written is tried on another one.
    return tmpdir();
  }
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** A disk that a drill fills up would stop whatever else writes to it. */
function requireRoom(place: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(place);
  const free = bavail * bsize;
  const needed = bytes * 2;
  if (free >= needed) return;
  throw new WorkspaceError({
    code: 'disk-full',
    detail: `A drill needs ${mebibytes(needed)} in ${place}, where ${mebibytes(free)} are free.`,
    fix: 'Free some space, or move the backup to a larger disk; nothing was written.',
  });
}

/** Whether the chain of `books` has this block. */
function hasBlock(books: string, block: number, head: string): boolean {
  const connection = openForReading(books);
  try {
    const row = connection.prepare('SELECT lower(hex(hash)) AS hash FROM block WHERE no = ?').get(block);
    return (row as { hash: string } | undefined)?.hash === head;
  } finally {
    connection.close();
  }
}

const OTHER_BOOKS = 'It is a backup of other books: its last block is none of this chain.';
const NOT_PROVEN = 'What was restored from it does not prove.';

/**
 * Tries a backup of the books in `books`. What is wrong with the backup is the report's problem; throws a
 * WorkspaceError only where the drill itself could not be made. Leaves nothing behind, whoever ends it.
 */
export async function* drillSteps(
  order: Readonly<{ backup: string; books: string }>,
  signal?: AbortSignal,
): AsyncGenerator<DrillStep> {
  const startedMs = performance.now();
  const stat = statSync(order.backup, { throwIfNoEntry: false });
  const nothing = { block: 0, bytes: stat?.size ?? 0 };
  const end = (found: Pick<DrillReport, 'block' | 'bytes' | 'problem'>): DrillStep => ({
    done: true,
    phase: 'proving-copy',
    at: 1,
    total: 1,
    report: { ...found, ok: found.problem === null, tookMs: Math.round(performance.now() - startedMs) },
  });
  if (!stat?.isFile()) return yield end({ ...nothing, problem: 'The file is not there any more.' });
  const place = placeFor(order.backup);
  requireRoom(place, stat.size);
  const folder = mkdtempSync(join(place, '.tollkeeper-drill-'));
  try {
    const target = join(folder, 'restored.tollkeeper');
    for await (const { report, ...step } of copySteps({ do: 'restore', file: order.backup, target }, signal)) {
      if (report === null) {
        yield { done: false, phase: step.phase, at: step.at, total: step.total, report: null };
        continue;
      }
      const { block, head, bytes, verified } = report;
      const isOurs = hasBlock(order.books, block, head);
      yield end({ block: isOurs ? block : 0, bytes, problem: isOurs ? (verified ? null : NOT_PROVEN) : OTHER_BOOKS });
    }
  } catch (error) {
    const isOfBackup = error instanceof WorkspaceError && error.code !== 'disk-full';
    if (!isOfBackup) throw error;
    yield end({ ...nothing, problem: error.message.replace(error.fix, '').trim() });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
