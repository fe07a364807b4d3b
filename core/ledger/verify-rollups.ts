/**
 * The hourly totals as events make them. Partial sums spill into a temporary table, so that memory does not grow with
 * the books.
 */
import type { Database } from 'better-sqlite3';
import { CORRECTION_SOURCE } from '#core/domain/event.ts';
import type { MeterRecord } from './catalog.ts';
import type { PendingEvent } from './pending-event.ts';
import type { RollupRow } from './rows.ts';
import { Cursor, bad, match } from './verify-report.ts';
import type { Step } from './verify-report.ts';

type Part = {
  meter: string;
  subject: string;
  hourMs: number;
  events: number;
  units: bigint;
  most: bigint | null;
  latest: bigint | null;
  latestMs: number | null;
  latestSeq: number | null;
  first: number;
  last: number;
};
type Spilled = Readonly<{
  meter: string;
  subject: string;
  hour_ms: number;
  events: number;
  units: string;
  most: string | null;
  latest: string | null;
  latest_ms: number | null;
  latest_seq: number | null;
  first_seq: number;
  last_seq: number;
}>;

const HOUR_MS = 3_600_000;
/** Hours kept in memory before they spill. */
const MOST_PARTS = 50_000;
const PAGE = 5_000;
const BOOK = 'main';
const KEY = ['meter', 'subject', 'hour_ms'] as const;
const VALUES = ['events', 'units', 'most', 'latest', 'latest_ms', 'latest_seq', 'first_seq', 'last_seq'] as const;
const PUT = `INSERT OR REPLACE INTO rollup (${[...KEY, 'book', ...VALUES].join(', ')})
  VALUES (${'?, '.repeat(KEY.length + VALUES.length)}?)`;
const STRAY = `DELETE FROM rollup WHERE NOT EXISTS (SELECT 1 FROM temp.verify_rollup AS fold
  WHERE fold.meter = rollup.meter AND fold.subject = rollup.subject AND fold.hour_ms = rollup.hour_ms)`;
const COLUMNS = 'meter, subject, hour_ms, events, units, most, latest, latest_ms, latest_seq, first_seq, last_seq';

const greater = (a: bigint | null, b: bigint | null): bigint | null => (a === null || (b !== null && b > a) ? b : a);

export class RollupFold {
  readonly #connection: Database;
  readonly #parts = new Map<string, Part>();
  readonly #insert;
  #spills = 0;
  /** Rows that `rebuild` found to be something else. */
  mended = 0;

