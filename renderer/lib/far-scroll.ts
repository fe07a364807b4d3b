/**
 * Where a long list stands when its scroll bar is moved. Browsers stop at some tens of millions of pixels, so a longer
 * list has a shorter bar: small steps of it move the rows pixel by pixel, and long ones jump to the same share of both.
 */

/** Lists up to this height scroll as they are. Firefox stops at 17.8 million pixels, Chromium at 33.5. */
export const MOST_PX = 8_000_000;
/** At both ends, this far, bar and rows move together, so that no row lies before the first or after the last pixel. */
const EDGE_PX = 40_000;
/** A step is a wheel's or a key's when it is shorter than so many views; any longer one is a jump of the bar. */
const VIEWS_A_STEP = 3;

export type Extent = Readonly<{
  /** The height of all rows. */
  rowsPx: number;
  /** The height of what is seen of them. */
  viewPx: number;
}>;

/** `top` is the pixel of the rows at the upper edge of the view, `bar` the scroll position of the element. */
export type Stand = Readonly<{ top: number; bar: number }>;

export const drawnPx = (rowsPx: number): number => Math.min(rowsPx, MOST_PX);

const ends = ({ rowsPx, viewPx }: Extent) => ({
  lastTop: Math.max(0, rowsPx - viewPx),
  lastBar: Math.max(0, drawnPx(rowsPx) - viewPx),
});

const clamped = (value: number, most: number): number => Math.max(0, Math.min(most, value));

/** The same place on a scale of another length, where both begin and end with the same stretch. */
function rescaled(value: number, { from, to }: { from: number; to: number }): number {
  if (from === to || value <= EDGE_PX) return clamped(value, to);
  if (value >= from - EDGE_PX) return clamped(to - (from - value), to);
  return EDGE_PX + ((value - EDGE_PX) * (to - 2 * EDGE_PX)) / (from - 2 * EDGE_PX);
}

/** Where the bar of rows at `top` stands when nobody moves it. */
export function barOf(top: number, extent: Extent): number {
  const { lastTop, lastBar } = ends(extent);
  return rescaled(clamped(top, lastTop), { from: lastTop, to: lastBar });
}

/** Where the rows stand after the bar went to another place. */
export function moved(at: Stand, bar: number, extent: Extent): Stand {
  const { lastTop, lastBar } = ends(extent);
  if (lastTop === lastBar) return { top: clamped(bar, lastTop), bar };
  const step = bar - at.bar;
  const isStep = Math.abs(step) <= VIEWS_A_STEP * extent.viewPx;
  if (isStep) return { top: clamped(at.top + step, lastTop), bar };
  return { top: rescaled(clamped(bar, lastBar), { from: lastBar, to: lastTop }), bar };
}

/** Whether the bar is so near to an end, and so far from where it belongs, that it has to be set right at once. */
export function isAdrift({ top, bar }: Stand, extent: Extent): boolean {
  const { lastBar } = ends(extent);
  return Math.min(bar, lastBar - bar) < EDGE_PX / 2 && Math.abs(bar - barOf(top, extent)) > 1;
}
