/** The fuses of the desktop's binary, all nine by name: what a copy of it on somebody's machine can be made to do. */
import { FuseV1Options, FuseVersion } from '@electron/fuses';
import type { FuseConfig } from '@electron/fuses';

export const FUSES = {
  version: FuseVersion.V1,
  // A tenth fuse of a later version stops packaging until it is decided here.
  strictlyRequireAllFuses: true,
  // Not a plain Node for whoever can start it; the core is a utility process, which needs none.
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  // No snapshot is shipped.
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  // The console comes by a scheme of its own, so files need no privileges.
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  [FuseV1Options.WasmTrapHandlers]: true,
} as const satisfies FuseConfig;

type Packed = Readonly<{ folder: string; platform: string; productName: string; executable: string }>;

/** The file whose fuses are blown, as electron-builder lays a package out. */
export function fusedFile({ folder, platform, productName, executable }: Packed): string {
  if (platform === 'darwin') return `${folder}/${productName}.app`;
  return platform === 'win32' ? `${folder}/${productName}.exe` : `${folder}/${executable}`;
}

/** What is blown on a platform: changing the binary breaks the signature that macOS wants on Apple silicon. */
export function fusesFor(platform: string): FuseConfig {
  return { ...FUSES, resetAdHocDarwinSignature: platform === 'darwin' };
}
