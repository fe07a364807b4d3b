/** The core's process under the desktop: starts core/runtime and gives each window's port to its door. */
import { start } from '#core/runtime/start.ts';
import type { Started } from '#core/runtime/start.ts';
import { ToCore } from './messages.ts';
import type { FromCore, OpenOrder } from './messages.ts';

type Port = Parameters<NonNullable<Started['windows']>['admit']>[1];

const { parentPort } = process;
/** Windows are faster than the books: who comes before those are open waits here. */
const early = new Map<number, Port>();
let started: Started | undefined;

function tell(message: FromCore): void {
  parentPort.postMessage(message);
}

async function open({ workspace, gateway, fresh, chains }: OpenOrder): Promise<void> {
  try {
    started = await start({
      host: 'electron',
      fresh,
      chains,
      ...(workspace === undefined ? {} : { workspace }),
      ...(gateway === undefined ? {} : { gateway }),
      onLocked: () => tell({ type: 'locked' }),
      onNeeds: (count) => tell({ type: 'needs', count }),
    });
  } catch (error) {
    // A refusal is a sentence for people. Anything else is a defect: its message is all that can be shown.
    const { refusal } = error as { refusal?: { detail: string; fix: string } };
    const detail = refusal?.detail ?? (error as Error).message;
    return tell({ type: 'failed', detail, fix: refusal?.fix ?? 'Open another workspace, or try again.' });
  }
  for (const [window, port] of early) started.windows?.admit(window, port);
  early.clear();
  const { workspace: file, gatewayUrl, sample } = started;
  return tell({ type: 'ready', workspace: file, gatewayUrl, sample });
}

function admit(window: number, port: Port | undefined): void {
  if (port === undefined) return;
  if (started) started.windows?.admit(window, port);
  else early.set(window, port);
}

function leave(window: number): void {
  early.delete(window);
  started?.windows?.leave(window);
}

async function close(): Promise<void> {
  await started?.close();
  tell({ type: 'closed' });
}

parentPort.on('message', ({ data, ports }: Electron.MessageEvent) => {
  const message = ToCore.parse(data);
  if (message.type === 'open') void open(message.order);
  else if (message.type === 'window') admit(message.window, ports[0]);
  else if (message.type === 'left') leave(message.window);
  else if (message.type === 'lock') started?.windows?.lock();
  else void close();
});
