/** A connection that stands at a moment of the books: moves to it, and fills in what today's rows no longer say. */
import type { Connection } from '../open.ts';
import { momentOf } from './moment.ts';
import type { Instant } from '#core/domain/instant.ts';
import type { Moment } from './moment.ts';
import { fillRollups } from './rollups.ts';
import { PAST_TABLES, PAST_VIEWS } from './views.ts';

const MOMENT = 'INSERT INTO moment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
const READ_TO = 'SELECT max(seq) AS seq FROM written';
const HEAD = 'SELECT max(seq) AS seq FROM main.tx';
const WRITTEN = `INSERT INTO written
  SELECT CASE kind WHEN 'record.set' THEN json_extract(body, '$.kind') ELSE 'invoice.drafted' END,
    CASE kind WHEN 'record.set' THEN json_extract(body, '$.id') ELSE json_extract(body, '$.invoice') END, seq
  FROM main.tx WHERE seq > ? AND seq <= ? AND kind IN ('record.set', 'invoice.drafted')`;
const NAMED = `INSERT INTO named
  SELECT json_extract(n.value, '$.kind'), json_extract(n.value, '$.name'), t.seq, n.key, json_extract(t.body, '$.id'),
    COALESCE(json_extract(n.value, '$.take'), 0)
  FROM main.tx AS t, json_each(t.body, '$.names') AS n WHERE t.seq > ? AND t.seq <= ? AND t.kind = 'record.set'`;
const RECORDS = `INSERT INTO record_then
  SELECT w.kind, w.id, r.book, json_extract(t.body, '$.body'), t.seq
  FROM main.record AS r
    JOIN written AS w ON w.kind = r.kind AND w.id = r.id
      AND w.seq = (SELECT max(seq) FROM written WHERE kind = r.kind AND id = r.id AND seq <= @seq)
    JOIN main.tx AS t ON t.seq = w.seq
  WHERE r.tx > @seq`;
const MOVED_NAMES = `SELECT kind, name, seq, target, take FROM named AS n
  WHERE seq <= @seq AND EXISTS (SELECT 1 FROM named WHERE kind = n.kind AND name = n.name AND seq > @seq)
  ORDER BY kind, name, seq, line`;
const NAME = `INSERT INTO name_then VALUES (?, ?, 'main', ?, ?)`;
const DRAFTS = `INSERT INTO draft_then
  SELECT i.id, d.seq, json_extract(d.body, '$.document')
  FROM main.invoice AS i JOIN main.tx AS d ON d.seq = (
    SELECT max(w.seq) FROM written AS w JOIN main.tx AS t ON t.seq = w.seq
    WHERE w.kind = 'invoice.drafted' AND w.id = i.id AND w.seq <= @seq AND t.happened_ms < @beforeMs)
  WHERE i.tx <= @seq`;
const LATE = `SELECT h.id AS id, h.tx AS tx FROM main.hold AS h JOIN main.tx AS c ON c.seq = h.closed_tx
  WHERE h.late = 1 AND h.tx <= @seq AND (c.seq > @seq OR c.happened_ms >= @beforeMs)`;
const EXPIRED = `SELECT seq, json_extract(body, '$.hold') AS id FROM main.tx
  WHERE kind = 'hold.expired' AND seq > ? AND seq <= ? AND happened_ms < ?`;
const EXPIRE = 'INSERT OR REPLACE INTO expired_then VALUES (?, ?)';
const HELD = `INSERT INTO held_then
  SELECT customer, asset, exact_sum(CASE state WHEN 'open' THEN amount ELSE '0' END) FROM temp.hold
  GROUP BY customer, asset`;
const THEN = ['record_then', 'name_then', 'draft_then', 'expired_then', 'held_then', 'rollup_then'] as const;

const SAME = ['block', 'beforeMs', 'knownMs', 'lastSeq'] as const;

/** What is worked out only for reads that need it: it takes a walk through holds or events. */
export type Costly = 'held' | 'rollups';

