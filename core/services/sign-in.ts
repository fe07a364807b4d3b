/** One sign-in: who a connection speaks for, its idle lock, and the limit on wrong passphrases. Not for API keys. */
import { randomBytes } from 'node:crypto';
import { refuse } from '#core/domain/refusal.ts';
import type { Core, Principal, SessionControl } from './core.ts';
import { allOperators, checkPassphrase, onOperatorChange, present, principalOf } from './operators.ts';
import type { OperatorRecord } from './operators.ts';

/** This many wrong passphrases for a name within the window make the next try wait. */
const WRONG_MOST = 5;
const WRONG_WINDOW_MS = 60_000;
/** Each try derives with 64 MiB: they are taken one at a time, and only so many may wait. */
const WAITING_MOST = 32;
const NAMES_KEPT = 1_000;

type Books = Pick<Core, 'reader' | 'snapshot'>;

export type SignIn = Readonly<{
  /** The operator who signed in, also while locked; before that, whoever the door takes the connection for. */
  principal: () => Principal;
  session: SessionControl;
  /** To be called when the connection ends. */
  close: () => void;
}>;

export type SignInOptions = Readonly<{
  initial: Principal;
  /** Told when the session locks, for whatever reason, and when its operator is disabled. */
  onLocked?: () => void;
  /** Milliseconds that never run back. */
  clock?: () => number;
}>;

/** What all connections of a process share for one workspace: wrong tries by name, and the queue of derivations. */
class Tries {
  readonly #wrong = new Map<string, number[]>();
  #last: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  /** Refuses when this name had too many wrong tries just now. */
  check(name: string, nowMs: number): void {
    const recent = (this.#wrong.get(name) ?? []).filter((atMs) => nowMs - atMs < WRONG_WINDOW_MS);
    const first = recent[recent.length - WRONG_MOST];
    if (first === undefined) return;
    const seconds = Math.ceil((first + WRONG_WINDOW_MS - nowMs) / 1000);
    refuse({
      code: 'RATE_LIMITED',
      detail: `There were ${WRONG_MOST} wrong passphrases for this name within a minute.`,
      fix: `Try again in ${seconds} s.`,
      values: { seconds },
    });
  }

  note(name: string, nowMs: number): void {
    if (this.#wrong.size >= NAMES_KEPT) this.#forgetOld(nowMs);
    const recent = (this.#wrong.get(name) ?? []).filter((atMs) => nowMs - atMs < WRONG_WINDOW_MS);
    this.#wrong.set(name, [...recent, nowMs]);
  }

  #forgetOld(nowMs: number): void {
    for (const [name, times] of this.#wrong) {
      if (times.every((atMs) => nowMs - atMs >= WRONG_WINDOW_MS)) this.#wrong.delete(name);
    }
  }

  /** Runs one try after the other, so that many at once cannot slip past the limit together. */
  inTurn<T>(run: () => Promise<T>): Promise<T> {
    if (this.#waiting >= WAITING_MOST) {
      refuse({ code: 'BUSY', detail: 'Too many sign-ins are under way.', fix: 'Try again in a moment.' });
    }
    this.#waiting += 1;
    const turn = this.#last.then(run).finally(() => {
      this.#waiting -= 1;
    });
    this.#last = turn.catch(() => undefined); // Whoever made this try hears of it; the next one goes on regardless.
    return turn;
  }
}

const triesOf = new WeakMap<object, Tries>();

function tries(core: Books): Tries {
  const known = triesOf.get(core) ?? new Tries();
  triesOf.set(core, known);
  return known;
}

/** Stands in for a name that nobody has: deriving for it takes as long, and no passphrase fits. */
function nobodysRecord(): OperatorRecord {
  const random = (bytes: number): string => randomBytes(bytes).toString('base64');
  return {
    id: '',
    name: '',
    role: 'viewer',
    disabled: true,
    createdMs: 0,
    publicKey: '',
    salt: random(16),
    verifier: random(32),
    sealed: random(48),
    sealNonce: random(12),
    sealTag: random(16),
  };
}

