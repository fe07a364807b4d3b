/** Debian's chromium for browser tests: finds it, or installs it where that is possible. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** No sandbox, as tests may run as root in a container; nothing that talks to the network on its own account. */
export const CHROMIUM_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** What to do where there is no browser; the sentence a skipped or failed test shows. */
export const CHROMIUM_MISSING =
  'Browser tests need Chromium: install it ("apt-get install chromium" on Debian) or name one in CHROMIUM.';

/** The browser that is there, if any. CHROMIUM, when set, decides alone. */
export function chromiumPath(): string | undefined {
  const named = process.env['CHROMIUM'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : undefined;
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')];
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));
}

function run(file: string, args: string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(file, args, { stdio: ['ignore', 2, 2], env }).status === 0;
}

/** Installs Debian's chromium when root may; says what to do otherwise. Gives the path when there is a browser. */
export function ensureChromium(): string | undefined {
  const found = chromiumPath();
  if (found !== undefined) return found;
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version') && !process.env['CHROMIUM'];
  if (canInstall) {
    process.stderr.write('Installing chromium for the browser tests …\n');
    const install = ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation'];
    if (run('apt-get', install) || (run('apt-get', ['update']) && run('apt-get', install))) return chromiumPath();
  }
  process.stderr.write(`${CHROMIUM_MISSING}\n`);
  return undefined;
}
