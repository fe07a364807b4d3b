/** The ways in which any instruction of any program can be asked wrongly, derived from its IDL. */
import { Keypair, PublicKey } from '@solana/web3.js';
import type { Bending, Chain, Program } from './chain.ts';

/** One wrong way to ask, and how it is to be refused. */
export type Wrong = Readonly<{ how: string; error: string; bend: (chain: Chain) => Bending }>;

/** What the program says about an account of this name that is another one. */
export type Names = Readonly<Record<string, string>>;

type Described = Readonly<{ name: string; signer?: boolean; writable?: boolean; address?: string }>;

function accountsOf(program: Program, name: string): readonly Described[] {
  const found = program.idl.instructions.find((one) => one.name === name);
  return (found?.accounts ?? []) as readonly Described[];
}

/** A stranger's account with the very bytes of another: the kind is right, the owner is not. */
function lookAlike(chain: Chain, original: PublicKey): PublicKey {
  const account = chain.account(original);
  const copy = Keypair.generate().publicKey;
  const foreign = new PublicKey(Buffer.alloc(32, 7));
  chain.put(copy, {
    lamports: account?.lamports ?? 10_000_000n,
    data: account?.data ?? Buffer.alloc(8),
    owner: foreign,
  });
  return copy;
}

/** Every wrong way to ask one instruction; `states` are the accounts that hold state of the program. */
export function wrongWays(
  program: Program,
  name: string,
  accounts: Readonly<Record<string, PublicKey>>,
  data: Buffer,
  states: Names,
): Wrong[] {
  const described = accountsOf(program, name);
  const wrong: Wrong[] = [
    { how: 'one account too few', error: 'WrongAccountCount', bend: () => ({ dropped: 1 }) },
    {
      how: 'a byte too many',
      error: 'InvalidArguments',
      bend: () => ({ data: Buffer.concat([data, Buffer.alloc(1)]) }),
    },
  ];
  if (data.length > 8) {
    wrong.push({ how: 'a byte too few', error: 'InvalidArguments', bend: () => ({ data: data.subarray(0, -1) }) });
  }
  for (const account of described) {
    const here = accounts[account.name];
    if (account.signer) {
      const bend = () => ({ unsigned: account.name });
      wrong.push({ how: `${account.name} does not sign`, error: 'MissingSigner', bend });
    }
    if (account.address !== undefined) {
      const other = new PublicKey(Buffer.alloc(32, 9));
      wrong.push({
        how: `another ${account.name}`,
        error: 'WrongProgram',
        bend: () => ({ accounts: { [account.name]: other } }),
      });
    }
    const refusal = states[account.name];
    if (refusal !== undefined && here !== undefined) {
      const bend = (chain: Chain) => ({ accounts: { [account.name]: lookAlike(chain, here) } });
      wrong.push({ how: `${account.name} of a stranger's program`, error: refusal, bend });
    }
  }
  return wrong;
}

/** Every account of one name in the place of every other. */
export function swaps(program: Program, name: string): ReadonlyArray<readonly [string, string]> {
  const names = accountsOf(program, name).map((account) => account.name);
  return names.flatMap((into) => names.filter((from) => from !== into).map((from) => [into, from] as const));
}
