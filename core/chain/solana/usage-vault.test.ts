import { PublicKey } from '@solana/web3.js';
import { describe, expect, test } from 'vitest';
import { ProgramInterface } from './program-interface.ts';
import { TeamBillingProgram } from './team-billing.ts';
import { LEAST_EXIT_DELAY_SECONDS, UsageVaultProgram } from './usage-vault.ts';

const admin = new PublicKey(Buffer.alloc(32, 7));
const terms = {
  priceLamports: 1n,
  thresholdUnits: 1n,
  capPerCallUnits: 1n,
  capPerCycleUnits: 1n,
  priceNoticeSeconds: 30 * 86_400,
  exitDelaySeconds: LEAST_EXIT_DELAY_SECONDS - 1,
};

describe.each(['devnet', 'testnet', 'mainnet'] as const)('on %s', (cluster) => {
  const program = new UsageVaultProgram(cluster);
  const vault = program.systemVault(admin);

  test('terms whose exit opens within a day are refused before anything is signed', () => {
    const refusal = /TERMS_BELOW_FLOOR: An exit delay of 86399 s .* at least 86400 s/;
    expect(() => program.initSystemVault(admin, admin, terms)).toThrow(refusal);
    expect(() => program.setTerms(admin, vault, terms)).toThrow(refusal);
  });

  test('a day is enough', () => {
    const good = { ...terms, exitDelaySeconds: LEAST_EXIT_DELAY_SECONDS };
    expect(program.initSystemVault(admin, admin, good).programId).toEqual(program.address);
    expect(program.setTerms(admin, vault, good).programId).toEqual(program.address);
  });
});

test('a local chain may be left at once', () => {
  const at = new UsageVaultProgram('local');
  expect(at.initSystemVault(admin, admin, { ...terms, exitDelaySeconds: 0 }).programId).toEqual(at.address);
});

/** Named otherwise, or called by the delegation program and by nobody else. */
const OTHERWISE: Readonly<Record<string, string>> = { trackUserActivity: 'track', processUndelegation: '' };

test.each([
  ['usage_vault', new UsageVaultProgram('local')],
  ['team_billing', new TeamBillingProgram()],
] as const)('every instruction of %s has a builder', (name, program) => {
  const builders = Object.getOwnPropertyNames(Object.getPrototypeOf(program));
  const wanted = ProgramInterface.of(name).instructionNames.map((each) => OTHERWISE[each] ?? each);
  expect(wanted.length).toBeGreaterThan(10);
  expect(builders).toEqual(expect.arrayContaining(wanted.filter((each) => each !== '')));
});
