/** The native menu and the tray, as data. What an entry does is told by whoever shows it. */
import { basename } from 'node:path';
import type { MenuItemConstructorOptions } from 'electron';

export type MenuActions = Readonly<{
  openWorkspace: () => void;
  openRecent: (file: string) => void;
  forgetRecent: () => void;
  printToPdf: () => void;
  newWindow: () => void;
  lock: () => void;
}>;

export type MenuFacts = Readonly<{ platform: NodeJS.Platform; isPackaged: boolean; recent: readonly string[] }>;

type Item = MenuItemConstructorOptions;
const LINE: Item = { type: 'separator' };

function recentMenu(recent: readonly string[], actions: MenuActions): Item {
  const files = recent.map((file) => ({ label: basename(file), toolTip: file, click: () => actions.openRecent(file) }));
  const end: Item[] = [LINE, { label: 'Clear this list', click: actions.forgetRecent }];
  return { label: 'Open recent', enabled: recent.length > 0, submenu: [...files, ...end] };
}

function fileMenu({ platform, recent }: MenuFacts, actions: MenuActions): Item {
  return {
    label: 'File',
    submenu: [
      { label: 'New window', accelerator: 'CmdOrCtrl+N', click: actions.newWindow },
      { label: 'Open workspace…', accelerator: 'CmdOrCtrl+O', click: actions.openWorkspace },
      recentMenu(recent, actions),
      LINE,
      { label: 'Print to PDF…', accelerator: 'CmdOrCtrl+P', click: actions.printToPdf },
      { label: 'Lock', accelerator: 'CmdOrCtrl+Shift+L', click: actions.lock },
      LINE,
      platform === 'darwin' ? { role: 'close' } : { role: 'quit' },
    ],
  };
}

/** The menu of the application. Tools for developers are in it only while developing. */
export function menuTemplate(facts: MenuFacts, actions: MenuActions): Item[] {
  const view: Item[] = [{ role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, LINE];
  const tools: Item[] = facts.isPackaged ? [] : [LINE, { role: 'toggleDevTools' }];
  return [
    ...(facts.platform === 'darwin' ? [{ role: 'appMenu' } satisfies Item] : []),
    fileMenu(facts, actions),
    { role: 'editMenu' },
    { label: 'View', submenu: [{ role: 'reload' }, LINE, ...view, { role: 'togglefullscreen' }, ...tools] },
    { role: 'windowMenu' },
  ];
}

/** What waits for a person, in words. */
export function needsSentence(count: number): string {
  if (count === 0) return 'Tollkeeper: nothing needs you';
  return count === 1 ? 'Tollkeeper: one thing needs you' : `Tollkeeper: ${count} things need you`;
}

export function trayTemplate(count: number, actions: Readonly<{ show: () => void; lock: () => void }>): Item[] {
  return [
    { label: needsSentence(count), enabled: false },
    LINE,
    { label: 'Show the console', click: actions.show },
    { label: 'Lock', click: actions.lock },
    { role: 'quit' },
  ];
}
