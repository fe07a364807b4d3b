/**
 * The desktop as it is started, over a double of Electron: the real entry of the shell, the built preload, the link of
 * the real page, real channels, and the real core in a thread.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { createORPCClient, safe } from '@orpc/client';
import { RPCLink } from '@orpc/client/message-port';
import type { ContractRouterClient } from '@orpc/contract';
import type { MenuItemConstructorOptions } from 'electron';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Contract } from '#core/contract/index.ts';
import { ReconnectingLink } from '#renderer/lib/link.ts';
import { PortSocket } from '#renderer/lib/port-socket.ts';
import { DESKTOP, PRELOAD_FILE, bundleDesktop } from '../../build/desktop/bundle.ts';
import { buildRenderer } from '../../build/renderer.ts';
import type { FromCore, ToCore } from '../../electron/core/messages.ts';
import type { Contents } from '../support/electron-double.ts';
import { WindowDouble, asPage, loadPreload } from '../support/preload-page.ts';
import { ADMIN, makeWorkspace, scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
const file = join(folder, 'books.tollkeeper');
const double = await vi.hoisted(async () => {
  const { createElectron } = await import('../support/electron-double.ts');
  const { mkdtempSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  return createElectron(mkdtempSync(`${tmpdir()}/tollkeeper-shell-`));
});
vi.mock('electron', () => double.module);

const { app, BrowserWindow, powerMonitor } = double.module;
const said = (name: string): unknown[][] => double.said.filter((one) => one.name === name).map(({ args }) => args);
const last = (name: string): unknown[] => said(name).at(-1) ?? [];
const argv = process.argv;

type Client = ContractRouterClient<Contract>;

let current: WindowDouble | undefined;

/** A page in a window of the shell, in place of the one before; the console's link gets what its preload is given. */
function connect(contents: Contents): { client: Client; link: ReconnectingLink } {
  if (current) current.isLeft = true;
  const page = new WindowDouble();
  current = page;
  const preload = loadPreload(join(DESKTOP, PRELOAD_FILE), page, (channel) => {
    double.module.ipcMain.emit(channel, { type: 'frame', sender: contents, senderFrame: contents.mainFrame });
  });
  contents.mainFrame.postMessage = (channel, _message, ports) => void preload.ipcRenderer.emit(channel, { ports });
  const link = new ReconnectingLink(() => new PortSocket(asPage(page)));
  return { client: createORPCClient(link), link };
}

const window = () => {
  const [first] = BrowserWindow.all;
  if (first === undefined) throw new Error('The shell has opened no window.');
  return first;
};

beforeAll(async () => {
  await buildRenderer();
  await bundleDesktop();
  await makeWorkspace(file);
  const home = app.getAppPath();
  mkdirSync(join(home, '../../node_modules'), { recursive: true });
  writeFileSync(join(home, '../../node_modules/native.node'), 'native');
  mkdirSync(home, { recursive: true });
  const hash = createHash('sha256').update('native').digest('hex');
  writeFileSync(join(home, 'natives.json'), JSON.stringify({ 'node_modules/native.node': hash }));
  process.argv = ['electron', 'dist/desktop', `--workspace=${file}`, '--chains=none', 'tollkeeper://open/usage'];
  vi.stubEnv('NODE_OPTIONS', '--no-warnings');
  vi.stubEnv('TOLLKEEPER_HOME', folder);
  await import('../../electron/main/index.ts');
}, 60_000);

afterAll(async () => {
  process.argv = argv;
  vi.unstubAllEnvs();
  for (const one of double.processes) one.kill();
  dispose();
});

test('before it is ready the sandbox is on and the scheme is registered, and nothing else has happened', () => {
  expect(double.said.map(({ name }) => name)).toEqual(['enableSandbox', 'registerSchemesAsPrivileged']);
  expect(BrowserWindow.all).toEqual([]);
  expect(double.forks).toEqual([]);
});

