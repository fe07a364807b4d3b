/** The chains that run on this machine: how they stand, and what a person may do with them and with no other. */
import { z } from 'zod';
import { command } from './command.ts';
import { AssetAmount, Empty, Millis, MinorUnits } from './shapes.ts';

export const LocalChainName = z.enum(['evm', 'solana']);
export type LocalChainName = z.infer<typeof LocalChainName>;
const Address = z.string().regex(/^(0x[0-9a-fA-F]{40}|[1-9A-HJ-NP-Za-km-z]{32,44})$/, 'an address of the chain');

const Standing = z.strictObject({
  chain: LocalChainName,
  isRunning: z.boolean(),
  /** Why it does not run, what to do, and the command for it; null where it runs. */
  problem: z.strictObject({ detail: z.string(), fix: z.string(), command: z.string().nullable() }).nullable(),
  rpcUrl: z.string().nullable(),
  /** Whether this console started it, and so may start it anew. */
  isOurs: z.boolean(),
});

const Account = z.strictObject({
  address: z.string(),
  label: z.string(),
  balances: z.array(AssetAmount),
  nonce: z.string().nullable(),
});

const State = z.strictObject({
  chain: LocalChainName,
  rpcUrl: z.string(),
  /** Height of the chain (Solana: its slot). */
  height: z.string(),
  timeMs: Millis,
  genesis: z.string(),
  blocks: z.array(z.strictObject({ number: z.string(), hash: z.string(), timeMs: Millis, transactions: z.int() })),
  accounts: z.array(Account),
  /** Programs and contracts that are on it from the beginning. */
  builtIn: z.array(z.strictObject({ name: z.string(), address: z.string() })),
  rollup: z
    .strictObject({
      kind: z.enum(['real', 'emulator', 'none']),
      name: z.string(),
      note: z.string(),
      rpcUrl: z.string().nullable(),
    })
    .nullable(),
});
export type LocalChainState = z.infer<typeof State>;
export type LocalChainStanding = z.infer<typeof Standing>;

const errors = ['STATE_FORBIDS', 'NOT_FOUND'] as const;

export const localChain = {
  list: command({
    permission: 'deployments:read',
    idempotent: 'read',
    doc: 'The chains of this machine: which run, and what is missing for the others.',
    noPast: 'Chains are read as they stand.',
    input: Empty,
    output: z.strictObject({ chains: z.array(Standing) }),
  }),
  get: command({
    permission: 'deployments:read',
    idempotent: 'read',
    doc: 'A local chain as it stands: its latest blocks, funded accounts, and its rollup.',
    noPast: 'Chains are read as they stand.',
    input: z.strictObject({ chain: LocalChainName }),
    output: State,
    errors,
  }),
  fund: command({
    permission: 'deployments:write',
    idempotent: 'no',
    doc: 'Give an account money from nowhere: the coin of the chain, or on Solana test USDC.',
    input: z.strictObject({
      chain: LocalChainName,
      address: Address,
      amountMinor: MinorUnits,
      asset: z.enum(['0G/18', 'SOL/9', 'USDC/6']),
    }),
    output: Account,
    errors,
  }),
  travel: command({
    permission: 'deployments:write',
    idempotent: 'no',
    doc: 'Move the clock of a local chain forward and make a block at the new time: what is locked opens.',
    input: z.strictObject({ chain: LocalChainName, seconds: z.int().min(1).max(315_360_000) }),
    output: z.strictObject({ timeMs: Millis, height: z.string() }),
    errors,
  }),
  restart: command({
    permission: 'deployments:write',
    idempotent: 'no',
    doc: 'Start a local chain anew on what it kept, at the same address.',
    input: z.strictObject({ chain: LocalChainName }),
    output: Standing,
    errors,
  }),
  reset: command({
    permission: 'deployments:write',
    idempotent: 'no',
    doc: 'Forget everything on a local chain and begin it again. Takes the chain’s name as `confirm`.',
    input: z.strictObject({ chain: LocalChainName, confirm: LocalChainName }),
    output: Standing,
    errors,
  }),
};
