/** What no page may do, whatever is in it: leave, open windows, embed, ask for devices, or reach the network. */
import type { App, Session, WebContents } from 'electron';
import { isConsole } from './scheme.ts';

/**
 * All that a page is ever granted. A list of what is allowed, because each version of Chromium brings new permissions,
 * which a list of what is refused would let pass.
 */
const ALLOWED: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

export function isPermitted(permission: string, origin: string): boolean {
  return ALLOWED.has(permission) && isConsole(origin);
}

/** Whether the network layer lets a request of a page out: only to our own scheme, and to itself while developing. */
export function mayRequest(address: string, isPackaged: boolean): boolean {
  if (isConsole(address)) return true;
  // Text that the page itself saves as a file; it never leaves the machine.
  if (address.startsWith('blob:') && isConsole(address.slice('blob:'.length))) return true;
  return !isPackaged && URL.parse(address)?.protocol === 'devtools:';
}

/** Refuses every device, and gives no page what a picker would. */
function refuseDevices(session: Session): void {
  session.setDevicePermissionHandler(() => false);
  session.setUSBProtectedClassesHandler(({ protectedClasses }) => protectedClasses);
  session.setBluetoothPairingHandler((_details, answer) => answer({ confirmed: false }));
  session.setDisplayMediaRequestHandler((_request, answer) => answer(null));
  session.on('select-hid-device', (event, _details, answer) => {
    event.preventDefault();
    answer(null);
  });
  session.on('select-usb-device', (event, _details, answer) => {
    event.preventDefault();
    answer();
  });
  session.on('select-serial-port', (event, _ports, _contents, answer) => {
    event.preventDefault();
    answer('');
  });
}

const guarded = new WeakSet<Session>();

/** Hardens one session, once: permissions by both handlers, devices, network and downloads. */
export function guardSession(session: Session, { isPackaged }: { isPackaged: boolean }): void {
  if (guarded.has(session)) return;
  guarded.add(session);
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) => {
    answer(isPermitted(permission, requestingUrl));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => isPermitted(permission, origin));
  refuseDevices(session);
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayRequest(details.url, isPackaged) }));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event, item) => {
    // A list or a chart that the page made itself; where it goes is asked in the system's own dialog.
    if (!item.getURL().startsWith('blob:') || !mayRequest(item.getURL(), true)) return event.preventDefault();
    return item.setSaveDialogOptions({ title: 'Save', defaultPath: item.getFilename() });
  });
}

type Leaving = Readonly<{ url: string; preventDefault: () => void }>;

function guardContents(contents: WebContents): void {
  const stay = (details: Leaving): void => {
    if (!isConsole(details.url)) details.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  // Nothing in the console opens a window, and an address in a text is never handed to the system either.
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Guards all pages and sessions that will ever be made. To be called before the first. */
export function guardEverything(app: App): void {
  app.on('web-contents-created', (_event, contents) => guardContents(contents));
  app.on('session-created', (session) => guardSession(session, app));
  // A certificate that does not hold is refused; the default, said here because nothing may turn it.
  app.on('certificate-error', (_event, _contents, _url, _error, _certificate, answer) => answer(false));
}
