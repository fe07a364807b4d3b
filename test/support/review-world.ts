/** Review bundles of the rich workspace's invoices, and the same sealed again by somebody who holds the key. */
import { generateKeyPairSync } from 'node:crypto';
import { sealBundle, signedBundle } from '#core/domain/bundle.ts';
import type { ContentLine } from '#core/domain/bundle.ts';
import { openForReading } from '#core/ledger/open.ts';
import { createReadSession } from '#core/ledger/reads/session.ts';
import { reviewContent } from '#core/ledger/reads/review.ts';
import { digest, makeBundle, rawKey, signText } from '#core/services/review-bundle.ts';
import { richWorld } from './rich-world.ts';

const pair = generateKeyPairSync('ed25519');
export const PRIVATE_KEY = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
export const PUBLIC_KEY = rawKey(pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'));

/** A bundle of every invoice that was finalized, by its number. */
export function richBundles(): ReadonlyMap<string, string> {
  const world = richWorld('sqlite');
  const session = createReadSession(openForReading(world.file));
  try {
    const rows = session.connection
      .prepare(`SELECT id FROM invoice WHERE sha256 IS NOT NULL AND state <> 'voided' ORDER BY id`)
      .all() as { id: string }[];
    return new Map(
      rows.map(({ id }) => {
        const content = reviewContent(session, { invoice: id });
        const by = { id: 'opr_00000001', name: 'Ada', key: PUBLIC_KEY };
        const about = { review: 'rev_00000001', by, exportedMs: 1_700_000_000_000, viewer: '<p>é</p>' };
        return [content.number, makeBundle(content, { ...about, privateKey: PRIVATE_KEY })];
      }),
    );
  } finally {
    session.close();
    world.dispose();
  }
}

/** The lines of a bundle before its seal. */
export const contentOf = (text: string): ContentLine[] =>
  text
    .split('\n')
    .slice(0, -3)
    .map((line) => JSON.parse(line) as ContentLine);

/** Seals lines as if they had been so from the beginning. */
export function sealedAgain(lines: readonly ContentLine[]): string {
  const sealed = sealBundle(lines, digest);
  return signedBundle(sealed, signText(PRIVATE_KEY, sealed.message));
}
