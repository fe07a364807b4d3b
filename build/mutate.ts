/**
 * `npm run mutate`: removes one guard at a time, in a copy, and requires that the named test turns red. A suite that
 * stays green without a guard does not test it. `--only NAME` runs one mutant. Then every operator of the contracts'
 * money functions is swapped in turn; `--only solidity` runs those alone, `--only solidity:PATTERN` some.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { forgeBinary } from './contracts/forge.ts';
import { type Mutant, readMutants } from './mutants/patch.ts';
import { ARTIFACTS } from './programs/manifest.ts';
import { findToolchain } from './programs/toolchain.ts';
import { mutateSolidity } from './mutants/solidity-run.ts';

const COPY = resolve('.cache/mutants/tree');
const REPORT = resolve('.cache/mutants/report.json');

/** A mutant that makes its test hang has not been shown to be noticed. */
const BUDGET_MS = 180_000;

type Result = Readonly<{ mutant: Mutant; isNoticed: boolean; verdict: string; seconds: number }>;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Copies what git knows or would add, as it stands now, so that uncommitted work is tested too. */
function makeCopy(): void {
  rmSync(COPY, { recursive: true, force: true });
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', '-z'];
  const listed = execFileSync('git', args, { encoding: 'utf8', maxBuffer: 2 ** 26 }).split('\0');
  for (const path of listed.filter((name) => name !== '' && existsSync(name))) {
    mkdirSync(dirname(join(COPY, path)), { recursive: true });
    if (lstatSync(path).isSymbolicLink()) symlinkSync(readlinkSync(path), join(COPY, path));
    else cpSync(path, join(COPY, path));
  }
  symlinkSync(resolve('node_modules'), join(COPY, 'node_modules'));
}

/** Applies a patch in the copy; git must not mistake the copy for a part of this repository. */
function applyPatch(mutant: Mutant, ...options: string[]): boolean {
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: dirname(COPY) };
  return (
    spawnSync('git', ['apply', ...options, resolve(mutant.path)], { cwd: COPY, env, stdio: 'inherit' }).status === 0
  );
}

type Tests = Readonly<{ passed: number; failed: number }>;

/** Runs test files in the copy; nothing when vitest came to no result. */
function runTests(files: readonly string[]): Tests | undefined {
  rmSync(REPORT, { force: true });
  const args = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--outputFile=${REPORT}`, ...files];
  const timeout = BUDGET_MS * files.length;
  spawnSync(process.execPath, args, { cwd: COPY, stdio: 'ignore', timeout, killSignal: 'SIGKILL' });
  if (!existsSync(REPORT)) return undefined;
  const report = JSON.parse(readFileSync(REPORT, 'utf8')) as { numPassedTests: number; numFailedTests: number };
  return { passed: report.numPassedTests, failed: report.numFailedTests };
}

function verdictOf(tests: Tests | undefined): string {
  if (tests === undefined) return 'NO RESULT: the test hung or could not start';
  if (tests.failed > 0) return `noticed by ${tests.failed} of ${tests.passed + tests.failed} tests`;
  return tests.passed > 0 ? 'SURVIVED: the test stayed green' : 'NO RESULT: the test file did not load';
}

/** Compiles the on-chain programs of the copy; false when they do not compile. */
function buildPrograms(): boolean {
  const built = spawnSync(process.execPath, ['build/programs.ts'], { cwd: COPY, stdio: 'ignore', timeout: BUDGET_MS });
  return built.status === 0;
}

/** Gives the copy the committed programs back. */
function restorePrograms(): void {
  cpSync(ARTIFACTS, join(COPY, ARTIFACTS), { recursive: true });
}

function runMutant(mutant: Mutant): Result {
  const startedAtMs = performance.now();
  const isApplied = applyPatch(mutant);
  const isBuilt = isApplied && (!mutant.isCompiled || buildPrograms());
  const tests = isBuilt ? runTests([mutant.test]) : undefined;
  if (isApplied) applyPatch(mutant, '--reverse');
  if (mutant.isCompiled) restorePrograms();
  const verdict = isBuilt ? verdictOf(tests) : isApplied ? 'DOES NOT COMPILE' : 'DOES NOT APPLY';
  return { mutant, isNoticed: (tests?.failed ?? 0) > 0, verdict, seconds: (performance.now() - startedAtMs) / 1000 };
}

/** Mutants that can be run here: those of the programs need the compiler for the chain. */
function runnable(mutants: readonly Mutant[]): Mutant[] {
  if (findToolchain().isComplete) return [...mutants];
  const left = mutants.filter(({ isCompiled }) => !isCompiled);
  if (left.length < mutants.length)
    say(`${mutants.length - left.length} mutants are left out: no compiler for the chain.`);
  return left;
}

/** The operators of the contracts; nothing to do where npm has no forge. */
function runSolidity(only?: string): number {
  if (forgeBinary() === undefined) {
    say('There is no forge for this platform: the contracts are not mutated here.');
    return 0;
  }
  return mutateSolidity(join(COPY, 'contracts'), say, only) === 0 ? 0 : 1;
}

/** One mutant by its name, or several by how their names begin: `program-*`. */
function matches(only: string, name: string): boolean {
  return only.endsWith('*') ? name.startsWith(only.slice(0, -1)) : name === only;
}

function main(): number {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const solidity = /^solidity(?::(.*))?$/.exec(values.only ?? '');
  if (solidity !== null) {
    makeCopy();
    return runSolidity(solidity[1]);
  }
  const chosen = readMutants().filter(({ name }) => values.only === undefined || matches(values.only, name));
  const mutants = runnable(chosen);
  if (mutants.length === 0) {
    say(
      `There is no mutant named ${values.only ?? ''}; there are ${readMutants()
        .map(({ name }) => name)
        .join(', ')}.`,
    );
    return 2;
  }
  makeCopy();
  const files = [...new Set(mutants.map(({ test }) => test))];
  say(`Unchanged, ${files.length} test files must pass …`);
  const unchanged = runTests(files);
  if (unchanged === undefined || unchanged.failed > 0 || unchanged.passed === 0) {
    say(`They do not (${JSON.stringify(unchanged ?? 'no result')}): mend them first.`);
    return 1;
  }
  const width = Math.max(...mutants.map(({ name }) => name.length));
  const results = mutants.map((mutant) => {
    const result = runMutant(mutant);
    say(
      `${mutant.name.padEnd(width)}  ${result.seconds.toFixed(1).padStart(5)} s  ${result.verdict}  (${mutant.guard})`,
    );
    return result;
  });
  const unnoticed = results.filter(({ isNoticed }) => !isNoticed).length;
  say(`\n${results.length - unnoticed} noticed, ${unnoticed} not`);
  const contracts = values.only === undefined ? runSolidity() : 0;
  return unnoticed === 0 && contracts === 0 ? 0 : 1;
}

process.exitCode = main();
