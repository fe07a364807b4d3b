/** The times that a what-if can be asked for, in whole days of UTC: quota months, and other days. */

const MONTHS_BACK = 12;
const DAY_MS = 86_400_000;

/** `to` is the day after the last. */
export type Days = Readonly<{ from: string; to: string; words: string }>;

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** Calendar months up to the present one, the newest first. */
export function monthsUpTo(nowMs: number): Days[] {
  const now = new Date(nowMs);
  const first = (back: number): string => dayOf(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1));
  return Array.from({ length: MONTHS_BACK }, (_, back) => ({
    from: first(back),
    to: first(back - 1),
    words: first(back).slice(0, 7),
  }));
}

/** From a first day to a last one, that included; null where they are no days or the wrong way round. */
export function otherDays(first: string, last: string): Days | null {
  const [fromMs, lastMs] = [Date.parse(first), Date.parse(last)];
  if (Number.isNaN(fromMs) || Number.isNaN(lastMs) || lastMs < fromMs) return null;
  return { from: dayOf(fromMs), to: dayOf(lastMs + DAY_MS), words: `${first} to ${last}` };
}
