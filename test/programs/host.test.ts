/** The arithmetic of the programs, tested in Rust by whatever cargo there is. One test here for each one there. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { PROGRAMS } from '../../build/programs/manifest.ts';
import { cargoVersion, environment } from '../../build/programs/toolchain.ts';

type Result = Readonly<{ name: string; isOk: boolean }>;

/** Runs them once, at collection: how many there are is known only then. */
function runAll(): { results: Result[]; output: string } {
  const args = ['test', '--workspace', '--locked', '--lib', '--bins'];
  const { stdout, stderr } = spawnSync('cargo', args, { cwd: 'programs', env: environment('host'), encoding: 'utf8' });
  const results = [...stdout.matchAll(/^test (\S+) \.\.\. (\w+)$/gm)].map(([, name = '', verdict]) => ({
    name,
    isOk: verdict === 'ok',
  }));
  return { results, output: `${stdout}\n${stderr}` };
}

const isHere = cargoVersion() !== undefined;
const { results, output } = isHere ? runAll() : { results: [], output: '' };

describe.skipIf(!isHere)(`the programs' own tests${isHere ? '' : ' (skipped: there is no cargo)'}`, () => {
  test('compile and run', () => {
    expect(results.length, output).toBeGreaterThan(5);
  });

  // Built together, one crate's features stand in for what another forgot to ask for. The tree of one crate alone tells
  // without compiling it once more.
  test.for(PROGRAMS)('of %s find addresses without the features of the others', (name) => {
    const crate = name.replaceAll('_', '-');
    const args = ['tree', '--locked', '--package', crate, '--invert', 'solana-address', '--format', '{p} {f}'];
    const tree = spawnSync('cargo', args, { cwd: 'programs', env: environment('host'), encoding: 'utf8' });
    expect(tree.stdout, tree.stderr).toMatch(/^solana-address v\S+ \S*\bcurve25519\b/);
  });

  test('are formatted: else run cargo fmt in programs', ({ skip }) => {
    const format = spawnSync('cargo', ['fmt', '--check'], {
      cwd: 'programs',
      env: environment('host'),
      encoding: 'utf8',
    });
    skip(/not installed|no such command/.test(format.stderr), 'rustfmt is not installed');
    expect(`${format.stdout}${format.stderr}`).toBe('');
  });

  test.for(results)('$name', ({ isOk }) => {
    expect(isOk, output).toBe(true);
  });
});
