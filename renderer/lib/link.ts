/**
 * A link to the core that outlives its socket: connects, reconnects with backoff, and says in which state it is.
 * Carries messages only.
 */
import type { ClientContext, ClientLink, ClientOptions } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';

export type LinkState = 'connecting' | 'open' | 'lost';

/** The parts of a WebSocket that the link needs; tests pass their own. */
export type Socket = Pick<WebSocket, 'addEventListener' | 'removeEventListener' | 'send' | 'readyState' | 'close'>;

/**
 * Raised when a call cannot reach the core; whether a command took effect is then unknown, so keys make retries safe.
 */
export class ConnectionLostError extends Error {
  constructor() {
    super('The connection to the core is lost.');
    this.name = 'ConnectionLostError';
  }
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 8_000;
const PATIENCE_MS = 10_000;

type Waiter = { resolve: () => void; reject: (reason: Error) => void };

export class ReconnectingLink implements ClientLink<ClientContext> {
  #dial: () => Socket;
  #headers: () => Record<string, string>;
  #socket: Socket | undefined;
  #inner: RPCLink<ClientContext> | undefined;
  #state: LinkState = 'connecting';
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #waiters = new Set<Waiter>();
  #listeners = new Set<() => void>();
  /** Counts connections that opened; a subscriber compares it to know that it must ask again. */
  #generation = 0;

  /** `headers` are of each call, as it is made. */
  constructor(dial: () => Socket, headers: () => Record<string, string> = () => ({})) {
    this.#dial = dial;
    this.#headers = headers;
    this.#connect();
  }

  get state(): LinkState {
    return this.#state;
  }

  get generation(): number {
    return this.#generation;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async call(path: readonly string[], input: unknown, options: ClientOptions<ClientContext>): Promise<unknown> {
    if (this.#state !== 'open') await this.#opened();
    const inner = this.#inner;
    if (inner === undefined) throw new ConnectionLostError();
    try {
      return await inner.call(path, input, options);
    } catch (error) {
      if (this.#inner !== inner || this.#state !== 'open') throw new ConnectionLostError();
      throw error;
    }
  }

  /** Tries at once instead of waiting for the backoff, as after sleep or when the network comes back. */
  wake(): void {
    if (this.#state === 'open' || this.#socket !== undefined) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  /** Drops a socket that no longer answers, as after sleep; the close that follows connects anew. */
  renew(): void {
    this.#socket?.close();
  }

  #opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new ConnectionLostError())), PATIENCE_MS);
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        this.#waiters.delete(waiter);
        end();
      };
      const waiter: Waiter = { resolve: () => settle(resolve), reject: (reason) => settle(() => reject(reason)) };
      this.#waiters.add(waiter);
    });
  }

  #connect(): void {
    const socket = this.#dial();
    this.#socket = socket;
    const inner = new RPCLink<ClientContext>({ websocket: socket as WebSocket, headers: this.#headers });
    socket.addEventListener('open', () => {
      this.#inner = inner;
      this.#failures = 0;
      this.#generation += 1;
      this.#become('open');
      for (const waiter of this.#waiters) waiter.resolve();
    });
    socket.addEventListener('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      this.#inner = undefined;
      this.#become('lost');
      const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
      this.#failures += 1;
      this.#retry = setTimeout(() => this.#connect(), delay);
    });
  }

  #become(state: LinkState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
