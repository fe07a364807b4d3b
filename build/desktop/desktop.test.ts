/** How the desktop is packaged and opened, as data: that needs no binary of Electron. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FuseV1Options } from '@electron/fuses';
import type { Configuration } from 'electron-builder';
import { afterAll, describe, expect, test } from 'vitest';
import { missingFor } from '../package.ts';
import { whyBrowser, windowArguments } from '../start.ts';
import { electronBinary } from './binary.ts';
import { builderConfiguration } from './builder.ts';
import { FUSES, fusedFile, fusesFor } from './fuses.ts';

const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the fuses', () => {
  test('are all nine that the binary has, each decided', () => {
    const names = Object.keys(FuseV1Options).filter((name) => Number.isNaN(Number(name)));
    const state = Object.fromEntries(names.map((name) => [name, FUSES[FuseV1Options[name as 'RunAsNode']]]));
    expect(state).toEqual({
      RunAsNode: false,
      EnableCookieEncryption: true,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      EnableEmbeddedAsarIntegrityValidation: true,
      OnlyLoadAppFromAsar: true,
      LoadBrowserProcessSpecificV8Snapshot: false,
      GrantFileProtocolExtraPrivileges: false,
      WasmTrapHandlers: true,
    });
    expect(FUSES.strictlyRequireAllFuses).toBe(true);
  });

  test('are blown in the file that a platform starts', () => {
    const packed = { folder: '/out', productName: 'Tollkeeper', executable: 'tollkeeper' };
    expect(fusedFile({ ...packed, platform: 'linux' })).toBe('/out/tollkeeper');
    expect(fusedFile({ ...packed, platform: 'win32' })).toBe('/out/Tollkeeper.exe');
    expect(fusedFile({ ...packed, platform: 'darwin' })).toBe('/out/Tollkeeper.app');
    expect([fusesFor('darwin'), fusesFor('linux')].map((one) => one.resetAdHocDarwinSignature)).toEqual([true, false]);
  });
});

describe('the packages', () => {
  const configuration = builderConfiguration({ TOLLKEEPER_HOMEPAGE: 'https://books.example' }, { isRelease: true });

  test('are described in a way that electron-builder takes', async () => {
    // The validator that electron-builder itself runs first; it is not among what the package exports by name.
    const require = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
    const { validateConfiguration } = require('app-builder-lib/out/util/config/config') as {
      validateConfiguration: (given: Configuration, debug: { isEnabled: boolean; add: () => void }) => Promise<void>;
    };
    const debug = { isEnabled: false, add: () => undefined };
    await expect(validateConfiguration(configuration, debug)).resolves.toBeUndefined();
    const wrong = { ...configuration, mac: { hardened: true } } as Configuration;
    await expect(validateConfiguration(wrong, debug)).rejects.toThrow('configuration.mac should be');
  });

  test('are those of three systems', () => {
    expect(configuration.linux?.target).toEqual(['AppImage', 'deb']);
    expect(configuration.mac?.target).toEqual([{ target: 'dmg', arch: ['universal'] }]);
    expect(configuration.win?.target).toEqual([{ target: 'nsis', arch: ['x64', 'arm64'] }]);
    expect(configuration.protocols).toEqual([{ name: 'Tollkeeper', schemes: ['tollkeeper'] }]);
  });

  test('of a release are signed, hardened and notarized, or not made', () => {
    expect(configuration).toMatchObject({
      forceCodeSigning: true,
      mac: { hardenedRuntime: true, notarize: true },
      win: { signtoolOptions: { signingHashAlgorithms: ['sha256'] } },
    });
    const plist = readFileSync(String(configuration.mac?.entitlements), 'utf8');
    expect([...plist.matchAll(/<key>(.*)<\/key>/g)].map(([, key]) => key)).toEqual(['com.apple.security.cs.allow-jit']);
    const trial = builderConfiguration({}, { isRelease: false });
    expect([trial.forceCodeSigning, trial.mac?.notarize]).toEqual([false, false]);
    const env = { APPLE_KEYCHAIN: 'a', APPLE_KEYCHAIN_PROFILE: 'b' };
    expect(builderConfiguration(env, { isRelease: false }).mac?.notarize).toBe(true);
  });

  test('hold the bundle in an archive, natives beside it, and blow the fuses before signing', () => {
    expect(configuration).toMatchObject({ asar: true, npmRebuild: false, publish: null });
    expect(configuration.asarUnpack).toContain('**/*.node');
    expect(configuration.files).toEqual([
      'package.json',
      { from: 'dist/desktop', to: '.', filter: ['**/*', '!package.json'] },
    ]);
    expect(configuration.extraMetadata).toMatchObject({ main: 'electron/main/index.js' });
    expect(configuration.afterPack).toBeTypeOf('function');
  });

  test('are not begun while something is missing, and each missing thing is said', () => {
    const there = { binary: '/electron', env: {}, isRelease: false } as const;
    expect(missingFor({ ...there, platform: 'darwin' })).toEqual([]);
    expect(missingFor({ ...there, platform: 'linux' })).toEqual([expect.stringContaining('TOLLKEEPER_HOMEPAGE')]);
    expect(missingFor({ ...there, binary: undefined, platform: 'win32' })).toEqual([
      expect.stringContaining('npx install-electron'),
    ]);
    expect(missingFor({ ...there, isRelease: true, platform: 'darwin' })).toEqual([
      expect.stringContaining('CSC_LINK'),
      expect.stringContaining('APPLE_API_KEY'),
    ]);
    const signed = { CSC_LINK: 'x', APPLE_API_KEY: 'x', APPLE_API_KEY_ID: 'x', APPLE_API_ISSUER: 'x' };
    expect(missingFor({ ...there, env: signed, isRelease: true, platform: 'darwin' })).toEqual([]);
  });
});

describe('npm start', () => {
  const runtime = { host: 'browser', fresh: false, chains: 'all' } as const;
  const options = { isJson: false, mayOpen: true, waitsForChains: false, runtime };

  test('looks for the binary without asking for its download', () => {
    const electron = join(folder, 'electron');
    mkdirSync(join(electron, 'dist'), { recursive: true });
    expect(electronBinary(electron, {})).toBeUndefined();
    writeFileSync(join(electron, 'path.txt'), 'electron\n');
    expect(electronBinary(electron, {})).toBeUndefined();
    writeFileSync(join(electron, 'dist', 'electron'), '');
    expect(electronBinary(electron, {})).toBe(join(electron, 'dist', 'electron'));
    expect(electronBinary(electron, { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'nowhere') })).toBeUndefined();
  });

  test('says why a browser shows the console', () => {
    expect(whyBrowser(options, undefined)).toBe("Electron's binary is not installed");
    expect(whyBrowser({ ...options, mayOpen: false }, '/electron')).toBe('no window was asked for');
    expect(whyBrowser({ ...options, runtime: { ...runtime, port: 0 } }, '/electron')).toBe('--port asks for a port');
    expect(whyBrowser({ ...options, runtime: { ...runtime, chains: 'solana' } }, '/electron')).toContain('Solana');
  });

  test('gives the desktop the options that it shares', () => {
    const given = { ...runtime, workspace: '/b.tollkeeper', gateway: '127.0.0.1:9', fresh: true };
    expect(windowArguments(given)).toEqual([
      'dist/desktop',
      '--workspace=/b.tollkeeper',
      '--gateway=127.0.0.1:9',
      '--chains=all',
      '--fresh',
    ]);
  });
});
