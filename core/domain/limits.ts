/** How much the gateway takes at once. Stated here once: it refuses by them, and the console names them. */

/** Largest body of the JSON API, and of a batch of events. */
export const JSON_LIMIT_BYTES = 1024 * 1024;
export const BATCH_LIMIT_BYTES = 8 * 1024 * 1024;
/** Events in one request of our own API. */
export const MOST_EVENTS = 1_000;
/** CloudEvents in one request of the OpenMeter dialect. */
export const MOST_CLOUD_EVENTS = 10_000;
/** Events in one batch (Lago's own limit, `facts/protocols.md` §5.5). */
export const MOST_LAGO_EVENTS = 100;
