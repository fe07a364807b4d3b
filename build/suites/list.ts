/** What `npm test` consists of, in order, and how long each part may take. Shared with vitest.config.ts. */

/** A part of `npm test`: a command that passes or fails as a whole, or a suite whose tests are counted one by one. */
export type Part = Readonly<{
  name: string;
  /** The part is killed and has failed when it takes longer. */
  budgetSeconds: number;
  /** Belongs to `npm run check`, which everyone runs before a commit. */
  isQuick?: boolean;
}> &
  (Readonly<{ command: readonly string[] }> | SuiteFiles);

type SuiteFiles = Readonly<{
  files: readonly string[];
  testSeconds: number;
  /** Its files share two processes, so that what they import is loaded twice and not once a file. */
  isShared?: boolean;
}>;

export type Suite = Extract<Part, { files: readonly string[] }>;

export function isSuite(part: Part): part is Suite {
  return 'files' in part;
}

/** Chains bring large libraries that take seconds to load: what is tested beside their code runs with their suites. */
const CORE = '{cli,client,contract,domain,files,gateway,ledger,runtime,serve,services}';
const UNIT = [`core/${CORE}/**/*.test.ts`, 'renderer/**/*.test.ts', 'renderer/**/*.test.tsx', 'build/**/*.test.ts'];
const SOLANA = [
  'test/solana/**/*.test.ts',
  'core/chain/{solana,local/solana}/**/*.test.ts',
  'core/signing/*solana.test.ts',
];
const EVM = ['test/evm/**/*.test.ts', 'core/chain/{evm,local/evm}/**/*.test.ts', 'core/signing/*evm.test.ts'];

export const PARTS: readonly Part[] = [
  { name: 'types', budgetSeconds: 60, isQuick: true, command: ['build/types.ts'] },
  { name: 'lint', budgetSeconds: 15, isQuick: true, command: ['node_modules/oxlint/bin/oxlint'] },
  { name: 'format', budgetSeconds: 15, isQuick: true, command: ['node_modules/oxfmt/bin/oxfmt', '--check'] },
  { name: 'tidy', budgetSeconds: 15, isQuick: true, command: ['build/tidy.ts'] },
  { name: 'lock', budgetSeconds: 5, isQuick: true, command: ['build/lock-complete.ts', '--check'] },
  { name: 'unit', budgetSeconds: 65, isQuick: true, testSeconds: 10, files: UNIT, isShared: true },
  { name: 'property', budgetSeconds: 60, testSeconds: 60, files: ['test/property/**/*.test.ts'] },
  { name: 'contract', budgetSeconds: 170, testSeconds: 30, files: ['test/contract/**/*.test.ts'] },
  { name: 'simulate', budgetSeconds: 70, testSeconds: 120, files: ['test/simulate/**/*.test.ts'] },
  { name: 'migrations', budgetSeconds: 15, testSeconds: 30, files: ['test/migrations/**/*.test.ts'] },
  { name: 'security', budgetSeconds: 45, testSeconds: 30, files: ['test/security/**/*.test.ts'] },
  { name: 'support', budgetSeconds: 30, testSeconds: 30, files: ['test/support/**/*.test.ts'] },
  { name: 'crash', budgetSeconds: 90, testSeconds: 90, files: ['test/crash/**/*.test.ts'] },
  { name: 'programs', budgetSeconds: 70, testSeconds: 60, files: ['test/programs/**/*.test.ts'] },
  { name: 'conformance', budgetSeconds: 20, testSeconds: 60, files: ['test/conformance/*.test.ts'] },
  { name: 'contracts', budgetSeconds: 80, testSeconds: 120, files: ['test/contracts/**/*.test.ts'] },
  { name: 'solana', budgetSeconds: 115, testSeconds: 60, files: SOLANA },
  { name: 'evm', budgetSeconds: 60, testSeconds: 60, files: EVM },
  { name: 'e2e', budgetSeconds: 719, testSeconds: 60, files: ['test/e2e/**/*.spec.ts'] },
  { name: 'clone', budgetSeconds: 80, testSeconds: 150, files: ['test/clone/**/*.test.ts'] },
];

export const SUITES: readonly Suite[] = PARTS.filter(isSuite);
