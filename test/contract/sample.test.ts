/** The sample workspace is the same each time it is made: pictures can be compared, and specs can name its rows. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { start } from '#core/runtime/start.ts';

const NAMES = `SELECT json_extract(body, '$.externalId') AS ref, id FROM record WHERE kind = 'customer'`;
const INVOICES = `WITH named AS (${NAMES})
  SELECT ref, number, state, total FROM invoice JOIN named ON named.id = invoice.customer ORDER BY ref, number`;
const GRANTS = `WITH named AS (${NAMES})
  SELECT ref, granted, consumed FROM credit_grant JOIN named ON named.id = credit_grant.customer ORDER BY ref, granted`;

async function sampleIn(file: string) {
  const started = await start({ host: 'none', workspace: file, fresh: true, logLevel: 'error' });
  await started.close();
  const books = new Database(file, { readonly: true });
  try {
    return { invoices: books.prepare(INVOICES).all(), grants: books.prepare(GRANTS).all() };
  } finally {
    books.close();
  }
}

test(
  'who has which invoice, in which state, does not hang on the ids that were drawn',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tollkeeper-sample-'));
    try {
      const first = await sampleIn(join(folder, 'first.tollkeeper'));
      const second = await sampleIn(join(folder, 'second.tollkeeper'));
      expect(first.invoices.length).toBeGreaterThan(5);
      expect(first).toEqual(second);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
