/** Sends one wei for a user from the books of a workspace: the process that the crash test kills on its way. */
import { encodeFunctionData } from 'viem';
import type { Address } from 'viem';
import { artifactOf } from '#core/chain/evm/artifacts.ts';
import { httpEndpoint } from '#core/chain/evm/rpc.ts';
import type { Intent } from '#core/chain/evm/send.ts';
import { openBook } from '#core/ledger/book.ts';
import { takeLock } from '#core/ledger/lock.ts';
import { openReader } from '#core/ledger/read-port.ts';
import { evmSends } from '#core/runtime/sends.ts';
import { senderOf } from '../support/evm-world.ts';

export type Given = Readonly<{
  file: string;
  rpcUrl: string;
  account: Address;
  serving: Address;
  provider: Address;
  user: Address;
}>;

const NETWORK = 'evm/16602/test';

/** One wei for a user with a provider: executed twice, it would be two. */
function depositOf({ serving, provider, user }: Given): Intent {
  const data = encodeFunctionData({
    abi: artifactOf('SandboxServing').abi,
    functionName: 'deposit',
    args: [user, provider],
  });
  return { id: `deposit-${user}`, to: serving, data, valueWei: 1n, summary: 'Deposit 1 wei' };
}

/** Opens the books, sends what is wanted and waits for its end; tells each step that was answered. */
export async function sendOnce(given: Given, told: (step: string) => void): Promise<void> {
  const { file, rpcUrl, account } = given;
  const lock = takeLock(file);
  const [book, reader] = [await openBook(file), await openReader(file)];
  const store = evmSends({
    book,
    reader,
    network: NETWORK,
    account,
    owner: `${process.pid}`,
    actorOf: () => 'opr_test',
  });
  const { sender } = await senderOf({ endpoints: [httpEndpoint(rpcUrl)], account, store });
  const intent = depositOf(given);
  await sender.submit(intent);
  told('submitted');
  await sender.finish(intent.id, { signal: AbortSignal.timeout(20_000), pauseMs: 10 });
  told('finished');
  await reader.close();
  await book.close();
  lock?.release();
}

if (process.argv[1] === import.meta.filename) {
  const [, , given = '{}'] = process.argv;
  await sendOnce(JSON.parse(given) as Given, (step) => process.stdout.write(`${step}\n`));
}
