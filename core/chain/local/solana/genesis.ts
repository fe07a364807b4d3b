/** What a new local chain holds: faucet, test USDC, the delegation program where it is installed, and our programs. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DELEGATION, SYSTEM, TOKEN } from './addresses.ts';
import type { Bank } from './bank.ts';
import { keyBytes } from './base58.ts';
import type { AccountState } from './engine.ts';
import { DEVELOPMENT_ACCOUNTS, localKey } from './keys.ts';
import type { LocalKey } from './keys.ts';
import { validatorFeesVault } from './pda.ts';
import { MINT_SIZE } from './token-balances.ts';

const SOL = 1_000_000_000n;

/** The same address on every local chain, so that a script may name it. */
export const TEST_USDC = localKey('tollkeeper test USDC').address;
export const TEST_USDC_DECIMALS = 6;

/** Shown wherever the rollup's programs or its validator are named. */
export const ROLLUP_LICENSE = 'Business Source License 1.1, not for production use; installed from its own package';

export type GenesisFacts = Readonly<{
  /** Whether MagicBlock's delegation program is on the chain; without it nothing can be delegated. */
  hasDelegation: boolean;
  testUsdc: string;
  /** Identity of the rollup's validator on this chain. */
  validator: string;
  programs: readonly Readonly<{ name: string; address: string }>[];
}>;

export type GenesisOptions = Readonly<{ artifacts: string }>;

/** The key of the rollup's validator: the chain's own, so that nobody else's rollup can commit to it. */
export function validatorKey(salt: string): LocalKey {
  return localKey('tollkeeper local validator', salt);
}

/** Folder of the programs in `@magicblock-labs/ephemeral-validator`; undefined where that is not installed. */
export function dumpsFolder(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@magicblock-labs/ephemeral-validator/package.json');
    const folder = join(dirname(manifest), 'bin/local-dumps');
    return existsSync(folder) ? folder : undefined;
  } catch {
    return undefined; // An optional dependency: npm leaves it out where it cannot be had.
  }
}

type Dumped = { pubkey: string; account: { lamports: number; data: [string, string]; owner: string } };

function loadDumps(bank: Bank, folder: string): void {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    if (file.endsWith('.so')) bank.engine.addProgram(file.slice(0, -'.so'.length), readFileSync(path));
    if (!file.endsWith('.json')) continue;
    const { pubkey, account } = JSON.parse(readFileSync(path, 'utf8')) as Dumped;
    const data = Buffer.from(account.data[0], 'base64');
    const state = { lamports: BigInt(account.lamports), data, owner: account.owner, executable: false };
    bank.engine.setAccount(pubkey, state);
  }
}

/** Our compiled programs; each stands at the address its IDL names. */
function loadPrograms(bank: Bank, folder: string): { name: string; address: string }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.so'))
    .flatMap((file) => {
      const name = file.slice(0, -'.so'.length);
      const idl = join(folder, `${name}.idl.json`);
      if (!existsSync(idl)) return [];
      const { address } = JSON.parse(readFileSync(idl, 'utf8')) as { address: string };
      bank.engine.addProgram(address, readFileSync(join(folder, file)));
      return [{ name, address }];
    });
}

function wallet(lamports: bigint): AccountState {
  return { lamports, data: Buffer.alloc(0), owner: SYSTEM, executable: false };
}

/** An initialized mint: authority 36, supply u64, decimals u8, initialized u8, freeze authority 36. */
function mint(authority: string, decimals: number, lamports: bigint): AccountState {
  const data = Buffer.alloc(MINT_SIZE);
  data.writeUInt32LE(1, 0);
  data.set(keyBytes(authority), 4);
  data[44] = decimals;
  data[45] = 1;
  return { lamports, data, owner: TOKEN, executable: false };
}

/** Puts the first accounts on a new bank, or on one that is about to be restored from a snapshot. */
export function loadGenesis(bank: Bank, { artifacts }: GenesisOptions): GenesisFacts {
  const validator = validatorKey(bank.identity.salt).address;
  const dumps = dumpsFolder();
  bank.engine.setAccount(bank.faucet.address, wallet(500_000_000n * SOL));
  for (const label of DEVELOPMENT_ACCOUNTS) bank.engine.setAccount(localKey(label).address, wallet(1_000n * SOL));
  bank.engine.setAccount(
    TEST_USDC,
    mint(bank.faucet.address, TEST_USDC_DECIMALS, bank.engine.rentExemption(MINT_SIZE)),
  );
  if (dumps !== undefined) {
    loadDumps(bank, dumps);
    bank.engine.setAccount(validator, wallet(100n * SOL));
    const vault = { ...wallet(bank.engine.rentExemption(8)), data: Buffer.alloc(8), owner: DELEGATION };
    bank.engine.setAccount(validatorFeesVault(validator), vault);
  }
  return {
    hasDelegation: dumps !== undefined,
    testUsdc: TEST_USDC,
    validator,
    programs: loadPrograms(bank, artifacts),
  };
}
