/** Importing usage from a file: the thread that reads it, the books that take it, and what is told meanwhile. */
import type { Worker } from 'node:worker_threads';
import type { ImportOrder, ImportStep, SystemOrder, SystemStep } from '#core/contract/imports.ts';
import { refuse } from '#core/domain/refusal.ts';
import { termsOf } from '#core/gateway/ingest-port.ts';
import type { AcceptResult, AcceptUsage } from '#core/ledger/port.ts';
import type { Core, Principal, RequestContext } from '#core/services/core.ts';
import type { Failure } from './error-file.ts';
import type { FromImport, ImportThreadData, Refused, ToImport } from './import-thread.ts';
import { formatOf, requireReadable } from './open.ts';
import { messagesOf, refuseFile, startFileThread } from './thread.ts';
import { Things } from './things.ts';
import { Trial } from './trial.ts';

/** Progress is told this often at most. */
const TELL_MS = 200;
/** Problems kept for whoever looks; the error file has all. */
const MOST_PROBLEMS = 20;

const REFUSALS = {
  c: {
    detail: 'This source and id were used with another body; the first was kept.',
    fix: 'Give the row a new id, or correct the event that was kept.',
  },
  r: {
    detail: 'No customer has this id, external id or subject.',
    fix: 'Create the customer first, then import the error file.',
  },
} as const;

/** Counts of an import, and the words of its progress. */
class Tally {
  rows = 0;
  bytesRead = 0;
  totalBytes = 0;
  readonly counts = { a: 0, p: 0, d: 0, c: 0, r: 0 };
  readonly problems: Failure[] = [];
  readonly #startedAt = performance.now();

  add(letters: string): void {
    for (const letter of letters) this.counts[letter as keyof Tally['counts']] += 1;
  }

  tell(problems: readonly Failure[]): void {
    this.problems.push(...problems.slice(0, MOST_PROBLEMS - this.problems.length));
  }

  step(more: Partial<ImportStep> = {}): ImportStep {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const left = ((this.totalBytes - this.bytesRead) / Math.max(1, this.bytesRead)) * seconds;
    return {
      done: false,
      rows: this.rows,
      bytesRead: this.bytesRead,
      totalBytes: this.totalBytes,
      rowsPerSecond: Math.round(this.rows / Math.max(0.001, seconds)),
      secondsLeft: this.rows === 0 ? null : Math.ceil(left),
      accepted: this.counts.a + this.counts.p,
      parked: this.counts.p,
      duplicates: this.counts.d,
      conflicts: this.counts.c,
      refused: this.counts.r,
      problems: this.problems.map(({ row, column, detail, fix }) => ({ row, column, detail, fix })),
      errorFile: null,
      effects: null,
      notPriced: null,
      ...more,
    };
  }
}

type Batch = Extract<FromImport, { type: 'batch' }>;

/** Gives every event of a batch its letter: booked, or only looked up. */
type Take = (slice: AcceptUsage) => Promise<string>;

function booking(core: Core): Take {
  return async (slice) => {
    const [answer] = await core.book.commit([slice]);
    if (!answer?.ok) return refuse(answer?.refusal ?? BROKEN);
    return (answer.value as AcceptResult).results;
  };
}

const BROKEN = {
  code: 'BUSY',
  detail: 'The books gave no answer.',
  fix: 'Import the file again: nothing is counted twice.',
} as const;

async function takeBatch(batch: Batch, take: Take, tally: Tally): Promise<Refused[]> {
  const letters = (await Promise.all(batch.slices.map(take))).join('');
  tally.add(letters);
  tally.counts.r += batch.failed;
  tally.rows += batch.rows;
  tally.bytesRead = Math.max(tally.bytesRead, batch.bytesRead);
  const refused: Refused[] = [];
  for (let at = 0; at < letters.length; at += 1) {
    const refusal = REFUSALS[letters[at] as keyof typeof REFUSALS];
    if (refusal) refused.push({ at, ...refusal });
  }
  return refused;
}

function startThread(core: Core, order: ImportOrder | SystemOrder, principal: Principal): Worker {
  const terms = termsOf(core, { actor: principal.actor, nowMs: core.now(), refs: null });
  const workerData: ImportThreadData = {
    path: order.path,
    format: order.format ?? null,
    mapping: 'mapping' in order ? order.mapping : null,
    system: 'from' in order ? order.from : null,
    errorFile: order.errorFile ?? errorPathOf(order),
    terms,
  };
  return startFileThread(workerData);
}

/** Beside the file; a file that was fed back gets one of its own. */
function errorPathOf({ path, format }: ImportOrder | SystemOrder): string {
  const extension = (format ?? formatOf(path)) === 'csv' ? 'csv' : 'ndjson';
  return `${path}.errors.${extension}`;
}

/**
 * Imports a file, or tries it. Every batch is durable before the next is counted; killed and run again, the file is
 * neither counted twice nor left in part. Ending the loop early ends the import after what is under way.
 */
export async function* importUsage(core: Core, order: ImportOrder, principal: Principal): AsyncGenerator<ImportStep> {
  yield* run(core, order, { principal, things: null });
}

/** Imports what another system exports, or tries it: its things first in each batch, then its events. */
export async function* importSystem(
  core: Core,
  order: SystemOrder,
  asker: Pick<RequestContext, 'principal' | 'session'>,
): AsyncGenerator<SystemStep> {
  const things = new Things({ core, ...asker }, order.book);
  for await (const step of run(core, order, { principal: asker.principal(), things })) {
    yield { ...step, made: things.made(step), leftOut: things.leftOut() };
  }
}

type Way = Readonly<{ principal: Principal; things: Things | null }>;

async function* run(
  core: Core,
  order: ImportOrder | SystemOrder,
  { principal, things }: Way,
): AsyncGenerator<ImportStep> {
  let worker: Worker;
  try {
    requireReadable(order.path);
    worker = startThread(core, order, principal);
  } catch (error) {
    return refuseFile(error);
  }
  const tally = new Tally();
  const trial = order.book ? null : new Trial(core);
  const take = trial ? trial.take : booking(core);
  let toldAt = 0;
  try {
    for await (const message of messagesOf(worker)) {
      if (message.type === 'failed') {
        refuse({ code: 'INPUT_INVALID', detail: message.detail, fix: message.fix });
      } else if (message.type === 'opened') tally.totalBytes = message.totalBytes;
      else if (message.type === 'batch') {
        tally.tell(message.problems);
        const without = things ? await things.take(message) : [];
        tally.counts.r += new Set(without.map(({ row }) => row)).size;
        tally.tell(without.map((one) => ({ ...one, column: null, values: null })));
        const refused = [...without, ...(await takeBatch(message, take, tally))];
        worker.postMessage({ type: 'taken', n: message.n, refused } satisfies ToImport);
        if (performance.now() - toldAt < TELL_MS) continue;
        toldAt = performance.now();
        yield tally.step();
      } else if (message.type === 'end') {
        const priced = trial ? await trial.effects() : { effects: null, notPriced: null };
        yield tally.step({ done: true, secondsLeft: 0, errorFile: message.errorFile, ...priced });
      }
    }
  } catch (error) {
    return refuseFile(error);
  } finally {
    await worker.terminate();
  }
}
