/** The desktop's first code: what has to hold before anything else, then one desktop a machine. */
import { join } from 'node:path';
import { app, protocol, session } from 'electron';
import { createLog } from '#core/runtime/log.ts';
import { Desktop } from './desktop.ts';
import { guardEverything, guardSession } from './guards.ts';
import { LINK_SCHEME, placeIn, placeOf } from './links.ts';
import { readOrder } from './options.ts';
import { answerScheme, registerScheme } from './scheme.ts';

const FILES = join(import.meta.dirname, '../../dist/renderer');
const log = createLog('warn');

// These have to come before the app is ready and before the first page.
app.enableSandbox();
registerScheme(protocol);
guardEverything(app);

/** The first word is the program; while developing the second is the folder it was started on. */
const args = process.argv.slice(app.isPackaged ? 1 : 2);

function run(): void {
  const desktop = new Desktop(log, readOrder(args));
  let early = placeIn(args);
  let isShown = false;
  const goTo = (place: string | null): void => {
    if (isShown) desktop.show(place ?? undefined);
    else early = place ?? early;
  };
  const begin = async (): Promise<void> => {
    await app.whenReady();
    guardSession(session.defaultSession, app);
    session.defaultSession.protocol.handle('app', (request) => answerScheme(FILES, request));
    if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
    isShown = true;
    await desktop.begin(early ?? '/');
  };
  app.on('second-instance', (_event, theirs) => goTo(placeIn(theirs)));
  app.on('open-url', (event, link) => {
    event.preventDefault();
    goTo(placeOf(link));
  });
  app.on('activate', () => goTo(null));
  // Holds, expiry and the gateway go on without a window; the tray brings it back, and quitting is said there.
  app.on('window-all-closed', () => undefined);
  let hasEnded = false;
  app.on('before-quit', (event) => {
    if (hasEnded) return;
    event.preventDefault();
    void desktop.end().finally(() => {
      hasEnded = true;
      app.quit();
    });
  });
  void begin();
}

// One desktop a person: a second start hands its link to the first and ends.
if (app.requestSingleInstanceLock()) run();
else app.quit();
