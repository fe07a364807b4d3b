/** The one verification of this page: started anywhere, goes on when its screen is left, and keeps its result. */
import { ConnectionLostError } from './link.ts';
import { groupDecimal } from './money.ts';
import { perMille } from './plot.ts';
import { client } from './rpc.ts';
import type { VerifyProgress } from './shapes.ts';
import { spanText } from './time.ts';

type Counted = Readonly<{ progress: VerifyProgress; perMille: number; startedMs: number; atMs: number }>;
export type VerifyState =
  | Readonly<{ kind: 'idle' }>
  | (Readonly<{ kind: 'running' | 'done' }> & Counted)
  | Readonly<{ kind: 'failed'; error: unknown }>;

/** Rows a second and the time left at that rate, once there is something to judge by. */
export function rateText({ progress, startedMs, atMs }: Counted): string {
  const took = BigInt(Math.max(1, Math.round(atMs - startedMs)));
  const rate = (BigInt(progress.checked) * 1000n) / took;
  if (rate === 0n) return 'starting';
  const left = ((BigInt(progress.total) - BigInt(progress.checked)) * 1000n) / rate;
  const speed = `${groupDecimal(rate.toString())} a second`;
  return progress.done ? speed : `${speed} · ${spanText(Number(left))} left`;
}

class VerifyJob {
  #state: VerifyState = { kind: 'idle' };
  #stop: AbortController | undefined;
  #listeners = new Set<() => void>();

  readonly get = (): VerifyState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async run(): Promise<void> {
    if (this.#state.kind === 'running') return;
    const stop = new AbortController();
    this.#stop = stop;
    const startedMs = performance.now();
    const starting: VerifyProgress = {
      done: false,
      check: 'blocks',
      checked: '0',
      total: '0',
      ok: null,
      problem: null,
      block: '0',
      finishedMs: null,
    };
    this.#become({ kind: 'running', progress: starting, perMille: 0, startedMs, atMs: startedMs });
    try {
      for await (const progress of await client.ledger.verify({}, { signal: stop.signal })) {
        const share = perMille(BigInt(progress.checked), BigInt(progress.total));
        this.#become({
          kind: progress.done ? 'done' : 'running',
          progress,
          perMille: share,
          startedMs,
          atMs: performance.now(),
        });
      }
      if (this.get().kind === 'running') throw new ConnectionLostError();
    } catch (error) {
      this.#become(stop.signal.aborted ? { kind: 'idle' } : { kind: 'failed', error });
    }
  }

  cancel(): void {
    this.#stop?.abort();
    this.#become({ kind: 'idle' });
  }

  #become(state: VerifyState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

export const verifyJob = new VerifyJob();
