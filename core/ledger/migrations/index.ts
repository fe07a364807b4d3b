/** All migrations in order. Forward only; each is one transaction and is recorded with the checksum of its text. */
import { spine } from './0001-spine.ts';
import { credit } from './0002-credit.ts';
import { sends } from './0003-sends.ts';
import { notices } from './0004-notices.ts';

export type Migration = Readonly<{ version: number; name: string; statements: readonly string[] }>;

export const MIGRATIONS: readonly Migration[] = [spine, credit, sends, notices];
