/**
 * Bundles the desktop into dist/desktop, whose tree mirrors this repository: a path relative to a module is the same in
 * both, so core finds its threads, artifacts and pages without knowing where it runs. Run from the root.
 */
import { createHash } from 'node:crypto';
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, relative, resolve } from 'node:path';
import type { InlineConfig, Plugin } from 'vite';
import { fingerprint } from '../renderer.ts';

export const DESKTOP = 'dist/desktop';
export const PRELOAD_FILE = 'electron/preload/index.cjs';
export const MAIN_FILE = 'electron/main/index.js';
export const NATIVES_FILE = 'natives.json';
const STAMP = 'dist/desktop.built-from';
const SOURCES = [
  'electron/**/*.ts',
  'core/**/*.ts',
  'build/desktop/*',
  'programs/artifacts/**/*',
  'contracts/artifacts/**/*',
  'dist/renderer/**/*',
  'package-lock.json',
];
const CORE_ENTRY = 'electron/core/index.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const BUILTIN = builtinModules.flatMap((name) => [name, `node:${name}`]);

/** What is read at run time beside the bundles. */
const BESIDE = ['programs/artifacts', 'contracts/artifacts', 'build/desktop/tray.png', 'core/files/review-viewer.html'];

const shared = (isolated: InlineConfig['build']): InlineConfig => ({
  root: ROOT,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  build: { target: 'node24', emptyOutDir: false, minify: false, sourcemap: false, ...isolated },
});

/** A shell script of ours as one file: only Electron and Node stay outside. */
function oneFile(entry: string, outFile: string, format: 'es' | 'cjs'): InlineConfig {
  return {
    ...shared({
      ssr: true,
      outDir: DESKTOP,
      rolldownOptions: {
        input: join(ROOT, entry),
        external: ['electron', ...BUILTIN],
        output: { format, entryFileNames: outFile, codeSplitting: false },
      },
    }),
    ssr: { noExternal: true, target: 'node' },
  };
}

const THREAD = /new URL\('(\.\/[\w-]+)\.ts', import\.meta\.url\)/g;

/** Threads are started by the path of their file: each is an entry of its own, under the name it is built to. */
function threads(): Plugin {
  return {
    name: 'tollkeeper:threads',
    enforce: 'pre',
    transform(code, id) {
      const found = id.startsWith(join(ROOT, 'core')) ? [...code.matchAll(THREAD)] : [];
      if (found.length === 0) return null;
      for (const [, name = ''] of found) this.emitFile({ type: 'chunk', id: resolve(id, '..', `${name}.ts`) });
      return code.replaceAll(THREAD, "new URL('$1.js', import.meta.url)");
    },
  };
}

/** Core, one file a module: several of them start a thread from themselves, which a single file could not. */
function coreFiles(): InlineConfig {
  return {
    ...shared({
      ssr: true,
      outDir: DESKTOP,
      rolldownOptions: {
        input: join(ROOT, CORE_ENTRY),
        // Packages come with the product as they are: some are native, and all find files of their own.
        external: (id) => !/^[./#\0]/.test(id) && !id.startsWith(ROOT),
        output: {
          format: 'es',
          preserveModules: true,
          preserveModulesRoot: ROOT,
          entryFileNames: ({ facadeModuleId }) =>
            facadeModuleId?.startsWith(ROOT)
              ? relative(ROOT, facadeModuleId).replace(/\.[cm]?ts$/, '.js')
              : 'core/[name].js',
        },
      },
    }),
    plugins: [threads()],
    ssr: { target: 'node' },
  };
}

/** What Electron reads first. */
function manifest(): string {
  const { name, version, description, license } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    string,
    string
  >;
  const own = { name, productName: 'Tollkeeper', version, description, license, type: 'module', main: MAIN_FILE };
  return `${JSON.stringify(own, null, 2)}\n`;
}

/** The native files that the core loads, with what they were when this was bundled. */
function natives(): string {
  const files = globSync('node_modules/better-sqlite3/prebuilds/*.node').toSorted();
  const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
  const list = Object.fromEntries(files.map((file) => [file.replaceAll('\\', '/'), hashOf(file)]));
  return `${JSON.stringify(list, null, 2)}\n`;
}

/** Bundles main, preload and core, and puts beside them what they read. The renderer has been built before. */
export async function bundleDesktop(): Promise<'built' | 'fresh'> {
  const wanted = fingerprint(SOURCES);
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted && existsSync(DESKTOP)) return 'fresh';
  const { build } = await import('vite');
  rmSync(DESKTOP, { recursive: true, force: true });
  mkdirSync(DESKTOP, { recursive: true });
  await build(oneFile('electron/main/index.ts', MAIN_FILE, 'es'));
  await build(oneFile('electron/preload/index.ts', PRELOAD_FILE, 'cjs'));
  await build(coreFiles());
  writeFileSync(join(DESKTOP, 'package.json'), manifest());
  writeFileSync(join(DESKTOP, NATIVES_FILE), natives());
  for (const path of BESIDE) cpSync(path, join(DESKTOP, path), { recursive: true });
  cpSync('dist/renderer', join(DESKTOP, 'dist/renderer'), { recursive: true });
  writeFileSync(STAMP, wanted);
  return 'built';
}
