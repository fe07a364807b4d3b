/** RPC methods that only a local chain has: its facts, test tokens, and moving blocks, slots and time. */
import { framed } from './methods.ts';
import type { Methods } from './methods.ts';
import { checkedU64 } from './params.ts';
import { CODES, RpcError, invalidParams } from './rpc-error.ts';

/** A jump beyond these would only fill memory or overflow the clock. */
const MAX = { blocks: 10_000, slots: 100_000_000, seconds: 10 * 366 * 24 * 3600 } as const;

export const localMethods: Methods = {
  tollkeeper_facts: (_, { facts, bank }) => ({ ...facts, faucet: bank.faucet.address }),
  tollkeeper_advance: (params, chain) => {
    const config = params.config(0);
    const by = (name: keyof typeof MAX): { [K in typeof name]?: number } => {
      if (config[name] === undefined) return {};
      const value = checkedU64(config[name]);
      if (value > MAX[name]) throw invalidParams(`Invalid param: ${name} may be at most ${MAX[name]}`);
      return { [name]: value };
    };
    chain.control.advance({ ...by('blocks'), ...by('slots'), ...by('seconds') });
    return framed(chain, { slot: chain.bank.slot, unixTimestamp: chain.bank.engine.unixTimestamp });
  },
  tollkeeper_stopRollup: (_, { control }) => {
    void control.stopRollup();
    return true;
  },
  tollkeeper_airdropTestUsdc: (params, { bank, facts }) => {
    const [owner, amount] = [params.atLeast(2).key(0), params.text(1)];
    if (!/^\d{1,19}$/.test(amount)) throw invalidParams('Invalid param: the amount is a decimal text of minor units');
    const sent = bank.airdropToken(owner, facts.testUsdc, BigInt(amount));
    if ('landed' in sent && sent.landed.fault === null) return sent.landed.signature;
    throw new RpcError(CODES.internal, 'Internal error: the faucet could not mint test USDC');
  },
};
