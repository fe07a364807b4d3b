/** RPC methods about SPL tokens: balances, supply, holders, accounts by owner or delegate. */
import { TOKEN_PROGRAMS } from './addresses.ts';
import { accountShape, encodedAccount } from './encode-account.ts';
import type { AccountState } from './engine.ts';
import { checkMinSlot, framed } from './methods.ts';
import type { Chain, Methods } from './methods.ts';
import { checkedKey, invalidType } from './params.ts';
import type { Params } from './params.ts';
import { invalidParams } from './rpc-error.ts';
import {
  delegateOf,
  isMint,
  isTokenAccount,
  mintDecimalsOf,
  mintOf,
  mintSupplyOf,
  tokenAmountOf,
  tokenOwnerOf,
  uiTokenAmount,
} from './token-balances.ts';

type Named = Readonly<{ address: string; state: AccountState }>;

function mintAt(address: string, chain: Chain, missing: string): AccountState {
  const state = chain.bank.account(address);
  if (state === undefined) throw invalidParams(`Invalid param: ${missing}`);
  if (!isMint(state)) throw invalidParams('Invalid param: not a Token mint');
  return state;
}

/** Token accounts of one program that are about a mint, an owner or a delegate. */
function tokenAccounts(chain: Chain, programs: readonly string[], passes: (state: AccountState) => boolean): Named[] {
  return programs
    .flatMap((program) => chain.bank.ownedBy(program))
    .filter(({ state }) => isTokenAccount(state) && passes(state));
}

/** `{ mint }` or `{ programId }`, as the second argument of the two listing methods. */
function selection(params: Params, chain: Chain): { programs: readonly string[]; mint: string | undefined } {
  const value = params.raw(1);
  if (typeof value !== 'object' || value === null) throw invalidType(value, 'a token account filter');
  if ('mint' in value) {
    const mint = checkedKey(value.mint);
    return { programs: [mintAt(mint, chain, 'could not find mint').owner], mint };
  }
  if (!('programId' in value)) {
    throw invalidParams('Invalid params: unknown filter, expected one of `mint`, `programId`.');
  }
  const programId = checkedKey(value.programId);
  if (!TOKEN_PROGRAMS.includes(programId)) throw invalidParams('Invalid param: unrecognized Token program id');
  return { programs: [programId], mint: undefined };
}

function listed(params: Params, chain: Chain, ownerOf: (state: AccountState) => string | undefined): unknown {
  const owner = params.atLeast(2).key(0);
  const { programs, mint } = selection(params, chain);
  const config = params.config(2);
  checkMinSlot(config, chain);
  const shape = accountShape(config);
  const passes = (state: AccountState): boolean =>
    ownerOf(state) === owner && (mint === undefined || mintOf(state) === mint);
  const found = tokenAccounts(chain, programs, passes);
  const values = found.map((each) => ({ pubkey: each.address, account: encodedAccount(each, shape, chain.bank) }));
  return framed(chain, values);
}

export const tokenMethods: Methods = {
  getTokenAccountBalance: (params, chain) => {
    const state = chain.bank.account(params.key(0));
    checkMinSlot(params.config(1), chain);
    if (state === undefined) throw invalidParams('Invalid param: could not find account');
    if (!isTokenAccount(state)) throw invalidParams('Invalid param: not a Token account');
    const decimals = mintDecimalsOf(mintAt(mintOf(state), chain, 'could not find mint'));
    return framed(chain, uiTokenAmount(tokenAmountOf(state), decimals));
  },
  getTokenSupply: (params, chain) => {
    const state = mintAt(params.key(0), chain, 'could not find account');
    checkMinSlot(params.config(1), chain);
    return framed(chain, uiTokenAmount(mintSupplyOf(state), mintDecimalsOf(state)));
  },
  getTokenLargestAccounts: (params, chain) => {
    const mint = params.key(0);
    const state = mintAt(mint, chain, 'could not find mint');
    checkMinSlot(params.config(1), chain);
    const decimals = mintDecimalsOf(state);
    const holders = tokenAccounts(chain, [state.owner], (each) => mintOf(each) === mint)
      .map(({ address, state: held }) => ({ address, held: tokenAmountOf(held) }))
      .toSorted((a, b) => (a.held < b.held ? 1 : a.held > b.held ? -1 : 0))
      .slice(0, 20);
    return framed(
      chain,
      holders.map(({ address, held }) => ({ address, ...uiTokenAmount(held, decimals) })),
    );
  },
  getTokenAccountsByOwner: (params, chain) => listed(params, chain, tokenOwnerOf),
  getTokenAccountsByDelegate: (params, chain) => listed(params, chain, delegateOf),
};
