/** `npm run package`: bundles the desktop and makes packages of it, or says what is missing for that. */
import { parseArgs } from 'node:util';
import { electronBinary } from './desktop/binary.ts';
import { builderConfiguration, canNotarize } from './desktop/builder.ts';
import { DESKTOP, bundleDesktop } from './desktop/bundle.ts';
import { buildRenderer } from './renderer.ts';

const USAGE =
  'npm run package -- [--bundle] [--release]\n' +
  '  --bundle   only bundle, into dist/desktop\n' +
  '  --release  sign, and fail where that is not possible\n';

type Situation = Readonly<{
  binary: string | undefined;
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  isRelease: boolean;
}>;

/** Everything that is missing for a package, a sentence each with what to do. */
export function missingFor({ binary, platform, env, isRelease }: Situation): string[] {
  const missing: string[] = [];
  if (binary === undefined) {
    missing.push(
      "Electron's binary is not installed: run `npx install-electron --no` where its download is reachable.",
    );
  }
  if (platform === 'linux' && !env['TOLLKEEPER_HOMEPAGE']) {
    missing.push('A deb names a home page: set TOLLKEEPER_HOMEPAGE to its address.');
  }
  if (isRelease && platform !== 'linux' && !env['CSC_LINK'] && !env['WIN_CSC_LINK']) {
    missing.push('A release is signed: set CSC_LINK (or WIN_CSC_LINK) and its password to the certificate.');
  }
  if (isRelease && platform === 'darwin' && !canNotarize(env)) {
    missing.push('A release for macOS is notarized: set APPLE_API_KEY, APPLE_API_KEY_ID and APPLE_API_ISSUER.');
  }
  return missing;
}

async function main(args: string[]): Promise<number> {
  const options = {
    bundle: { type: 'boolean', default: false },
    release: { type: 'boolean', default: false },
  } as const;
  let values: { bundle: boolean; release: boolean };
  try {
    ({ values } = parseArgs({ args, options }));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    return 2;
  }
  await buildRenderer();
  await bundleDesktop();
  process.stdout.write(`Bundled the desktop into ${DESKTOP}.\n`);
  if (values.bundle) return 0;
  const { platform, env } = process;
  const missing = missingFor({ binary: electronBinary(), platform, env, isRelease: values.release });
  if (missing.length > 0) {
    process.stderr.write(`No package was made.\n${missing.map((line) => `- ${line}\n`).join('')}`);
    return 1;
  }
  const { build } = await import('electron-builder');
  const made = await build({ config: builderConfiguration(env, { isRelease: values.release }) });
  for (const file of made) process.stdout.write(`${file}\n`);
  return 0;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
