/** The desktop: its windows, the core behind them, menu, tray and what the system tells it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BrowserWindow,
  Menu,
  MessageChannelMain,
  Tray,
  app,
  clipboard,
  dialog,
  ipcMain,
  nativeImage,
  powerMonitor,
  safeStorage,
  screen,
  utilityProcess,
} from 'electron';
import type { FromCore, OpenOrder } from '../core/messages.ts';
import type { Log } from '#core/runtime/log.ts';
import { CoreProcess } from './core-process.ts';
import { Custody } from './custody.ts';
import { handOverPorts } from './hand-over.ts';
import { foreignNative } from './natives.ts';
import { menuTemplate, needsSentence, trayTemplate } from './menu.ts';
import { RecentWorkspaces } from './recent.ts';
import { goTo, openWindow } from './window.ts';

/** Where the parts of the bundle are; the same beside the source and inside a package. */
const HERE = import.meta.dirname;
const PRELOAD = join(HERE, '../preload/index.cjs');
const CORE = join(HERE, '../core/index.js');
const TRAY_ICON = join(HERE, '../../build/desktop/tray.png');

/** Native files are beside the archive of a package; while developing they are the repository's. */
function nativesRoot(): string {
  return app.isPackaged ? join(process.resourcesPath, 'app.asar.unpacked') : join(app.getAppPath(), '../..');
}

export class Desktop {
  readonly #log: Log;
  readonly #windows = new Map<number, BrowserWindow>();
  readonly #recent: RecentWorkspaces;
  readonly #core: CoreProcess;
  #order: OpenOrder;
  #needs = 0;
  #tray: Tray | undefined;

