/** Makes a workspace file: settings, its first admin, the shipped plans, meters and prices. All of it, or no file. */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, existsSync, fsyncSync, linkSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { refuse } from '#core/domain/refusal.ts';
import { WorkspaceError, diagnose } from '#core/ledger/diagnosis.ts';
import { createFile } from '#core/ledger/open.ts';
import type { Beginning } from '#core/services/core.ts';
import { openCore } from './core.ts';
import { createLog } from './log.ts';
import { canonicalPath } from './paths.ts';
import { seedWorkspace } from './seed.ts';

/** Refuses a name that is taken. */
export function refuseExisting(file: string): void {
  if (!existsSync(file)) return;
  throw new WorkspaceError({
    code: 'failed',
    detail: `${file} exists already.`,
    fix: 'Name a file that does not exist yet; nothing was changed.',
  });
}

function requireFolder(file: string): void {
  const folder = dirname(file);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new WorkspaceError({
    code: 'missing',
    detail: `The folder ${folder} does not exist.`,
    fix: 'Make it, or name a file elsewhere; nothing was changed.',
  });
}

/** The name is durable when its folder is; Windows keeps folders itself and opens none. */
function syncFolder(file: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Gives the finished file its name. A link never replaces what somebody else made there meanwhile. */
function publish(made: string, file: string): void {
  try {
    linkSync(made, file);
  } catch (error) {
    refuseExisting(file);
    throw error;
  }
  try {
    syncFolder(file);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

async function fill(made: string, { name, issuer, operator, passphrase }: Omit<Beginning, 'file'>): Promise<void> {
  // Whoever can read the file can read the books; SQLite gives its other files the same mode.
  chmodSync(made, 0o600);
  const { core, close } = await openCore(made, { log: createLog('silent') });
  try {
    await seedWorkspace(core, { settings: { name, issuer }, operator: { name: operator, passphrase } });
  } finally {
    await close();
  }
}

/** What the file and the system said, about the name that was asked for and not the one it is made under. */
function diagnoseMaking(error: unknown, made: string, file: string): unknown {
  const isOfSystem = error instanceof Error && 'syscall' in error;
  if (!(error instanceof WorkspaceError) && !isOfSystem) return error;
  const { code, message, fix, cause } = diagnose(error, file);
  const detail = message.replace(fix, '').trim().replaceAll(made, file);
  const isUnknown = code === 'failed' && !existsSync(file);
  return new WorkspaceError({
    code,
    detail: isUnknown ? detail.replace('could not be opened', 'could not be made') : detail,
    fix: isUnknown ? 'Name a file in another folder; nothing was made.' : fix,
    cause,
  });
}

/**
 * Makes the workspace under another name first: a file of its name is whole or not there. Gives the one path it goes
 * by; rejects with a WorkspaceError where it cannot be made, and never replaces a file.
 */
export async function makeWorkspace({ file: named, ...beginning }: Beginning): Promise<string> {
  const file = canonicalPath(named);
  refuseExisting(file);
  requireFolder(file);
  const made = `${file}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    createFile(made);
    await fill(made, beginning);
    publish(made, file);
  } catch (error) {
    throw diagnoseMaking(error, made, file);
  } finally {
    // A name that the system does not take cannot be removed either, which must not hide why.
    const left = ['', '-wal', '-shm', '.lock'].map((tail) => `${made}${tail}`).filter((path) => existsSync(path));
    for (const path of left) rmSync(path, { force: true });
  }
  return file;
}

/** The same for whoever asks a core: beside its own books where the path is relative, and "cannot" as a refusal. */
export async function makeWorkspaceBeside(own: string, { file: named, ...beginning }: Beginning): Promise<string> {
  const file = resolve(dirname(own), named);
  try {
    return await makeWorkspace({ file, ...beginning });
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    const detail = error.message.replace(error.fix, '').trim();
    return refuse({ code: existsSync(file) ? 'CONFLICT' : 'STATE_FORBIDS', detail, fix: error.fix });
  }
}
