/** What the lists share: rows one after the other as the database gives them, and amounts in units of their asset. */
import type { Cell, ExportFilters } from '#core/domain/exports.ts';
import { formatMinor, scaleOf } from '#core/domain/money.ts';
import type { Asset } from '#core/domain/money.ts';
import type { ReadSession } from '../reads/session.ts';

export type Reading = Readonly<{ session: ReadSession; filters: ExportFilters; nowMs: number }>;
export type Rows = Iterable<readonly Cell[]>;

/** Rows of a statement of its own: one that is shared cannot be asked again while it is gone through. */
export function each<Row>({ session }: Reading, sql: string, ...values: unknown[]): Iterable<Row> {
  return session.connection.prepare(sql).iterate(...values) as Iterable<Row>;
}

/** Documents of a kind, parsed one by one, in the order of their ids. */
export function* documents<Body>(reading: Reading, kind: string): Iterable<Body> {
  for (const { body } of each<{ body: string }>(reading, DOCUMENTS, kind)) yield JSON.parse(body) as Body;
}
const DOCUMENTS = 'SELECT body FROM record WHERE kind = ? ORDER BY id';

/** An exact decimal in units of the asset; nothing where there is no amount. */
export const amount = (minor: string | null, asset: string): string | null =>
  minor === null ? null : formatMinor(BigInt(minor), scaleOf(asset as Asset));
