/**
 * Completes package-lock.json with the optional platform packages that npm left out of it.
 *
 * Some registries lack the rarer platform builds of a package (oxlint for OpenHarmony, say). npm then writes a lock
 * without them, and `npm ci` refuses that lock as out of step with the packages that name them. An entry with the
 * version and `optional` is enough to bring them in step, and installs nowhere the build cannot be had.
 *
 * `npm run lock` writes; `npm run lock -- --check` only looks, for CI.
 */
import { readFileSync, writeFileSync } from 'node:fs';

type Entry = {
  version?: string;
  resolved?: string;
  optional?: boolean;
  optionalDependencies?: Record<string, string>;
};
export type Lock = { packages: Record<string, Entry> };

/** One optional dependency that a package names and the lock does not hold. */
export type Gap = Readonly<{ from: string; name: string; version: string }>;

/** The folders in which Node looks for a dependency of the package at `path`, nearest first. */
function lookups(path: string, name: string): string[] {
  const parts = path === '' ? [] : path.split('/node_modules/');
  const found: string[] = [];
  for (let depth = parts.length; depth > 0; depth -= 1) {
    found.push(`${parts.slice(0, depth).join('/node_modules/')}/node_modules/${name}`);
  }
  return [...found, `node_modules/${name}`];
}

/** Every optional dependency without an entry, in the order of the lock. */
export function gaps(lock: Lock): Gap[] {
  return Object.entries(lock.packages).flatMap(([from, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(([name]) => !lookups(from, name).some((path) => path in lock.packages))
      .map(([name, version]) => ({ from, name, version })),
  );
}

const EXACT = /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/;

/** Gaps that cannot be closed: a range names no one version, so only npm with a complete registry can choose it. */
export function unclosable(lock: Lock): Gap[] {
  return gaps(lock).filter((gap) => !EXACT.test(gap.version));
}

/** The lock with an entry for each gap, in npm's order, so that npm's own next write changes nothing. */
export function completed(lock: Lock): Lock {
  const added = gaps(lock).map(({ name, version }) => [`node_modules/${name}`, { version, optional: true }] as const);
  const packages = Object.entries({ ...lock.packages, ...Object.fromEntries(added) });
  packages.sort(([a], [b]) => a.localeCompare(b, 'en'));
  return { ...lock, packages: Object.fromEntries(packages) };
}

/** Entries that name a download address: a lock must install from whatever registry a machine is set to. */
export function addressed(lock: Lock): string[] {
  return Object.entries(lock.packages)
    .filter(([, entry]) => entry.resolved !== undefined)
    .map(([path]) => path);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function main(isCheck: boolean): number {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Lock;
  const missing = gaps(lock);
  for (const { from, name, version } of unclosable(lock)) {
    say(`${from} names ${name}@${version} optionally: pin it, or make the lock with a complete registry.`);
  }
  for (const path of addressed(lock))
    say(`${path} has a "resolved" address: run npm install with this folder's .npmrc.`);
  if (unclosable(lock).length > 0 || addressed(lock).length > 0) return 1;
  if (missing.length === 0) {
    say('package-lock.json is complete.');
    return 0;
  }
  if (isCheck) {
    say(`package-lock.json lacks ${missing.length} optional packages; run "npm run lock" and commit it. The first:`);
    for (const { from, name, version } of missing.slice(0, 5)) say(`  ${from} → ${name}@${version}`);
    return 1;
  }
  writeFileSync('package-lock.json', `${JSON.stringify(completed(lock), null, 2)}\n`);
  say(`package-lock.json: added ${missing.length} optional packages.`);
  return 0;
}

if (import.meta.main) process.exitCode = main(process.argv.includes('--check'));
