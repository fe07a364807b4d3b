/** When a core that ended is started again by itself, and when a person is asked. */

const FIRST_DELAY_MS = 250;
const WINDOW_MS = 60_000;
/** Whatever ends it so often ends it the next time, too. */
const MOST = 5;

/** How long to wait before the next start, or null when it ended too often. Takes instants of a steady clock. */
export function restartDelayMs(endedAt: readonly number[], nowMs: number): number | null {
  const recent = endedAt.filter((at) => nowMs - at < WINDOW_MS).length;
  return recent > MOST ? null : FIRST_DELAY_MS * 2 ** Math.max(0, recent - 1);
}
