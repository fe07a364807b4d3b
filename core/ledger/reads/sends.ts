/** Transactions on their way to chains, with the bytes that were signed for them. */
import type { SendAttemptRow, SendRow } from '../rows.ts';
import type { ReadSession } from './session.ts';

type Place = Readonly<{ network: string; account: string }>;

const ATTEMPTS = 'SELECT * FROM send_attempt WHERE network = ? AND account = ? AND send = ? ORDER BY no';
const OPEN = `SELECT id FROM send
  WHERE network = ? AND account = ? AND state NOT IN ('finalized', 'reverted') ORDER BY id`;
/** Nonces are decimal text, as they are 64 bits. */
const LAST_NONCE = `SELECT nonce FROM send WHERE network = ? AND account = ? AND nonce IS NOT NULL
  ORDER BY length(nonce) DESC, nonce DESC LIMIT 1`;
const NEWEST = 'SELECT * FROM send WHERE network = ? ORDER BY tx DESC LIMIT ?';

/** A send as it is kept: its row, and every attempt there was. */
export type KeptSend = Readonly<{ row: SendRow; attempts: readonly SendAttemptRow[] }>;

export function send(session: ReadSession, { network, account, id }: Place & { id: string }): KeptSend | null {
  const row = session.store.get('send', network, account, id);
  if (row === undefined) return null;
  return { row, attempts: session.sql(ATTEMPTS).all(network, account, id) as SendAttemptRow[] };
}

/** Those of an account on which something may still happen. */
export function openSends(session: ReadSession, place: Place): KeptSend[] {
  const ids = session.sql(OPEN).pluck().all(place.network, place.account) as string[];
  return ids.flatMap((id) => send(session, { ...place, id }) ?? []);
}

/** The highest nonce that a send of an account ever took. */
export function lastNonce(session: ReadSession, { network, account }: Place): string | null {
  return (session.sql(LAST_NONCE).pluck().get(network, account) as string | undefined) ?? null;
}

/** The sends of a network that moved last, newest first, without their bytes. */
export function sends(session: ReadSession, { network, limit }: { network: string; limit: number }) {
  return (session.sql(NEWEST).all(network, limit) as SendRow[]).map((row) => {
    const attempts = session.sql(ATTEMPTS).all(network, row.account, row.id) as SendAttemptRow[];
    const { account, id, state, summary } = row;
    return { account, id, state, summary, hash: attempts.at(-1)?.hash ?? null, movedTx: row.tx };
  });
}
