/** Books for senders: the engine itself behind the ports that a store of sends works over, without threads. */
import { evmSends, solanaSends } from '#core/runtime/sends.ts';
import type { SendBooks } from '#core/runtime/sends.ts';
import { createReadSession } from '#core/ledger/reads/session.ts';
import { READS } from '#core/ledger/reads/index.ts';
import type { ReadSession } from '#core/ledger/reads/session.ts';
import { World } from './world.ts';

/** A workspace file with its engine in this process, asked as the writer and reader threads are. */
export function sendBooks(place: Pick<SendBooks, 'network' | 'account'>) {
  const world = new World('sqlite');
  let session: ReadSession = createReadSession(world.connection);
  const books = (owner: string): SendBooks => ({
    ...place,
    owner,
    actorOf: () => 'opr_test',
    book: { commit: async (commands) => world.commit(...commands) },
    reader: {
      read: async (name, input) => {
        const read = READS[name] as (from: ReadSession, asked: object) => never;
        return read(session, input);
      },
    },
  });
  return {
    world,
    /** The writer's process ended and another opened the file. */
    reopen: (): void => {
      world.reopen();
      session = createReadSession(world.connection);
    },
    evm: (owner = 'one') => evmSends(books(owner)),
    solana: (owner = 'one') => solanaSends(books(owner)),
    dispose: () => world.dispose(),
  };
}
