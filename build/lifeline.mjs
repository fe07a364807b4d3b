/**
 * Preloaded into what `build/bootstrap.mjs` starts: ends this process when its parent is gone, however it went.
 * Worker threads inherit the preload but not the channel, so there it does nothing.
 */
import { isMainThread } from 'node:worker_threads';

/** Time for handlers of SIGTERM to close their files. */
const CLOSE_WITHIN_MS = 4500;

if (isMainThread && process.channel) {
  process.once('disconnect', () => {
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), CLOSE_WITHIN_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  });
  process.channel.unref(); // The channel must not keep a finished command alive.
}
