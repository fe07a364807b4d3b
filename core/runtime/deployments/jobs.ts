/**
 * Changes of deployments as jobs: a document in the books from the start to the end of each, its steps in memory. A job
 * whose process ended is one that was interrupted; resumed, it goes on under the same id, and what was sent is found.
 */
import { ChainError } from '#core/chain/error.ts';
import type { DeploymentJob, DeploymentOrder } from '#core/contract/deployments.ts';
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import type { Answer, Book } from '#core/ledger/port.ts';
import type { Reader } from '#core/ledger/read-port.ts';
import type { Log } from '#core/services/core.ts';
import type { Run, RunResult } from './work.ts';

const KIND = 'deployment-job';

/** What the books keep of a job. `anchor` names the very chain, which a name does not where it was made anew. */
type JobRecord = Omit<DeploymentJob, 'step' | 'done' | 'total'> &
  Readonly<{ order: DeploymentOrder; key: string; anchor: string | null; total: number }>;

type Live = { job: DeploymentJob; record: JobRecord; stop: AbortController; heard: Set<() => void> };

export type JobBooks = Readonly<{
  book: Pick<Book, 'commit'>;
  reader: Pick<Reader, 'read'>;
  log: Log;
  now: () => number;
  newId: (prefix: string) => string;
}>;

/** Does what an order says. */
export type Work = (order: DeploymentOrder, run: Run) => Promise<RunResult>;

const plain = (order: DeploymentOrder): string =>
  JSON.stringify(Object.fromEntries(Object.entries(order).filter(([, value]) => value !== undefined)));

