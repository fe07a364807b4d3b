/** A core that only reads, for a workspace that cannot be written here: a read-only disk, or somebody else's file. */
import { randomBytes } from 'node:crypto';
import { constants, copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { newId } from '#core/domain/id.ts';
import { refuse } from '#core/domain/refusal.ts';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';
import type { Head } from '#core/ledger/port.ts';
import { importSystem, importUsage } from '#core/files/import.ts';
import { previewImport, previewSystem } from '#core/files/preview.ts';
import { reviewViewer } from '#core/files/review-viewer.ts';
import { Spool } from '#core/files/spool.ts';
import { findLeaksInThread } from '#core/ledger/leaks-thread.ts';
import { openReader } from '#core/ledger/read-port.ts';
import { verifyInThread } from '#core/ledger/verify-thread.ts';
import type { Reader } from '#core/ledger/read-port.ts';
import { curveImplementation } from '#core/signing/curve-implementation.ts';
import { KeyRing } from '#core/services/key-ring.ts';
import type { Core, Log } from '#core/services/core.ts';
import { createExports } from './export.ts';
import { copiesOf, readSnapshot } from './core.ts';
import { DeploymentDesk } from './deployments/desk.ts';
import { LocalChainDesk } from './local-chains.ts';
import { version } from './version.ts';

/** A path at which a workspace can be read, and what to do when done. */
export type Readable = Readonly<{ file: string; isCopy: boolean; release: () => void }>;

/** SQLite reads a WAL database only where it can put its index beside it; elsewhere a copy is read. */
export function copyToRead(file: string): Readable {
  const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-read-'));
  const copy = join(folder, basename(file));
  for (const tail of ['', '-wal']) {
    if (existsSync(`${file}${tail}`)) copyFileSync(`${file}${tail}`, `${copy}${tail}`, constants.COPYFILE_FICLONE);
  }
  return { file: copy, isCopy: true, release: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Opens something for reading where the workspace lies, or else from a copy of it. */
export async function openWhereReadable<T>(
  file: string,
  open: (path: string) => T | Promise<T>,
): Promise<{ opened: T; readable: Readable }> {
  try {
    return { opened: await open(file), readable: { file, isCopy: false, release: () => undefined } };
  } catch (error) {
    const isBlocked =
      error instanceof WorkspaceError && ['no-permission', 'read-only', 'disk-full'].includes(error.code);
    if (!isBlocked) throw error;
  }
  const readable = copyToRead(file);
  try {
    return { opened: await open(readable.file), readable };
  } catch (error) {
    readable.release();
    throw error;
  }
}

async function headOf(reader: Reader): Promise<Head> {
  const { sequence, block, events, watermark, recordedMs } = await reader.read('stats', {});
  return {
    sequence: Number(sequence),
    block: Number(block),
    events: Number(events),
    watermark: Number(watermark),
    recordedMs: Number(recordedMs),
  };
}

const readOnly = (): never =>
  refuse({
    code: 'READ_ONLY',
    detail: 'This workspace cannot be written here.',
    fix: 'Open it where it can be written.',
  });

/** No chain was started beside it. */
const NOWHERE = { evm: () => null, solana: () => null };

/** Opens a workspace for reading only. Nobody else may write to it meanwhile, or be missed when they do. */
export async function openReadOnlyCore(
  file: string,
  options: { log: Log },
): Promise<Readonly<{ core: Core; close: () => Promise<void> }>> {
  const { opened: reader, readable } = await openWhereReadable(file, openReader);
  const snapshot = await readSnapshot(reader);
  const head = await headOf(reader);
  // The disk of the books cannot be written, or is somebody else's.
  const folder = `tollkeeper-spool-${process.pid}-${randomBytes(6).toString('hex')}`;
  const spool = new Spool(join(tmpdir(), folder), Date.now);
  const book: Core['book'] = {
    commit: () => Promise.resolve().then(readOnly),
    head: () => head,
    close: () => Promise.resolve(),
    onHead: () => undefined,
  };
  const now = (): number => Math.max(Date.now(), head.recordedMs);
  const newCoreId = (prefix: string): string => newId(prefix, Date.now(), randomBytes(10));
  const { log } = options;
  const desk = new DeploymentDesk({
    book,
    reader,
    log,
    now,
    newId: newCoreId,
    workspace: file,
    local: NOWHERE,
    owner: '-',
  });
  const core: Core = {
    file: readable.file,
    version,
    readOnly: true,
    log: options.log,
    reader,
    keyRing: new KeyRing(reader),
    book,
    now,
    newId: newCoreId,
    snapshot: () => snapshot,
    refresh: () => Promise.resolve(),
    onSnapshot: () => undefined,
    onMove: () => () => undefined,
    recordEvents: () => Promise.resolve().then(readOnly),
    files: {
      preview: (order) => previewImport(core, order),
      previewSystem: (order, actor) => previewSystem(core, order, actor),
      // Trying one reads only; taking one is refused by the books.
      importUsage: (order, principal) => importUsage(core, order, principal),
      exportList: createExports(readable.file, { nowMs: () => core.now() }),
      importSystem: (order, asker) => importSystem(core, order, asker),
      spool,
      reviewViewer,
    },
    deployments: desk,
    localChains: new LocalChainDesk({ workspace: file, local: NOWHERE, embedded: () => ({}), isBusy: () => false }),
    ...copiesOf(readable.file),
    createWorkspace: () => Promise.resolve().then(readOnly),
    verify: (signal) => verifyInThread(readable.file, signal),
    findLeaks: (order, signal) => findLeaksInThread(readable.file, order, signal),
    curve: curveImplementation(),
    facts: { gatewayUrl: null, liveTraffic: null },
  };
  const close = async (): Promise<void> => {
    spool.close();
    await reader.close();
    readable.release();
  };
  return { core, close };
}
