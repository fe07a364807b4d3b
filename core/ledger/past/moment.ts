/** Where two instants lie in the books: the last transaction, block and event that were known, and what was posted. */
import type { Instant } from '#core/domain/instant.ts';
import type { Connection } from '../open.ts';
import type { BookRow } from '../rows.ts';
import { NEVER_MS } from './views.ts';

/** A row of `moment`. */
export type Moment = Readonly<{
  seq: number;
  block: number;
  head: Uint8Array;
  events: number;
  watermark: number;
  invoices: number;
  recordedMs: number;
  knownMs: number;
  beforeMs: number;
  /** The last transaction there is: what was filled in for a moment is right until the books go on. */
  lastSeq: number;
}>;

const BOOK = `SELECT * FROM main.book WHERE book = 'main'`;
const BLOCK = `SELECT last_seq, recorded_ms, hash FROM main.block WHERE no = ? AND book = 'main'`;
const EVENT_TX = 'SELECT tx FROM main.event WHERE seq = ?';
const POSTED = `SELECT json_extract(body, '$.last') AS last FROM main.tx
  WHERE seq <= ? AND kind = 'usage.posted' ORDER BY seq DESC LIMIT 1`;
const FINALS = 'SELECT count(*) AS count FROM main.invoice WHERE final_tx <= ?';

/** The last number up to `high` that fits, where all that fit come before all that do not; 0 where none does. */
function lastThat(high: number, fits: (n: number) => boolean): number {
  let [low, top] = [1, high];
  while (low <= top) {
    const middle = Math.floor((low + top) / 2);
    if (fits(middle)) low = middle + 1;
    else top = middle - 1;
  }
  return top;
}

/** Recorded time never runs back along the chain, so blocks and events are searched by halves and need no index. */
export function momentOf(connection: Connection, { asOfMs, knownAtMs }: Instant): Moment {
  const [readBlock, readEvent] = [connection.prepare(BLOCK), connection.prepare(EVENT_TX)];
  type Block = { last_seq: number; recorded_ms: number; hash: Uint8Array };
  const blockAt = (no: number): Block | undefined => readBlock.get(no) as Block | undefined;
  const book = connection.prepare(BOOK).get() as BookRow | undefined;
  const isKnown = (no: number): boolean => knownAtMs === undefined || (blockAt(no)?.recorded_ms ?? 0) <= knownAtMs;
  const block = lastThat(book?.block ?? 0, isKnown);
  const sealed = blockAt(block);
  const seq = sealed?.last_seq ?? 0;
  const events = lastThat(book?.event_seq ?? 0, (n) => ((readEvent.get(n) as { tx: number }).tx ?? 0) <= seq);
  const posted = connection.prepare(POSTED).get(seq) as { last: number } | undefined;
  const { count } = connection.prepare(FINALS).get(seq) as { count: number };
  return {
    seq,
    block,
    head: sealed?.hash ?? new Uint8Array(),
    events,
    watermark: posted?.last ?? 0,
    invoices: count,
    recordedMs: sealed?.recorded_ms ?? 0,
    knownMs: knownAtMs ?? NEVER_MS,
    beforeMs: asOfMs ?? NEVER_MS,
    lastSeq: book?.seq ?? 0,
  };
}
