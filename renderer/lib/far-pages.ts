/**
 * The rows of a list that is too long to hold, by their numbers from 1: pages are loaded where somebody looks, the
 * nearest first, and dropped where nobody has looked for long.
 */

export const PAGE_ROWS = 100;
/** Four thousand rows, some megabytes, however far somebody scrolls. */
const PAGES_KEPT = 40;
/** Two on the way at once: a third would only be in the way of wherever the list is dragged next. */
const AT_ONCE = 2;

/** `asked` is how many rows it could have when it was asked for: one that came with fewer is not asked for again. */
type Page<Row> = { rows: (Row | undefined)[]; isOld: boolean; asked: number };

export type FarSource<Row> = Readonly<{
  /** So many rows at most before a number, the highest first. */
  load: (beforeNumber: number, count: number) => Promise<readonly Row[]>;
  numberOf: (row: Row) => number;
  /** Whether the row is as it will always be, so that nobody has to ask again. */
  isFinal: (row: Row) => boolean;
}>;

const pageOf = (number: number): number => Math.floor((number - 1) / PAGE_ROWS);
const slotOf = (number: number): number => (number - 1) % PAGE_ROWS;

export class FarPages<Row> {
  readonly #source: FarSource<Row>;
  /** In the order in which they were looked at last. */
  readonly #pages = new Map<number, Page<Row>>();
  readonly #busy = new Set<number>();
  readonly #listeners = new Set<() => void>();
  #wanted: readonly number[] = [];
  #count = 0;
  #version = 0;
  #error: unknown = null;

  constructor(source: FarSource<Row>) {
    this.#source = source;
  }

  get version(): number {
    return this.#version;
  }

  get error(): unknown {
    return this.#error;
  }

  /** How many rows are held now. */
  get held(): number {
    let held = 0;
    for (const { rows } of this.#pages.values()) held += rows.filter((row) => row !== undefined).length;
    return held;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  rowAt(number: number): Row | undefined {
    return this.#pages.get(pageOf(number))?.rows[slotOf(number)];
  }

  /** Whether all rows from one number to another are held. */
  holds(low: number, high: number): boolean {
    for (let number = low; number <= high; number += 1) if (this.rowAt(number) === undefined) return false;
    return true;
  }

  /** Rows that came by another way; they are the newest of the list, so they also tell its length. */
  put(rows: readonly Row[]): void {
    for (const row of rows) this.#store(row);
    this.#changed();
  }

  /** Somebody sees these rows of a list that is so long, or passes them on the way to others. */
  look(range: Readonly<{ low: number; high: number; count: number; isPassing?: boolean }>): void {
    this.#count = range.count;
    const [first, last] = [pageOf(Math.max(1, range.low)), pageOf(Math.max(1, range.high))];
    const seen = Array.from({ length: last - first + 1 }, (_, at) => last - at);
    // Down the list first: that is where most people go on.
    const around = [first - 1, last + 1].filter((page) => page >= 0 && page <= pageOf(range.count));
    this.#wanted = range.isPassing ? seen : [...seen, ...around];
    this.#pump();
  }

  /** What is in view and may have changed since is asked for again; the rows stay until the answer is there. */
  refresh(): void {
    for (const [number, page] of this.#pages) {
      if (this.#wanted.includes(number)) page.isOld = page.rows.some((row) => row && !this.#source.isFinal(row));
      else if (page.rows.some((row) => row && !this.#source.isFinal(row))) this.#pages.delete(number);
    }
    this.#pump();
  }

  readonly retry = (): void => {
    this.#error = null;
    this.#changed();
    this.#pump();
  };

  #store(row: Row): void {
    const number = this.#source.numberOf(row);
    const page = this.#pages.get(pageOf(number)) ?? { rows: [], isOld: false, asked: 0 };
    this.#pages.set(pageOf(number), page);
    page.rows[slotOf(number)] = row;
  }

  #lengthOf(number: number): number {
    return Math.min(PAGE_ROWS, this.#count - number * PAGE_ROWS);
  }

  #isWhole(number: number): boolean {
    const page = this.#pages.get(number);
    if (!page || page.isOld) return false;
    const length = this.#lengthOf(number);
    if (page.asked >= length) return true;
    for (let at = 0; at < length; at += 1) if (page.rows[at] === undefined) return false;
    return true;
  }

  #pump(): void {
    for (const number of this.#wanted) {
      if (this.#busy.size >= AT_ONCE || this.#error !== null) return;
      if (!this.#busy.has(number) && !this.#isWhole(number)) void this.#fetch(number);
    }
  }

  async #fetch(number: number): Promise<void> {
    this.#busy.add(number);
    const asked = this.#lengthOf(number);
    try {
      const rows = await this.#source.load((number + 1) * PAGE_ROWS + 1, PAGE_ROWS);
      for (const row of rows) if (pageOf(this.#source.numberOf(row)) === number) this.#store(row);
      const page = this.#pages.get(number) ?? { rows: [], isOld: false, asked };
      // Looked at last, so dropped last.
      this.#pages.delete(number);
      this.#pages.set(number, { ...page, isOld: false, asked });
      this.#drop();
    } catch (error) {
      this.#error = error;
    }
    this.#busy.delete(number);
    this.#changed();
    this.#pump();
  }

  #drop(): void {
    for (const number of this.#pages.keys()) {
      if (this.#pages.size <= PAGES_KEPT) return;
      if (!this.#wanted.includes(number)) this.#pages.delete(number);
    }
  }

  #changed(): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener();
  }
}
