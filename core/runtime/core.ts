/** The composition root: opens a workspace and puts the parts together. Carriers are attached by whoever starts it. */
import { randomFillSync } from 'node:crypto';
import { newId } from '#core/domain/id.ts';
import { refuse } from '#core/domain/refusal.ts';
import { openBook } from '#core/ledger/book.ts';
import type { OpenBook } from '#core/ledger/book.ts';
import { backup, copySteps } from '#core/ledger/backup.ts';
import { DEFAULT_SETTINGS } from '#core/ledger/catalog.ts';
import type { MeterRecord, PlanRecord, SettingsRecord } from '#core/ledger/catalog.ts';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';
import { drillSteps } from '#core/ledger/drill.ts';
import { lockedBy, takeLock } from '#core/ledger/lock.ts';
import type { Lock } from '#core/ledger/lock.ts';
import { findLeaksInThread } from '#core/ledger/leaks-thread.ts';
import { openReader } from '#core/ledger/read-port.ts';
import type { Reader } from '#core/ledger/read-port.ts';
import { verifyInThread } from '#core/ledger/verify-thread.ts';
import { importSystem, importUsage } from '#core/files/import.ts';
import { previewImport, previewSystem } from '#core/files/preview.ts';
import { reviewViewer } from '#core/files/review-viewer.ts';
import { Spool } from '#core/files/spool.ts';
import { recordEvents } from '#core/gateway/ingest.ts';
import { curveImplementation } from '#core/signing/curve-implementation.ts';
import { KeyRing } from '#core/services/key-ring.ts';
import type { Core, Log, Snapshot } from '#core/services/core.ts';
import { createExports } from './export.ts';
import { DeploymentDesk } from './deployments/desk.ts';
import { LocalChainDesk } from './local-chains.ts';
import { startNotices } from './notices/watch.ts';
import type { Embedded } from './local-chains.ts';
import { version } from './version.ts';

export type CoreHandle = Readonly<{
  core: Core;
  book: OpenBook;
  /** Tells of a local chain that runs beside the workspace now. */
  embed: (chains: Embedded) => void;
  close: () => Promise<void>;
}>;

/** Ten random bytes at a time from a pool: one call to the system serves four hundred ids. */
function createChance(): () => Uint8Array {
  const pool = Buffer.alloc(4000);
  let at = pool.length;
  return () => {
    if (at + 10 > pool.length) {
      randomFillSync(pool);
      at = 0;
    }
    at += 10;
    return pool.subarray(at - 10, at);
  };
}

/** How often holds and grants whose time is over are looked for, and uses of keys written. */
const TICK_MS = 1_000;
const KEY_USES_MS = 30_000;

/** The small things that everybody needs at once, as the books have them now. */
export async function readSnapshot(reader: Reader): Promise<Snapshot> {
  const [meters, plans, settings] = await Promise.all([
    reader.read('records', { kind: 'meter' }),
    reader.read('records', { kind: 'plan' }),
    reader.read('record', { kind: 'settings', id: 'workspace' }),
  ]);
  return {
    settings: { ...DEFAULT_SETTINGS, ...(settings?.body as Partial<SettingsRecord> | undefined) },
    meters: new Map(meters.map(({ id, body }) => [id, body as MeterRecord])),
    plans: new Map(plans.map(({ id, body }) => [id, body as PlanRecord])),
  };
}

