/** Who may import what: house's table, read from the imports themselves. */
import { dirname, join, posix } from 'node:path';
import { type Complaint, type Node, type Source, complain, isTest, walk } from './source.ts';

/** What a layer may import. `types`: layers it may know by `import type` only. Names of packages are prefixes. */
type Layer = Readonly<{
  ours: readonly string[];
  types?: readonly string[];
  node: 'none' | 'any' | { not: readonly string[] };
  packages: { only: readonly string[] } | { not: readonly string[] };
}>;

const DOORS = ['electron', 'react', 'react-dom', '@base-ui', '@tanstack'];
const SOCKETS = ['net', 'http', 'https', 'http2', 'tls', 'dgram'];
const CORE = [
  'contract',
  'domain',
  'ledger',
  'chain',
  'signing',
  'files',
  'services',
  'gateway',
  'client',
  'cli',
  'serve',
  'runtime',
];
const ALL_OF_CORE = CORE.map((name) => `core/${name}`);

/** Libraries at the edge of core: they know the domain and their own subject. */
const EDGE: Layer = {
  ours: ['core/domain'],
  node: { not: SOCKETS },
  packages: { not: [...DOORS, 'fastify', 'ws', '@orpc', 'vite'] },
};

/** What binds core to the outside. SQL stays with the ledger even here. */
const CARRIER: Layer = { ours: ALL_OF_CORE, node: 'any', packages: { not: [...DOORS, 'better-sqlite3', 'vite'] } };

const LAYERS: Readonly<Record<string, Layer>> = {
  'core/domain': { ours: [], node: 'none', packages: { only: [] } },
  'core/contract': { ours: ['core/domain'], node: 'none', packages: { only: ['zod', '@orpc/contract'] } },
  'core/ledger': EDGE,
  'core/services': {
    ours: ['core/contract', 'core/domain'],
    types: ['core/ledger', 'core/chain', 'core/signing'],
    node: { not: [...SOCKETS, 'fs', 'fs/promises', 'child_process', 'worker_threads', 'sqlite'] },
    packages: { not: [...DOORS, 'better-sqlite3', 'fastify', 'ws', 'vite'] },
  },
  'core/chain': {
    ours: ['core/domain'],
    types: ['core/ledger', 'core/signing'],
    node: 'any',
    packages: { not: [...DOORS, 'better-sqlite3', 'fastify', '@orpc', 'vite'] },
  },
  'core/signing': {
    ours: ['core/domain'],
    node: 'any',
    packages: { not: [...DOORS, 'better-sqlite3', '@orpc', 'vite'] },
  },
  'core/files': {
    ours: ['core/contract', 'core/domain', 'core/gateway', 'core/services'],
    types: ['core/ledger'],
    node: { not: SOCKETS },
    packages: { not: [...DOORS, 'better-sqlite3', 'fastify', 'vite'] },
  },
  'core/client': { ours: ['core/contract'], node: 'none', packages: { only: ['@orpc', 'zod'] } },
  'core/gateway': CARRIER,
  'core/cli': CARRIER,
  'core/serve': CARRIER,
  'core/runtime': CARRIER,
  electron: {
    ours: ['core/runtime', 'core/contract'],
    // `child_process.fork` would need the fuse that turns the program into a plain Node; the shell opens no socket.
    node: { not: [...SOCKETS, 'child_process', 'cluster', 'sqlite'] },
    packages: { only: ['electron', 'zod'] },
  },
  renderer: {
    ours: ['core/domain'],
    types: ['core/contract'],
    node: 'none',
    packages: { not: ['electron', 'better-sqlite3', 'fastify', 'ws'] },
  },
};

/** Runs outside the product: reaches everything, through the same addresses. */
const FREE = new Set(['build', 'test', '.']);

/** The layer a file belongs to: `core/ledger`, `renderer`, `build`; `.` for the root. */
export function layerOf(path: string): string {
  const [first = '', second] = path.split('/');
  if (second === undefined) return '.';
  return first === 'core' ? `core/${second}` : first;
}

/** An import as written: what it names, where, and whether only types come through. */
export type Import = Readonly<{ specifier: string; offset: number; isTypeOnly: boolean }>;

