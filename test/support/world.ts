/** Books on either engine for tests, with a clock that moves only when told to, and a script that writes to them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { invariant } from '#core/domain/refusal.ts';
import { Engine, ensureBook } from '#core/ledger/engine.ts';
import { createMemoryStore } from '#core/ledger/memory-store.ts';
import { createFile, openForReading, openForWriting } from '#core/ledger/open.ts';
import type { Connection } from '#core/ledger/open.ts';
import type { AcceptResult, Answer, Command } from '#core/ledger/port.ts';
import { createSqliteStore } from '#core/ledger/sqlite-store.ts';
import type { Store } from '#core/ledger/store.ts';
import { verify } from '#core/ledger/verify.ts';
import type { VerifyOutcome } from '#core/ledger/verify.ts';
import { NOON_MS, Script } from './script.ts';
import type { Clock, Usage } from './script.ts';

export { DAY_MS, HOUR_MS, NOON_MS, Script } from './script.ts';
export type { Clock, Usage } from './script.ts';

export type EngineKind = 'memory' | 'sqlite';
export const ENGINES: readonly EngineKind[] = ['memory', 'sqlite'];

/** Books on one engine, and the script that writes to them. */
export class World {
  readonly clock: Clock;
  readonly script: Script;
  readonly kind: EngineKind;
  readonly folder: string | null;
  store: Store;
  engine: Engine;
  #connection: Connection | null = null;

  constructor(kind: EngineKind, options: { clock?: Clock; file?: string } = {}) {
    this.kind = kind;
    this.clock = options.clock ?? { nowMs: NOON_MS };
    this.script = new Script(this.clock);
    this.folder = kind === 'sqlite' ? mkdtempSync(join(tmpdir(), 'tollkeeper-world-')) : null;
    if (this.folder !== null) createFile(this.file);
    this.store = kind === 'memory' ? createMemoryStore() : this.#openStore();
    ensureBook(this.store, this.clock.nowMs);
    this.engine = this.#newEngine(this.store);
  }

  get file(): string {
    invariant(this.folder !== null, 'a world in memory has no file');
    return join(this.folder, 'books.toll');
  }

  #openStore(): Store {
    this.#connection = openForWriting(this.file);
    // These tests end no process; waiting for the disk would only make them slow.
    this.#connection.pragma('synchronous = OFF');
    return createSqliteStore(this.#connection, 'main');
  }

  #newEngine(store: Store): Engine {
    return new Engine(store, () => this.clock.nowMs);
  }

  get connection(): Connection {
    invariant(this.#connection !== null, 'a world in memory has no connection');
    return this.#connection;
  }

  /** Starts again from what is stored, as after the end of a process. */
  reopen(): void {
    if (this.kind === 'sqlite') {
      this.store.close();
      this.store = this.#openStore();
    }
    this.engine = this.#newEngine(this.store);
  }

  /** Goes on with an engine over another store, such as one that fails on demand. */
  restartOn(store: Store): void {
    this.store = store;
    this.engine = this.#newEngine(store);
  }

  /** Sends commands in one commit. */
  commit(...commands: readonly Command[]): Answer[] {
    this.engine.begin();
    try {
      const answers = commands.map((command) => this.engine.apply(command));
      this.engine.commit();
      return answers;
    } catch (error) {
      this.engine.rollback();
      throw error;
    }
  }

  /** Sends one command and gives the value of its answer, which must be a yes. */
  do<T = Record<string, unknown>>(command: Command): T {
    const [answer] = this.commit(command);
    invariant(answer?.ok, `the command was refused: ${JSON.stringify(answer)}`);
    return answer.value as T;
  }

  /** The code a command is refused with. */
  refused(command: Command): string {
    const [answer] = this.commit(command);
    return answer && !answer.ok ? answer.refusal.code : 'none';
  }

  accept(events: readonly Usage[]): AcceptResult {
    return this.do<AcceptResult>(this.script.usage(events));
  }

  /** Posts everything that waits. */
  post(): void {
    this.commit({ type: 'post', actor: 'poster' });
  }

  /** Finalizes what ended by an instant. */
  bill(customers: readonly string[], untilMs = this.clock.nowMs): string[] {
    const { invoices } = this.do<{ invoices: string[] }>(this.script.close(customers, untilMs));
    this.do(this.script.finalize(invoices));
    return invoices;
  }

  balance(account: string): bigint {
    return BigInt(this.store.get('account', account)?.posted ?? '0');
  }
  held(account: string): bigint {
    return BigInt(this.store.get('account', account)?.held ?? '0');
  }

  verify(): VerifyOutcome {
    const connection = openForReading(this.file);
    try {
      return verify(connection);
    } finally {
      connection.close();
    }
  }

  dispose(): void {
    this.store.close();
    if (this.folder !== null) rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Customers `cus_a` and `cus_b`, meter `calls` at 10 a unit, nothing else. */
export function plainWorld(kind: EngineKind): World {
  const world = new World(kind);
  const { script } = world;
  world.commit(
    script.meter('calls'),
    script.price('prc_calls', 'calls'),
    script.customer('cus_a', { subjects: ['acme'] }),
    script.customer('cus_b'),
  );
  return world;
}
