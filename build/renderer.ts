/** Builds the browser part of the console into dist/renderer when its sources are newer than what was built. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';

const SOURCES = [
  'renderer/**/*',
  'core/contract/**/*.ts',
  'core/domain/**/*.ts',
  'build/vite.config.ts',
  'build/licences.ts',
  'package-lock.json',
];
const TARGET = 'dist/renderer';
const STAMP = 'dist/renderer.built-from';

/** Names what a build is made of by content, so that a checkout that only touches times builds nothing. */
export function fingerprint(sources: readonly string[]): string {
  const hash = createHash('sha256');
  const files = globSync(sources, { withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of files.map((entry) => `${entry.parentPath}/${entry.name}`).toSorted()) {
    if (/\.test\.tsx?$/.test(path)) continue;
    hash.update(path).update('\0').update(readFileSync(path)).update('\0');
  }
  return hash.digest('hex');
}

/** `built` and `fresh`: dist/renderer can be served. `absent`: this version has no renderer. */
export type RendererState = 'built' | 'fresh' | 'absent';

/** Brings dist/renderer up to date; vite is loaded only when there is something to build. Run from the root. */
export async function buildRenderer(): Promise<RendererState> {
  if (!existsSync('renderer/index.html')) return 'absent';
  const wanted = fingerprint(SOURCES);
  if (existsSync(`${TARGET}/index.html`) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return 'fresh';
  // Tests build under their own NODE_ENV; the page they look at must be the one that ships.
  process.env['NODE_ENV'] = 'production';
  const { build } = await import('vite');
  const { rendererConfig } = await import('./vite.config.ts');
  await build({ ...rendererConfig, configFile: false, logLevel: 'warn' });
  writeFileSync(STAMP, wanted);
  return 'built';
}
