/**
 * Long work that the core tells of step by step: started on a screen, goes on when the screen is left, can be ended,
 * and keeps its result until the next begins.
 */
import { ConnectionLostError } from './link.ts';

export type StreamState<Step, About> =
  | Readonly<{ kind: 'idle' }>
  | Readonly<{ kind: 'running'; about: About; step: Step | null }>
  | Readonly<{ kind: 'done'; about: About; step: Step; endedMs: number }>
  | Readonly<{ kind: 'cancelled'; about: About; step: Step | null }>
  | Readonly<{ kind: 'failed'; about: About; step: Step | null; error: unknown }>;

type Ask<Step> = (signal: AbortSignal) => Promise<AsyncIterable<Step>>;

export class StreamJob<Step extends { done: boolean }, About> {
  #state: StreamState<Step, About> = { kind: 'idle' };
  #stop: AbortController | undefined;
  readonly #listeners = new Set<() => void>();

  readonly get = (): StreamState<Step, About> => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins, unless one runs; gives how it ended. */
  async run(about: About, ask: Ask<Step>): Promise<StreamState<Step, About>> {
    if (this.#state.kind === 'running') return this.#state;
    const stop = new AbortController();
    this.#stop = stop;
    let step: Step | null = null;
    this.#become({ kind: 'running', about, step });
    try {
      for await (const next of await ask(stop.signal)) {
        step = next;
        if (stop.signal.aborted) break;
        this.#become(
          next.done ? { kind: 'done', about, step: next, endedMs: Date.now() } : { kind: 'running', about, step },
        );
      }
      // A stream that ends without its last step was cut off; one that was left has ended as asked.
      if (this.get().kind === 'running' && !stop.signal.aborted) throw new ConnectionLostError();
    } catch (error) {
      if (!stop.signal.aborted) this.#become({ kind: 'failed', about, step, error });
    }
    return this.#state;
  }

  /** Ends it after what is under way. */
  cancel(): void {
    const state = this.#state;
    if (state.kind !== 'running') return;
    this.#stop?.abort();
    this.#become({ kind: 'cancelled', about: state.about, step: state.step });
  }

  #become(state: StreamState<Step, About>): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
