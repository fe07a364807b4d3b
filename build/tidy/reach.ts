/** Finds files that nothing reaches: neither a command, nor a page, nor a test. */
import { posix } from 'node:path';
import { resolveOurs } from './imports.ts';
import { type Complaint, type Source, isTest, literalText, walk } from './source.ts';

/** Where reaching starts. Everything else must be named by one of these, directly or through others. */
const ROOTS = [
  /^build\/bootstrap\.mjs$/,
  /^build\/bin\//,
  /^[^/]+\.config\.ts$/,
  /^renderer\/vite\.config\.ts$/,
  /\.(?:test|spec)\.tsx?$/,
  /^renderer\/index\.html$/,
  /^electron\/[a-z]+\/index\.ts$/,
  /\.d\.ts$/,
];

/** Only what is built, run or loaded can be dead; prose, data and settings are found by other means. */
const CODE = /^(?:core|electron|renderer|build|test)\/.*\.(?:ts|tsx|mjs|css|c)$/;

/** The files a file may mean: imports, and every string that is the path of a file, such as a script to spawn. */
function namedBy(source: Source): string[] {
  if (source.path.endsWith('.html'))
    return [...source.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, to = '']) => to);
  if (source.path.endsWith('.css')) return [...source.text.matchAll(/@import\s+'([^']+)'/g)].map(([, to = '']) => to);
  if (source.tree === undefined) return [];
  return [...walk(source.tree)].flatMap(({ node }) => literalText(node) ?? []);
}

/** What a name can stand for: beside the file, from the root, or from the page's root. */
function candidates(from: string, name: string): string[] {
  const bare = name.replace(/[?#].*$/, (rest) => (name.startsWith('#') ? rest : ''));
  const beside = posix.join(posix.dirname(from), bare);
  return [resolveOurs(from, bare) ?? bare, beside, `renderer${bare.startsWith('/') ? bare : `/${bare}`}`];
}

/** Complains about every file of code that nothing reaches. */
export function judgeReach(sources: readonly Source[]): Complaint[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const waiting = sources.map(({ path }) => path).filter((path) => ROOTS.some((root) => root.test(path)));
  const reached = new Set(waiting);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const source = byPath.get(path);
    if (source === undefined) continue;
    const from = path;
    const named = namedBy(source).filter((name) => name.length < 200);
    for (const target of named.flatMap((name) => candidates(from, name))) {
      if (!byPath.has(target) || reached.has(target)) continue;
      reached.add(target);
      waiting.push(target);
    }
  }
  return sources
    .filter(({ path }) => CODE.test(path) && !reached.has(path))
    .map(({ path }) => ({
      path,
      line: 1,
      rule: `Nothing reaches this ${isTest(path) ? 'test file' : 'file'}: remove it.`,
    }));
}
