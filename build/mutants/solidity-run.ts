/** Runs the contracts' tests against each swapped operator, in a copy; `npm run mutate -- --only solidity`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forge } from '../contracts/forge.ts';
import { equivalents, operatorSwaps, swapped } from './solidity.ts';
import type { Swap } from './solidity.ts';

/** Long runs find what short ones do, as each swap meets every unit test; a fixed seed makes two runs the same. */
const ENV = { FOUNDRY_PROFILE: 'quick', FOUNDRY_FUZZ_SEED: '0x1' };
const ARGS = ['test', '--fail-fast', '--no-match-contract', 'GasTest|ServingInvariants', '--json'];

const BUDGET_MS = 120_000;

type Say = (line: string) => void;

/** How the tests of a copy ended: they ran green, they ran red, or there was nothing to run. */
function runCopy(contracts: string): 'green' | 'red' | 'no code' {
  const ran = forge(ARGS, { cwd: contracts, env: ENV, timeoutMs: BUDGET_MS });
  if (/Compiler run failed|Compiler error/.test(`${ran.stdout}${ran.stderr}`)) return 'no code';
  return ran.status === 0 ? 'green' : 'red';
}

function runSwap(contracts: string, swap: Swap): 'green' | 'red' | 'no code' {
  const path = join(contracts, 'src', swap.file);
  const source = readFileSync(path, 'utf8');
  writeFileSync(path, swapped(source, swap));
  try {
    return runCopy(contracts);
  } finally {
    writeFileSync(path, source);
  }
}

/**
 * Runs every swap, or those whose place matches a pattern; gives how many were neither noticed nor listed, plus listed
 * ones that are noticed after all.
 */
export function mutateSolidity(contracts: string, say: Say, only?: string): number {
  const wanted = new RegExp(only ?? '');
  const swaps = operatorSwaps(contracts).filter(({ place }) => wanted.test(place));
  const listed = equivalents(contracts);
  say(`Unchanged, the contracts' tests must pass …`);
  if (runCopy(contracts) !== 'green') {
    say('They do not: mend them first.');
    return 1;
  }
  let wrong = 0;
  for (const swap of swaps) {
    const outcome = runSwap(contracts, swap);
    const reason = listed[swap.place];
    const isRight = outcome === 'no code' || (outcome === 'red') === (reason === undefined);
    if (!isRight) wrong += 1;
    const told = {
      red: reason === undefined ? 'noticed' : 'NOTICED, though it is listed as equivalent',
      green: reason === undefined ? 'SURVIVED' : `equivalent: ${reason}`,
      'no code': 'does not compile',
    }[outcome];
    say(`${swap.place}  ${told}`);
  }
  say(`\n${swaps.length} operators swapped, ${wrong} to look at`);
  return wrong;
}
