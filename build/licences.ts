/** The licences of what is shipped, collected from node_modules when the console is built. */
import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Licences } from '#renderer/lib/licences.ts';

type Manifest = Readonly<{
  name?: string;
  version?: string;
  license?: unknown;
  licenses?: unknown;
  dependencies?: Readonly<Record<string, string>>;
  optionalDependencies?: Readonly<Record<string, string>>;
}>;

/** Packed without being imported by the console: the desktop's shell, and the contracts that ours are made of. */
const ALSO_SHIPPED = ['electron', '@openzeppelin/contracts'];
const BARE_IMPORT = /(?:from|import|import\(|url\()\s*['"](@[a-z0-9-]+\/[a-z0-9._-]+|[a-z][a-z0-9._-]*)/g;
const TEXT = /^(licen[cs]e|copying)([.-].*)?$/i;
const LONGEST_TEXT = 64 * 1024;

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;

/** The folder of a package as Node finds it from another package's folder; null where it is not installed. */
function folderOf(root: string, from: string, name: string): string | null {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (at === root || at === dirname(at)) return null;
  }
}

/** Packages that the console's own sources name. */
function importedBy(root: string): string[] {
  const files = globSync('renderer/**/*.{ts,tsx,css}', { cwd: root }).filter((file) => !file.includes('.test.'));
  return files.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(BARE_IMPORT)].map(([, name]) => name ?? ''),
  );
}

/** The licence that a manifest states, in the words of SPDX where it uses them. */
export function licenceOf({ license, licenses }: Pick<Manifest, 'license' | 'licenses'>): string {
  const named = (one: unknown): string => {
    if (typeof one === 'string') return one;
    const type = (one as { type?: unknown } | null | undefined)?.type;
    return typeof type === 'string' ? type : '';
  };
  if (Array.isArray(licenses)) return licenses.map(named).filter(Boolean).join(' OR ') || 'not stated';
  return named(license) || named(licenses) || 'not stated';
}

function textIn(folder: string): string | null {
  const names = readdirSync(folder).filter((name) => TEXT.test(name));
  const [first] = names.toSorted((a, b) => a.length - b.length);
  return first === undefined ? null : readFileSync(join(folder, first), 'utf8').trim().slice(0, LONGEST_TEXT);
}

/**
 * Every package that is shipped: what is depended on at run time and what the console imports, with what these depend
 * on. Texts that several packages share are kept once.
 */
export function collectLicences(root: string): Licences {
  const own = readJson<Manifest>(join(root, 'package.json'));
  const first = [
    ...Object.keys({ ...own.dependencies, ...own.optionalDependencies }),
    ...importedBy(root),
    ...ALSO_SHIPPED,
  ];
  const waiting = first.map((name) => folderOf(root, root, name));
  const found = new Map<string, Licences['packages'][number]>();
  const seen = new Set<string>();
  const texts: string[] = [];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (folder === null || seen.has(folder)) continue;
    seen.add(folder);
    const manifest = readJson<Manifest>(join(folder, 'package.json'));
    const { name = '', version = '' } = manifest;
    const text = textIn(folder);
    if (text !== null && !texts.includes(text)) texts.push(text);
    found.set(`${name} ${version}`, {
      name,
      version,
      licence: licenceOf(manifest),
      text: text === null ? null : texts.indexOf(text),
    });
    const needed = { ...manifest.dependencies, ...manifest.optionalDependencies };
    for (const one of Object.keys(needed)) waiting.push(folderOf(root, folder, one));
  }
  const packages = [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
  return { packages, texts };
}

const MODULE = 'virtual:licences';

/**
 * Gives the console the list as a module of its own, loaded when it is looked at: a window of the desktop may load
 * scripts of the build and connect to nothing.
 */
export function licencesModule(root: string) {
  return {
    name: 'licences',
    resolveId: (id: string) => (id === MODULE ? `\0${MODULE}` : null),
    load: (id: string) =>
      id === `\0${MODULE}` ? `export const licences = ${JSON.stringify(collectLicences(root))};` : null,
  };
}
