/**
 * Which rows of a long table are drawn: those that its scroller, or whatever it stands in, shows, and some around them.
 * All rows are of one height, so this is arithmetic, and as cheap for ten million rows as for two hundred.
 */
import { useLayoutEffect, useState, useSyncExternalStore } from 'react';
import type { RefObject } from 'react';
import { flushSync } from 'react-dom';
import { barOf, drawnPx, isAdrift, moved } from '../lib/far-scroll.ts';
import type { Extent, Stand } from '../lib/far-scroll.ts';

export const ROW_PX = 32;
/** A list up to this length is drawn whole. */
const WHOLE = 120;
/** Drawn beside what is seen, so that a turn of the wheel finds rows before the next frame. */
const AROUND = 16;

/** Rows `[from, to)` are drawn, `[first, end)` are seen; the rest stands as empty space. */
export type RowsInView = Readonly<{
  from: number;
  to: number;
  first: number;
  end: number;
  abovePx: number;
  belowPx: number;
  /** Scrolls so that a row is seen, and draws it before it returns. */
  reveal: (index: number) => void;
}>;

type Drawn = Omit<RowsInView, 'reveal'>;
type View = Readonly<{ bar: number; extent: Extent }>;

function headPx(scroller: HTMLElement): number {
  const table = scroller.querySelector('table');
  return (table?.tHead?.offsetHeight ?? 0) + (table?.tFoot?.offsetHeight ?? 0);
}

/** The nearest element around it that scrolls. */
function around(scroller: HTMLElement): HTMLElement {
  for (let at = scroller.parentElement; at; at = at.parentElement) {
    if (at.scrollHeight > at.clientHeight && getComputedStyle(at).overflowY !== 'visible') return at;
  }
  return document.documentElement;
}

/** A table that is not bounded itself is looked at through what it stands in. */
function viewOf(scroller: HTMLElement, count: number): View {
  const rowsPx = count * ROW_PX;
  if (scroller.scrollHeight > scroller.clientHeight) {
    const viewPx = Math.max(0, scroller.clientHeight - headPx(scroller));
    return { bar: scroller.scrollTop, extent: { rowsPx, viewPx } };
  }
  const frame = around(scroller).getBoundingClientRect();
  const bar = Math.max(0, frame.top - scroller.getBoundingClientRect().top);
  return { bar, extent: { rowsPx, viewPx: frame.height } };
}

function drawnAt({ top, bar }: Stand, { rowsPx, viewPx }: Extent, count: number): Drawn {
  const first = Math.max(0, Math.min(count, Math.floor(top / ROW_PX)));
  const end = Math.max(first, Math.min(count, Math.ceil((top + viewPx) / ROW_PX)));
  const from = count <= WHOLE ? 0 : Math.max(0, first - AROUND);
  const to = count <= WHOLE ? count : Math.min(count, end + AROUND);
  const abovePx = Math.max(0, from * ROW_PX - top + bar);
  return { first, end, from, to, abovePx, belowPx: Math.max(0, drawnPx(rowsPx) - abovePx - (to - from) * ROW_PX) };
}

const isSame = (a: Drawn, b: Drawn): boolean =>
  (Object.keys(a) as (keyof Drawn)[]).every((name) => a[name] === b[name]);

/** What is known of the rows of a list that is read where somebody looks. */
export type FarRows = Readonly<{
  /** Whether rows `[first, end)` are there to be drawn. */
  isRead: (first: number, end: number) => boolean;
  /** Told where the bar is dragged to, before those rows are drawn. */
  onPass: (first: number, end: number) => void;
}>;

/** A jump shows the rows that it left for at most so long while those of the new place are read; then it shows gaps. */
const HOLD_MS = 100;

/** Follows one scroller. Whoever listens draws at once, within the frame that shows the scrolled place. */
class Follower {
  #scroller: HTMLElement | null = null;
  #count = 0;
  #stand: Stand = { top: 0, bar: 0 };
  #far: FarRows | undefined;
  /** Where a jump goes, until its rows are there; and the place on the way whose rows were asked for. */
  #target: number | null = null;
  #asked: number | null = null;
  #holding: ReturnType<typeof setTimeout> | undefined;
  #drawn: Drawn = drawnAt(this.#stand, { rowsPx: 0, viewPx: 0 }, 0);
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly drawn = (): Drawn => this.#drawn;

