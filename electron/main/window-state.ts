/** Where the window was: kept between starts, and brought back onto a display that is there. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Rectangle } from 'electron';
import { z } from 'zod';

const WindowState = z.strictObject({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  isMaximized: z.boolean(),
});
export type WindowState = z.infer<typeof WindowState>;

export const LEAST = { width: 880, height: 600 };
const FIRST = { width: 1440, height: 900 };

/** At least this much of the title bar has to be on a display, or nobody could take hold of the window. */
const GRIP = 80;

function isReachable(state: WindowState, displays: readonly Rectangle[]): boolean {
  return displays.some(
    ({ x, y, width, height }) =>
      state.x + state.width >= x + GRIP && state.x <= x + width - GRIP && state.y >= y && state.y <= y + height - GRIP,
  );
}

/** The bounds to open with: those kept, unless the display they were on is gone. */
export function boundsFor(
  state: WindowState | null,
  displays: readonly Rectangle[],
): Partial<Rectangle> & { width: number; height: number } {
  if (state === null) return FIRST;
  const width = Math.max(LEAST.width, state.width);
  const height = Math.max(LEAST.height, state.height);
  return isReachable(state, displays) ? { x: state.x, y: state.y, width, height } : { width, height };
}

/** What was kept, or null when there is nothing that can be used. */
export function readWindowState(file: string): WindowState | null {
  try {
    return WindowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null; // First start, or a file of another version: the window opens as at first.
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(state));
}
