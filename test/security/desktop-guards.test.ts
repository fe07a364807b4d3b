/** What a page in our own window may try, and what the shell says to it: each guard on its own. */
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventEmitter } from 'node:events';
import type { App, IpcMainEvent, Protocol, Session, WebContents } from 'electron';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { guardEverything, guardSession, mayRequest } from '../../electron/main/guards.ts';
import { handOverPorts, whyNoPort } from '../../electron/main/hand-over.ts';
import { placeIn, placeOf } from '../../electron/main/links.ts';
import { SCREENS } from '#renderer/app/screens.ts';
import { answerScheme, isConsole, registerScheme } from '../../electron/main/scheme.ts';
import { Contents, SessionDouble } from '../support/electron-double.ts';
import type { Frame } from '../support/electron-double.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-desktop-'));
const files = join(folder, 'console');

beforeAll(() => {
  mkdirSync(join(files, 'assets'), { recursive: true });
  mkdirSync(`${files}-next-door`);
  writeFileSync(join(files, 'index.html'), 'the console');
  writeFileSync(join(files, 'assets', 'main.js'), 'the script');
  writeFileSync(join(files, 'assets', 'main.js.map'), 'SECRET');
  writeFileSync(join(folder, 'secret.js'), 'SECRET');
  writeFileSync(join(`${files}-next-door`, 'secret.js'), 'SECRET');
  symlinkSync(join(folder, 'secret.js'), join(files, 'link.js'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the scheme', () => {
  const ask = (url: string, method = 'GET') => answerScheme(files, { url, method });

  test('gives the files of the build, and the page for the address of a screen', async () => {
    const script = ask('app://console/assets/main.js');
    expect([script.status, await script.text()]).toEqual([200, 'the script']);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await ask('app://console/invoices/inv_1').text()).toBe('the console');
    expect(await ask('app://console/').text()).toBe('the console');
  });

  test.each([
    ['app://console/../secret.js'],
    ['app://console/%2e%2e/secret.js'],
    ['app://console/..%2fsecret.js'],
    ['app://console/..%5csecret.js'],
    ['app://console/assets/..%2f..%2fconsole-next-door%2fsecret.js'],
    ['app://console/assets/main.js%00.css'],
    ['app://console/assets%5cmain.js'],
    ['app://console/link.js'],
    ['app://console/assets/main.js.map'],
    ['app://other/assets/main.js'],
    ['app://console:1/assets/main.js'],
    ['app://user@console/assets/main.js'],
    ['https://console/assets/main.js'],
    ['not an address'],
  ])('%s gives nothing', async (url) => {
    const reply = ask(url);
    expect(reply.status).toBe(404);
    expect(await reply.text()).not.toContain('SECRET');
  });

  test('answers only GET, and every answer carries the policy', () => {
    expect(ask('app://console/', 'POST').status).toBe(405);
    for (const url of ['app://console/', 'app://console/shell/stopped', 'app://elsewhere/']) {
      const { headers } = ask(url);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).toContain("connect-src 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cross-origin-embedder-policy')).toBe('require-corp');
    }
  });

  test('the page after a crash has a way out and no script', async () => {
    const html = await ask('app://console/shell/stopped').text();
    expect(html).toContain('<a href="/">Open the console again</a>');
    expect(html).not.toMatch(/<script|style=|<style/);
    expect(ask('app://console/shell/stopped.css').headers.get('content-type')).toContain('text/css');
  });

  test('has no privilege that would weaken a page', () => {
    const given: unknown[] = [];
    registerScheme({ registerSchemesAsPrivileged: (schemes) => void given.push(schemes) } as Protocol);
    const privileges = { standard: true, secure: true, supportFetchAPI: true, codeCache: true };
    expect(given).toEqual([[{ scheme: 'app', privileges }]]);
  });
});

describe('a session', () => {
  const made = new SessionDouble();
  // The double has every member that the guards call.
  guardSession(made as unknown as Session, { isPackaged: true });
  const permission = (name: string, requestingUrl: string): boolean => {
    let answer: boolean | undefined;
    const take = (given: boolean) => void (answer = given);
    (made.handlers['permission'] as (...args: unknown[]) => void)(null, name, take, { requestingUrl });
    const check = (made.handlers['check'] as (...args: unknown[]) => boolean)(null, name, requestingUrl);
    expect(check).toBe(answer);
    return check;
  };

  test('grants one permission of all that Electron knows, and that only to the console', () => {
    const typings = readFileSync('node_modules/electron/electron.d.ts', 'utf8');
    const names = ['setPermissionRequestHandler', 'setPermissionCheckHandler'].flatMap((setter) => {
      const [, list = ''] = new RegExp(`${setter}\\(handler: .*?permission: ([^,]+),`).exec(typings) ?? [];
      return [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name);
    });
    expect(new Set(names).size).toBeGreaterThan(40);
    const granted = [...new Set(names)].filter((name) => permission(name, 'app://console/'));
    expect(granted).toEqual(['clipboard-sanitized-write']);
    expect(permission('clipboard-sanitized-write', 'https://evil.example/')).toBe(false);
    expect(permission('a permission of next year', 'app://console/')).toBe(false);
  });

  test('gives no device and no screen', () => {
    const { handlers } = made;
    const call = (name: string, ...args: unknown[]) => (handlers[name] as (...given: unknown[]) => unknown)(...args);
    expect(call('device', { deviceType: 'hid', origin: 'app://console' })).toBe(false);
    expect(call('usb', { protectedClasses: ['hid', 'video'] })).toEqual(['hid', 'video']);
    const answers: unknown[] = [];
    call('bluetooth', {}, (answer: unknown) => answers.push(answer));
    call('display', {}, (answer: unknown) => answers.push(answer));
    expect(answers).toEqual([{ confirmed: false }, null]);
  });

  test.each([
    ['select-hid-device', [{}], null],
    ['select-usb-device', [{}], undefined],
    ['select-serial-port', [[], {}], ''],
  ])('%s picks nothing', (event, args, expected) => {
    let isPrevented = false;
    const answers: unknown[] = [];
    const take = (answer?: unknown) => void answers.push(answer);
    made.emit(event, { preventDefault: () => (isPrevented = true) }, ...args, take);
    expect([isPrevented, answers]).toEqual([true, [expected]]);
  });

  test.each([
    ['app://console/assets/main.js', true],
    ['blob:app://console/0d2f', true],
    ['blob:https://evil.example/0d2f', false],
    ['https://evil.example/', false],
    ['http://127.0.0.1:8080/', false],
    ['wss://evil.example/', false],
    ['file:///etc/passwd', false],
    ['devtools://devtools/bundled/inspector.html', false],
    ['app://consolex/', false],
  ])('a request to %s goes out: %s', (url, isAllowed) => {
    let cancel: boolean | undefined;
    const answer = (given: { cancel: boolean }) => void ({ cancel } = given);
    (made.handlers['request'] as (...args: unknown[]) => void)({ url }, answer);
    expect(cancel).toBe(!isAllowed);
  });

  test('tools for developers load while developing only', () => {
    expect(mayRequest('devtools://devtools/bundled/inspector.html', false)).toBe(true);
  });

  test('only what the page itself made is saved, and the system asks where', () => {
    const download = (url: string) => {
      let isPrevented = false;
      const options: unknown[] = [];
      const setSaveDialogOptions = (given: unknown) => void options.push(given);
      const item = { getURL: () => url, getFilename: () => 'list.csv', setSaveDialogOptions };
      made.emit('will-download', { preventDefault: () => (isPrevented = true) }, item);
      return { isPrevented, options };
    };
    expect(download('blob:app://console/1').options).toEqual([{ title: 'Save', defaultPath: 'list.csv' }]);
    expect(download('blob:https://evil.example/1')).toEqual({ isPrevented: true, options: [] });
    expect(download('https://evil.example/setup.exe').isPrevented).toBe(true);
    expect(download('app://console/index.html').isPrevented).toBe(true);
  });
});

describe('a page', () => {
  const app = Object.assign(new EventEmitter(), { isPackaged: true });
  // The guards take only the app's events and whether it is packaged.
  guardEverything(app as unknown as App);
  const contents = new Contents();
  app.emit('web-contents-created', {}, contents);

  const isPrevented = (event: string, url: string): boolean => {
    let prevented = false;
    contents.emit(event, { url, preventDefault: () => (prevented = true) });
    return prevented;
  };

  test.each(['will-navigate', 'will-frame-navigate', 'will-redirect'])('%s leaves the console for nowhere', (event) => {
    expect(isPrevented(event, 'app://console/invoices')).toBe(false);
    for (const url of [
      'https://evil.example/',
      'app://console.evil.example/',
      'app://evil/',
      'file:///etc/passwd',
      'data:text/html,x',
      'javascript:alert(1)',
      'about:blank',
      'tollkeeper://open/',
      '',
    ]) {
      expect(isPrevented(event, url), url).toBe(true);
    }
  });

  test('opens no window and embeds nothing', () => {
    expect(contents.openHandler?.({ url: 'https://evil.example/' })).toEqual({ action: 'deny' });
    expect(contents.openHandler?.({ url: 'app://console/' })).toEqual({ action: 'deny' });
    expect(isPrevented('will-attach-webview', '')).toBe(true);
  });

  test('a session made later is guarded too, and a bad certificate stays one', () => {
    const later = new SessionDouble();
    app.emit('session-created', later);
    expect(Object.keys(later.handlers)).toEqual(expect.arrayContaining(['permission', 'check', 'device', 'request']));
    const answers: boolean[] = [];
    app.emit('certificate-error', {}, contents, 'https://a', 'bad', {}, (answer: boolean) => answers.push(answer));
    expect(answers).toEqual([false]);
  });

  test('no part of the shell hands an address to the system, opens a window elsewhere, or starts Node', () => {
    const names = globSync('electron/*/*.ts');
    expect(names.length).toBeGreaterThan(15);
    const banned = /\bshell[,.]|openExternal|child_process|crashReporter|autoUpdater|allowLoadingUnsigned|disclaim/;
    for (const name of names) {
      const source = readFileSync(name, 'utf8');
      expect(source, name).not.toMatch(banned);
      expect(source, name).not.toMatch(/setUsePlainTextEncryption|encryptString\(|decryptString\(|ipcMain\.handle/);
      expect(source.includes('new BrowserWindow('), name).toBe(name === 'electron/main/window.ts');
    }
  });
});

describe('a port', () => {
  const ours = new Contents();
  const isOurs = (contents: WebContents): boolean => contents.id === ours.id;
  const event = (change: Record<string, unknown> = {}): IpcMainEvent =>
    // A message as ipcMain tells it, with the members that the check reads.
    ({ type: 'frame', sender: ours, senderFrame: ours.mainFrame, ...change }) as unknown as IpcMainEvent;
  const frame = (change: Partial<Frame>): Frame => ({ ...ours.mainFrame, ...change });

  test.each([
    ['a service worker', { type: 'service-worker' }, 'the sender is not a frame'],
    ['a frame that is gone', { senderFrame: null }, 'the frame is gone'],
    ['a detached frame', { senderFrame: frame({ detached: true }) }, 'the frame is detached'],
    ['an empty frame inside', { senderFrame: frame({ parent: ours.mainFrame }) }, 'the frame is inside another'],
    ['another page', { senderFrame: frame({ origin: 'https://evil.example' }) }, 'the page is not the console'],
    ['a look-alike', { senderFrame: frame({ origin: 'app://console.evil' }) }, 'the page is not the console'],
    ['no origin', { senderFrame: frame({ origin: '' }) }, 'the page is not the console'],
    ['another window', { sender: new Contents() }, 'the window is not ours'],
  ])('is refused to %s', (_name, change, why) => {
    expect(whyNoPort(event(change), isOurs)).toBe(why);
  });

  test('goes to the top frame of our own window, on one channel', () => {
    const ipcMain = new EventEmitter();
    const admitted: number[] = [];
    const warned: unknown[] = [];
    handOverPorts({
      // An emitter is what the listener is added to.
      ipcMain: ipcMain as unknown as Parameters<typeof handOverPorts>[0]['ipcMain'],
      newChannel: () => new MessageChannel() as never,
      isOurs,
      admit: (window) => admitted.push(window),
      warn: (_event, facts) => warned.push(facts),
    });
    expect(ipcMain.eventNames()).toEqual(['port']);
    ipcMain.emit('port', event({ senderFrame: frame({ parent: ours.mainFrame }) }));
    expect([admitted, ours.received]).toEqual([[], []]);
    expect(warned).toEqual([{ why: 'the frame is inside another' }]);
    ipcMain.emit('port', event());
    expect(admitted).toEqual([ours.id]);
    expect(ours.received).toHaveLength(1);
    for (const port of ours.received) port.close();
  });
});

describe('a link from another program', () => {
  test.each(SCREENS.map(({ to }) => to))('may show %s', (to) => {
    expect(placeOf(`tollkeeper://open${to}`)).toBe(to);
  });

  test.each([
    ['tollkeeper://open', '/'],
    ['tollkeeper://open/', '/'],
    ['tollkeeper://open/invoices/inv_01k', '/invoices/inv_01k'],
    ['tollkeeper://open/invoices?state=draft', '/invoices?state=draft'],
    ['tollkeeper://open/customers/cus_1/event/gw-1/e1', '/customers/cus_1/event/gw-1/e1'],
  ])('%s shows %s', (link, place) => {
    expect(placeOf(link)).toBe(place);
    expect(isConsole(new URL(place, 'app://console/').href)).toBe(true);
  });

  test.each([
    'tollkeeper://run/invoices',
    'tollkeeper://open//evil.example/',
    'tollkeeper://open/dev/ui',
    'tollkeeper://open/invoices/../../secret',
    'tollkeeper://open/invoices/%2f%2fevil.example',
    'tollkeeper://open/invoices?x=<script>',
    'tollkeeper://open/invoices#a',
    'tollkeeper://user@open/invoices',
    'https://open/invoices',
    'javascript:alert(1)',
    `tollkeeper://open/invoices/${'a'.repeat(600)}`,
    '',
  ])('%s shows nothing', (link) => {
    expect(placeOf(link)).toBeNull();
  });

  test('is all that is read of the arguments of a second start', () => {
    expect(placeIn(['tollkeeper', '--workspace=/etc/evil', 'tollkeeper://open/usage'])).toBe('/usage');
    expect(placeIn(['tollkeeper', '--inspect', '/some/file'])).toBeNull();
  });
});
