/** Group commit: which calls share a commit, in which order, and how much is posted in between. No timer: it collects while the last commit syncs. */
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
/** Events rated in one chunk while there is other work, and when there is none. */
const CHUNK_BUSY = 1_000;
const CHUNK_IDLE = 4_000;
/** Beyond this backlog posting goes before accepting more: the queue of the unposted stays bounded. */
const BACKLOG_HIGH = 40_000;

export class WriterLoop {
  readonly #engine: Engine;
  readonly #gate: Call[] = [];
  readonly #other: Call[] = [];
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
    return this.#gate.length > 0 || this.#other.length > 0 || this.#engine.poster.backlog > 0;
  }

  /** One commit: gate calls first, then slices with a look for gate calls between them, then a chunk of posting. */
  turn(): void {
    const taken: { call: Call; answers: Answer[] }[] = [];
    try {
      this.#engine.begin();
      this.#takeGate(taken, MOST_GATE_CALLS);
      let slices = 0;
      while (slices < MOST_INGEST_CALLS && this.#other.length > 0 && this.#engine.poster.backlog < BACKLOG_HIGH) {
        this.#take(this.#other, taken);
        slices += 1;
        this.#poll();
        if (this.#gate.length > 0 && taken.length < MOST_GATE_CALLS) {
          this.#takeGate(taken, MOST_GATE_CALLS);
          break;
        }
      }
      this.#post();
      this.#engine.commit();
    } catch (error) {
      this.#engine.rollback();
      this.#alone(taken.map(({ call }) => call), error);
      return;
    }
    const head = this.#engine.head();
    for (const { call, answers } of taken) call.reply({ answers, head });
    failpoint('commit.answered');
  }

  /** Posting yields to the gate: with calls waiting it is left for the next turn. */
  #post(): void {
    const { poster } = this.#engine;
    if (this.#gate.length > 0) return;
    const isBusy = this.#other.length > 0;
    if (poster.backlog > 0) poster.post(isBusy && poster.backlog < BACKLOG_HIGH ? CHUNK_BUSY : CHUNK_IDLE);
  }

  #takeGate(taken: { call: Call; answers: Answer[] }[], most: number): void {
    for (let count = 0; count < most && this.#gate.length > 0; count += 1) this.#take(this.#gate, taken);
  }

  #take(queue: Call[], taken: { call: Call; answers: Answer[] }[]): void {
    const call = queue.shift();
    if (!call) return;
    const entry: { call: Call; answers: Answer[] } = { call, answers: [] };
    taken.push(entry);
    for (const command of call.commands) entry.answers.push(this.#engine.apply(command));
  }

  /** After a failed commit nothing was booked: each call gets a commit of its own, so that one cannot fail the others. */
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