function problemOf(error: unknown): { code: string; detail: string; fix: string } {
  if (error instanceof ChainError) {
    const { code, detail, fix } = error.refusal;
    return { code, detail, fix };
  }
  if (error instanceof RefusalError) {
    const { code, detail, fix } = error.refusal;
    return { code, detail, fix };
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', detail, fix: 'Resume it; if it stays, send the log to whoever runs this console.' };
}

export class Jobs {
  readonly #books: JobBooks;
  readonly #work: Work;
  readonly #live = new Map<string, Live>();
  /** Who asked for the jobs that run, by the id that their sends carry. */
  readonly actors = new Map<string, string>();

  constructor(books: JobBooks, work: Work) {
    this.#books = books;
    this.#work = work;
  }

  #view(record: JobRecord): DeploymentJob {
    const live = this.#live.get(record.id);
    if (live !== undefined) return live.job;
    const { order: _, key: __, anchor: ___, ...rest } = record;
    const isGone = record.state === 'running';
    const done = record.state === 'done' ? record.total : 0;
    const step = isGone ? 'Its process ended before it did.' : (record.problem?.detail ?? '');
    return { ...rest, state: isGone ? 'interrupted' : record.state, step, done };
  }

  async #records(): Promise<JobRecord[]> {
    const rows = await this.#books.reader.read('records', { kind: KIND });
    return rows.map(({ body }) => body as JobRecord).toSorted((a, b) => b.startedMs - a.startedMs);
  }

  async #find(id: string): Promise<JobRecord> {
    const found = await this.#books.reader.read('record', { kind: KIND, id });
    if (found !== null) return found.body as JobRecord;
    return refuse({ code: 'NOT_FOUND', detail: `There is no job "${id}".`, fix: 'Look at the list of jobs.' });
  }

  async #keep(record: JobRecord, actor: string): Promise<void> {
    const names = [{ kind: KIND, name: record.key }];
    const command = { type: 'record.set', kind: KIND, id: record.id, body: record, names, actor } as const;
    const [answer] = (await this.#books.book.commit([command])) as Answer[];
    if (answer !== undefined && !answer.ok) throw new RefusalError(answer.refusal);
  }

  async list(of: Readonly<{ network?: string | undefined; unit?: string | undefined }>): Promise<DeploymentJob[]> {
    const records = await this.#records();
    return records
      .filter(({ network, unit }) => (of.network ?? network) === network && (of.unit ?? unit) === unit)
      .map((record) => this.#view(record));
  }

  /** The last one that ended well and left a value of this name, on this very chain. */
  async lastResult(name: string, where: Readonly<{ network: string; unit: string }>): Promise<string | null> {
    for (const { state, anchor, unit, result } of await this.#records()) {
      if (state !== 'done' || anchor !== where.network || unit !== where.unit) continue;
      const found = result.find((one) => one.name === name);
      if (found !== undefined) return found.value;
    }
    return null;
  }

  isBusy(network: string): boolean {
    return [...this.#live.values()].some(({ job }) => job.state === 'running' && job.network === network);
  }

  #checkFree({ network, unit }: DeploymentOrder): void {
    const other = [...this.#live.values()].find(({ job }) => {
      return job.state === 'running' && job.network === network && job.unit === unit;
    });
    if (other === undefined) return;
    refuse({
      code: 'CONFLICT',
      detail: `A job of this is under way already: ${other.job.action}.`,
      fix: 'Wait for its end, or cancel it.',
      values: { job: other.job.id },
    });
  }

  /** The job that was begun under a key; nothing where there is none. */
  async known(key: string, order: DeploymentOrder): Promise<DeploymentJob | null> {
    const id = await this.#books.reader.read('nameTarget', { kind: KIND, name: key });
    return id === null ? null : this.#same(await this.#find(id), order);
  }

  /** Begins an order under a key that nothing was begun under. */
  async start(
    { order, key, anchor, total }: Pick<JobRecord, 'order' | 'key' | 'anchor' | 'total'>,
    actor: string,
  ): Promise<DeploymentJob> {
    this.#checkFree(order);
    const { network, unit, action } = order;
    const begun: Pick<JobRecord, 'startedMs' | 'finishedMs' | 'state' | 'problem' | 'result'> = {
      startedMs: this.#books.now(),
      finishedMs: null,
      state: 'running',
      problem: null,
      result: [],
    };
    const id = this.#books.newId('job');
    return this.#run({ id, network, unit, action, by: actor, ...begun, order, key, anchor, total }, actor);
  }

  #same(record: JobRecord, order: DeploymentOrder): DeploymentJob {
    if (plain(record.order) === plain(order)) return this.#view(record);
    return refuse({
      code: 'KEY_REUSED',
      detail: 'This key was used for another change.',
      fix: 'Use a new key for a new change; the first one was begun.',
    });
  }

  async resume(id: string, actor: string): Promise<DeploymentJob> {
    const record = await this.#find(id);
    const view = this.#view(record);
    if (view.state === 'running') return view;
    if (view.state === 'done') {
      refuse({ code: 'STATE_FORBIDS', detail: 'The job has ended well.', fix: 'There is nothing left to do.' });
    }
    this.#checkFree(record.order);
    return this.#run({ ...record, state: 'running', finishedMs: null, problem: null, result: [] }, actor);
  }

  async cancel(id: string): Promise<DeploymentJob> {
    const live = this.#live.get(id);
    if (live === undefined) return this.#view(await this.#find(id));
    live.stop.abort(
      new RefusalError({ code: 'STATE_FORBIDS', detail: 'It was cancelled.', fix: 'Resume it to go on.' }),
    );
    await this.#settled(live);
    return live.job;
  }

  async #settled(live: Live): Promise<void> {
    while (live.job.state === 'running') await new Promise<void>((heard) => live.heard.add(heard));
  }

  /** A job as it stands and at each step, until it ends. */
  async *watch(id: string, signal: AbortSignal | undefined): AsyncIterable<DeploymentJob> {
    const live = this.#live.get(id);
    if (live === undefined) return yield this.#view(await this.#find(id));
    for (let told: DeploymentJob | undefined; !signal?.aborted;) {
      const { job } = live;
      if (job === told) {
        await new Promise<void>((heard) => {
          live.heard.add(heard);
          signal?.addEventListener('abort', () => heard(), { once: true });
        });
        continue;
      }
      told = job;
      yield job;
      if (job.state !== 'running') return;
    }
  }

  #change(live: Live, change: Partial<DeploymentJob>): void {
    live.job = { ...live.job, ...change };
    for (const hear of [...live.heard]) hear();
    live.heard.clear();
  }

  async #run(record: JobRecord, actor: string): Promise<DeploymentJob> {
    const { order, key: _, anchor: __, ...rest } = record;
    const stop = new AbortController();
    const live: Live = { job: { ...rest, step: 'Beginning', done: 0 }, record, stop, heard: new Set() };
    this.#live.set(record.id, live);
    this.actors.set(record.id, actor);
    try {
      await this.#keep(record, actor);
    } catch (error) {
      this.#live.delete(record.id);
      throw error;
    }
    void this.#carryOut(live, order, actor);
    return live.job;
  }

  async #carryOut(live: Live, order: DeploymentOrder, actor: string): Promise<void> {
    const { record, stop } = live;
    const run: Run = {
      runId: record.id,
      signal: stop.signal,
      tell: (step) => this.#change(live, { step }),
      stepped: () => this.#change(live, { done: Math.min(live.job.done + 1, live.job.total) }),
      counted: (progress) => this.#change(live, progress),
    };
    let end: Pick<DeploymentJob, 'state' | 'problem' | 'result'>;
    try {
      end = { state: 'done', problem: null, result: [...(await this.#work(order, run))] };
    } catch (error) {
      const isOwn = stop.signal.aborted;
      if (!(error instanceof ChainError || error instanceof RefusalError) && !isOwn) {
        this.#books.log.error('deployment failed', { job: record.id, error });
      }
      const problem = problemOf(isOwn ? stop.signal.reason : error);
      end = { state: isOwn ? 'cancelled' : 'failed', problem, result: [] };
    }
    const { total } = live.job;
    const finished = { ...end, finishedMs: this.#books.now() };
    // The books first: who hears of the end may ask them at once.
    await this.#keep({ ...record, ...finished, total }, actor).catch((error: unknown) => {
      this.#books.log.error('a job’s end was not kept', { job: record.id, error });
    });
    this.#live.delete(record.id);
    const done = end.state === 'done' ? total : live.job.done;
    this.#change(live, { ...finished, done, step: end.problem?.detail ?? live.job.step });
  }

  /** Stops what runs: the process is about to end, and what was sent is found when it is resumed. */
  async close(): Promise<void> {
    const all = [...this.#live.values()];
    for (const { stop } of all) stop.abort(interrupted());
    await Promise.all(all.map((live) => this.#settled(live)));
  }
}

const interrupted = (): RefusalError =>
  new RefusalError({ code: 'STATE_FORBIDS', detail: 'The console was closed meanwhile.', fix: 'Resume it to go on.' });
