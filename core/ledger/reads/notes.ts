/** What operators wrote down about a customer, the last note first. */
import { cursorOf, paged, readCursor, requireCustomer } from './session.ts';
import type { ReadSession } from './session.ts';

/** After every id that begins with a customer's: ids are lower-case letters and digits. */
const LAST = '~';
const NOTES = `SELECT id, body, tx FROM record WHERE kind = 'note' AND id < ? AND id > ? ORDER BY id DESC LIMIT ?`;

/** A note as it was written; `by` is who, as the journal has them. */
export type NoteRecord = Readonly<{ text: string; by: string; byName: string; writtenMs: number }>;
export const noteId = (customer: string, id: string): string => `${customer}/${id}`;

type Kept = Readonly<{ id: string; body: string; tx: number }>;

export function notes(session: ReadSession, input: { customer: string; limit: number; cursor?: string | undefined }) {
  const { id } = requireCustomer(session, input.customer);
  const [before] = (readCursor(input.cursor) ?? [noteId(id, LAST)]) as [string];
  const rows = session.sql(NOTES).all(before, noteId(id, ''), input.limit + 1) as Kept[];
  return paged(
    rows,
    input.limit,
    (row) => ({ id: row.id.slice(id.length + 1), ...(JSON.parse(row.body) as NoteRecord) }),
    (row) => cursorOf(row.id),
  );
}
