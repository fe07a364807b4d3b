/** A small seeded generator for sample data: the same seed, the same sample. Never for keys, ids or money. */

/** Numbers in [0, 1). */
export type Random = () => number;

/** mulberry32, by Tommy Ettinger (public domain): 32 bits of state, good enough to look like traffic. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