  follow(scroller: HTMLElement | null): () => void {
    this.#scroller = scroller;
    if (!scroller) return () => undefined;
    const onScroll = (event: Event): void => {
      if (event.target instanceof Node && event.target.contains(scroller)) this.look(this.#count);
    };
    const onRest = (): void => {
      if (this.#target !== null) return;
      const { extent } = viewOf(scroller, this.#count);
      this.#settle(extent);
      this.#draw(extent);
    };
    const observer = new ResizeObserver(() => this.look(this.#count));
    observer.observe(scroller);
    document.addEventListener('scroll', onScroll, { capture: true, passive: true });
    scroller.addEventListener('scrollend', onRest);
    return () => {
      clearTimeout(this.#holding);
      observer.disconnect();
      document.removeEventListener('scroll', onScroll, { capture: true });
      scroller.removeEventListener('scrollend', onRest);
    };
  }

  /** Looks again where the scroller stands, over a list of so many rows. */
  look(count: number): void {
    this.#count = count;
    if (!this.#scroller) return;
    const { bar, extent } = viewOf(this.#scroller, count);
    const { top } = this.#stand;
    const next = moved({ top: this.#target ?? top, bar: this.#stand.bar }, bar, extent);
    if (this.#isHeld(next.top, extent)) this.#stand = { top, bar };
    else {
      this.#arrive();
      this.#stand = next;
      if (isAdrift(next, extent)) this.#settle(extent);
    }
    this.#draw(extent);
  }

  /** Told at each drawing, because rows may have come since the one before. */
  read(far: FarRows | undefined): void {
    this.#far = far;
    const [scroller, top] = [this.#scroller, this.#asked];
    if (!scroller || top === null || !this.#isRead(top, viewOf(scroller, this.#count).extent)) return;
    // A bar that is dragged on is followed from place to place: each is shown as soon as it is read.
    const target = this.#target;
    this.#arrive();
    this.#stand = { top, bar: this.#stand.bar };
    if (target !== null && target !== top) this.#hold(target, viewOf(scroller, this.#count).extent);
    this.look(this.#count);
  }

  #isRead(top: number, extent: Extent): boolean {
    const { first, end } = drawnAt({ top, bar: 0 }, extent, this.#count);
    return this.#far?.isRead(first, end) ?? true;
  }

  #hold(top: number, extent: Extent): void {
    this.#target = top;
    if (this.#asked !== null) return;
    this.#asked = top;
    clearTimeout(this.#holding);
    this.#holding = setTimeout(() => this.#giveUp(), HOLD_MS);
    const { first, end } = drawnAt({ top, bar: 0 }, extent, this.#count);
    this.#far?.onPass(first, end);
  }

  /** Whether the rows of a place are still being read, and those drawn now may stand a little longer. */
  #isHeld(top: number, extent: Extent): boolean {
    const isNear = Math.abs(top - this.#stand.top) <= 2 * extent.viewPx;
    if (isNear || this.#isRead(top, extent)) return false;
    this.#hold(top, extent);
    return true;
  }

  #arrive(): void {
    clearTimeout(this.#holding);
    this.#target = null;
    this.#asked = null;
  }

  /** Gaps are drawn, so their place is what is read now; where the bar went meanwhile comes after it. */
  #giveUp(): void {
    const top = this.#target ?? this.#stand.top;
    this.#asked = top;
    this.#stand = { top, bar: this.#stand.bar };
    if (this.#scroller) this.#draw(viewOf(this.#scroller, this.#count).extent);
  }

  readonly reveal = (index: number): void => {
    const scroller = this.#scroller;
    if (!scroller || scroller.scrollHeight <= scroller.clientHeight) return;
    const { extent } = viewOf(scroller, this.#count);
    const { top } = this.#stand;
    const rowTop = index * ROW_PX;
    const next = rowTop < top ? rowTop : Math.max(top, rowTop + ROW_PX - extent.viewPx);
    if (next === top && this.#target === null) return;
    this.#arrive();
    scroller.scrollTop = barOf(next, extent);
    this.#stand = { top: next, bar: scroller.scrollTop };
    flushSync(() => this.#draw(extent));
  };

  /** Puts the bar to where the rows are; what is seen stays. */
  #settle(extent: Extent): void {
    const scroller = this.#scroller;
    if (!scroller || scroller.scrollHeight <= scroller.clientHeight) return;
    const { top } = this.#stand;
    const bar = barOf(top, extent);
    if (Math.abs(bar - this.#stand.bar) <= 1) return;
    scroller.scrollTop = bar;
    this.#stand = { top, bar: scroller.scrollTop };
  }

  #draw(extent: Extent): void {
    const next = drawnAt(this.#stand, extent, this.#count);
    if (isSame(next, this.#drawn)) return;
    this.#drawn = next;
    for (const listener of this.#listeners) listener();
  }
}

export function useRowsInView(box: RefObject<HTMLElement | null>, count: number, far?: FarRows): RowsInView {
  const [follower] = useState(() => new Follower());
  const drawn = useSyncExternalStore(follower.subscribe, follower.drawn);
  useLayoutEffect(() => follower.follow(box.current), [follower, box]);
  useLayoutEffect(() => follower.look(count), [follower, count]);
  useLayoutEffect(() => follower.read(far), [follower, far]);
  // Between a list that became shorter and its next look nothing is drawn that is not there.
  const [from, to] = [Math.min(drawn.from, count), Math.min(drawn.to, count)];
  return { ...drawn, from, to, reveal: follower.reveal };
}
