/** RPC methods about accounts: one, several, a program's, the largest. */
import { accountShape, encodedAccount } from './encode-account.ts';
import { accountFilter } from './filters.ts';
import { checkMinSlot, framed } from './methods.ts';
import type { Methods } from './methods.ts';
import { checkedKey } from './params.ts';

export const accountMethods: Methods = {
  getBalance: (params, chain) => {
    const address = params.key(0);
    checkMinSlot(params.config(1), chain);
    return framed(chain, chain.bank.account(address)?.lamports ?? 0n);
  },
  getAccountInfo: (params, chain) => {
    const address = params.key(0);
    const config = params.config(1);
    checkMinSlot(config, chain);
    const state = chain.bank.account(address);
    return framed(chain, encodedAccount({ address, state }, accountShape(config), chain.bank));
  },
  getMultipleAccounts: (params, chain) => {
    const addresses = params.list(0, 100).map(checkedKey);
    const config = params.config(1);
    checkMinSlot(config, chain);
    const shape = accountShape(config, 'base64');
    const values = addresses.map((address) =>
      encodedAccount({ address, state: chain.bank.account(address) }, shape, chain.bank),
    );
    return framed(chain, values);
  },
  getProgramAccounts: (params, chain) => {
    const program = params.key(0);
    const config = params.config(1);
    checkMinSlot(config, chain);
    const [shape, passes] = [accountShape(config), accountFilter(config['filters'])];
    const found = chain.bank.ownedBy(program).filter(({ state }) => passes(state));
    const value = found.map((each) => ({ pubkey: each.address, account: encodedAccount(each, shape, chain.bank) }));
    return config['withContext'] === true ? framed(chain, value) : value;
  },
  getLargestAccounts: (_, chain) => {
    const known = [...chain.bank.written, chain.bank.faucet.address].map((address) => ({
      address,
      lamports: chain.bank.account(address)?.lamports ?? 0n,
    }));
    const distinct = [...new Map(known.map((each) => [each.address, each])).values()];
    const largest = distinct.toSorted((a, b) => Number(b.lamports - a.lamports)).slice(0, 20);
    return framed(chain, largest);
  },
};
