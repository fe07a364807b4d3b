/** Every Solidity test as a test of this suite, with what it costs and what it reaches. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTRACTS, forge, isReady } from '../../build/contracts/forge.ts';

type SolidityTest = Readonly<{ status: 'Success' | 'Failure' | 'Skipped'; reason: string | null }>;
type Suites = Readonly<Record<string, { test_results: Readonly<Record<string, SolidityTest>> }>>;

/** Gas figures are compared with the committed ones, which `npm run contracts -- forge test` rewrites. */
const ENV = { FORGE_SNAPSHOT_CHECK: 'true' };

/** Runs once, before the tests are named: their names are in its answer. */
function runSuites(): Suites {
  const { stdout, stderr, status } = forge(['test', '--json'], { env: ENV });
  const start = stdout.indexOf('{');
  if (start < 0 || (status !== 0 && status !== 1)) throw new Error(`forge test did not run:\n${stdout}${stderr}`);
  return JSON.parse(stdout.slice(start)) as Suites;
}

const suites = isReady() ? runSuites() : {};

/** `test_a_voucher_moves(uint256)` as a sentence. */
const sentence = (name: string): string =>
  name
    .replace(/\(.*$/, '')
    .replace(/^(?:testFuzz|test|invariant)_/, '')
    .replaceAll('_', ' ');

describe.skipIf(!isReady())('in Solidity, where npm has forge', () => {
  for (const [path, { test_results: results }] of Object.entries(suites)) {
    describe(`${path.split(':').at(-1)}`, () => {
      test.each(Object.entries(results))('%s', (name, { status, reason }) => {
        expect(status, `${sentence(name)}: ${reason ?? ''}`).toBe('Success');
      });
    });
  }

  test('there are as many tests as there were written', () => {
    const ran = Object.values(suites).reduce((sum, suite) => sum + Object.keys(suite.test_results).length, 0);
    const sources = globSync(join(CONTRACTS, 'test/*.t.sol')).map((path) => readFileSync(path, 'utf8'));
    const written = sources.flatMap((text) => text.match(/function (?:test|testFuzz|invariant)_/g) ?? []);
    expect(ran).toBe(written.length);
  });

  test('is formatted and without complaints of the linter', () => {
    expect(forge(['fmt', '--check']).stdout).toBe('');
    const lint = forge(['lint', '--json']);
    expect(`${lint.stdout}${lint.stderr}`.trim()).toBe('');
  });

  test('reaches at least 95 of 100 lines of every source', () => {
    // Instrumented code is larger and dearer: its gas is neither compared nor written down.
    const env = { FOUNDRY_INVARIANT_RUNS: '4', FOUNDRY_FUZZ_RUNS: '32', FORGE_SNAPSHOT_EMIT: 'false' };
    const args = ['coverage', '--report', 'summary', '--no-match-coverage', 'node_modules|test'];
    const ran = forge([...args, '--no-match-contract', 'GasTest'], { env });
    const rows = [...ran.stdout.matchAll(/^\| (src\/\S+)\s+\| ([\d.]+)%/gm)];
    expect(rows.length, ran.stderr).toBeGreaterThanOrEqual(7);
    for (const [, file, percent] of rows) expect(Number(percent), file).toBeGreaterThanOrEqual(95);
  });
});

describe('committed gas figures', () => {
  const figures = JSON.parse(readFileSync(join(CONTRACTS, 'snapshots/settlement.json'), 'utf8')) as {
    [name: string]: string;
  };

  test.each([
    ['compatible path, 50', 19_500],
    ['batch path, 50', 7_300],
  ])('%s: at most %d gas each', (name, most) => {
    expect(Number(figures[name]) / 50).toBeLessThanOrEqual(most);
  });
});
