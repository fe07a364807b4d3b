/**
 * The one backup or drill of this page: started on its screen, goes on when that is left, ends in a result that stays.
 */
import { ConnectionLostError } from './link.ts';
import type { Counted } from './copy-progress.ts';
import { client } from './rpc.ts';
import type { CopyProgress } from './shapes.ts';

export type CopyKind = 'backup' | 'drill';
export type CopyState =
  | Readonly<{ kind: 'idle' }>
  | (Readonly<{ kind: 'running' | 'done'; what: CopyKind }> & Counted)
  | Readonly<{ kind: 'failed'; what: CopyKind; error: unknown }>;

class CopyJob {
  #state: CopyState = { kind: 'idle' };
  #stop: AbortController | undefined;
  #listeners = new Set<() => void>();

  readonly get = (): CopyState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Runs one; without a file the core names a new one, or takes the last backup. */
  async run(what: CopyKind, file?: string): Promise<void> {
    if (this.#state.kind === 'running') return;
    const stop = new AbortController();
    this.#stop = stop;
    const input = file === undefined ? {} : { file };
    const ask = what === 'backup' ? client.backups.make : client.backups.drill;
    let startedMs = performance.now();
    let phase: CopyProgress['phase'] = what === 'backup' ? 'copying' : 'proving-backup';
    this.#become({ kind: 'running', what, step: starting(phase), startedMs, atMs: startedMs });
    try {
      for await (const step of await ask(input, { signal: stop.signal })) {
        // Each phase counts something else, so each has its own rate.
        if (step.phase !== phase) startedMs = performance.now();
        ({ phase } = step);
        this.#become({ kind: step.done ? 'done' : 'running', what, step, startedMs, atMs: performance.now() });
      }
      if (this.get().kind === 'running') throw new ConnectionLostError();
    } catch (error) {
      this.#become(stop.signal.aborted ? { kind: 'idle' } : { kind: 'failed', what, error });
    }
  }

  cancel(): void {
    this.#stop?.abort();
    this.#become({ kind: 'idle' });
  }

  #become(state: CopyState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

function starting(phase: CopyProgress['phase']): CopyProgress {
  const nothing = { ok: null, file: null, bytes: null, block: null, tookMs: null, problem: null, finishedMs: null };
  return { done: false, phase, at: '0', total: '0', ...nothing };
}

export const copyJob = new CopyJob();
