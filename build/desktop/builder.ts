/** How packages are made, as data: Linux (AppImage, deb), macOS (dmg, universal) and Windows (nsis). */
import { flipFuses } from '@electron/fuses';
import type { AfterPackContext, Configuration } from 'electron-builder';
import { DESKTOP, MAIN_FILE } from './bundle.ts';
import { fusedFile, fusesFor } from './fuses.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Any of these sets lets Apple's notary be asked. */
const NOTARY = [
  ['APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER'],
  ['APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID'],
  ['APPLE_KEYCHAIN', 'APPLE_KEYCHAIN_PROFILE'],
] as const;

const hasAll = (env: Environment, names: readonly string[]): boolean => names.every((name) => env[name]);

export const canNotarize = (env: Environment): boolean => NOTARY.some((names) => hasAll(env, names));

/** Blows the fuses before anything is signed. */
async function blowFuses({ appOutDir, electronPlatformName: platform, packager }: AfterPackContext): Promise<void> {
  const { productFilename: productName } = packager.appInfo;
  const file = fusedFile({ folder: appOutDir, platform, productName, executable: 'tollkeeper' });
  await flipFuses(file, fusesFor(platform));
}

const FILES: NonNullable<Configuration['files']> = [
  // Named, because without a pattern of its own the repository itself would be packed.
  'package.json',
  { from: DESKTOP, to: '.', filter: ['**/*', '!package.json'] },
];

const MAC: NonNullable<Configuration['mac']> = {
  target: [{ target: 'dmg', arch: ['universal'] }],
  category: 'public.app-category.finance',
  minimumSystemVersion: '13.0',
  hardenedRuntime: true,
  gatekeeperAssess: false,
  entitlements: 'build/desktop/entitlements.mac.plist',
  entitlementsInherit: 'build/desktop/entitlements.mac.plist',
  // Both builds of a native package are in it under names of their own; they are not merged.
  x64ArchFiles: '**/*.node',
};

const LINUX: NonNullable<Configuration['linux']> = {
  target: ['AppImage', 'deb'],
  executableName: 'tollkeeper',
  category: 'Finance',
  synopsis: 'Operator console for metered services',
  maintainer: 'Tollkeeper contributors <contributors@tollkeeper.invalid>',
};

const WINDOWS: NonNullable<Configuration['win']> = {
  target: [{ target: 'nsis', arch: ['x64', 'arm64'] }],
  signAndEditExecutable: true,
  signtoolOptions: { signingHashAlgorithms: ['sha256'], rfc3161TimeStampServer: 'http://timestamp.digicert.com' },
};

/** The configuration. `isRelease` makes a package that cannot be signed a failure. */
export function builderConfiguration(env: Environment, { isRelease }: { isRelease: boolean }): Configuration {
  return {
    appId: 'io.tollkeeper.console',
    productName: 'Tollkeeper',
    copyright: 'Copyright © Tollkeeper contributors',
    directories: { output: 'dist/packages', buildResources: 'build/desktop' },
    icon: 'build/desktop/icon.png',
    extraMetadata: { main: MAIN_FILE, homepage: env['TOLLKEEPER_HOMEPAGE'] },
    files: FILES,
    asar: true,
    // Files that the system loads or starts by their path cannot be inside the archive.
    asarUnpack: ['**/*.node', '**/node_modules/@foundry-rs/*/bin/*'],
    protocols: [{ name: 'Tollkeeper', schemes: ['tollkeeper'] }],
    fileAssociations: [{ ext: 'tollkeeper', name: 'Tollkeeper workspace', role: 'Editor' }],
    // Whatever is native comes as a prebuilt of the stable Node interface: nothing is compiled here.
    npmRebuild: false,
    forceCodeSigning: isRelease,
    afterPack: blowFuses,
    mac: { ...MAC, notarize: isRelease || canNotarize(env) },
    linux: LINUX,
    win: WINDOWS,
    nsis: { oneClick: false, perMachine: false, allowToChangeInstallationDirectory: true },
    // There is no updater in this version; a package is fetched and checked by whoever installs it.
    publish: null,
  };
}
