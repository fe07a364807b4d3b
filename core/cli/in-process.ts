/** Asks a core opened in this very process, when nobody holds the workspace. */
import { createRouterClient } from '@orpc/server';
import { WorkspaceError } from '#core/ledger/diagnosis.ts';
import { openCore } from '#core/runtime/core.ts';
import type { CoreHandle } from '#core/runtime/core.ts';
import { createLog } from '#core/runtime/log.ts';
import { openReadOnlyCore } from '#core/runtime/read-only.ts';
import { localReader, openAttachDoor } from '#core/serve/attach.ts';
import type { Core } from '#core/services/core.ts';
import { createRouter } from '#core/services/router.ts';
import { exportList } from '#core/services/exports.ts';
import { createSignIn } from '#core/services/sign-in.ts';
import type { Client, Connection, ConnectOptions } from './connection.ts';

const CANNOT_WRITE: ReadonlySet<string> = new Set(['read-only', 'no-permission', 'disk-full']);

/** Others who asked us while our command ran finish theirs; a stream of theirs does not keep us longer. */
const LINGER_MS = 2_000;

function ask(kind: Connection['kind'], core: Core, close: () => Promise<void>): Connection {
  const signIn = createSignIn(core, { initial: localReader() });
  const { principal, session } = signIn;
  const client = createRouterClient(createRouter(), { context: { core, principal, session } }) as Client;
  const end = async (): Promise<void> => {
    signIn.close();
    await close();
  };
  const list: Connection['exportList'] = (order, signal) => exportList({ core, principal, session }, order, signal);
  return { kind, client, exportList: list, isLost: () => false, close: end };
}

/**
 * Opens the workspace for the time of a command. Meanwhile this process is its holder like any other and answers those
 * who find the lock, because a command may run long.
 */
async function openHolding(file: string): Promise<Connection> {
  const log = createLog(process.env['TOLLKEEPER_DEBUG'] ? 'info' : 'silent');
  const handle: CoreHandle = await openCore(file, { log });
  try {
    const door = await openAttachDoor(handle.core, { router: createRouter(), lingerMs: LINGER_MS });
    return ask('in-process', handle.core, async () => {
      await door.close();
      await handle.close();
    });
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Opens a workspace here. Rejects with the diagnosis `locked` when another process has it. */
export async function openInProcess(file: string, options: ConnectOptions): Promise<Connection> {
  try {
    return await openHolding(file);
  } catch (error) {
    const isOnlyReadable = error instanceof WorkspaceError && CANNOT_WRITE.has(error.code);
    if (!isOnlyReadable || !options.mayReadOnly) throw error;
    const { core, close } = await openReadOnlyCore(file, { log: createLog('silent') });
    return ask('read-only', core, close);
  }
}
