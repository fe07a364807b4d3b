/**
 * Follows the events of contracts from block to block, and takes back what the chain takes back. Each poll gives what
 * came and what went since the last; keeping the cursor in the same write as what was made of them loses nothing.
 */
import { decodeEventLog, numberToHex } from 'viem';
import type { Abi, Address, Hex } from 'viem';
import { chainRefuses } from '../error.ts';
import type { EvmConnection } from './connection.ts';

/** An event as it was emitted. `id` is the same whenever the same block is read, and no other event has it. */
export type ChainEvent = Readonly<{
  id: string;
  address: Address;
  name: string;
  args: Readonly<Record<string, unknown>>;
  blockNumber: bigint;
  blockHash: Hex;
  transactionHash: Hex;
  logIndex: number;
}>;

/** How far the chain was read: the blocks that may still be taken back, oldest first, with the events found in each. */
export type LogCursor = Readonly<{
  blocks: readonly Readonly<{ number: bigint; hash: Hex; events: readonly ChainEvent[] }>[];
}>;

/** Where to begin: the block after which events count, such as that of the deployment. */
export function cursorAt(number: bigint, hash: Hex): LogCursor {
  return { blocks: [{ number, hash, events: [] }] };
}

export type Polled = Readonly<{
  /** Events of blocks that are no longer part of the chain, newest first: undo them. */
  removed: readonly ChainEvent[];
  /** New events, oldest first. */
  added: readonly ChainEvent[];
  cursor: LogCursor;
  /** Events up to this block are not taken back any more. */
  finalBlock: bigint;
}>;

export type LogSource = Readonly<{ connection: EvmConnection; addresses: readonly Address[]; abi: Abi }>;

/** Nodes refuse longer ranges. */
const MOST_BLOCKS = 1000n;

type RawLog = {
  address: Address;
  topics: [Hex, ...Hex[]];
  data: Hex;
  blockNumber: Hex;
  blockHash: Hex;
  transactionHash: Hex;
  logIndex: Hex;
};

/** Reads on from a cursor, at most a thousand blocks; poll again while `added` or the cursor moves. */
export async function pollLogs(source: LogSource, cursor: LogCursor): Promise<Polled> {
  const { connection } = source;
  const kept = await commonBlocks(connection, cursor);
  const removed = cursor.blocks
    .slice(kept.length)
    .toReversed()
    .flatMap(({ events }) => events.toReversed());
  const last = kept.at(-1);
  if (last === undefined) return beyondMemory(cursor);
  const head = await connection.agreedHead();
  const finalBlock = head.number - connection.profile.finalityBlocks;
  if (head.number <= last.number) return { removed, added: [], cursor: { blocks: kept }, finalBlock };
  const to = head.number - last.number > MOST_BLOCKS ? last.number + MOST_BLOCKS : head.number;
  const events = await readEvents(source, last.number + 1n, to);
  const blocks = [...kept, ...(await readBlocks(connection, { from: last.number + 1n, to, finalBlock, events }))];
  // Of the final blocks only the last is still needed: as what the next one stands on.
  const firstOpen = blocks.findIndex(({ number }) => number > finalBlock);
  const start = firstOpen === -1 ? blocks.length - 1 : Math.max(0, firstOpen - 1);
  return { removed, added: events, cursor: { blocks: blocks.slice(start) }, finalBlock };
}

/** The part of a cursor that the chain still holds to. */
async function commonBlocks(connection: EvmConnection, { blocks }: LogCursor): Promise<LogCursor['blocks']> {
  for (let length = blocks.length; length > 0; length -= 1) {
    const known = blocks[length - 1];
    const now = known === undefined ? null : await connection.agreedBlock(known.number);
    if (now !== null && now.hash === known?.hash) return blocks.slice(0, length);
  }
  return [];
}

/** Blocks that may still be taken back, with their hashes, and the last one that may not. */
async function readBlocks(
  connection: EvmConnection,
  range: Readonly<{ from: bigint; to: bigint; finalBlock: bigint; events: readonly ChainEvent[] }>,
): Promise<LogCursor['blocks']> {
  const { from, to, finalBlock, events } = range;
  const oldest = finalBlock < to ? (finalBlock > from ? finalBlock : from) : to;
  const numbers = Array.from({ length: Number(to - oldest) + 1 }, (_, index) => oldest + BigInt(index));
  const blocks = await Promise.all(numbers.map((number) => connection.agreedBlock(number)));
  return numbers.map((number, index) => {
    const block = blocks[index];
    const own = events.filter((event) => event.blockNumber === number);
    // The chain moved between the events and the blocks: nothing was kept, and the next poll reads both again.
    if (block === null || block === undefined || own.some(({ blockHash }) => blockHash !== block.hash)) return moved();
    return { number, hash: block.hash, events: own };
  });
}

async function readEvents({ connection, addresses, abi }: LogSource, from: bigint, to: bigint): Promise<ChainEvent[]> {
  const filter = { address: addresses, fromBlock: numberToHex(from), toBlock: numberToHex(to) };
  const logs = await connection.rpc.agreed('eth_getLogs', [filter], (result) =>
    (result as RawLog[]).map(({ address, topics, data, blockNumber, blockHash, transactionHash, logIndex }) => ({
      address,
      topics,
      data,
      blockNumber,
      blockHash,
      transactionHash,
      logIndex,
    })),
  );
  return logs.flatMap((log) => eventOf(abi, log) ?? []);
}

/** An event of the ABI; nothing for another contract's, which shares no address but may share a proxy's past. */
function eventOf(abi: Abi, log: RawLog): ChainEvent | undefined {
  try {
    const { eventName, args } = decodeEventLog({ abi, topics: log.topics, data: log.data });
    return {
      id: `${log.blockHash}:${Number(log.logIndex)}`,
      address: log.address,
      name: String(eventName),
      args: (args ?? {}) as Readonly<Record<string, unknown>>,
      blockNumber: BigInt(log.blockNumber),
      blockHash: log.blockHash,
      transactionHash: log.transactionHash,
      logIndex: Number(log.logIndex),
    };
  } catch {
    return undefined; // Not among the ABI's events.
  }
}

function moved(): never {
  return chainRefuses({
    code: 'RPC_DISAGREES',
    detail: 'The chain was rewritten while it was read.',
    fix: 'Read again from the same cursor; nothing was missed.',
  });
}

function beyondMemory({ blocks }: LogCursor): never {
  return chainRefuses({
    code: 'WRONG_CHAIN',
    detail: `The chain does not hold block ${blocks[0]?.number ?? 0n} any more, which was thought final.`,
    fix: 'Check that the endpoint is of the same network, and read again from the deployment.',
    values: { block: (blocks[0]?.number ?? 0n).toString() },
  });
}
