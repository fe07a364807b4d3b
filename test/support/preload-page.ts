/** A page with our preload in it: the built preload file in a sandbox of its own, and the window it shares. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';
import type { MessagePort } from 'node:worker_threads';
import type { Page } from '#renderer/lib/port-socket.ts';

export type Posted = Readonly<{ data: unknown; origin?: string; source?: unknown; ports?: readonly MessagePort[] }>;

/** A window of the console: what is posted to it arrives as its own, unless a test says otherwise. */
export class WindowDouble extends EventTarget {
  readonly location = { origin: 'app://console', protocol: 'app:' };
  /** A page that was left hears and says nothing more. */
  isLeft = false;

  postMessage(data: unknown, target: string, ports: readonly MessagePort[] = []): void {
    // A message arrives after whoever sent it has gone on, as in a browser.
    if (target === this.location.origin) queueMicrotask(() => this.arrive({ data, ports }));
  }

  arrive({ data, origin = this.location.origin, source = this, ports = [] }: Posted): void {
    if (!this.isLeft) this.dispatchEvent(Object.assign(new Event('message'), { data, origin, source, ports }));
  }
}

/** What the link takes for its window. */
export function asPage(window: WindowDouble): Page {
  // It has the four members that a page is asked for; the DOM's own types of them want a whole window.
  return window as unknown as Page;
}

/** Runs the built preload file as a sandbox would: CommonJS, and `electron` is all that it may require. */
export function loadPreload(file: string, window: WindowDouble, onSend: (channel: string) => void = () => undefined) {
  const sent: string[] = [];
  const required: string[] = [];
  const send = (channel: string): void => {
    sent.push(channel);
    onSend(channel);
  };
  const ipcRenderer = Object.assign(new EventEmitter(), { send });
  const require = (name: string): unknown => {
    required.push(name);
    return { ipcRenderer };
  };
  const exposed = { window, require, module: { exports: {} }, exports: {} };
  vm.runInNewContext(readFileSync(file, 'utf8'), exposed);
  return { ipcRenderer, sent, required };
}
