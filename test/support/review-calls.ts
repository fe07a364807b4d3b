/** Calls of everything about reviews that pass, and what they need. */
import type { Client } from '#core/cli/connection.ts';
import { PASSPHRASE } from './workspace.ts';

export type MadeReviews = Readonly<{ bundle: string; answer: string; reviewer: string }>;

/** A bundle of an invoice, an answer to it, and somebody who may answer. */
export async function populateReviews(client: Client, invoice: string): Promise<MadeReviews> {
  const { bundle } = await client.reviews.export({ invoice, passphrase: PASSPHRASE });
  const { answer } = await client.reviews.decide({ bundle, verdict: 'approved', passphrase: PASSPHRASE });
  const { id: reviewer } = await client.reviews.addReviewer({ name: 'Rita', key: '5a'.repeat(32) });
  return { bundle, answer, reviewer };
}

type Made = MadeReviews & Readonly<{ invoice: string; line: string }>;

export function reviewCalls({ bundle, answer, reviewer, invoice, line }: Made, page: object) {
  const lines = [{ line, note: 'Why?' }];
  return {
    'reviews.export': { invoice, passphrase: PASSPHRASE },
    'reviews.open': { bundle },
    'reviews.decide': { bundle, verdict: 'rejected', note: 'No.', lines, passphrase: PASSPHRASE },
    'reviews.import': { answer },
    'reviews.list': { ...page, invoice },
    'reviews.reviewers': {},
    'reviews.addReviewer': { name: 'Sam', key: '6b'.repeat(32) },
    'reviews.removeReviewer': { id: reviewer },
  };
}
