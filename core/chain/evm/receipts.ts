/** Finds where transactions ended up: receipts a quorum agrees on, and who used a nonce. */
import { numberToHex } from 'viem';
import type { Address, Hex } from 'viem';
import type { EvmConnection } from './connection.ts';
import type { Attempt, Mined } from './send.ts';

type RawReceipt = { transactionHash: Hex; blockHash: Hex; blockNumber: Hex; status: Hex; gasUsed: Hex };

function minedOf(raw: unknown): Mined | null {
  if (raw === null || raw === undefined) return null;
  const { transactionHash, blockHash, blockNumber, status, gasUsed } = raw as RawReceipt;
  return {
    hash: transactionHash,
    blockHash,
    blockNumber: BigInt(blockNumber),
    isSuccess: BigInt(status) === 1n,
    gasUsed: BigInt(gasUsed),
  };
}

/**
 * The receipt of whichever attempt is in a block of the history that a quorum holds to; null where none is. A receipt
 * of a block that is no longer the one at its height counts as none.
 */
export async function findReceipts(connection: EvmConnection, attempts: readonly Attempt[]): Promise<Mined | null> {
  for (const { hash } of attempts.toReversed()) {
    const mined = await connection.rpc.agreed('eth_getTransactionReceipt', [hash], minedOf);
    if (mined === null) continue;
    const block = await connection.agreedBlock(mined.blockNumber);
    if (block?.hash === mined.blockHash) return mined;
  }
  return null;
}

/**
 * The hash of the transaction that used an account's nonce, found by halving the heights between `from`, where it
 * was free, and `upTo`, where it is used; nothing where the nodes cannot show it, which decides nothing.
 */
export async function whoUsedNonce(
  connection: EvmConnection,
  { account, nonce, from, upTo }: Readonly<{ account: Address; nonce: bigint; from: bigint; upTo: bigint }>,
): Promise<Hex | undefined> {
  let [low, high] = [from, upTo];
  while (low < high) {
    const middle = (low + high) / 2n;
    if ((await connection.agreedNonce(account, middle)) > nonce) high = middle;
    else low = middle + 1n;
  }
  type Row = { hash: Hex; from: Address; nonce: Hex };
  const rows = await connection.rpc.agreed('eth_getBlockByNumber', [numberToHex(low), true], (raw) =>
    ((raw as { transactions?: Row[] } | null)?.transactions ?? []).map(({ hash, from: sender, nonce: used }) => ({
      hash,
      from: sender.toLowerCase(),
      nonce: BigInt(used),
    })),
  );
  return rows.find((row) => row.from === account.toLowerCase() && row.nonce === nonce)?.hash;
}