describe('when it is ready', () => {
  beforeAll(async () => {
    double.becomeReady();
    await vi.waitFor(() => expect(last('setApplicationMenu')).toHaveLength(1));
  });

  test('one window opens at the place of the link, with every protection said', () => {
    expect(BrowserWindow.all).toHaveLength(1);
    expect(window().webContents.loaded).toEqual(['app://console/usage']);
    expect(window().options['webPreferences']).toEqual({
      preload: expect.stringMatching(/preload\/index\.cjs$/),
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
      devTools: true,
    });
    expect(window().webContents.openHandler?.({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
    const { handlers } = double.defaultSession;
    expect(Object.keys(handlers)).toEqual(expect.arrayContaining(['app', 'permission', 'check', 'request', 'device']));
    expect(double.module.ipcMain.eventNames()).toEqual(['port']);
  });

  test('the core runs in a process of its own that inherits nothing it could be turned with', () => {
    const { options = {} } = double.forks[0] ?? {};
    expect(options).toMatchObject({ serviceName: 'Tollkeeper core', stdio: 'pipe' });
    expect(options).not.toHaveProperty('execArgv');
    expect(Object.keys(options['env'] as object)).toContain('PATH');
    expect(options['env']).not.toHaveProperty('NODE_OPTIONS');
    expect(Object.keys(options['env'] as object).some((name) => /^(?:ELECTRON|npm)_/i.test(name))).toBe(false);
  });

  test('the page talks to the core over the port, and keeps its sign-in over a reload', async () => {
    const { client, link } = connect(window().webContents);
    const before = await safe(client.customers.list({}));
    expect(before.error).toMatchObject({ code: 'UNAUTHENTICATED' });
    await client.session.signIn(ADMIN);
    expect((await client.workspace.info({})).file).toBe(file);
    const reloaded = connect(window().webContents);
    expect(await reloaded.client.session.get({})).toMatchObject({ operator: { name: ADMIN.name }, locked: false });
    await vi.waitFor(() => expect(link.state).not.toBe('open'));
  });

  test('what waits for a person is on the badge and the tray', async () => {
    await vi.waitFor(() => expect(last('setBadgeCount')).toEqual([0]));
    double.processes[0]?.emit('message', { type: 'needs', count: 3 });
    expect(last('setBadgeCount')).toEqual([3]);
    expect(last('setToolTip')).toEqual(['Tollkeeper: 3 things need you']);
    double.processes[0]?.emit('message', { type: 'needs', count: -1 });
    double.processes[0]?.emit('message', { type: 'open', order: {} });
    expect(last('setBadgeCount')).toEqual([3]);
  });

  test.each(['suspend', 'lock-screen'])('%s locks the session and clears what was copied', async (event) => {
    const { client } = connect(window().webContents);
    await client.session.signIn(ADMIN);
    const cleared = said('clipboard.clear').length;
    powerMonitor.emit(event);
    await vi.waitFor(() => expect(said('clipboard.clear')).toHaveLength(cleared + 1));
    expect((await safe(client.customers.list({}))).error).toMatchObject({ code: 'LOCKED' });
    powerMonitor.emit('resume');
    expect((await client.session.get({})).locked).toBe(true);
  });

  test('a crash of the core under the open window is mended, and nothing that was booked is lost', async () => {
    const { client } = connect(window().webContents);
    await client.session.signIn(ADMIN);
    await client.customers.create({ externalId: 'halden', name: 'Halden Labs', plan: 'startup' });
    const forks = double.forks.length;
    double.processes.at(-1)?.kill();
    await vi.waitFor(() => expect(double.forks).toHaveLength(forks + 1), 5_000);
    await vi.waitFor(() => client.session.signIn(ADMIN), { timeout: 15_000, interval: 200 });
    const { items } = await client.customers.list({});
    expect(items.map(({ customer }) => customer.name)).toEqual(['Halden Labs']);
  }, 30_000);

  test('a page that crashes shows a way out, and one that crashes again is closed', () => {
    const { webContents } = window();
    webContents.emit('render-process-gone', {}, { reason: 'clean-exit', exitCode: 0 });
    expect(webContents.getURL()).toBe('app://console/usage');
    webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    expect(webContents.getURL()).toBe('app://console/shell/stopped');
    expect(said('destroy')).toHaveLength(0);
    webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 5 });
    expect(said('destroy')).toHaveLength(1);
  });

  test('a second start and a link bring the first window to the front', () => {
    app.emit('second-instance', {}, ['tollkeeper', '--workspace=/other', 'tollkeeper://open/invoices/inv_1']);
    expect(window().webContents.getURL()).toBe('app://console/invoices/inv_1');
    app.emit('second-instance', {}, ['tollkeeper', 'tollkeeper://open/dev/ui']);
    expect(window().webContents.getURL()).toBe('app://console/invoices/inv_1');
    let isPrevented = false;
    app.emit('open-url', { preventDefault: () => (isPrevented = true) }, 'tollkeeper://open/ledger');
    expect(isPrevented).toBe(true);
    expect(window().webContents.getURL()).toBe('app://console/ledger');
    expect([said('restore').length, said('focus').length]).toEqual([3, 3]);
    expect(BrowserWindow.all).toHaveLength(1);
  });

  const entry = (label: string): MenuItemConstructorOptions => {
    const [template] = last('setApplicationMenu') as [MenuItemConstructorOptions[]];
    const items = template.flatMap(({ submenu }) => (Array.isArray(submenu) ? submenu : []));
    const found = items.find((item) => item.label === label);
    if (found === undefined) throw new Error(`The menu has no "${label}".`);
    return found;
  };
  // What the menu hands its entries is not used by ours.
  const click = (label: string): void => (entry(label).click as () => void)();

  test('a page is printed to the file that the person names', async () => {
    const target = join(folder, 'page.pdf');
    double.answers.save.push(target);
    click('Print to PDF…');
    await vi.waitFor(() => expect(readFileSync(target, 'utf8')).toContain('%PDF'));
    double.answers.save.push(join(folder, 'missing', 'page.pdf'));
    click('Print to PDF…');
    await vi.waitFor(() => expect(last('showMessageBox')[1]).toMatchObject({ message: 'The page was not printed.' }));
  });

  test('another workspace is opened by the dialog of the system, and remembered sealed', async () => {
    const other = join(folder, 'other.tollkeeper');
    await makeWorkspace(other);
    const forks = double.forks.length;
    double.answers.open.push([other]);
    click('Open workspace…');
    await vi.waitFor(() => expect(double.forks).toHaveLength(forks + 1), 8_000);
    const { client } = connect(window().webContents);
    await vi.waitFor(() => client.session.signIn(ADMIN), { timeout: 10_000, interval: 200 });
    expect((await client.workspace.info({})).file).toBe(other);
    await vi.waitFor(() => expect(JSON.stringify(entry('Open recent').submenu)).toContain('other.tollkeeper'));
    const sealed = readFileSync(join(app.getPath(), 'recent.sealed'), 'utf8');
    expect(sealed).not.toContain('tollkeeper');
  }, 30_000);

  test('books that cannot be opened are said so, and a person decides', async () => {
    const asked = said('showMessageBox').length;
    double.processes.at(-1)?.emit('message', { type: 'failed', detail: 'Another process has it.', fix: 'Close it.' });
    await vi.waitFor(() => expect(said('showMessageBox')).toHaveLength(asked + 1));
    expect(last('showMessageBox')[0]).toMatchObject({ detail: 'Another process has it. Close it.' });
    await vi.waitFor(() => expect(said('quit')).toHaveLength(1));
  });

  test('quitting waits for the core, and a closed window keeps where it was', async () => {
    window().emit('close');
    const kept = JSON.parse(readFileSync(join(app.getPath(), 'window.json'), 'utf8')) as unknown;
    expect(kept).toEqual({ x: 10, y: 20, width: 1200, height: 800, isMaximized: true });
    window().emit('closed');
    let isPrevented = false;
    app.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    expect(isPrevented).toBe(true);
    await vi.waitFor(() => expect(said('quit')).toHaveLength(2), 8_000);
    expect(existsSync(join(folder, 'other.tollkeeper.attach'))).toBe(false);
    isPrevented = false;
    app.emit('before-quit', { preventDefault: () => (isPrevented = true) });
    expect(isPrevented).toBe(false);
  }, 15_000);
});

test('a desktop whose native code was changed ends before it opens anything', async () => {
  vi.resetModules();
  writeFileSync(join(app.getAppPath(), '../../node_modules/native.node'), 'patched');
  const [forks, windows] = [double.forks.length, BrowserWindow.all.length];
  await import('../../electron/main/index.ts');
  await vi.waitFor(() => expect(said('exit')).toEqual([[1]]));
  expect(last('showErrorBox')[1]).toContain('node_modules/native.node');
  expect([double.forks.length, BrowserWindow.all.length]).toEqual([forks, windows]);
});

test('a second desktop ends before it has opened anything', async () => {
  vi.resetModules();
  double.answers.isFirst = false;
  const [forks, quits] = [double.forks.length, said('quit').length];
  await import('../../electron/main/index.ts');
  expect([double.forks.length, said('quit').length]).toEqual([forks, quits + 1]);
});

describe('what is bundled', () => {
  const importsOf = (text: string): string[] =>
    [...text.matchAll(/(?:^import\s.*?from\s*|^import\s*|\brequire\()["']([^"']+)["']/gm)].map(([, name = '']) => name);

  test('the preload is one CommonJS file that requires only Electron', () => {
    const text = readFileSync(join(DESKTOP, PRELOAD_FILE), 'utf8');
    expect(importsOf(text)).toEqual(['electron']);
    expect(text).not.toMatch(/^(?:import|export)\s/m);
    expect(loadPreload(join(DESKTOP, PRELOAD_FILE), new WindowDouble()).required).toEqual(['electron']);
  });

  test('the preload answers only its own page, and hands it ports only', () => {
    const page = new WindowDouble();
    const { sent, ipcRenderer } = loadPreload(join(DESKTOP, PRELOAD_FILE), page);
    const data = 'tollkeeper:ask-port';
    page.arrive({ data, source: {} });
    page.arrive({ data, origin: 'https://evil.example' });
    page.arrive({ data: 'anything else' });
    page.arrive({ data: { channel: 'core', data } });
    expect(sent).toEqual([]);
    page.arrive({ data });
    expect(sent).toEqual(['port']);
    expect(ipcRenderer.eventNames()).toEqual(['port']);
  });

  test('the core runs from its bundle as from its source', async () => {
    const entry = resolve(DESKTOP, 'electron/core/index.js');
    const core = new Worker(resolve('test/support/desktop-core.ts'), { workerData: { entry } });
    const heard: FromCore[] = [];
    core.on('message', (message: FromCore) => heard.push(message));
    const tell = (data: ToCore, port?: MessagePort): void =>
      core.postMessage({ data, ports: port ? [port] : [] }, port ? [port] : []);
    const bundled = join(folder, 'bundled.tollkeeper');
    await makeWorkspace(bundled);
    const { port1, port2 } = new MessageChannel();
    tell({ type: 'window', window: 1 }, port2);
    tell({ type: 'open', order: { workspace: bundled, fresh: false, chains: 'none' } });
    const client: Client = createORPCClient(new RPCLink({ port: port1 }));
    port1.start();
    await client.session.signIn(ADMIN);
    expect((await client.workspace.info({})).file).toBe(bundled);
    const proof = await client.ledger.verify({});
    let isSound: boolean | null = null;
    for await (const progress of proof) if (progress.done) isSound = progress.ok;
    expect(isSound).toBe(true);
    tell({ type: 'close' });
    await vi.waitFor(() => expect(heard.map(({ type }) => type)).toContain('closed'), 8_000);
    port1.close();
    await core.terminate();
  }, 20_000);

  test('every package that the bundled core names comes with the product', () => {
    const files = globSync(`${DESKTOP}/{core,electron/core}/**/*.js`);
    expect(files.length).toBeGreaterThan(200);
    const named = new Set(files.flatMap((one) => importsOf(readFileSync(one, 'utf8'))));
    const packages = [...named].filter((name) => !/^(?:node:|[./])/.test(name));
    const roots = new Set(
      packages.map((name) =>
        name
          .split('/')
          .slice(0, name.startsWith('@') ? 2 : 1)
          .join('/'),
      ),
    );
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
      packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
    };
    expect(roots.size).toBeGreaterThan(10);
    expect([...roots].filter((name) => lock.packages[`node_modules/${name}`]?.dev !== undefined)).toEqual([]);
    expect([...roots].filter((name) => lock.packages[`node_modules/${name}`] === undefined)).toEqual([]);
  });

  test('the shell is one file of Electron and Node', () => {
    const names = importsOf(readFileSync(join(DESKTOP, 'electron/main/index.js'), 'utf8'));
    expect(names).toContain('electron');
    expect(names.filter((name) => name !== 'electron' && !name.startsWith('node:'))).toEqual([]);
    const { main, type } = createRequire(import.meta.url)(join(process.cwd(), DESKTOP, 'package.json')) as {
      main: string;
      type: string;
    };
    expect([main, type]).toEqual(['electron/main/index.js', 'module']);
  });
});
