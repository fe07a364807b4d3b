/** Transactions on their way to chains: each version of one, and whose they are to move. */
import type { Refusal } from '#core/domain/refusal.ts';
import { decideSend, mayLease } from '#core/domain/send.ts';
import type { SendStand, SendState } from '#core/domain/send.ts';
import type { Engine } from './engine.ts';
import type { Answer, Command, SaveSend } from './port.ts';
import type { SendLeaseRow, SendRow } from './rows.ts';

type Lease = Extract<Command, { type: 'send.lease' }>;

/** What the books keep of a send, as its rule reads it. */
export const standOf = (row: SendRow): SendStand => ({ ...row, state: row.state as SendState });

function leaseOf(row: SendLeaseRow) {
  return { owner: row.owner, epoch: row.epoch, writer: row.writer, untilMs: row.until_ms };
}

function held(row: SendLeaseRow): Answer<never> {
  const detail = `Another sender moves the transactions of ${row.account}.`;
  const fix = 'Wait until it has ended, or work through it.';
  const values = { owner: row.owner, untilMs: row.until_ms };
  return { ok: false, refusal: { code: 'CONFLICT', detail, fix, values } satisfies Refusal };
}

/** Takes the lease of an account's sends. One's own is renewed without a transaction while half of it is left. */
export function leaseSends(engine: Engine, command: Lease): Answer<{ epoch: number }> {
  const { store, book, nowMs } = engine.desk;
  const { network, account, owner, ttlMs } = command;
  const known = store.get('send_lease', network, account) ?? null;
  const isFree = mayLease(known && leaseOf(known), { owner, writer: book.epoch, nowMs });
  if (known !== null && !isFree) return held(known);
  const isOwn = known?.owner === owner && known.writer === book.epoch;
  if (isOwn && known.until_ms - nowMs > ttlMs / 2) return { ok: true, value: { epoch: known.epoch } };
  // An owner that comes back is told apart from its own writes of before, which may still be on their way.
  const epoch = (known?.epoch ?? 0) + (isOwn ? 0 : 1);
  const lease = { network, account, owner, epoch, writer: book.epoch, until_ms: nowMs + ttlMs };
  const tx = engine.desk.write({
    kind: 'send.leased',
    subject: null,
    happenedMs: nowMs,
    actor: command.actor,
    body: JSON.stringify(lease),
  });
  store.put('send_lease', { ...lease, book: book.book, tx: tx.seq });
  return { ok: true, value: { epoch } };
}

function takenOver(epoch: number, leased: SendLeaseRow | undefined): Answer<never> {
  const detail = 'Another sender has taken over this account.';
  const values = { epoch, now: leased?.epoch ?? 0 };
  return { ok: false, refusal: { code: 'CONFLICT', detail, fix: 'Read it again.', values } satisfies Refusal };
}

/** Keeps a version of a send, with the bytes that were signed in it, before anyone sees them. */
export function saveSend(engine: Engine, command: SaveSend): Answer<{ version: number }> {
  const { store, book, nowMs } = engine.desk;
  const { network, account, id, version, state, generation, nonce, summary, intent, detail, attempt, lease } = command;
  const leased = store.get('send_lease', network, account);
  if (leased?.epoch !== lease.epoch || leased.writer !== book.epoch) return takenOver(lease.epoch, leased);
  const before = store.get('send', network, account, id);
  const refusal = decideSend(before ? standOf(before) : null, {
    state,
    version,
    generation,
    nonce,
    intent,
    signs: attempt !== null,
  });
  if (refusal !== null) return { ok: false, refusal };
  const no = before?.attempts ?? 0;
  const until_ms = nowMs + lease.ttlMs;
  const first = before === undefined ? { summary, intent } : {};
  const tx = engine.desk.write({
    kind: 'send.saved',
    subject: null,
    happenedMs: nowMs,
    actor: command.actor,
    body: JSON.stringify({
      network,
      account,
      id,
      version,
      state,
      generation,
      nonce,
      ...first,
      detail,
      attempt,
      epoch: lease.epoch,
      until_ms,
    }),
  });
  store.put('send_lease', { ...leased, until_ms, tx: tx.seq });
  const attempts = attempt === null ? no : no + 1;
  const fixed = { network, account, id, book: book.book, summary: before?.summary ?? summary, intent };
  const opened_tx = before?.opened_tx ?? tx.seq;
  const moving = { state, version, generation, nonce, attempts, detail, epoch: lease.epoch, opened_tx, tx: tx.seq };
  store.put('send', { ...fixed, ...moving });
  if (attempt !== null) {
    store.insert('send_attempt', {
      network,
      account,
      send: id,
      no: no + 1,
      book: book.book,
      generation,
      ...attempt,
      tx: tx.seq,
    });
  }
  return { ok: true, value: { version } };
}
