/** Whether somebody is at the page: what it asks soon after a key, a click or a turn of the wheel was asked by them. */

/** A screen that somebody opened has asked for all it shows by then; what comes later is the page's own refresh. */
const SOON_MS = 3_000;
const HANDS = ['keydown', 'pointerdown', 'wheel', 'touchmove'] as const;

export class Desk {
  readonly #clock: () => number;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: () => number = () => performance.now()) {
    this.#clock = clock;
  }

  /** Only what a person does counts: scripts can make events, but not trusted ones. */
  readonly touched = (event: Pick<Event, 'isTrusted'>): void => {
    if (event.isTrusted) this.#lastMs = this.#clock();
  };

  watch(page: Pick<Document, 'addEventListener'>): this {
    for (const hand of HANDS) page.addEventListener(hand, this.touched, { capture: true, passive: true });
    return this;
  }

  isSomebodyThere(): boolean {
    return this.#clock() - this.#lastMs < SOON_MS;
  }
}
