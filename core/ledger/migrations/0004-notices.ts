/** Schema version 4: alerts that fired, whom they were told and how often that was tried, and secrets of channels. */

/**
 * An alert is open until `cleared_ms`; one rule has one open alert a subject. A notice is one delivery to one channel:
 * the outbox. `attempts` counts for ever, `tries` since it was last asked for. `secret` is kept out of the journal,
 * which keeps everything for ever: the channel's record there has its SHA-256, so a secret can be proven and forgotten.
 */
export const notices = {
  version: 4,
  name: 'notices',
  statements: [
    `CREATE TABLE alert (
      id TEXT NOT NULL, book TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL, severity TEXT NOT NULL,
      facts TEXT NOT NULL, fired_ms INTEGER NOT NULL, cleared_ms INTEGER, acknowledged_ms INTEGER,
      acknowledged_by TEXT, tx INTEGER NOT NULL, cleared_tx INTEGER, acknowledged_tx INTEGER,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE UNIQUE INDEX alert_open ON alert (rule, subject, book) WHERE cleared_ms IS NULL`,
    `CREATE INDEX alert_by_rule ON alert (rule, subject, id)`,
    `CREATE TABLE notice (
      id TEXT NOT NULL, book TEXT NOT NULL, channel TEXT NOT NULL, event TEXT NOT NULL, alert TEXT,
      state TEXT NOT NULL, attempts INTEGER NOT NULL, tries INTEGER NOT NULL, due_ms INTEGER NOT NULL,
      tx INTEGER NOT NULL, last_tx INTEGER NOT NULL,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE INDEX notice_due ON notice (due_ms, id) WHERE state = 'waiting'`,
    `CREATE INDEX notice_by_channel ON notice (channel, id)`,
    `CREATE INDEX notice_by_alert ON notice (alert, id) WHERE alert IS NOT NULL`,
    `CREATE TABLE notice_attempt (
      notice TEXT NOT NULL, no INTEGER NOT NULL, book TEXT NOT NULL, at_ms INTEGER NOT NULL, ok INTEGER NOT NULL,
      status INTEGER, detail TEXT NOT NULL, tx INTEGER NOT NULL,
      PRIMARY KEY (notice, no, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE secret (
      id TEXT NOT NULL, book TEXT NOT NULL, value TEXT NOT NULL,
      PRIMARY KEY (id, book)
    ) STRICT, WITHOUT ROWID`,
  ],
} as const;