function isTypeOnly(node: Node): boolean {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return true;
  const names = (node['specifiers'] ?? []) as readonly { importKind?: string }[];
  return names.length > 0 && names.every(({ importKind }) => importKind === 'type');
}

/** Every import, re-export, dynamic import and `new URL(…, import.meta.url)` of a file. */
export function importsOf({ tree }: Source): Import[] {
  if (tree === undefined) return [];
  const found: Import[] = [];
  for (const { node } of walk(tree)) {
    const isUrl = node.type === 'NewExpression' && (node['callee'] as Node)['name'] === 'URL';
    const named = isUrl ? (node['arguments'] as Node[])[0] : ((node['source'] ?? undefined) as Node | undefined);
    if (typeof named?.['value'] !== 'string') continue;
    if (isUrl && (node['arguments'] as Node[])[1]?.type !== 'MemberExpression') continue;
    const isType = node.type === 'TSImportType' || isTypeOnly(node);
    found.push({ specifier: named['value'], offset: node.start, isTypeOnly: isType });
  }
  return found;
}

/** The path in this repository that a specifier names, or nothing for a package. */
export function resolveOurs(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('#')) return specifier.slice(1);
  return specifier.startsWith('.') ? posix.normalize(join(dirname(from), specifier)) : undefined;
}

const isPackage = (names: readonly string[], specifier: string): boolean =>
  names.some((name) => specifier === name || specifier.startsWith(`${name}/`));

function judgePackage(layer: Layer, name: string, specifier: string): string | undefined {
  if (specifier.startsWith('node:')) {
    const part = specifier.slice('node:'.length);
    const isRefused = layer.node === 'none' || (layer.node !== 'any' && layer.node.not.includes(part));
    return isRefused ? `${name} does not import ${specifier}.` : undefined;
  }
  const { packages } = layer;
  const isRefused = 'only' in packages ? !isPackage(packages.only, specifier) : isPackage(packages.not, specifier);
  return isRefused ? `${name} does not import the package ${specifier}.` : undefined;
}

/** One screen knows nothing of another: what they share lives in ui, lib or wallet. */
function judgeScreens(from: string, target: string): string | undefined {
  const screen = (path: string) => /^renderer\/screens\/([^/]+)\//.exec(path)?.[1];
  const [own, other] = [screen(from), screen(target)];
  return own !== undefined && other !== undefined && own !== other ? 'A screen does not import another.' : undefined;
}

function judgeOurs(from: string, target: string, { specifier, isTypeOnly: onlyTypes }: Import): string | undefined {
  const [own, other] = [layerOf(from), layerOf(target)];
  if (!/\.\w+$/.test(target)) return `An import names its file with its extension: "${specifier}".`;
  if (own === other) {
    return specifier.startsWith(`#${own}/`) && own.startsWith('core/')
      ? 'Inside a layer imports are relative.'
      : judgeScreens(from, target);
  }
  const isAddressed = specifier.startsWith('#');
  // The product imports no door of its own: only tests name the desktop, by its path.
  if (!isAddressed && !FREE.has(other) && other !== 'electron')
    return `Across layers imports start with "#": "#${target}".`;
  const layer = LAYERS[own];
  if (layer === undefined || isTest(from)) return undefined;
  if (layer.ours.includes(other)) return undefined;
  if (layer.types?.includes(other)) {
    return onlyTypes ? undefined : `${own} knows ${other} by its types only: use "import type".`;
  }
  return `${own} does not import ${other}.`;
}

/** Complains about every import that the table does not allow. */
export function judgeImports(source: Source): Complaint[] {
  const name = layerOf(source.path);
  const isProduct = name.startsWith('core/') || name === 'renderer' || name === 'electron';
  if (isProduct && LAYERS[name] === undefined) {
    return [complain(source, 0, `${name} has no row in the import table of build/tidy/imports.ts.`)];
  }
  return importsOf(source).flatMap((found) => {
    const target = resolveOurs(source.path, found.specifier);
    const layer = isTest(source.path) ? undefined : LAYERS[name];
    const outside = () => (layer === undefined ? undefined : judgePackage(layer, name, found.specifier));
    const rule = target === undefined ? outside() : judgeOurs(source.path, target, found);
    return rule === undefined ? [] : [complain(source, found.offset, rule)];
  });
}
