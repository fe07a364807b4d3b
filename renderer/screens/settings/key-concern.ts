/** Why a key deserves a look: it may act for everybody, or nobody misses it. */
import type { ApiKey } from '../../lib/shapes.ts';

const UNUSED_MS = 90 * 86_400_000;

/** In a few words; null for a key that has ended, and for one that is as it should be. */
export function keyConcern(
  { endsMs, customer, createdMs, lastUsedMs }: Pick<ApiKey, 'endsMs' | 'customer' | 'createdMs' | 'lastUsedMs'>,
  nowMs: number,
): string | null {
  if (endsMs !== null && endsMs <= nowMs) return null;
  if (nowMs - (lastUsedMs ?? createdMs) > UNUSED_MS) return 'Unused for 90 days';
  return customer === null ? 'No customer' : null;
}