/** Regular work of the books: expiry, and the last use of keys. Each tick is one small commit, or none. */
function startTicking(core: Core): () => void {
  let lastUses = performance.now();
  let isBusy = false;
  const tick = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    try {
      await core.book.commit([{ type: 'expire', actor: 'clock' }]);
      const uses = performance.now() - lastUses > KEY_USES_MS ? core.keyRing.takeUses() : [];
      if (uses.length > 0) {
        lastUses = performance.now();
        await core.book.commit([{ type: 'keys.used', actor: 'clock', uses }]);
      }
    } catch (error) {
      core.log.warn('tick failed', { error });
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void tick(), TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** All that goes on by itself while the books are open. */
function startWork(core: Core): () => Promise<void> {
  const stopTicking = startTicking(core);
  const stopNotices = startNotices(core);
  return async () => {
    stopTicking();
    await stopNotices();
    const uses = core.keyRing.takeUses();
    if (uses.length > 0) await core.book.commit([{ type: 'keys.used', actor: 'clock', uses }]).catch(() => undefined);
  };
}

function movements(book: OpenBook): Core['onMove'] {
  const listeners = new Set<() => void>();
  book.onHead(() => {
    for (const listener of [...listeners]) listener();
  });
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}

/** Both threads and what is known at first, or neither thread: one left over would hold the file open for ever. */
async function openParts(file: string) {
  const book = await openBook(file);
  let reader: Reader | undefined;
  try {
    reader = await openReader(file);
    return { book, reader, snapshot: await readSnapshot(reader) };
  } catch (error) {
    await reader?.close();
    await book.close();
    throw error;
  }
}

async function assemble(file: string, lock: Lock, log: Log): Promise<CoreHandle> {
  const { book, reader, snapshot: first } = await openParts(file);
  const chance = createChance();
  const spool = new Spool(`${file}.spool`, Date.now);
  let snapshot = first;
  const listeners: ((snapshot: Snapshot) => Promise<void> | void)[] = [];
  const now = (): number => Math.max(Date.now(), book.head().recordedMs);
  const newCoreId = (prefix: string): string => newId(prefix, Date.now(), chance());
  let embedded: Embedded = {};
  const local = {
    evm: () => embedded.evm?.facts['evmRpc'] ?? null,
    solana: () => embedded.solana?.facts['solanaRpc'] ?? null,
  };
  const owner = newCoreId('snd');
  const desk = new DeploymentDesk({ book, reader, log, now, newId: newCoreId, workspace: file, local, owner });
  const core: Core = {
    file,
    version,
    readOnly: false,
    book,
    reader,
    keyRing: new KeyRing(reader),
    log,
    now,
    newId: newCoreId,
    snapshot: () => snapshot,
    refresh: async () => {
      snapshot = await readSnapshot(reader);
      for (const listener of listeners) await listener(snapshot);
    },
    onSnapshot: (listener) => void listeners.push(listener),
    onMove: movements(book),
    recordEvents: (events, principal) => recordEvents(core, events, principal),
    files: filesOf(file, spool, () => core),
    deployments: desk,
    localChains: new LocalChainDesk({
      workspace: file,
      local,
      embedded: () => embedded,
      isBusy: (network) => desk.isBusy(network),
    }),
    ...copiesOf(file),
    createWorkspace: async (beginning) => {
      // It opens a core of its own, so neither module can be the other's part.
      const { makeWorkspaceBeside } = await import('./make-workspace.ts');
      return makeWorkspaceBeside(file, beginning);
    },
    verify: (signal) => verifyInThread(file, signal),
    findLeaks: (order, signal) => findLeaksInThread(file, order, signal),
    curve: curveImplementation(),
    facts: { gatewayUrl: null, liveTraffic: null },
  };
  book.onDeath((error) => log.error('writer died', { error }));
  const stopWork = startWork(core);
  const close = async (): Promise<void> => {
    await stopWork();
    spool.close();
    await desk.close();
    await reader.close();
    await book.close();
    lock.release();
  };
  return { core, book, embed: (chains) => void (embedded = chains), close };
}

/** Files of usage and lists, in and out. The core they belong to is whole only after they are. */
function filesOf(file: string, spool: Spool, coreOf: () => Core): Core['files'] {
  return {
    preview: (order) => previewImport(coreOf(), order),
    previewSystem: (order, actor) => previewSystem(coreOf(), order, actor),
    importUsage: (order, principal) => importUsage(coreOf(), order, principal),
    exportList: createExports(file, { nowMs: () => coreOf().now() }),
    importSystem: (order, asker) => importSystem(coreOf(), order, asker),
    spool,
    reviewViewer,
  };
}

/** A copy that cannot be made is a "no" to whoever asked for it, not a failure of ours. */
function refuseCopy(error: unknown): never {
  if (!(error instanceof WorkspaceError)) throw error;
  const { code, fix } = error;
  const detail = error.message.replace(fix, '').trim();
  if (code === 'disk-full') return refuse({ code: 'BUSY', detail, fix });
  return refuse({ code: code === 'failed' ? 'CONFLICT' : 'STATE_FORBIDS', detail, fix });
}

async function* refusing<Step>(steps: AsyncIterable<Step>): AsyncGenerator<Step> {
  try {
    yield* steps;
  } catch (error) {
    refuseCopy(error);
  }
}

/** Copies of the books and trials of them, for whoever watches how far they are. */
export function copiesOf(file: string): Pick<Core, 'backup' | 'copies'> {
  return {
    backup: (target) => backup(file, target).catch(refuseCopy),
    copies: {
      backup: (target, signal) => refusing(copySteps({ do: 'backup', file, target }, signal)),
      drill: (copy, signal) => refusing(drillSteps({ backup: copy, books: file }, signal)),
    },
  };
}

/** Opens a workspace for writing. Rejects with a WorkspaceError when another process has it or it cannot be opened. */
export async function openCore(file: string, options: { log: Log }): Promise<CoreHandle> {
  const lock = takeLock(file);
  if (!lock) throw lockedBy(file);
  try {
    return await assemble(file, lock, options.log);
  } catch (error) {
    lock.release();
    throw error;
  }
}
