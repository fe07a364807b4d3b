/** Schema version 3: transactions on their way to chains, the bytes signed for them, and who may move them. */

/**
 * A send is found by network, account and the id of its intent; what is specific to a chain is JSON in `intent` (fixed)
 * and `detail`. `send_attempt` keeps bytes for ever: after a crash they are what may be on its way. An attempt of an
 * older generation was replaced, the last one of an expired send has expired. `send_lease.writer` is the book's epoch
 * when the lease was taken.
 */
export const sends = {
  version: 3,
  name: 'sends',
  statements: [
    `CREATE TABLE send (
      network TEXT NOT NULL, account TEXT NOT NULL, id TEXT NOT NULL, book TEXT NOT NULL, state TEXT NOT NULL,
      version INTEGER NOT NULL, generation INTEGER NOT NULL, nonce TEXT, attempts INTEGER NOT NULL,
      summary TEXT NOT NULL, intent TEXT NOT NULL, detail TEXT NOT NULL, epoch INTEGER NOT NULL,
      opened_tx INTEGER NOT NULL, tx INTEGER NOT NULL,
      PRIMARY KEY (network, account, id, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE UNIQUE INDEX send_once_a_nonce ON send (network, account, nonce, book) WHERE nonce IS NOT NULL`,
    `CREATE INDEX send_open ON send (network, account, id) WHERE state NOT IN ('finalized', 'reverted')`,
    `CREATE TABLE send_attempt (
      network TEXT NOT NULL, account TEXT NOT NULL, send TEXT NOT NULL, no INTEGER NOT NULL, book TEXT NOT NULL,
      generation INTEGER NOT NULL, hash TEXT NOT NULL, bytes TEXT NOT NULL, detail TEXT NOT NULL, tx INTEGER NOT NULL,
      PRIMARY KEY (network, account, send, no, book)
    ) STRICT, WITHOUT ROWID`,
    `CREATE TABLE send_lease (
      network TEXT NOT NULL, account TEXT NOT NULL, book TEXT NOT NULL, owner TEXT NOT NULL, epoch INTEGER NOT NULL,
      writer INTEGER NOT NULL, until_ms INTEGER NOT NULL, tx INTEGER NOT NULL,
      PRIMARY KEY (network, account, book)
    ) STRICT, WITHOUT ROWID`,
  ],
} as const;
