/**
 * A double of the parts of Electron's API that the shell uses. Windows and dialogs only record; channels are real ones
 * of Node, and a utility process is a thread that runs the real entry of the core.
 */
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';

type Handler = (...args: never[]) => unknown;

export type Frame = {
  origin: string;
  parent: Frame | null;
  detached: boolean;
  postMessage: (channel: string, message: unknown, ports: MessagePort[]) => void;
};

export class Contents extends EventEmitter {
  static #last = 0;
  readonly id = (Contents.#last += 1);
  readonly loaded: string[] = [];
  readonly received: MessagePort[] = [];
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  readonly mainFrame: Frame = {
    origin: 'app://console',
    parent: null,
    detached: false,
    postMessage: (_channel, _message, ports) => void this.received.push(...ports),
  };

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }

  loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    return Promise.resolve();
  }

  getURL(): string {
    return this.loaded.at(-1) ?? '';
  }

  printToPDF(): Promise<Buffer> {
    return Promise.resolve(Buffer.from('%PDF-1.7 of a double'));
  }
}

/** Records what a session is told; `handlers` are those that were set, by the name of their setter. */
export class SessionDouble extends EventEmitter {
  readonly handlers: Record<string, Handler> = {};
  readonly protocol = { handle: (scheme: string, handler: Handler) => void (this.handlers[scheme] = handler) };
  readonly webRequest = { onBeforeRequest: (handler: Handler) => void (this.handlers['request'] = handler) };
  readonly setPermissionRequestHandler = this.#setter('permission');
  readonly setPermissionCheckHandler = this.#setter('check');
  readonly setDevicePermissionHandler = this.#setter('device');
  readonly setUSBProtectedClassesHandler = this.#setter('usb');
  readonly setBluetoothPairingHandler = this.#setter('bluetooth');
  readonly setDisplayMediaRequestHandler = this.#setter('display');
  readonly setSpellCheckerEnabled = (): void => undefined;

  #setter(name: string) {
    return (handler: Handler): void => void (this.handlers[name] = handler);
  }
}

/** A utility process: the entry at `script`, or its source where nothing is bundled, in a thread. */
class UtilityProcess extends EventEmitter {
  readonly stdout = null;
  readonly stderr = null;
  readonly #thread: Worker;

  constructor(script: string) {
    super();
    const entry = existsSync(script) ? script : script.replace(/\.js$/, '.ts');
    this.#thread = new Worker(resolve('test/support/desktop-core.ts'), { workerData: { entry } });
    this.#thread.on('message', (message) => this.emit('message', message));
    this.#thread.on('error', () => undefined);
    this.#thread.on('exit', (code) => this.emit('exit', code));
  }

  postMessage(data: unknown, ports: MessagePort[] = []): void {
    this.#thread.postMessage({ data, ports }, ports);
  }

  kill(): boolean {
    void this.#thread.terminate();
    return true;
  }
}

type Said = { name: string; args: unknown[] };
type Say = (name: string) => (...args: unknown[]) => void;

/** Windows, trays and menus: they record what they are told. */
function createViews(app: EventEmitter, say: Say) {
  class BrowserWindow extends EventEmitter {
    static readonly all: BrowserWindow[] = [];
    static getFocusedWindow(): BrowserWindow | null {
      return BrowserWindow.all.at(-1) ?? null;
    }
    readonly webContents = new Contents();
    readonly options: Record<string, unknown>;
    constructor(options: Record<string, unknown>) {
      super();
      this.options = options;
      BrowserWindow.all.push(this);
      app.emit('web-contents-created', {}, this.webContents);
    }
    getNormalBounds = () => ({ x: 10, y: 20, width: 1200, height: 800 });
    isMaximized = () => true;
    isMinimized = () => true;
    maximize = say('maximize');
    restore = say('restore');
    show = say('show');
    focus = say('focus');
    destroy = say('destroy');
  }
  class Tray extends EventEmitter {
    setToolTip = say('setToolTip');
    setContextMenu = say('setContextMenu');
  }
  const Menu = {
    buildFromTemplate: (template: unknown) => template,
    setApplicationMenu: say('setApplicationMenu'),
  };
  return { BrowserWindow, Tray, Menu };
}

/** What the person at the machine answers; each is taken once. */
type Answers = { message: number[]; open: string[][]; save: string[]; isFirst: boolean };

function createDialog(answers: Answers, say: Say) {
  return {
    showErrorBox: say('showErrorBox'),
    showMessageBox: (...args: unknown[]) => {
      say('showMessageBox')(...args);
      return Promise.resolve({ response: answers.message.shift() ?? 2 });
    },
    showOpenDialog: () => Promise.resolve({ filePaths: answers.open.shift() ?? [] }),
    showSaveDialog: () => Promise.resolve({ filePath: answers.save.shift() ?? '' }),
  };
}

const mix = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
const SAFE_STORAGE = {
  isAsyncEncryptionAvailable: () => Promise.resolve(true),
  getSelectedStorageBackend: () => 'gnome_libsecret',
  encryptStringAsync: (text: string) => Promise.resolve(mix(Buffer.from(text))),
  decryptStringAsync: (sealed: Buffer) => Promise.resolve({ result: mix(sealed).toString(), shouldReEncrypt: false }),
};

/** The whole module, and what a test looks at. `folder` is where the shell keeps its own files. */
export function createElectron(folder: string) {
  const said: Said[] = [];
  const say: Say =
    (name) =>
    (...args) =>
      void said.push({ name, args });
  const ready = Promise.withResolvers<void>();
  const processes: UtilityProcess[] = [];
  const forks: { script: string; options: Record<string, unknown> }[] = [];
  const answers: Answers = { message: [], open: [], save: [], isFirst: true };
  const app = Object.assign(new EventEmitter(), {
    isPackaged: false,
    enableSandbox: say('enableSandbox'),
    requestSingleInstanceLock: () => answers.isFirst,
    whenReady: () => ready.promise,
    getPath: () => folder,
    getAppPath: () => join(folder, 'dist', 'desktop'),
    setBadgeCount: say('setBadgeCount'),
    setAsDefaultProtocolClient: say('setAsDefaultProtocolClient'),
    quit: say('quit'),
    exit: say('exit'),
  });
  const defaultSession = new SessionDouble();
  const fork = (script: string, _args: string[], options: Record<string, unknown>): UtilityProcess => {
    forks.push({ script, options });
    const made = new UtilityProcess(script);
    processes.push(made);
    return made;
  };
  const module = {
    app,
    ...createViews(app, say),
    MessageChannelMain: MessageChannel,
    clipboard: { clear: say('clipboard.clear') },
    dialog: createDialog(answers, say),
    ipcMain: new EventEmitter(),
    nativeImage: { createFromPath: (path: string) => ({ path }) },
    powerMonitor: new EventEmitter(),
    protocol: { registerSchemesAsPrivileged: say('registerSchemesAsPrivileged') },
    safeStorage: SAFE_STORAGE,
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] },
    session: { defaultSession },
    utilityProcess: { fork },
  };
  const becomeReady = (): void => {
    app.emit('session-created', defaultSession);
    ready.resolve();
  };
  return { module, said, answers, processes, forks, defaultSession, becomeReady };
}
