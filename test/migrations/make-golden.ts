/**
 * Writes the golden workspace of the present schema version, from a business that is the same every time. Run once a
 * version; committed files never change after a release.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import Database from 'better-sqlite3';
import { SCHEMA_VERSION } from '#core/ledger/open.ts';
import { richWorld } from '../support/rich-world.ts';

/** Where the golden workspace of a version lies. */
export function goldenOf(version: number): string {
  return join(import.meta.dirname, 'golden', `v${version}.toll.gz`);
}

if (process.argv[1] === import.meta.filename) {
  const world = richWorld();
  world.store.close();
  const file = new Database(world.file);
  file.pragma('journal_mode = DELETE');
  file.exec('VACUUM');
  file.close();
  writeFileSync(goldenOf(SCHEMA_VERSION), gzipSync(readFileSync(world.file), { level: 9 }));
  world.dispose();
}
