/**
 * Opens a workspace file the one right way: pragmas set and read back, exact aggregates, lock held, schema migrated.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { invariant } from '#core/domain/refusal.ts';
import { WorkspaceError, diagnose } from './diagnosis.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { migrate, schemaVersion } from './migrate.ts';
import { connectForReading } from './read-copy.ts';

export type Connection = Database.Database;

/** `application_id` in the file's header: "TOLL" in ASCII. */
const APPLICATION_ID = 0x544f4c4c;
export const SCHEMA_VERSION = MIGRATIONS.at(-1)?.version ?? 0;

function prepareConnection(connection: Connection): void {
  connection.pragma('busy_timeout = 2000');
  connection.pragma('foreign_keys = ON');
  connection.pragma('trusted_schema = OFF');
  connection.pragma('temp_store = MEMORY');
  connection.pragma('cache_size = -32768');
  connection.aggregate('exact_sum', {
    start: 0n,
    step: (total: bigint, next: unknown) => (next === null ? total : total + BigInt(String(next))),
    result: (total: bigint) => total.toString(),
  });
}

/**
 * better-sqlite3 lowers `synchronous` to NORMAL in WAL; FULL makes an answered commit survive a power cut.
 * Set on every open and read back, because a pragma that is not understood is silently ignored.
 */
function makeDurable(connection: Connection): void {
  connection.pragma('journal_mode = WAL');
  connection.pragma('synchronous = FULL');
  connection.pragma('wal_autocheckpoint = 4000');
  connection.pragma('fullfsync = ON');
  invariant(connection.pragma('journal_mode', { simple: true }) === 'wal', 'the journal mode is WAL');
  invariant(connection.pragma('synchronous', { simple: true }) === 2, 'synchronous is FULL');
}

function checkIdentity(connection: Connection, file: string): void {
  const application = connection.pragma('application_id', { simple: true });
  if (application !== APPLICATION_ID) {
    throw new WorkspaceError({
      code: 'not-a-workspace',
      detail: `${file} is an SQLite file, but not a Tollkeeper workspace.`,
      fix: 'Name another file, or make a new workspace with `tollkeeper init FILE`.',
    });
  }
  const version = schemaVersion(connection);
  if (version > SCHEMA_VERSION) {
    throw new WorkspaceError({
      code: 'newer-version',
      detail: `${file} has schema ${version}; this Tollkeeper knows up to ${SCHEMA_VERSION}.`,
      fix: 'Update Tollkeeper; the file was not touched.',
    });
  }
}

/** Creates an empty workspace file; refuses to overwrite one. */
export function createFile(file: string): void {
  if (existsSync(file) && statSync(file).size > 0) {
    throw new WorkspaceError({
      code: 'failed',
      detail: `${file} exists already.`,
      fix: 'Name a file that does not exist yet, or open this one.',
    });
  }
  try {
    const connection = new Database(file);
    connection.pragma('page_size = 4096');
    connection.pragma(`application_id = ${APPLICATION_ID}`);
    prepareConnection(connection);
    makeDurable(connection);
    migrate(connection, file);
    connection.close();
  } catch (error) {
    throw diagnose(error, file);
  }
}

function requireFile(file: string): void {
  if (existsSync(file)) {
    if (statSync(file).isFile()) return;
    throw new WorkspaceError({
      code: 'not-a-workspace',
      detail: `${file} is not a file.`,
      fix: 'Name the workspace file itself.',
    });
  }
  throw new WorkspaceError({
    code: 'missing',
    detail: `${file} does not exist.`,
    fix: 'Make a workspace with `tollkeeper init FILE`, or check the path.',
  });
}

/**
 * What kept a file from being opened for writing. SQLite says only that it cannot open it, or its log, where the whole
 * disk is read-only; the system is asked which of the two it is.
 */
function diagnoseWriting(error: unknown, file: string): WorkspaceError {
  try {
    accessSync(file, constants.W_OK);
  } catch (reason) {
    return diagnose(reason, file);
  }
  return diagnose(error, file);
}

/** Opens for writing. The caller holds the workspace lock. */
export function openForWriting(file: string): Connection {
  requireFile(file);
  let connection: Connection | undefined;
  try {
    connection = new Database(file, { fileMustExist: true });
    prepareConnection(connection);
    checkIdentity(connection, file);
    makeDurable(connection);
    migrate(connection, file);
    connection.prepare('UPDATE book SET epoch = epoch').run();
    return connection;
  } catch (error) {
    connection?.close();
    throw diagnoseWriting(error, file);
  }
}

/** Opens for reading beside the writer; on a read-only disk a copy is read. */
export function openForReading(file: string): Connection {
  requireFile(file);
  let connection: Connection | undefined;
  try {
    connection = connectForReading(file);
    prepareConnection(connection);
    checkIdentity(connection, file);
    const version = schemaVersion(connection);
    if (version < SCHEMA_VERSION) {
      throw new WorkspaceError({
        code: 'older-version',
        detail: `${file} has schema ${version}; reading needs ${SCHEMA_VERSION}.`,
        fix: 'Open it once for writing, which migrates it; a backup of the file is made first.',
      });
    }
    return connection;
  } catch (error) {
    connection?.close();
    throw diagnose(error, file);
  }
}
