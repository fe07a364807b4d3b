/** Brings a workspace forward to the newest schema: checksummed, one transaction each, checked before and after. */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { failpoint } from './failpoint.ts';
import { WorkspaceError } from './diagnosis.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/index.ts';

const HISTORY = `CREATE TABLE IF NOT EXISTS migration (
  version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL
) STRICT`;

export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(JSON.stringify(migration.statements)).digest('hex');
}

/** The schema version the file says it has; 0 for an empty one. */
export function schemaVersion(connection: Database): number {
  return Number(connection.pragma('user_version', { simple: true }));
}

function applied(connection: Database): { version: number; checksum: string }[] {
  return connection.prepare('SELECT version, checksum FROM migration ORDER BY version').all() as {
    version: number;
    checksum: string;
  }[];
}

function failed(file: string, detail: string): WorkspaceError {
  return new WorkspaceError({
    code: 'damaged',
    detail: `${file}: ${detail}`,
    fix: "Nothing was changed; open a backup or report this with the file's `tollkeeper verify` output.",
  });
}

/** Checks that what was applied is what this version would have applied. */
export function checkHistory(connection: Database, file: string): void {
  for (const row of applied(connection)) {
    const known = MIGRATIONS.find((migration) => migration.version === row.version);
    if (!known || checksumOf(known) !== row.checksum) {
      throw new WorkspaceError({
        code: 'other-history',
        detail: `${file} was made with another migration ${row.version} than this version ships; nothing was changed.`,
        fix: 'Open it with the version that made it, or open a backup.',
      });
    }
  }
}

function checkSound(connection: Database, file: string): void {
  const answer = connection.pragma('quick_check(1)', { simple: true });
  if (answer !== 'ok') throw failed(file, `SQLite's check says: ${String(answer)}.`);
  const orphan = connection.pragma('foreign_key_check') as unknown[];
  if (orphan.length > 0) throw failed(file, 'a row refers to one that is missing.');
}

/** Applies what is missing. A file that needs nothing is not written to. */
export function migrate(connection: Database, file: string): void {
  const from = schemaVersion(connection);
  const missing = MIGRATIONS.filter((migration) => migration.version > from);
  if (missing.length === 0) return checkHistory(connection, file);
  connection.exec(HISTORY);
  checkHistory(connection, file);
  checkSound(connection, file);
  for (const migration of missing) {
    connection.transaction(() => {
      for (const statement of migration.statements) {
        connection.exec(statement);
        failpoint('migrate.statement');
      }
      connection
        .prepare('INSERT INTO migration (version, name, checksum) VALUES (?, ?, ?)')
        .run(migration.version, migration.name, checksumOf(migration));
      connection.pragma(`user_version = ${migration.version}`);
      failpoint('migrate.recorded');
    })();
  }
  checkSound(connection, file);
}
