/** The holds that are open: when each is over, and which is the first by id, where a restart begins to look. */

/** A heap is made anew when it holds this many more closed holds than open ones. */
const SLACK = 1024;

export class OpenHolds {
  readonly #expiresMs = new Map<string, number>();
  /** A binary heap of ids, least first. Closed ones leave it when they come to the top, or when it is made anew. */
  #heap: string[] = [];

  add(id: string, expiresMs: number): void {
    this.#expiresMs.set(id, expiresMs);
    this.#push(id);
    if (this.#heap.length <= 2 * this.#expiresMs.size + SLACK) return;
    // A sorted list is a heap.
    this.#heap = [...this.#expiresMs.keys()].sort();
  }

  remove(id: string): void {
    this.#expiresMs.delete(id);
  }

  clear(): void {
    this.#expiresMs.clear();
    this.#heap = [];
  }

  get size(): number {
    return this.#expiresMs.size;
  }

  /** How many ids are kept, closed ones that wait to leave included. */
  get waiting(): number {
    return this.#heap.length;
  }

  /** The least id of an open hold. */
  first(): string | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined || this.#expiresMs.has(top)) return top ?? null;
      this.#pop();
    }
  }

  /** Those whose time is over, by time and id: a restart must not change the order of the chain. */
  due(nowMs: number): string[] {
    const due: [string, number][] = [];
    for (const one of this.#expiresMs) if (one[1] <= nowMs) due.push(one);
    return due.sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).map(([id]) => id);
  }

  #push(id: string): void {
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const above = heap[up];
      if (above === undefined || above <= id) break;
      heap[at] = above;
      at = up;
    }
    heap[at] = id;
  }

  /** Takes the top away: the last one sinks from there to its place. */
  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      const [left, right] = [heap[down], heap[down + 1]];
      if (left === undefined) break;
      if (right !== undefined && right < left) down += 1;
      const below = heap[down];
      if (below === undefined || last <= below) break;
      heap[at] = below;
      at = down;
    }
    heap[at] = last;
  }
}
