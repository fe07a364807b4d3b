/**
 * The books as they were: for each table a view of the same name that shows its rows at one moment. On a connection
 * that has them every read runs as it is, because SQLite looks for a name in `temp` before it looks in the file.
 */
import type { TableName } from '../rows.ts';

/** No instant: everything has happened before it. */
export const NEVER_MS = Number.MAX_SAFE_INTEGER;
const HOUR_MS = 3_600_000;

/** The last transaction that was known, and the instant before which what is shown had happened. */
const SEQ = '(SELECT seq FROM moment)';
const BEFORE = '(SELECT before_ms FROM moment)';
const SLICES = `FROM main.slice AS s WHERE s.line = l.id AND s.tx <= ${SEQ} AND s.happened_ms < ${BEFORE}`;
const FINAL = `SELECT 1 FROM main.invoice AS i JOIN main.tx AS f ON f.seq = i.final_tx
  WHERE i.id = l.invoice AND i.book = l.book AND f.seq <= ${SEQ} AND f.happened_ms < ${BEFORE}`;
const MOVES = `FROM main.entry AS e WHERE e.grant_id = g.id AND e.tx <= ${SEQ} AND e.happened_ms < ${BEFORE}`;
const POSTED = `FROM main.entry AS e WHERE e.account = a.id AND e.tx <= ${SEQ}`;

/** What the views stand on. `…_then` hold the rows that were something else than their table says today. */
export const PAST_TABLES = [
  `CREATE TEMP TABLE moment (
    seq INTEGER, block INTEGER, head BLOB, events INTEGER, watermark INTEGER, invoices INTEGER, recorded_ms INTEGER,
    known_ms INTEGER, before_ms INTEGER
  )`,
  // Where the journal sets a record or draws a draft; read once, and on as the journal grows.
  `CREATE TEMP TABLE written (kind TEXT, id TEXT, seq INTEGER, PRIMARY KEY (kind, id, seq)) WITHOUT ROWID`,
  `CREATE TEMP TABLE named (
    kind TEXT, name TEXT, seq INTEGER, line INTEGER, target TEXT, take INTEGER, PRIMARY KEY (kind, name, seq, line)
  ) WITHOUT ROWID`,
  `CREATE TEMP TABLE record_then (
    kind TEXT, id TEXT, book TEXT, body TEXT, tx INTEGER, PRIMARY KEY (kind, id)
  ) WITHOUT ROWID`,
  `CREATE TEMP TABLE name_then (
    kind TEXT, name TEXT, book TEXT, target TEXT, tx INTEGER, PRIMARY KEY (kind, name)
  ) WITHOUT ROWID`,
  `CREATE TEMP TABLE draft_then (id TEXT PRIMARY KEY, tx INTEGER, bytes TEXT) WITHOUT ROWID`,
  `CREATE TEMP TABLE expired_then (id TEXT PRIMARY KEY, closed_tx INTEGER) WITHOUT ROWID`,
  `CREATE TEMP TABLE held_then (customer TEXT, asset TEXT, held TEXT, PRIMARY KEY (customer, asset)) WITHOUT ROWID`,
  `CREATE TEMP TABLE rollup_then (
    meter TEXT, subject TEXT, hour_ms INTEGER, book TEXT, events INTEGER, units TEXT, most TEXT, latest TEXT,
    latest_ms INTEGER, latest_seq INTEGER, first_seq INTEGER, last_seq INTEGER, PRIMARY KEY (meter, subject, hour_ms)
  ) WITHOUT ROWID`,
];

/** Tables of what is on its way to chains and to people: only who sends reads them, and that is of now. */
export const NO_PAST = ['send', 'send_attempt', 'send_lease', 'notice', 'notice_attempt', 'secret'] as const;

type PastTable = Exclude<TableName, (typeof NO_PAST)[number]>;