  /** Makes the temporary table; on a read-only connection too, as it is no part of the file. */
  constructor(connection: Database) {
    this.#connection = connection;
    connection.exec(`DROP TABLE IF EXISTS temp.verify_rollup`);
    connection.exec(`CREATE TEMP TABLE verify_rollup (
      meter TEXT, subject TEXT, hour_ms INTEGER, part INTEGER, events INTEGER, units TEXT, most TEXT, latest TEXT,
      latest_ms INTEGER, latest_seq INTEGER, first_seq INTEGER, last_seq INTEGER,
      PRIMARY KEY (meter, subject, hour_ms, part)
    ) WITHOUT ROWID`);
    this.#insert = connection.prepare(
      `INSERT INTO temp.verify_rollup (${COLUMNS}, part) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  add(event: PendingEvent, meter: MeterRecord, units: bigint): void {
    const hourMs = Math.floor(event.occurredMs / HOUR_MS) * HOUR_MS;
    const key = `${meter.key}|${hourMs}|${event.subject}`;
    let part = this.#parts.get(key);
    if (!part) {
      if (this.#parts.size >= MOST_PARTS) this.#spill();
      part = {
        meter: meter.key,
        subject: event.subject,
        hourMs,
        events: 0,
        units: 0n,
        most: null,
        latest: null,
        latestMs: null,
        latestSeq: null,
        first: event.seq,
        last: event.seq,
      };
      this.#parts.set(key, part);
    }
    part.events += 1;
    part.units += units;
    part.first = Math.min(part.first, event.seq);
    part.last = Math.max(part.last, event.seq);
    if (event.source === CORRECTION_SOURCE) return;
    part.most = greater(part.most, units);
    if (part.latestMs !== null && event.occurredMs < part.latestMs) return;
    part.latest = units;
    part.latestMs = event.occurredMs;
    part.latestSeq = event.seq;
  }

  #spill(): void {
    const text = (value: bigint | null): string | null => (value === null ? null : value.toString());
    for (const one of this.#parts.values()) {
      this.#insert.run(
        one.meter,
        one.subject,
        one.hourMs,
        one.events,
        one.units.toString(),
        text(one.most),
        text(one.latest),
        one.latestMs,
        one.latestSeq,
        one.first,
        one.last,
        this.#spills,
      );
    }
    this.#parts.clear();
    this.#spills += 1;
  }

  /** Walks what was folded and the table side by side; both are in the order of the key. */
  *check(): Generator<Step> {
    this.#spill();
    const { total } = this.#connection.prepare('SELECT count(*) AS total FROM rollup').get() as { total: number };
    const folded = new Cursor<Spilled>(
      this.#connection
        .prepare(`SELECT ${COLUMNS} FROM temp.verify_rollup ORDER BY meter, subject, hour_ms, part`)
        .iterate(),
    );
    const rows = new Cursor<RollupRow>(
      this.#connection.prepare(`SELECT ${COLUMNS} FROM rollup ORDER BY meter, subject, hour_ms`).iterate(),
    );
    try {
      for (let checked = 1; folded.peek; checked += 1) {
        this.#matchNext(takeWhole(folded), rows.take());
        if (checked % 2_000 === 0) yield { checked, total };
      }
      const extra = rows.peek;
      if (extra) bad('rollup', keyOf(extra), 'No event is in it.');
    } finally {
      folded.close();
      rows.close();
    }
    yield { checked: total, total };
  }

  /** Makes the table what the events make it, page by page, and counts the rows that were something else. */
  *rebuild(): Generator<Step> {
    this.#spill();
    const { total } = this.#connection.prepare('SELECT count(*) AS total FROM temp.verify_rollup').get() as {
      total: number;
    };
    this.mended += this.#connection.prepare(STRAY).run().changes;
    const put = this.#connection.prepare(PUT);
    const stored = this.#connection.prepare(
      `SELECT ${COLUMNS} FROM rollup WHERE meter = ? AND subject = ? AND hour_ms = ?`,
    );
    let checked = 0;
    for (const wholes of this.#pages()) {
      for (const whole of wholes) {
        const row = stored.get(whole.meter, whole.subject, whole.hour_ms) as Spilled | undefined;
        if (row && VALUES.every((column) => row[column] === whole[column])) continue;
        put.run(...KEY.map((column) => whole[column]), BOOK, ...VALUES.map((column) => whole[column]));
        this.mended += 1;
      }
      checked += wholes.length;
      yield { checked, total };
    }
    yield { checked: total, total };
  }

  /** Whole hours by key, a page at a time: nothing may be written while a statement is walked. */
  *#pages(): Generator<Spilled[]> {
    const page = this.#connection.prepare(`SELECT ${COLUMNS} FROM temp.verify_rollup
      WHERE (meter, subject, hour_ms) > (?, ?, ?) ORDER BY meter, subject, hour_ms, part LIMIT ${PAGE}`);
    let after: [string, string, number] = ['', '', -1];
    for (;;) {
      const rows = page.all(...after) as Spilled[];
      const wholes: Spilled[] = [];
      for (const row of rows) {
        const last = wholes.at(-1);
        if (last && keyOf(last) === keyOf(row)) wholes[wholes.length - 1] = joined(last, row);
        else wholes.push(row);
      }
      // The last hour of a full page may go on behind it.
      if (rows.length === PAGE && wholes.length > 1) wholes.pop();
      const end = wholes.at(-1);
      if (!end) return;
      yield wholes;
      if (rows.length < PAGE) return;
      after = [end.meter, end.subject, end.hour_ms];
    }
  }

  #matchNext(fold: Spilled, row: RollupRow | undefined): void {
    if (row && keyOf(row) === keyOf(fold)) return match('rollup', keyOf(row), row, { ...fold });
    const exists = this.#connection
      .prepare('SELECT 1 FROM rollup WHERE meter = ? AND subject = ? AND hour_ms = ?')
      .get(fold.meter, fold.subject, fold.hour_ms);
    if (exists && row) bad('rollup', keyOf(row), 'No event is in it.');
    bad('rollup', keyOf(fold), 'The row is missing.');
  }
}

const keyOf = (row: { meter: string; subject: string; hour_ms: number }): string =>
  `${row.meter}/${row.subject}/${row.hour_ms}`;

/** The parts of one hour as one: sums add up, and the later part wins where the instants are equal. */
function takeWhole(parts: Cursor<Spilled>): Spilled {
  let whole = parts.take();
  for (let next = parts.peek; whole && next && keyOf(next) === keyOf(whole); next = parts.peek) {
    whole = joined(whole, next);
    parts.take();
  }
  return whole as Spilled;
}

function joined(a: Spilled, b: Spilled): Spilled {
  const big = (text: string | null): bigint | null => (text === null ? null : BigInt(text));
  const isLater = b.latest_ms !== null && (a.latest_ms === null || b.latest_ms >= a.latest_ms);
  const { latest, latest_ms, latest_seq } = isLater ? b : a;
  return {
    ...a,
    events: a.events + b.events,
    units: (BigInt(a.units) + BigInt(b.units)).toString(),
    most: greater(big(a.most), big(b.most))?.toString() ?? null,
    latest,
    latest_ms,
    latest_seq,
    first_seq: Math.min(a.first_seq, b.first_seq),
    last_seq: Math.max(a.last_seq, b.last_seq),
  };
}
