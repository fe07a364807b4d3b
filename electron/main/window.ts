/** The one place where a window is made, and with what it may not do. */
import { BrowserWindow } from 'electron';
import type { Rectangle, WebPreferences } from 'electron';
import { CONSOLE_URL, STOPPED_URL } from './scheme.ts';
import { LEAST, boundsFor, readWindowState, writeWindowState } from './window-state.ts';

/** Said in full, defaults too: what is not said could change with a version. */
export function webPreferences(preload: string, isPackaged: boolean): WebPreferences {
  return {
    preload,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: !isPackaged,
  };
}

/** Two crashes within this time are one: showing the page that says so did not help. */
const CRASH_WINDOW_MS = 10_000;

export type WindowOptions = Readonly<{
  preload: string;
  isPackaged: boolean;
  displays: readonly Rectangle[];
  stateFile: string;
  /** The place in the console to show first. */
  place: string;
  onClosed: (window: number) => void;
  warn: (event: string, facts: Readonly<Record<string, unknown>>) => void;
}>;

function keepState(window: BrowserWindow, file: string): void {
  const { x, y, width, height } = window.getNormalBounds();
  writeWindowState(file, { x, y, width, height, isMaximized: window.isMaximized() });
}

/** After a crash a window shows what happened. If the page that says so crashes too, the window is closed. */
function showCrashes(window: BrowserWindow, warn: WindowOptions['warn']): void {
  const { webContents } = window;
  let lastAt = Number.NEGATIVE_INFINITY;
  webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit') return;
    warn('a page crashed', { reason, exitCode });
    const nowMs = performance.now();
    const isAgain = webContents.getURL() === STOPPED_URL && nowMs - lastAt < CRASH_WINDOW_MS;
    lastAt = nowMs;
    if (isAgain) window.destroy();
    else void webContents.loadURL(STOPPED_URL);
  });
}

/** Opens a window on the console. */
export function openWindow(options: WindowOptions): BrowserWindow {
  const { preload, isPackaged, displays, stateFile, place, onClosed, warn } = options;
  const state = readWindowState(stateFile);
  const window = new BrowserWindow({
    ...boundsFor(state, displays),
    minWidth: LEAST.width,
    minHeight: LEAST.height,
    title: 'Tollkeeper',
    show: false,
    webPreferences: webPreferences(preload, isPackaged),
  });
  const { id } = window.webContents;
  if (state?.isMaximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => keepState(window, stateFile));
  window.on('closed', () => onClosed(id));
  showCrashes(window, warn);
  goTo(window, place);
  return window;
}

/** Shows a place of the console in a window that is there. */
export function goTo(window: BrowserWindow, place: string): void {
  void window.webContents.loadURL(new URL(place, CONSOLE_URL).href);
}