export const PAST_VIEWS: Readonly<Record<PastTable, string>> = {
  book: `SELECT b.book, b.epoch, m.seq AS seq, m.events AS event_seq, m.block AS block, m.head AS head,
      m.recorded_ms AS recorded_ms, m.watermark AS watermark, m.invoices AS invoice_no, b.created_ms,
      NULL AS open_hold
    FROM main.book AS b, moment AS m`,
  alert: `SELECT id, book, rule, subject, severity, facts, fired_ms,
      CASE WHEN cleared_tx <= ${SEQ} THEN cleared_ms END AS cleared_ms,
      CASE WHEN acknowledged_tx <= ${SEQ} THEN acknowledged_ms END AS acknowledged_ms,
      CASE WHEN acknowledged_tx <= ${SEQ} THEN acknowledged_by END AS acknowledged_by, tx,
      CASE WHEN cleared_tx <= ${SEQ} THEN cleared_tx END AS cleared_tx,
      CASE WHEN acknowledged_tx <= ${SEQ} THEN acknowledged_tx END AS acknowledged_tx
    FROM main.alert WHERE tx <= ${SEQ} AND fired_ms < ${BEFORE}`,
  block: 'SELECT * FROM main.block WHERE no <= (SELECT block FROM moment)',
  tx: `SELECT * FROM main.tx WHERE seq <= ${SEQ}`,
  entry: `SELECT * FROM main.entry WHERE tx <= ${SEQ} AND happened_ms < ${BEFORE}`,
  account: `SELECT a.id, a.book, a.customer, a.role, a.asset,
      CASE WHEN ${BEFORE} < ${NEVER_MS} THEN (SELECT exact_sum(e.amount) ${POSTED} AND e.happened_ms < ${BEFORE})
        ELSE COALESCE((SELECT e.balance ${POSTED} ORDER BY e.tx DESC, e.line DESC LIMIT 1), '0') END AS posted,
      CASE a.role WHEN 'wallet' THEN COALESCE((SELECT h.held FROM held_then AS h
        WHERE h.customer = a.customer AND h.asset = a.asset), '0') ELSE '0' END AS held,
      COALESCE((SELECT max(e.tx) ${POSTED}), 0) AS last_tx
    FROM main.account AS a
    WHERE EXISTS (SELECT 1 ${POSTED}) OR (a.role = 'wallet'
      AND EXISTS (SELECT 1 FROM held_then AS h WHERE h.customer = a.customer AND h.asset = a.asset))`,
  record: `SELECT kind, id, book, body, tx FROM main.record WHERE tx <= ${SEQ}
    UNION ALL SELECT kind, id, book, body, tx FROM record_then`,
  // A name may have been taken away since, and so be in no row.
  name: `SELECT kind, name, book, target, tx FROM main.name AS n WHERE tx <= ${SEQ}
      AND NOT EXISTS (SELECT 1 FROM name_then AS t WHERE t.kind = n.kind AND t.name = n.name)
    UNION ALL SELECT kind, name, book, target, tx FROM name_then`,
  event: `SELECT * FROM main.event WHERE seq <= (SELECT events FROM moment) AND occurred_ms < ${BEFORE}`,
  conflict: `SELECT * FROM main.conflict WHERE tx <= ${SEQ}`,
  // Assigning a parked event writes the meter it went to; the one it was parked for is in the journal.
  parked: `SELECT p.id, p.book, p.event_seq,
      CASE WHEN p.state = 'rated' AND p.closed_tx > ${SEQ}
        THEN (SELECT json_extract(t.body, printf('$.parked[%d][1]', parked_line(p.id))) FROM main.tx AS t
          WHERE t.seq = p.tx) ELSE p.meter END AS meter,
      p.reason, p.detail, CASE WHEN p.closed_tx <= ${SEQ} THEN p.state ELSE 'open' END AS state, p.tx,
      CASE WHEN p.closed_tx <= ${SEQ} THEN p.closed_tx END AS closed_tx
    FROM main.parked AS p WHERE p.tx <= ${SEQ}
      AND EXISTS (SELECT 1 FROM main.event AS e WHERE e.seq = p.event_seq AND e.occurred_ms < ${BEFORE})`,
  slice: `SELECT * FROM main.slice WHERE tx <= ${SEQ} AND happened_ms < ${BEFORE}`,
  line: `SELECT l.id, l.book, l.customer, l.asset, l.kind, l.meter, l.price, l.month, l.period_start, l.period_end,
      l.before_units,
      CASE l.kind WHEN 'usage' THEN (SELECT exact_sum(s.delta) ${SLICES}) ELSE l.units END AS units,
      CASE l.kind WHEN 'usage' THEN (SELECT exact_sum(s.amount) ${SLICES}) ELSE l.amount END AS amount,
      CASE l.kind WHEN 'usage' THEN (SELECT exact_sum(s.burned) ${SLICES}) ELSE l.burned END AS burned,
      CASE l.kind WHEN 'usage' THEN (SELECT exact_sum(s.waived) ${SLICES}) ELSE l.waived END AS waived,
      CASE l.kind WHEN 'usage' THEN (SELECT sum(s.events) ${SLICES}) ELSE l.events END AS events,
      CASE WHEN EXISTS (${FINAL}) THEN l.invoice END AS invoice, l.rule, l.label
    FROM main.line AS l
    WHERE CASE l.kind WHEN 'usage' THEN EXISTS (SELECT 1 ${SLICES}) ELSE EXISTS (${FINAL}) END`,
  usage_window: `SELECT customer, meter, price, month, book, exact_sum(delta) AS units, exact_sum(amount) AS amount,
      NULL AS latest_ms, NULL AS latest_id
    FROM main.slice WHERE tx <= ${SEQ} AND happened_ms < ${BEFORE} GROUP BY customer, meter, price, month, book`,
  seen: 'SELECT * FROM main.seen WHERE event_seq <= (SELECT watermark FROM moment)',
  rollup: `SELECT meter, subject, hour_ms, book, events, units, most, latest, latest_ms, latest_seq, first_seq, last_seq
    FROM main.rollup AS r WHERE r.last_seq <= (SELECT watermark FROM moment) AND r.hour_ms < ${BEFORE}
      AND NOT EXISTS (SELECT 1 FROM rollup_then AS t
        WHERE t.meter = r.meter AND t.subject = r.subject AND t.hour_ms = r.hour_ms)
    UNION ALL SELECT * FROM rollup_then WHERE events > 0`,
  revenue_hour: `SELECT s.happened_ms / ${HOUR_MS} * ${HOUR_MS} AS hour_ms, s.customer, s.meter, l.asset,
      s.book, exact_sum(s.amount) AS amount
    FROM main.slice AS s JOIN main.line AS l ON l.id = s.line AND l.book = s.book
    WHERE s.tx <= ${SEQ} AND s.happened_ms < ${BEFORE} AND s.amount <> '0' GROUP BY 1, 2, 3, 4, 5`,
  // Refusals are counted by the hour and are in no journal: an hour is shown once it is over.
  refused_hour: `SELECT * FROM main.refused_hour
    WHERE hour_ms + ${HOUR_MS} <= (SELECT min(known_ms, before_ms) FROM moment)`,
  hold: `SELECT h.id, h.book, h.customer, h.meter, h.price, h.asset, h.units, h.amount,
      CASE WHEN c.seq IS NOT NULL THEN h.state WHEN x.id IS NOT NULL THEN 'expired' ELSE 'open' END AS state,
      h.opened_ms, h.expires_ms, CASE WHEN c.seq IS NOT NULL THEN h.captured_units END AS captured_units,
      CASE WHEN c.seq IS NOT NULL THEN h.charged END AS charged,
      CASE WHEN c.seq IS NOT NULL THEN h.overshoot END AS overshoot,
      CASE WHEN c.seq IS NOT NULL THEN h.late ELSE 0 END AS late, h.tx,
      COALESCE(c.seq, x.closed_tx) AS closed_tx, h.rate
    FROM main.hold AS h
      LEFT JOIN main.tx AS c ON c.seq = h.closed_tx AND c.seq <= ${SEQ} AND c.happened_ms < ${BEFORE}
      LEFT JOIN expired_then AS x ON x.id = h.id
    WHERE h.tx <= ${SEQ} AND h.opened_ms < ${BEFORE}`,
  credit_grant: `SELECT g.id, g.book, g.customer, g.asset, g.source, g.note, g.priority, g.granted,
      exact_negative((SELECT exact_sum(e.amount) ${MOVES} AND e.memo NOT IN ('granted', 'expired', 'clawed back')))
        AS consumed,
      exact_negative((SELECT exact_sum(e.amount) ${MOVES} AND e.memo = 'expired')) AS expired,
      g.created_ms, g.expires_ms, g.tx,
      exact_negative((SELECT exact_sum(e.amount) ${MOVES} AND e.memo = 'clawed back')) AS clawed
    FROM main.credit_grant AS g WHERE g.tx <= ${SEQ} AND g.created_ms < ${BEFORE}`,
  invoice: `SELECT i.id, i.book, CASE WHEN f.seq IS NOT NULL THEN i.number END AS number,
      CASE WHEN f.seq IS NOT NULL THEN i.kind ELSE 'usage' END AS kind,
      CASE WHEN f.seq IS NULL THEN 'draft' WHEN i.due = '0' THEN 'paid' ELSE 'finalized' END AS state,
      i.customer, i.asset, i.period_start,
      CASE WHEN f.seq IS NOT NULL THEN i.period_end ELSE json_extract(d.bytes, '$.periodEndMs') END AS period_end,
      i.created_ms, CASE WHEN f.seq IS NOT NULL THEN i.finalized_ms END AS finalized_ms,
      CASE WHEN f.seq IS NOT NULL THEN i.due_ms END AS due_ms,
      CASE WHEN f.seq IS NOT NULL THEN i.total ELSE json_extract(d.bytes, '$.totalMinor') END AS total,
      CASE WHEN f.seq IS NOT NULL THEN i.from_credit ELSE json_extract(d.bytes, '$.paidFromCreditMinor') END
        AS from_credit,
      CASE WHEN f.seq IS NOT NULL THEN i.due ELSE json_extract(d.bytes, '$.dueMinor') END AS due,
      CASE WHEN f.seq IS NOT NULL THEN i.bytes ELSE d.bytes END AS bytes,
      CASE WHEN f.seq IS NOT NULL THEN i.sha256 END AS sha256, i.tx, f.seq AS final_tx
    FROM main.invoice AS i
      LEFT JOIN main.tx AS f ON f.seq = i.final_tx AND f.seq <= ${SEQ} AND f.happened_ms < ${BEFORE}
      LEFT JOIN draft_then AS d ON d.id = i.id
    WHERE f.seq IS NOT NULL OR d.id IS NOT NULL`,
  run: 'SELECT * FROM main.run WHERE at_ms <= (SELECT min(known_ms, before_ms - 1) FROM moment)',
  key_use: 'SELECT * FROM main.key_use WHERE last_ms <= (SELECT min(known_ms, before_ms - 1) FROM moment)',
};
