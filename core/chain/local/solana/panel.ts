/** What a person may do with the local Solana chain and with no other: slots, accounts, money from nowhere, time. */
import { ChainError } from '../../error.ts';

export type LocalKeyName = Readonly<{ address: string; label: string }>;

type Ask = (method: string, params?: readonly unknown[]) => Promise<unknown>;

function failed(method: string, why: string): ChainError {
  return new ChainError({
    code: 'LOCAL_CHAIN_FAILED',
    detail: `The local Solana chain did not do ${method}: ${why}.`,
    fix: 'Start it with npm start -- --chains solana; no other chain takes this.',
  });
}

/** A reset takes a moment, in which nobody listens; more than this is a chain that is gone. */
const TIMEOUT_MS = 5_000;

function asker(rpcUrl: string): Ask {
  return async (method, params = []) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const headers = { 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const answer = await fetch(rpcUrl, { method: 'POST', body, headers, signal }).catch((error: unknown) => {
      throw failed(method, error instanceof Error ? error.message : String(error));
    });
    const { result, error } = (await answer.json()) as { result?: unknown; error?: { message: string } };
    if (error !== undefined) throw failed(method, error.message);
    return result;
  };
}

type Facts = { testUsdc: string; programs: { name: string; address: string }[]; faucet: string };
type Block = { blockhash: string; blockTime: number | null; transactions?: unknown[]; signatures?: unknown[] };

async function blockAt(ask: Ask, slot: number) {
  const options = { transactionDetails: 'signatures', rewards: false, maxSupportedTransactionVersion: 0 };
  const { blockhash, blockTime, signatures } = (await ask('getBlock', [slot, options])) as Block;
  return {
    number: `${slot}`,
    hash: blockhash,
    timeMs: (blockTime ?? 0) * 1000,
    transactions: signatures?.length ?? 0,
  };
}

async function accountAt(ask: Ask, { address, label }: LocalKeyName, mint: string) {
  const [sol, tokens] = await Promise.all([
    ask('getBalance', [address]),
    ask('getTokenAccountsByOwner', [address, { mint }, { encoding: 'jsonParsed' }]),
  ]);
  const held = (tokens as { value: { account: { data: { parsed: { info: { tokenAmount: { amount: string } } } } } }[] })
    .value;
  const usdc = held.reduce((sum, { account }) => sum + BigInt(account.data.parsed.info.tokenAmount.amount), 0n);
  const balances = [
    { asset: 'SOL/9', amountMinor: `${(sol as { value: number }).value}` },
    { asset: 'USDC/6', amountMinor: `${usdc}` },
  ];
  return { address, label, balances, nonce: null };
}

/** The chain as it stands, with the balances of the accounts that are asked for. */
export async function readLocalSolana(
  rpcUrl: string,
  { keys, most }: Readonly<{ keys: readonly LocalKeyName[]; most: number }>,
) {
  const ask = asker(rpcUrl);
  const facts = (await ask('tollkeeper_facts')) as Facts;
  const [slot, genesis] = [(await ask('getSlot')) as number, (await ask('getGenesisHash')) as string];
  const slots = (await ask('getBlocks', [Math.max(0, slot - 4 * most), slot])) as number[];
  const [blocks, accounts] = await Promise.all([
    Promise.all(
      slots
        .slice(-most)
        .toReversed()
        .map((one) => blockAt(ask, one)),
    ),
    Promise.all(keys.map((key) => accountAt(ask, key, facts.testUsdc))),
  ]);
  const timeMs = blocks[0]?.timeMs ?? 0;
  return {
    chain: 'solana' as const,
    rpcUrl,
    height: `${slot}`,
    timeMs,
    genesis,
    blocks,
    accounts,
    builtIn: facts.programs,
  };
}

/** SOL by airdrop, or test USDC minted by the faucet; both are real transactions. */
export async function fundOnLocalSolana(
  rpcUrl: string,
  { address, amountMinor, isSol }: Readonly<{ address: string; amountMinor: bigint; isSol: boolean }>,
): Promise<void> {
  const ask = asker(rpcUrl);
  // An airdrop is a JSON number, which is exact up to 2^53 lamports: nine million SOL.
  if (isSol && amountMinor > BigInt(Number.MAX_SAFE_INTEGER)) throw failed('requestAirdrop', 'it is too much at once');
  // Exact, as the line above makes sure.
  if (isSol) await ask('requestAirdrop', [address, JSON.parse(`${amountMinor}`)]);
  else await ask('tollkeeper_airdropTestUsdc', [address, `${amountMinor}`]);
}

/** Moves the clock forward. */
export async function travelOnLocalSolana(rpcUrl: string, seconds: number): Promise<void> {
  await asker(rpcUrl)('tollkeeper_advance', [{ seconds }]);
}