/** The operator whom a name and passphrase prove, or a refusal that does not tell unknown names from known ones. */
async function prove(core: Books, from: { name: string; passphrase: string }, clock: () => number) {
  const { name, passphrase } = from;
  const shared = tries(core);
  shared.check(name, clock());
  return shared.inTurn(async () => {
    shared.check(name, clock());
    const known = (await allOperators(core)).find(({ operator }) => operator.name === name)?.operator;
    const fits = await checkPassphrase(known ?? nobodysRecord(), passphrase);
    if (!known || !fits) {
      shared.note(name, clock());
      return refuse({
        code: 'UNAUTHENTICATED',
        detail: 'Name and passphrase do not match.',
        fix: 'Check both and try again.',
      });
    }
    if (known.disabled) {
      refuse({
        code: 'FORBIDDEN',
        detail: `The operator ${name} is disabled.`,
        fix: 'Ask an admin of the workspace to enable it.',
      });
    }
    return known;
  });
}

class Session {
  operator: OperatorRecord | null = null;
  locked = false;
  readonly #core: Books;
  readonly #clock: () => number;
  readonly #onLocked: () => void;
  readonly #listeners = new Set<() => void>();
  /** Whoever the door takes for an operator from the start can lock, too; only an idle lock needs a sign-in. */
  readonly #isSomebody: boolean;
  #touchedMs = 0;
  /** By the wall clock, to be shown: when it began, and when something was asked of it last. */
  readonly sinceMs = Date.now();
  seenMs = this.sinceMs;
  #timer: NodeJS.Timeout | undefined;

  constructor(core: Books, options: SignInOptions) {
    this.#core = core;
    this.#clock = options.clock ?? (() => performance.now());
    this.#onLocked = options.onLocked ?? (() => undefined);
    this.#isSomebody = options.initial.kind === 'operator';
  }

  async signIn(name: string, passphrase: string): Promise<void> {
    this.operator = await prove(this.#core, { name, passphrase }, this.#clock);
    this.locked = false;
    this.touch();
    this.#watch();
  }

  touch(): void {
    if (this.locked) return;
    this.#touchedMs = this.#clock();
    this.seenMs = Date.now();
  }

  lock(): void {
    this.stop();
    if (this.locked || (this.operator === null && !this.#isSomebody)) return;
    this.locked = true;
    this.#end();
  }

  onEnd(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #end(): void {
    for (const listener of this.#listeners) listener();
    this.#onLocked();
  }

  #leftMs(): number {
    return this.#touchedMs + this.#core.snapshot().settings.idleLockMs - this.#clock();
  }

  /** Also looks at the clock, because a timer is late on a busy loop. */
  isLocked(): boolean {
    if (this.operator !== null && !this.locked && this.#leftMs() <= 0) this.lock();
    return this.locked;
  }

  #watch(): void {
    this.stop();
    if (this.isLocked()) return;
    this.#timer = setTimeout(() => this.#watch(), Math.max(this.#leftMs(), 1));
    this.#timer.unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** A role counts from now on; who is disabled is signed out. */
  changed(operator: OperatorRecord): void {
    if (this.operator?.id !== operator.id) return;
    if (!operator.disabled) {
      this.operator = operator;
      return;
    }
    this.stop();
    this.operator = null;
    this.locked = false;
    this.#end();
  }
}

/**
 * Makes the sign-in of one connection. It locks after `settings.idleLockMs` without a command, follows changes of its
 * operator's role, and refuses the sixth wrong passphrase for a name in a minute, counted over all connections.
 */
export function createSignIn(core: Books, options: SignInOptions): SignIn {
  const session = new Session(core, options);
  const forget = onOperatorChange(core, (operator) => session.changed(operator));
  const principal = (): Principal => (session.operator === null ? options.initial : principalOf(session.operator));
  const control: SessionControl = {
    signIn: (name, passphrase) => session.signIn(name, passphrase),
    lock: () => session.lock(),
    isLocked: () => session.isLocked(),
    touch: () => session.touch(),
    onEnd: (listener) => session.onEnd(listener),
  };
  const leave = present(core, {
    session: control,
    principal,
    sinceMs: session.sinceMs,
    lastSeenMs: () => session.seenMs,
  });
  return {
    principal,
    session: control,
    close: () => {
      leave();
      forget();
      session.stop();
    },
  };
}
