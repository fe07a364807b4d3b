/** The instants that a read is asked for, as services hand them on to the books. */
import type { Instant } from '#core/domain/instant.ts';
import { isPast } from '#core/domain/instant.ts';
import type { Core } from './core.ts';

/** The instants alone. */
export const instantOf = ({ asOfMs, knownAtMs }: Instant): Instant => ({ asOfMs, knownAtMs });

/** What a clock showed then: a plan, a price or a day of the overview is looked up at this instant. */
export const clockOf = (core: Pick<Core, 'now'>, { asOfMs, knownAtMs }: Instant): number =>
  asOfMs ?? knownAtMs ?? core.now();

/** A setting is true from when it is made: what was true before an instant is what was known by then. */
export function settledBy({ asOfMs, knownAtMs }: Instant): Instant {
  if (asOfMs === undefined) return { knownAtMs };
  return { knownAtMs: Math.min(knownAtMs ?? Number.MAX_SAFE_INTEGER, asOfMs - 1) };
}

/** Every document of a kind at an instant; `current` where it is asked of now, which is at hand. */
export async function settled<T>(core: Core, kind: string, instant: Instant, current: () => Iterable<T>): Promise<T[]> {
  if (!isPast(instant)) return [...current()];
  const rows = await core.reader.read('records', { kind, ...settledBy(instant) });
  return rows.map(({ body }) => body as T);
}
