/**
 * Proves the books in two threads of their own, so that the console goes on while every row is read: one walks the
 * journal, the other checks the file's pages and the fingerprint of each event.
 */
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { invariant } from '#core/domain/refusal.ts';
import { openForReading } from './open.ts';
import { stepsInThread } from './step-thread.ts';
import { rankOf, verifyBooks } from './verify.ts';
import type { Part, VerifyOutcome, VerifyProgress } from './verify.ts';

export type { VerifyProgress } from './verify.ts';

type Steps = AsyncGenerator<VerifyProgress, void>;
type Turn = Readonly<{ of: Walk; step: IteratorResult<VerifyProgress, void> }>;
/** One of the two threads: what it is at, what it found, and the step it is asked for. */
type Walk = { steps: Steps; check: string; outcome: VerifyOutcome | null; next: Promise<Turn> | null };

const isOutcome = (step: VerifyProgress): step is VerifyOutcome => step.done;

function ask(walk: Walk): void {
  walk.next = walk.outcome === null ? walk.steps.next().then((step) => ({ of: walk, step })) : null;
}

/** Whether a finding of one stands before whatever the other may still find. */
const isFirst = ({ outcome }: Walk, other: Walk): boolean =>
  outcome !== null && !outcome.ok && rankOf(outcome.check) < rankOf(other.check);

/** One outcome of both: the finding that counts first, or that all rows are right. */
function joined(walks: readonly Walk[], startedMs: number): VerifyOutcome {
  const outcomes = walks.flatMap(({ outcome }) => (outcome === null ? [] : [outcome]));
  const failed = outcomes.filter(({ ok }) => !ok).sort((a, b) => rankOf(a.check) - rankOf(b.check));
  const [one] = [...failed, ...outcomes];
  invariant(one !== undefined, 'a verification has an outcome');
  const rows = String(outcomes.reduce((sum, { checked }) => sum + Number(checked), 0));
  return { ...one, checked: rows, total: rows, tookMs: performance.now() - startedMs };
}

/** Proves the books of a file; yields progress and last the outcome (`done`). Stops when the signal says so. */
export async function* verifyInThread(file: string, signal?: AbortSignal): AsyncGenerator<VerifyProgress> {
  const startedMs = performance.now();
  const over = new AbortController();
  const until = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
  const walkOf = (part: Part, check: string): Walk => ({
    steps: stepsInThread(new URL(import.meta.url), { verify: file, part }, until),
    check,
    outcome: null,
    next: null,
  });
  const [journal, prints] = [walkOf('journal', 'schema'), walkOf('prints', 'sqlite')];
  ask(journal);
  try {
    while (!isFirst(journal, prints) && !isFirst(prints, journal)) {
      const asked = [journal.next, prints.next].filter((next) => next !== null);
      if (asked.length === 0) break;
      const { of, step } = await Promise.race(asked);
      if (step.done) return;
      of.check = step.value.check;
      if (isOutcome(step.value)) of.outcome = step.value;
      // One bar at a time: that of the journal, and then what the other has left.
      else if (of === journal || journal.outcome !== null) yield step.value;
      ask(of);
      // It begins after the journal's first step, so that its snapshot is the later one and holds what that leads to.
      if (prints.next === null) ask(prints);
    }
    yield joined([journal, prints], startedMs);
  } finally {
    over.abort();
    await Promise.allSettled([journal.steps.return(), prints.steps.return()]);
  }
}

function runHere(file: string, part: Part): void {
  const connection = openForReading(file);
  const run = verifyBooks(connection, Date.now, part);
  let step = run.next();
  for (; !step.done; step = run.next()) parentPort?.postMessage(step.value);
  parentPort?.postMessage(step.value);
  connection.close();
}

const data = workerData as { verify?: string; part?: Part } | null;
if (!isMainThread && data?.verify !== undefined) runHere(data.verify, data.part ?? 'whole');