  constructor(log: Log, order: OpenOrder) {
    this.#log = log;
    this.#order = order;
    const data = app.getPath('userData');
    const file = join(data, 'recent.sealed');
    this.#recent = new RecentWorkspaces(new Custody(safeStorage, { file, platform: process.platform }));
    this.#core = new CoreProcess({
      fork: (...args) => utilityProcess.fork(...args),
      script: CORE,
      environment: process.env,
      events: {
        onMessage: (message) => void this.#hear(message),
        onGivenUp: () => void this.#askWhatNow('The core ended several times within a minute.', 'Its log says why.'),
        warn: log.warn,
      },
    });
  }

  /** Starts the core and shows the first window. The app is ready. */
  async begin(place: string): Promise<void> {
    const foreign = foreignNative(join(app.getAppPath(), 'natives.json'), nativesRoot());
    if (foreign !== undefined) {
      this.#log.error('a native file is not ours', { foreign });
      dialog.showErrorBox(
        'Tollkeeper was changed',
        `${foreign} is not the file it came with. Install Tollkeeper anew.`,
      );
      return app.exit(1);
    }
    handOverPorts({
      ipcMain,
      newChannel: () => new MessageChannelMain(),
      isOurs: (contents) => this.#windows.has(contents.id),
      admit: (window, port) => this.#core.send({ type: 'window', window }, [port]),
      warn: this.#log.warn,
    });
    this.#core.start(this.#order);
    this.#followSystem();
    this.#tray = new Tray(nativeImage.createFromPath(TRAY_ICON));
    this.#tray.on('click', () => this.show());
    this.#showNeeds(0);
    this.show(place);
    await this.#recent.load();
    this.#showMenu();
  }

  /** Brings the console to the front, at a place when one is named. */
  show(place?: string): void {
    const [window] = this.#windows.values();
    if (window === undefined) return this.#open(place ?? '/');
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
    if (place !== undefined) goTo(window, place);
  }

  /** Ends the core in order. */
  async end(): Promise<void> {
    await this.#core.stop();
  }

  #open(place: string): void {
    const window = openWindow({
      preload: PRELOAD,
      isPackaged: app.isPackaged,
      displays: screen.getAllDisplays().map(({ workArea }) => workArea),
      stateFile: join(app.getPath('userData'), 'window.json'),
      place,
      onClosed: (id) => {
        this.#windows.delete(id);
        this.#core.send({ type: 'left', window: id });
      },
      warn: this.#log.warn,
    });
    this.#windows.set(window.webContents.id, window);
  }

  /** Nobody sits there any more: every window is locked, and the core answers once each is. */
  #lock(): void {
    this.#core.send({ type: 'lock' });
  }

  #followSystem(): void {
    powerMonitor.on('suspend', () => this.#lock());
    powerMonitor.on('lock-screen', () => this.#lock());
    // Timers stood still meanwhile; a page that is shown anew asks for what it missed by sequence.
    powerMonitor.on('resume', () => this.#showNeeds(this.#needs));
  }

  async #hear(message: FromCore): Promise<void> {
    if (message.type === 'needs') this.#showNeeds(message.count);
    // What was copied, such as a new API key, is not left lying about.
    else if (message.type === 'locked') clipboard.clear();
    else if (message.type === 'failed') await this.#askWhatNow(message.detail, message.fix);
    else if (message.type === 'ready') {
      this.#order = { ...this.#order, fresh: false };
      if (message.sample) return;
      await this.#recent.add(message.workspace);
      this.#showMenu();
    }
  }

  #showNeeds(count: number): void {
    this.#needs = count;
    app.setBadgeCount(count);
    this.#tray?.setToolTip(needsSentence(count));
    const actions = { show: () => this.show(), lock: () => this.#lock() };
    this.#tray?.setContextMenu(Menu.buildFromTemplate(trayTemplate(count, actions)));
  }

  #showMenu(): void {
    const { platform } = process;
    const template = menuTemplate(
      { platform, isPackaged: app.isPackaged, recent: this.#recent.files },
      {
        openWorkspace: () => void this.#chooseWorkspace(),
        openRecent: (file) => void this.#reopen(file),
        forgetRecent: () => {
          this.#recent.forget();
          this.#showMenu();
        },
        printToPdf: () => void this.#printToPdf(),
        newWindow: () => this.#open('/'),
        lock: () => this.#lock(),
      },
    );
    Menu.setApplicationMenu(Menu.buildFromTemplate(template));
  }

  /** The core cannot go on by itself; the person decides. */
  async #askWhatNow(detail: string, fix: string): Promise<void> {
    const buttons = ['Try again', 'Open another workspace…', 'Quit'];
    const message = 'The books are not open. Nothing was charged or changed.';
    const { response } = await dialog.showMessageBox({
      type: 'error',
      message,
      detail: `${detail} ${fix}`,
      buttons,
      defaultId: 0,
      cancelId: 2,
    });
    if (response === 0) await this.#reopen(this.#order.workspace);
    else if (response === 2 || !(await this.#chooseWorkspace())) app.quit();
  }

  /** Asks for a file in the system's dialog; answers whether one was opened. */
  async #chooseWorkspace(): Promise<boolean> {
    const filters = [{ name: 'Tollkeeper workspaces', extensions: ['tollkeeper'] }];
    const { filePaths } = await dialog.showOpenDialog({ title: 'Open workspace', properties: ['openFile'], filters });
    const [file] = filePaths;
    if (file === undefined) return false;
    await this.#reopen(file);
    return true;
  }

  /** Ends the core and starts it on these books; pages connect anew by themselves and are signed out. */
  async #reopen(workspace: string | undefined): Promise<void> {
    await this.#core.stop();
    const { workspace: _, ...rest } = this.#order;
    this.#order = workspace === undefined ? rest : { ...rest, workspace };
    this.#core.start(this.#order);
    for (const window of this.#windows.values()) goTo(window, '/');
  }

  /** Prints what the front window shows, where the person says. */
  async #printToPdf(): Promise<void> {
    const window = BrowserWindow.getFocusedWindow();
    if (window === null) return;
    try {
      const bytes = await window.webContents.printToPDF({ printBackground: true, pageSize: 'A4' });
      const filters = [{ name: 'PDF', extensions: ['pdf'] }];
      const { filePath } = await dialog.showSaveDialog(window, { defaultPath: 'tollkeeper.pdf', filters });
      if (filePath !== '') writeFileSync(filePath, bytes);
    } catch (error) {
      this.#log.warn('printing failed', { error });
      const detail = `${(error as Error).message} Choose another folder, or try again.`;
      await dialog.showMessageBox(window, { type: 'error', message: 'The page was not printed.', detail });
    }
  }
}
