/**
 * One writer per workspace: an exclusive transaction on a tiny database beside it, which the system frees when the
 * process dies.
 */
import { existsSync, realpathSync } from 'node:fs';
import Database from 'better-sqlite3';
import { WorkspaceError, diagnose } from './diagnosis.ts';

export type Lock = Readonly<{ file: string; release(): void }>;

/** Takes the lock or answers null when another process holds it. A folder that cannot be written is a diagnosis. */
export function takeLock(workspaceFile: string): Lock | null {
  // Two links to one workspace must not lead to two locks.
  const file = `${existsSync(workspaceFile) ? realpathSync(workspaceFile) : workspaceFile}.lock`;
  let connection: Database.Database | undefined;
  try {
    connection = new Database(file, { timeout: 0 });
    connection.pragma('journal_mode = DELETE');
    connection.exec('BEGIN EXCLUSIVE');
    connection.exec('CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY)');
    const held = connection;
    return {
      file,
      release: () => {
        held.close();
      },
    };
  } catch (error) {
    connection?.close();
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')) return null;
    throw diagnose(error, file);
  }
}

/** The diagnosis for a lock that somebody else holds and cannot be asked. */
export function lockedBy(workspaceFile: string): WorkspaceError {
  return new WorkspaceError({
    code: 'locked',
    detail: `${workspaceFile} is open in another Tollkeeper, which does not answer.`,
    fix: 'Close it, or wait until it has started; a second process never opens the file for writing.',
  });
}
