/** How a page says that a call is its own refresh. Nobody gains by it: it only takes from the time until the lock. */

/** A header of a call that no person asked for: it is answered as any other, but is no sign of somebody at the desk. */
export const UNASKED = 'x-unasked';
