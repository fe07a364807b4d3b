/**
 * Compares the storage of SandboxServing with its last release, as an upgrade of a live proxy would meet it, and keeps
 * what a release was compiled from.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { RELEASES, buildInfo } from './artifacts.ts';

const SCRATCH = resolve(RELEASES, '../../.cache/forge/layout');
const VALIDATE = resolve(RELEASES, '../../node_modules/@openzeppelin/upgrades-core/dist/cli/cli.js');

/** Numbers of releases, the latest last. */
export function releases(): number[] {
  return readdirSync(RELEASES)
    .map((name) => Number(/^(\d+)\.json\.gz$/.exec(name)?.[1] ?? 0))
    .filter((number) => number > 0)
    .toSorted((a, b) => a - b);
}

/** Keeps the last build as a release that later ones are compared with. */
export function keepRelease(number: number): void {
  mkdirSync(RELEASES, { recursive: true });
  writeFileSync(join(RELEASES, `${number}.json.gz`), gzipSync(readFileSync(buildInfo()), { level: 9 }));
}

export type LayoutCheck = Readonly<{ isCompatible: boolean; report: string }>;

/** Whether the last build can take the place of a release: OpenZeppelin's own check, over the compiler's output. */
export function checkLayout(release: number, candidate: string = buildInfo()): LayoutCheck {
  rmSync(SCRATCH, { recursive: true, force: true });
  for (const folder of ['released', 'candidate']) mkdirSync(join(SCRATCH, folder), { recursive: true });
  writeFileSync(join(SCRATCH, 'released/build.json'), gunzipSync(readFileSync(join(RELEASES, `${release}.json.gz`))));
  writeFileSync(join(SCRATCH, 'candidate/build.json'), readFileSync(candidate));
  const names = ['--contract', 'SandboxServing', '--reference', 'released:SandboxServing'];
  const folders = [join(SCRATCH, 'candidate'), '--referenceBuildInfoDirs', join(SCRATCH, 'released')];
  const args = [VALIDATE, 'validate', ...folders, ...names];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  return { isCompatible: status === 0, report: `${stdout}${stderr}` };
}
