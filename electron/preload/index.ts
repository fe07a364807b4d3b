/**
 * The preload of every window: hands one port to its own page, and nothing else. Bundled as one CommonJS file, which is
 * all that a sandbox loads. The shell decides who gets a port; this only carries.
 */
import { ipcRenderer } from 'electron';

/** What page and preload say to each other; `renderer/lib/port-socket.ts` has the same two words. */
const ASK = 'tollkeeper:ask-port';
const GIVEN = 'tollkeeper:port';

window.addEventListener('message', (event) => {
  const isOwnPage = event.source === window && event.origin === window.location.origin;
  if (isOwnPage && event.data === ASK) ipcRenderer.send('port');
});

ipcRenderer.on('port', (event) => {
  window.postMessage(GIVEN, window.location.origin, [...event.ports]);
});
