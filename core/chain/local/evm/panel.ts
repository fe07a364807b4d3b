/** What a person may do with the local EVM chain and with no other: blocks, accounts, money from nowhere, time. */
import type { Address, Hex } from 'viem';
import { ChainError } from '../../error.ts';
import { EndpointError, httpEndpoint } from '../../evm/rpc.ts';

export type LocalBlock = Readonly<{ number: bigint; hash: Hex; timestampS: bigint; transactions: number }>;
export type LocalAccount = Readonly<{ address: Address; balanceWei: bigint; nonce: bigint }>;

/** The local chain's controls. Every method rejects with LOCAL_CHAIN_FAILED on a chain that is not anvil. */
export type LocalPanel = Readonly<{
  /** The latest blocks, newest first. */
  blocks: (most: number) => Promise<LocalBlock[]>;
  accounts: () => Promise<LocalAccount[]>;
  /** Hash of the first block. */
  genesis: () => Promise<Hex>;
  /** Adds wei to an account. */
  faucet: (address: Address, amountWei: bigint) => Promise<void>;
  /** Moves the clock forward and mines a block at the new time: refunds unlock without waiting. */
  travel: (seconds: number) => Promise<bigint>;
}>;

type Ask = (method: string, params?: readonly unknown[]) => Promise<unknown>;

const hex = (value: bigint | number): Hex => `0x${value.toString(16)}`;

function asker(rpcUrl: string): Ask {
  const endpoint = httpEndpoint(rpcUrl);
  return async (method, params = []) => {
    try {
      return await endpoint.request(method, params);
    } catch (error) {
      if (!(error instanceof EndpointError)) throw error;
      const detail = `The local EVM chain did not do ${method}: ${error.message}.`;
      const fix = 'Start it with npm start -- --chains evm; no other chain takes this.';
      throw new ChainError({ code: 'LOCAL_CHAIN_FAILED', detail, fix }, error);
    }
  };
}

async function readAccount(ask: Ask, address: Address): Promise<LocalAccount> {
  const [balance, nonce] = await Promise.all([
    ask('eth_getBalance', [address, 'latest']),
    ask('eth_getTransactionCount', [address, 'latest']),
  ]);
  return { address, balanceWei: BigInt(balance as Hex), nonce: BigInt(nonce as Hex) };
}

type RawBlock = { number: Hex; hash: Hex; timestamp: Hex; transactions: unknown[] };

async function readBlock(ask: Ask, number: bigint): Promise<LocalBlock> {
  const block = (await ask('eth_getBlockByNumber', [hex(number), false])) as RawBlock;
  const { hash, timestamp, transactions } = block;
  return { number, hash, timestampS: BigInt(timestamp), transactions: transactions.length };
}

/** The controls of the chain at an address. Makes sure first that it is a local one. */
export async function openLocalPanel(rpcUrl: string): Promise<LocalPanel> {
  const ask = asker(rpcUrl);
  await ask('anvil_nodeInfo');
  const head = async (): Promise<bigint> => BigInt((await ask('eth_blockNumber')) as Hex);
  return {
    blocks: async (most) => {
      const last = await head();
      const first = last - BigInt(most) + 1n;
      const numbers = Array.from({ length: most }, (_, index) => last - BigInt(index));
      return Promise.all(numbers.filter((number) => number >= 0n && number >= first).map((one) => readBlock(ask, one)));
    },
    genesis: async () => (await readBlock(ask, 0n)).hash,
    accounts: async () => {
      const addresses = (await ask('eth_accounts')) as Address[];
      return Promise.all(addresses.map((address) => readAccount(ask, address)));
    },
    faucet: async (address, amountWei) => {
      const { balanceWei } = await readAccount(ask, address);
      await ask('anvil_setBalance', [address, hex(balanceWei + amountWei)]);
    },
    travel: async (seconds) => {
      await ask('evm_increaseTime', [hex(seconds)]);
      await ask('evm_mine');
      return (await readBlock(ask, await head())).timestampS;
    },
  };
}
