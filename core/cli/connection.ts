/** A way to ask the core of a workspace: its holder when there is one, else a core of our own for one command. */
import type { ContractRouterClient } from '@orpc/contract';
import type { ExportOrder } from '#core/contract/exports.ts';
import type { Contract } from '#core/contract/index.ts';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';
import { lockedBy } from '#core/ledger/lock.ts';
import { canonicalPath } from '#core/runtime/paths.ts';

export type Client = ContractRouterClient<Contract>;

export type Connection = Readonly<{
  kind: 'attached' | 'in-process' | 'read-only';
  client: Client;
  /** The bytes of a list, as they are read. */
  exportList: (order: ExportOrder, signal: AbortSignal) => AsyncIterable<Uint8Array>;
  /** Whether the holder has gone, so that an answer under way never comes. */
  isLost: () => boolean;
  close: () => Promise<void>;
}>;

/** A holder that starts, or a command that ends, is waited for this long. */
const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 40;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export type ConnectOptions = Readonly<{
  /** Whether a core that can only read will do, where the file cannot be written. */
  mayReadOnly: boolean;
  waitMs?: number;
}>;

/** Connects to a workspace. Never opens it for writing while another process has it. */
export async function connect(file: string, options: ConnectOptions): Promise<Connection> {
  const workspace = canonicalPath(file);
  const deadlineMs = performance.now() + (options.waitMs ?? WAIT_MS);
  const { attach } = await import('./attach.ts');
  for (;;) {
    const attached = await attach(workspace);
    if (attached) return attached;
    try {
      // Loaded only here: asking a holder needs neither the books nor their services.
      const { openInProcess } = await import('./in-process.ts');
      return await openInProcess(workspace, options);
    } catch (error) {
      if (!(error instanceof WorkspaceError) || error.code !== 'locked') throw error;
      if (performance.now() > deadlineMs) throw lockedBy(workspace);
    }
    await pause(LOOK_EVERY_MS);
  }
}
