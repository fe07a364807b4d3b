/** The desktop's small parts: what it keeps and how, when it starts the core again, and what it refuses to load. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { coreEnvironment } from '../../electron/main/core-process.ts';
import { Custody } from '../../electron/main/custody.ts';
import { menuTemplate, needsSentence, trayTemplate } from '../../electron/main/menu.ts';
import { foreignNative } from '../../electron/main/natives.ts';
import { readOrder } from '../../electron/main/options.ts';
import { RecentWorkspaces } from '../../electron/main/recent.ts';
import { restartDelayMs } from '../../electron/main/restarts.ts';
import { boundsFor, readWindowState, writeWindowState } from '../../electron/main/window-state.ts';
import { scratch } from '../support/workspace.ts';

const { folder, dispose } = scratch();
afterAll(dispose);

type Backend = ReturnType<ConstructorParameters<typeof Custody>[0]['getSelectedStorageBackend']>;

/** The system's store: a key that can be exchanged, and a record of what was sealed. */
function storage(given: { isThere?: boolean; backend?: Backend } = {}) {
  const state = { key: 0x21, isThere: true, backend: 'gnome_libsecret' as Backend, sealed: 0, ...given };
  const mix = (bytes: Buffer, key: number) => Buffer.from(bytes.map((byte) => byte ^ key));
  return Object.assign(state, {
    isAsyncEncryptionAvailable: () => Promise.resolve(state.isThere),
    getSelectedStorageBackend: () => state.backend,
    encryptStringAsync: (text: string) => {
      state.sealed += 1;
      return Promise.resolve(Buffer.concat([Buffer.from([state.key]), mix(Buffer.from(text), state.key)]));
    },
    decryptStringAsync: (bytes: Buffer) => {
      const key = bytes[0] ?? 0;
      if (key === 0) return Promise.reject(new Error('of another machine'));
      return Promise.resolve({ result: mix(bytes.subarray(1), key).toString(), shouldReEncrypt: key !== state.key });
    },
  });
}

describe('custody', () => {
  test.each([
    ['linux', { backend: 'gnome_libsecret' }, true],
    ['linux', { backend: 'kwallet6' }, true],
    ['linux', { backend: 'basic_text' }, false],
    ['linux', { backend: 'unknown' }, false],
    ['linux', { isThere: false }, false],
    ['darwin', { backend: 'unknown' }, true],
    ['win32', { isThere: false }, false],
  ] as const)('on %s with %o keeps secrets: %s', async (platform, given, isSafe) => {
    const file = join(folder, `custody-${platform}-${JSON.stringify(given).length}`);
    const custody = new Custody(storage(given), { file, platform });
    const kept = await custody.keep('a secret');
    expect([kept.ok, existsSync(file)]).toEqual([isSafe, isSafe]);
    if (!kept.ok) expect(kept.fix).toContain('nothing is kept in the clear');
    custody.forget();
  });

  test('keeps a text sealed, for its owner only, and seals it anew under a new key of the system', async () => {
    const file = join(folder, 'keys', 'secret.sealed');
    const system = storage();
    const custody = new Custody(system, { file, platform: 'linux' });
    expect(await custody.read()).toEqual({ ok: true, value: null });
    await custody.keep('a secret');
    expect(readFileSync(file, 'utf8')).not.toContain('secret');
    expect(statSync(file).mode & 0o077).toBe(0);
    system.key = 0x42;
    expect(await custody.read()).toEqual({ ok: true, value: 'a secret' });
    expect(readFileSync(file)[0]).toBe(0x42);
    expect(await custody.read()).toEqual({ ok: true, value: 'a secret' });
    expect(system.sealed).toBe(2);
    custody.forget();
    expect(await custody.read()).toEqual({ ok: true, value: null });
  });

  test('says what it cannot open, and loses nothing of it', async () => {
    const file = join(folder, 'foreign.sealed');
    writeFileSync(file, Buffer.from([0, 1, 2]));
    const read = await new Custody(storage(), { file, platform: 'darwin' }).read();
    expect(read).toMatchObject({ ok: false, detail: expect.stringContaining('cannot be opened') });
    expect(existsSync(file)).toBe(true);
  });

  test('holds the list of recent workspaces, newest first and each once', async () => {
    const file = join(folder, 'recent.sealed');
    const custody = new Custody(storage(), { file, platform: 'linux' });
    const recent = new RecentWorkspaces(custody);
    for (let number = 0; number < 10; number += 1) await recent.add(`/books/${number}`);
    await recent.add('/books/5');
    expect(recent.files).toEqual([5, 9, 8, 7, 6, 4, 3, 2].map((number) => `/books/${number}`));
    const next = new RecentWorkspaces(custody);
    await next.load();
    expect(next.files).toEqual(recent.files);
    await custody.keep('{"of":"another version"}');
    const later = new RecentWorkspaces(custody);
    await later.load();
    expect(later.files).toEqual([]);
    next.forget();
    expect([next.files, existsSync(file)]).toEqual([[], false]);
  });
});

