/** The one message a page can send to the shell: "give me a port to the core". Who asks is checked here, once. */
import type { IpcMain, IpcMainEvent, MessageChannelMain, MessagePortMain, WebContents } from 'electron';
import { CONSOLE_ORIGIN } from './scheme.ts';

export type HandOver = Readonly<{
  ipcMain: Pick<IpcMain, 'on'>;
  newChannel: () => MessageChannelMain;
  /** Whether contents belong to a window that we opened. */
  isOurs: (contents: WebContents) => boolean;
  /** Takes the core's end. */
  admit: (window: number, port: MessagePortMain) => void;
  warn: (event: string, facts: Readonly<Record<string, unknown>>) => void;
}>;

/**
 * Why this sender gets no port, or nothing. An empty frame inside the page reports its parent's origin, so origin alone
 * does not tell: the frame has to be the top one of a window that we opened.
 */
export function whyNoPort(event: IpcMainEvent, isOurs: (contents: WebContents) => boolean): string | undefined {
  const { senderFrame, sender } = event;
  // Typings know one kind of sender; a service worker is another, and gets nothing.
  if ((event.type as string) !== 'frame') return 'the sender is not a frame';
  if (senderFrame === null) return 'the frame is gone';
  if (senderFrame.detached) return 'the frame is detached';
  if (senderFrame.parent !== null) return 'the frame is inside another';
  if (senderFrame.origin !== CONSOLE_ORIGIN) return 'the page is not the console';
  return isOurs(sender) ? undefined : 'the window is not ours';
}

/** Listens for pages that ask. A page that asks again gets a new port, and the core closes its former one. */
export function handOverPorts({ ipcMain, newChannel, isOurs, admit, warn }: HandOver): void {
  ipcMain.on('port', (event) => {
    const why = whyNoPort(event, isOurs);
    if (why !== undefined || event.senderFrame === null) return warn('no port was handed over', { why });
    const { port1, port2 } = newChannel();
    admit(event.sender.id, port1);
    return event.senderFrame.postMessage('port', null, [port2]);
  });
}
