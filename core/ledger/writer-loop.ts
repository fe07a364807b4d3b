/**
 * Group commit: which calls share a commit, in which order, and how much is posted in between. No timer: it collects
 * while the last commit syncs.
 */
import type { Engine } from './engine.ts';
import { failpoint } from './failpoint.ts';
import type { Answer, Command, Head } from './port.ts';
import { GATE_COMMANDS } from './port.ts';

/** One call of `Book.commit`: its commands are applied together, in order. */
export type Call = Readonly<{ n: number; commands: readonly Command[]; reply: (result: CallResult) => void }>;
/** Answers, or the sentence of an error after which the outcome is that nothing was booked. */
export type CallResult = Readonly<{ answers: Answer[]; head: Head } | { error: string; code: string }>;

/** At most this many gate calls share one commit. */
const MOST_GATE_CALLS = 256;
/** At most this many other calls (slices of 50 events) share one commit. */
const MOST_INGEST_CALLS = 40;
/** With gate calls about, other work in a commit ends after this long; each of them waits for that at most. */
const SHARE_MS = 0.3;
/** Gate calls within this time count as being about. */
const GATE_ABOUT_MS = 250;
/** Up to this many slices are posted at once; more are gathered, because many events of one slice cost as one. */
const LIGHT = 24;
/** So long is gathered at most, and so many slices. */
const GATHER_MS = 600;
/** While gate calls are about, posting takes at most this part of the time, so that few of them meet it … */
const POSTING_SHARE = 1 / 250;
/** … but the watermark falls behind by this much at most. */
const MOST_GATHER_MS = 5_000;
const HEAVY = 2_000;

type Taken = { call: Call; answers: Answer[] };

export class WriterLoop {
  readonly #engine: Engine;
  readonly #gate: Call[] = [];
  readonly #other: Call[] = [];
  #gateAt = -Infinity;
  #postedAt = -Infinity;
  /** How long the last posting took. */
  #postingMs = 0;
  /** Asks the ports for calls that came while this thread was busy. */
  readonly #poll: () => void;

  constructor(engine: Engine, poll: () => void) {
    this.#engine = engine;
    this.#poll = poll;
  }

  add(call: Call): void {
    const isGate = call.commands.every((command) => GATE_COMMANDS.has(command.type));
    (isGate ? this.#gate : this.#other).push(call);
  }

  get hasWork(): boolean {
    return this.#gate.length > 0 || this.#other.length > 0 || this.#mustPost();
  }

  /** When the posting that is gathered must be looked at again; null when nothing waits. */
  get nextPostMs(): number | null {
    if (this.#engine.poster.backlog === 0) return null;
    return Math.max(0, this.#postedAt + this.#gatherMs - performance.now());
  }

  /** Posts what is gathered, whatever its size: before the books are closed. */
  postAll(): void {
    if (this.#engine.poster.backlog === 0) return;
    this.#engine.begin();
    this.#engine.poster.post();
    this.#engine.commit();
  }

  /**
   * One commit: gate calls first, then slices with a look for gate calls between them, then posting when it is time.
   */
  turn(): void {
    const taken: Taken[] = [];
    try {
      this.#engine.begin();
      this.#takeGate(taken, MOST_GATE_CALLS);
      this.#takeOthers(taken);
      if (this.#gate.length === 0 && this.#mustPost()) {
        this.#post();
      }
      this.#engine.commit();
    } catch (error) {
      this.#engine.rollback();
      this.#alone(
        taken.map(({ call }) => call),
        error,
      );
      return;
    }
    const head = this.#engine.head();
    for (const { call, answers } of taken) call.reply({ answers, head });
    failpoint('commit.answered');
  }

  /** Whether gate calls came lately. */
  get isGateAbout(): boolean {
    return performance.now() - this.#gateAt < GATE_ABOUT_MS;
  }

  #post(): void {
    const startedAt = performance.now();
    this.#engine.poster.post();
    this.#postedAt = performance.now();
    this.#postingMs = this.#postedAt - startedAt;
  }

  get #gatherMs(): number {
    if (!this.isGateAbout) return GATHER_MS;
    return Math.min(MOST_GATHER_MS, Math.max(GATHER_MS, this.#postingMs / POSTING_SHARE));
  }

  #takeOthers(taken: Taken[]): void {
    const until = this.isGateAbout ? performance.now() + SHARE_MS : Infinity;
    for (let slices = 0; slices < MOST_INGEST_CALLS && this.#other.length > 0; slices += 1) {
      this.#take(this.#other, taken);
      this.#poll();
      if (this.#gate.length > 0) return this.#takeGate(taken, MOST_GATE_CALLS);
      if (performance.now() > until || this.#engine.poster.weight > HEAVY) return;
    }
  }

  /**
   * A few slices are posted at once; many are gathered for a while, so that posting takes a small share of the time.
   */
  #mustPost(): boolean {
    const { backlog, weight } = this.#engine.poster;
    if (backlog === 0) return false;
    if (weight > HEAVY || performance.now() - this.#postedAt >= this.#gatherMs) return true;
    return weight <= LIGHT && this.#other.length === 0;
  }

  #takeGate(taken: Taken[], most: number): void {
    if (this.#gate.length > 0) this.#gateAt = performance.now();
    for (let count = 0; count < most && this.#gate.length > 0; count += 1) this.#take(this.#gate, taken);
  }

  #take(queue: Call[], taken: Taken[]): void {
    const call = queue.shift();
    if (!call) return;
    const entry: Taken = { call, answers: [] };
    taken.push(entry);
    for (const command of call.commands) entry.answers.push(this.#engine.apply(command));
  }

  /**
   * After a failed commit nothing was booked: each call gets a commit of its own, so that one cannot fail the others.
   */
  #alone(calls: readonly Call[], first: unknown): void {
    if (calls.length === 0) throw first;
    for (const call of calls) {
      try {
        if (calls.length === 1) throw first;
        this.#engine.begin();
        const answers = call.commands.map((command) => this.#engine.apply(command));
        this.#engine.commit();
        call.reply({ answers, head: this.#engine.head() });
      } catch (error) {
        if (calls.length > 1) this.#engine.rollback();
        call.reply(failure(error));
      }
    }
  }
}

export function failure(error: unknown): CallResult {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return { error: error instanceof Error ? error.message : String(error), code };
}