describe('a window', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1080 };
  const state = { x: 100, y: 50, width: 1200, height: 800, isMaximized: false };

  test('comes back where it was, unless its display is gone', () => {
    const file = join(folder, 'window', 'state.json');
    expect(boundsFor(readWindowState(file), [screen])).toEqual({ width: 1440, height: 900 });
    writeWindowState(file, state);
    expect(boundsFor(readWindowState(file), [screen])).toEqual({ x: 100, y: 50, width: 1200, height: 800 });
    const away = { ...state, x: 3000 };
    expect(boundsFor(away, [screen])).toEqual({ width: 1200, height: 800 });
    expect(boundsFor(away, [screen, { ...screen, x: 1920 }])).toMatchObject({ x: 3000 });
    expect(boundsFor({ ...state, y: -200 }, [screen])).not.toHaveProperty('y');
    expect(boundsFor({ ...state, width: 10, height: 10 }, [screen])).toMatchObject({ width: 880, height: 600 });
  });

  test.each(['', '{', '[]', '{"x":0.5,"y":0,"width":1,"height":1,"isMaximized":false}', '{"x":0}'])(
    'opens as at first where %s was kept',
    (text) => {
      const file = join(folder, 'state.json');
      writeFileSync(file, text);
      expect(readWindowState(file)).toBeNull();
    },
  );
});

describe('the menu', () => {
  const calls: string[] = [];
  const actions = {
    openWorkspace: () => calls.push('open'),
    openRecent: (file: string) => calls.push(`recent ${file}`),
    forgetRecent: () => calls.push('forget'),
    printToPdf: () => calls.push('print'),
    newWindow: () => calls.push('window'),
    lock: () => calls.push('lock'),
  };
  const facts = { platform: 'linux', isPackaged: true, recent: ['/books/acme.tollkeeper'] } as const;
  const text = (given: Parameters<typeof menuTemplate>[0]): string => JSON.stringify(menuTemplate(given, actions));

  test('has tools for developers while developing only, and a menu of its own on macOS', () => {
    expect(text(facts)).not.toContain('toggleDevTools');
    expect(text({ ...facts, isPackaged: false })).toContain('toggleDevTools');
    expect(text(facts)).not.toContain('appMenu');
    expect(text({ ...facts, platform: 'darwin' })).toContain('appMenu');
    expect(text(facts)).toContain('acme.tollkeeper');
  });

  test('each entry does what it says', () => {
    const [file] = menuTemplate(facts, actions);
    const items = file?.submenu as { label?: string; click?: () => void; submenu?: { click?: () => void }[] }[];
    for (const item of items) for (const one of [item, ...(item.submenu ?? [])]) one.click?.();
    expect(calls).toEqual(['window', 'open', 'recent /books/acme.tollkeeper', 'forget', 'print', 'lock']);
  });

  test('the tray says in words what waits', () => {
    expect([0, 1, 2].map(needsSentence)).toEqual([
      'Tollkeeper: nothing needs you',
      'Tollkeeper: one thing needs you',
      'Tollkeeper: 2 things need you',
    ]);
    expect(trayTemplate(2, { show: () => undefined, lock: () => undefined })[0]).toMatchObject({
      label: 'Tollkeeper: 2 things need you',
    });
  });
});

describe('the core', () => {
  test('is started again a little later each time, until that makes no sense', () => {
    const ends = Array.from({ length: 6 }, (_, index) => index * 1_000);
    const delays = ends.map((_, index) => restartDelayMs(ends.slice(0, index + 1), 6_000));
    expect(delays).toEqual([250, 500, 1_000, 2_000, 4_000, null]);
    expect(restartDelayMs(ends, 120_000)).toBe(250);
  });

  test('inherits a list of names and nothing that steers Node or holds a key', () => {
    const env = {
      PATH: '/bin',
      HOME: '/home/ada',
      NODE_OPTIONS: '--inspect',
      AWS_SECRET_ACCESS_KEY: 'x',
      CSC_LINK: 'y',
    };
    expect(coreEnvironment(env)).toEqual({ PATH: '/bin', HOME: '/home/ada' });
  });

  test('takes the options of npm start that it knows, among those of Chromium', () => {
    expect(readOrder([])).toEqual({ chains: 'evm', fresh: false });
    const args = ['--workspace=/b.tollkeeper', '--inspect=1', '--gateway', '127.0.0.1:9', '--chains=none', '--fresh'];
    expect(readOrder(args)).toEqual({
      workspace: '/b.tollkeeper',
      gateway: '127.0.0.1:9',
      chains: 'none',
      fresh: true,
    });
    expect(readOrder(['--chains=all', 'tollkeeper://open/usage'])).toEqual({ chains: 'evm', fresh: false });
  });
});

describe('native code', () => {
  const list = join(folder, 'natives.json');
  const root = join(folder, 'unpacked');
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');

  test('is loaded only as it was bundled', () => {
    mkdirSync(join(root, 'a'), { recursive: true });
    writeFileSync(join(root, 'a/here.node'), 'native');
    writeFileSync(list, JSON.stringify({ 'a/elsewhere.node': hash('other'), 'a/here.node': hash('native') }));
    expect(foreignNative(list, root)).toBeUndefined();
    writeFileSync(join(root, 'a/here.node'), 'patched');
    expect(foreignNative(list, root)).toBe('a/here.node');
  });

  test('is missed where there is none at all', () => {
    writeFileSync(list, JSON.stringify({ 'a/elsewhere.node': hash('other') }));
    expect(foreignNative(list, root)).toBe('a/elsewhere.node');
    writeFileSync(list, '{}');
    expect(foreignNative(list, root)).toBe(list);
  });
});
