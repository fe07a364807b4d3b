/**
 * A MessagePort to the core that looks like a socket, so that one link serves window and browser. The port is asked of
 * the preload of our own window, which answers where the shell lets this page in.
 */
import type { Socket } from './link.ts';

/** What page and preload say to each other; `electron/preload/index.ts` has the same two words. */
const ASK = 'tollkeeper:ask-port';
const GIVEN = 'tollkeeper:port';

/** A shell that has no core to connect to does not answer; the link then tries again. */
const PATIENCE_MS = 5_000;

/** The parts of a window that are needed; tests pass their own. */
export type Page = Pick<Window, 'addEventListener' | 'removeEventListener' | 'postMessage' | 'location'>;

/** The states of a WebSocket, as the HTML standard numbers them. */
const [CONNECTING, OPEN, CLOSED] = [0, 1, 3] as const;

export class PortSocket extends EventTarget implements Socket {
  readyState: Socket['readyState'] = CONNECTING;
  readonly #page: Page;
  readonly #patience: ReturnType<typeof setTimeout>;
  #port: MessagePort | undefined;

  constructor(page: Page, patienceMs = PATIENCE_MS) {
    super();
    this.#page = page;
    page.addEventListener('message', this.#take);
    page.postMessage(ASK, page.location.origin);
    this.#patience = setTimeout(() => this.close(), patienceMs);
  }

  send(message: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    this.#port?.postMessage(message);
  }

  close(): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    clearTimeout(this.#patience);
    this.#page.removeEventListener('message', this.#take);
    this.#port?.close();
    this.dispatchEvent(new Event('close'));
  }

  /** Takes the first port that comes from this very page's preload; what another frame sends is none. */
  readonly #take = (event: MessageEvent): void => {
    const [port] = event.ports;
    if (event.source !== this.#page || event.origin !== this.#page.location.origin) return;
    if (event.data !== GIVEN || port === undefined || this.readyState !== CONNECTING) return;
    clearTimeout(this.#patience);
    this.#page.removeEventListener('message', this.#take);
    this.#port = port;
    port.addEventListener('message', ({ data }: MessageEvent) => {
      this.dispatchEvent(new MessageEvent('message', { data }));
    });
    port.addEventListener('close', () => this.close());
    port.start();
    this.readyState = OPEN;
    this.dispatchEvent(new Event('open'));
  };
}
