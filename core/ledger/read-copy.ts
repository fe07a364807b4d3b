/** Reading books on a disk where nothing may be written. Not for books in use: those have a writer, and so a disk. */
import { accessSync, constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    // Whatever the reason, SQLite cannot make a file there either.
    return false;
  }
}

/**
 * SQLite shares its log through a file beside the books, even to read them. Where none can be made, a copy is read, log
 * and all; it has no name any more once it is open.
 */
function connectToCopy(file: string): Database.Database {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-read-'));
  const copy = join(folder, 'books');
  try {
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const whole = new Database(copy);
    whole.pragma('journal_mode = DELETE');
    whole.close();
    return new Database(copy, { readonly: true });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A read-only connection to a file, or to a copy of it where the disk is read-only. */
export function connectForReading(file: string): Database.Database {
  let connection: Database.Database | undefined;
  try {
    connection = new Database(file, { fileMustExist: true, readonly: true });
    // Only the first read tells whether the log can be shared.
    connection.pragma('schema_version');
    return connection;
  } catch (error) {
    connection?.close();
    if (isWritable(file) && isWritable(dirname(file))) throw error;
    return connectToCopy(file);
  }
}
