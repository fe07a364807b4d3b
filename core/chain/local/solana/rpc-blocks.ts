/** RPC methods about blocks: contents, times, which slots have one, and the prices paid in them. */
import { accountsBody, encodingOf, metaOf, transactionBody, versionFor } from './encode-transaction.ts';
import { priceOf } from './fees.ts';
import type { Block } from './history.ts';
import type { Chain, Methods } from './methods.ts';
import { checkedKey, checkedVariant } from './params.ts';
import type { Params } from './params.ts';
import { CODES, RpcError, invalidParams } from './rpc-error.ts';
import { parseTransaction } from './wire.ts';

const DETAILS = ['full', 'accounts', 'signatures', 'none'] as const;
const MAX_RANGE = 500_000;
const PRICED_BLOCKS = 150n;

/** The block of a slot, or the refusal of a node that has none there. */
function blockAt(slot: bigint, { bank }: Chain): Block {
  const block = bank.history.block(slot);
  if (block !== undefined) return block;
  if (slot > bank.slot) throw new RpcError(CODES.blockNotAvailable, `Block not available for slot ${slot}`);
  if (slot < bank.history.firstSlot) {
    const first = `First available block: ${bank.history.firstSlot}`;
    throw new RpcError(CODES.blockCleanedUp, `Block ${slot} cleaned up, does not exist on node. ${first}`);
  }
  throw new RpcError(CODES.slotSkipped, `Slot ${slot} was skipped, or missing due to ledger jump to recent snapshot`);
}

function blockBody(params: Params, chain: Chain): unknown {
  const slot = BigInt(params.u64(0));
  const second = params.raw(1);
  const config = typeof second === 'string' ? { encoding: second } : params.config(1);
  const details = checkedVariant(config['transactionDetails'], DETAILS, 'full');
  const encoding = encodingOf(config);
  const found = blockAt(slot, chain);
  const records = found.signatures.flatMap((signature) => chain.bank.history.get(signature) ?? []);
  const bodies = () =>
    records.map((record) => ({
      transaction: details === 'accounts' ? accountsBody(record) : transactionBody(record, encoding),
      meta: metaOf(record, encoding),
      ...versionFor(record, config),
    }));
  return {
    blockHeight: found.height,
    blockTime: found.time,
    blockhash: found.hash,
    parentSlot: found.parentSlot,
    previousBlockhash: found.parentHash,
    ...(details === 'full' || details === 'accounts' ? { transactions: bodies() } : {}),
    ...(details === 'signatures' ? { signatures: found.signatures } : {}),
    ...(config['rewards'] === false ? {} : { rewards: [] }),
  };
}

function range(params: Params, chain: Chain): bigint[] {
  const from = params.u64(0);
  const given = params.raw(1);
  const to = typeof given === 'number' ? params.u64(1) : Number(chain.bank.slot);
  if (to - from > MAX_RANGE) throw invalidParams(`Slot range too large; max ${MAX_RANGE}`);
  return to < from ? [] : chain.bank.history.slotsBetween({ from: BigInt(from), to: BigInt(to) });
}

/** The lowest price among the transactions of each recent block that wrote all of the given accounts. */
function recentPrices(params: Params, { bank }: Chain): unknown {
  const locked = params.raw(0) === undefined ? [] : params.list(0, 128).map(checkedKey);
  const from = bank.slot > PRICED_BLOCKS ? bank.slot - PRICED_BLOCKS : 0n;
  return bank.history.slotsBetween({ from, to: bank.slot }).map((slot) => {
    const prices = (bank.history.block(slot)?.signatures ?? []).flatMap((signature) => {
      const record = bank.history.get(signature);
      if (record === undefined || !locked.every((key) => record.keys.includes(key))) return [];
      return [priceOf(parseTransaction(record.bytes).message)];
    });
    const [first, ...rest] = prices;
    const least = first === undefined ? 0n : rest.reduce((low, price) => (price < low ? price : low), first);
    return { slot, prioritizationFee: least };
  });
}

export const blockMethods: Methods = {
  getBlock: blockBody,
  getBlockTime: (params, chain) => blockAt(BigInt(params.u64(0)), chain).time,
  getBlockCommitment: (params, { bank }) => {
    params.u64(0);
    return { commitment: null, totalStake: bank.height };
  },
  getBlocks: range,
  getBlocksWithLimit: (params, chain) => {
    const [from, limit] = [BigInt(params.atLeast(2).u64(0)), params.u64(1)];
    if (limit > MAX_RANGE) throw invalidParams(`Limit too large; max ${MAX_RANGE}`);
    return chain.bank.history.slotsBetween({ from, to: chain.bank.slot }).slice(0, limit);
  },
  getRecentPrioritizationFees: recentPrices,
};
