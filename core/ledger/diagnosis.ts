/**
 * What can be wrong with a workspace file, told in one sentence with a way out. Not for errors of the books
 * themselves: `verify` names those.
 */

export const DIAGNOSES = [
  'missing',
  'not-a-workspace',
  'damaged',
  'newer-version',
  'older-version',
  'other-history',
  'locked',
  'read-only',
  'disk-full',
  'no-permission',
  'failed',
] as const;
export type DiagnosisCode = (typeof DIAGNOSES)[number];

/** A clear "cannot": what is wrong with the file and what to do about it. */
export class WorkspaceError extends Error {
  readonly code: DiagnosisCode;
  readonly fix: string;
  constructor(options: { code: DiagnosisCode; detail: string; fix: string; cause?: unknown }) {
    super(`${options.detail} ${options.fix}`, { cause: options.cause });
    this.name = 'WorkspaceError';
    this.code = options.code;
    this.fix = options.fix;
  }
}

const BY_SQLITE: readonly (readonly [prefix: string, code: DiagnosisCode, detail: string, fix: string])[] = [
  [
    'SQLITE_NOTADB',
    'not-a-workspace',
    "is not a Tollkeeper workspace (its first bytes are not SQLite's).",
    'Name another file, or restore this one from a backup with `tollkeeper restore`.',
  ],
  [
    'SQLITE_CORRUPT',
    'damaged',
    'is damaged: SQLite cannot read all of its pages.',
    'Open a backup, or look at what can still be read with `tollkeeper verify --workspace FILE`; nothing was written.',
  ],
  [
    'SQLITE_FULL',
    'disk-full',
    'cannot grow: the disk is full.',
    'Free some space; what was answered is safe, what was not answered was not booked and may be sent again.',
  ],
  ['SQLITE_READONLY', 'read-only', 'cannot be written.', 'Check the permissions of the file and its folder.'],
  ['SQLITE_CANTOPEN', 'no-permission', 'cannot be opened.', 'Check that the folder exists and may be written.'],
  [
    'SQLITE_BUSY',
    'locked',
    'is in use by another program.',
    'Close that program, or copy the file with `tollkeeper backup`.',
  ],
  [
    'SQLITE_IOERR',
    'disk-full',
    'could not be written: the disk answered with an error.',
    'Check the disk; what was answered is safe, what was not answered may be sent again.',
  ],
];

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}

/** Turns what SQLite or the system said into a diagnosis of `file`. */
export function diagnose(error: unknown, file: string): WorkspaceError {
  if (error instanceof WorkspaceError) return error;
  const code = codeOf(error);
  const known = BY_SQLITE.find(([prefix]) => code.startsWith(prefix));
  if (known) {
    const [, diagnosis, detail, fix] = known;
    return new WorkspaceError({ code: diagnosis, detail: `${file} ${detail}`, fix, cause: error });
  }
  if (code === 'ENOSPC') return diagnose({ code: 'SQLITE_FULL' }, file);
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return diagnose({ code: 'SQLITE_READONLY' }, file);
  const text = error instanceof Error ? error.message : String(error);
  return new WorkspaceError({
    code: 'failed',
    detail: `${file} could not be opened: ${text}.`,
    fix: 'Try a backup of it; nothing was written.',
    cause: error,
  });
}