export class Past {
  readonly #connection: Connection;
  #at: Moment | undefined;
  readonly #ready = new Set<Costly>();

  /** Makes the views on a connection of its own. They are no part of the file, so it may be read-only. */
  constructor(connection: Connection) {
    this.#connection = connection;
    connection.function('exact_negative', { deterministic: true }, (text) => (-BigInt(String(text))).toString());
    // `prk_`, eleven digits of a sequence, and the line from 1.
    const lineOf = (id: unknown): number => Number.parseInt(String(id).slice(15), 36) - 1;
    connection.function('parked_line', { deterministic: true }, lineOf);
    for (const statement of PAST_TABLES) connection.exec(statement);
    for (const [table, select] of Object.entries(PAST_VIEWS)) connection.exec(`CREATE TEMP VIEW ${table} AS ${select}`);
  }

  /**
   * Stands at a moment; answers whether anything is filled in anew. Rows that changed since are kept beside their
   * tables, so each commit makes them old: to be asked inside the transaction that reads.
   */
  moveTo(instant: Instant): boolean {
    const to = momentOf(this.#connection, instant);
    const at = this.#at;
    if (at && SAME.every((of) => at[of] === to[of])) return false;
    this.#at = undefined;
    this.#ready.clear();
    this.#readOn();
    this.#connection.exec(['moment', ...THEN].map((table) => `DELETE FROM temp.${table}`).join(';'));
    const { seq, block, head, events, watermark, invoices, recordedMs, knownMs, beforeMs } = to;
    this.#run(MOMENT, seq, block, head, events, watermark, invoices, recordedMs, knownMs, beforeMs);
    this.#run(RECORDS, { seq });
    this.#run(DRAFTS, { seq, beforeMs });
    this.#fillNames(seq);
    this.#fillExpired(to);
    this.#at = to;
    return true;
  }

  /** Forgets where it stands, so that the next moment is filled in whole. */
  forget(): void {
    this.#at = undefined;
  }

  /** Works out what a read is about to ask for. */
  ready(what: Costly): void {
    if (!this.#at || this.#ready.has(what)) return;
    if (what === 'held') this.#run(HELD);
    else fillRollups(this.#connection, this.#at);
    this.#ready.add(what);
  }

  #run(text: string, ...bound: unknown[]): void {
    this.#connection.prepare(text).run(...bound);
  }

  /** The journal is read once for where records were set, and then on from there. */
  #readOn(): void {
    const from = (this.#connection.prepare(READ_TO).get() as { seq: number | null }).seq ?? 0;
    const to = (this.#connection.prepare(HEAD).get() as { seq: number | null }).seq ?? 0;
    this.#run(NAMED, from, to);
    this.#run(WRITTEN, from, to);
  }

  /** Names that were given or taken since lead where the journal up to the moment says. */
  #fillNames(seq: number): void {
    type Naming = { kind: string; name: string; seq: number; target: string; take: number };
    const held = new Map<string, Naming>();
    for (const row of this.#connection.prepare(MOVED_NAMES).all({ seq }) as Naming[]) {
      const key = `${row.kind}|${row.name}`;
      if (!row.take) held.set(key, row);
      else if (held.get(key)?.target === row.target) held.delete(key);
    }
    for (const { kind, name, target, seq: tx } of held.values()) this.#run(NAME, kind, name, target, tx);
  }

  /** A capture after the end of its hold wrote over that end, which is in the journal. */
  #fillExpired({ seq, beforeMs }: Moment): void {
    const late = this.#connection.prepare(LATE).all({ seq, beforeMs }) as { id: string; tx: number }[];
    if (late.length === 0) return;
    const wanted = new Set(late.map(({ id }) => id));
    const first = Math.min(...late.map(({ tx }) => tx));
    for (const row of this.#connection.prepare(EXPIRED).all(first, seq, beforeMs) as { seq: number; id: string }[]) {
      if (wanted.has(row.id)) this.#run(EXPIRE, row.id, row.seq);
    }
  }
}
