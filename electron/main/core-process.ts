/** The core in a process of its own: started, restarted when it ends by itself, and asked to end in order. */
import type { MessagePortMain, UtilityProcess, utilityProcess } from 'electron';
import { FromCore } from '../core/messages.ts';
import type { OpenOrder, ToCore } from '../core/messages.ts';
import { restartDelayMs } from './restarts.ts';

/** All that the core's process inherits: no options for Node, no keys of whoever started us. */
const INHERITED = [
  'PATH',
  'HOME',
  'USERPROFILE',
  'LANG',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'SYSTEMROOT',
  'APPDATA',
  'LOCALAPPDATA',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'TOLLKEEPER_HOME',
];

/** What is left of an environment for the core. */
export function coreEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

export type CoreEvents = Readonly<{
  onMessage: (message: FromCore) => void;
  /** It ended so often that starting it again by ourselves makes no sense. */
  onGivenUp: () => void;
  warn: (event: string, facts: Readonly<Record<string, unknown>>) => void;
}>;

export type CoreOptions = Readonly<{
  fork: (typeof utilityProcess)['fork'];
  script: string;
  events: CoreEvents;
  environment: NodeJS.ProcessEnv;
}>;

/** Commits take milliseconds; a core that needs longer than this to end hangs. */
const END_WITHIN_MS = 4_000;

export class CoreProcess {
  readonly #options: CoreOptions;
  #child: UtilityProcess | undefined;
  #order: OpenOrder | undefined;
  #endedAt: number[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CoreOptions) {
    this.#options = options;
  }

  /** Starts it with an order; the same order is used when it has to be started again. */
  start(order: OpenOrder): void {
    clearTimeout(this.#timer);
    this.#order = order;
    const { fork, script, environment } = this.#options;
    const child = fork(script, [], {
      serviceName: 'Tollkeeper core',
      stdio: 'pipe',
      env: coreEnvironment(environment),
    });
    this.#child = child;
    // Read to its end, or a full pipe would stop the core. Its log has been through the redactor.
    child.stdout?.resume();
    child.stderr?.pipe(process.stderr, { end: false });
    child.on('message', (data: unknown) => {
      const message = FromCore.safeParse(data);
      if (message.success) this.#options.events.onMessage(message.data);
      else this.#options.events.warn('the core said what nobody understands', { error: message.error });
    });
    child.once('exit', (code) => this.#ended(child, code));
    this.send({ type: 'open', order });
  }

  /** Sends a message, with the port of a window where it is about one. Without a core it goes nowhere. */
  send(message: ToCore, ports: MessagePortMain[] = []): void {
    if (this.#child) this.#child.postMessage(message, ports);
    else for (const port of ports) port.close();
  }

  /** Ends the core after what it has begun is committed; kills one that hangs. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const gone = Promise.withResolvers<void>();
    const killer = setTimeout(() => child.kill(), END_WITHIN_MS);
    child.once('exit', () => gone.resolve());
    child.on('message', (data: unknown) => {
      if (FromCore.safeParse(data).data?.type === 'closed') child.kill();
    });
    child.postMessage({ type: 'close' } satisfies ToCore);
    await gone.promise;
    clearTimeout(killer);
  }

  #ended(child: UtilityProcess, code: number): void {
    if (child !== this.#child || this.#order === undefined) return;
    this.#child = undefined;
    const order = { ...this.#order, fresh: false }; // Made anew once is enough.
    const nowMs = performance.now();
    this.#endedAt = [...this.#endedAt, nowMs];
    const delayMs = restartDelayMs(this.#endedAt, nowMs);
    this.#options.events.warn('the core ended by itself', { code, delayMs });
    if (delayMs !== null) {
      this.#timer = setTimeout(() => this.start(order), delayMs);
      return;
    }
    this.#endedAt = [];
    this.#options.events.onGivenUp();
  }
}
