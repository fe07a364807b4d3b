/** Backups and their drills: one at a time, told step by step, and noted in the books with what came of them. */
import { basename, dirname, extname, join, resolve } from 'node:path';
import { RefusalError, refuse } from '#core/domain/refusal.ts';
import { copyRunText, readCopyRun } from '#core/domain/run.ts';
import type { CopyRun, RunKind } from '#core/domain/run.ts';
import { asError, os } from './base.ts';
import type { Core } from './core.ts';

type CopyKind = Exclude<RunKind, 'verify'>;

/** Notes a backup or a drill beside the chain. */
export async function noteRun(
  core: Core,
  run: Readonly<{ kind: CopyKind; ok: boolean; block: number; of: CopyRun }>,
): Promise<void> {
  const { kind, ok, block, of } = run;
  await core.book.commit([{ type: 'run.record', actor: kind, kind, ok, block, detail: copyRunText(of) }]);
}

/** The copy that is being made: whether somebody still waits for it, and when it is over. */
type Turn = Readonly<{ isLeft: () => boolean; over: Promise<void> }>;
const underWay = new WeakMap<object, Turn>();

/**
 * Two copies at once would share one disk, and be done later than one after the other. One that was left is waited for:
 * what it writes to the disk ends with the statement that copies.
 */
async function takeTurn(core: Core, signal: AbortSignal | undefined): Promise<() => void> {
  for (let turn = underWay.get(core); turn; turn = underWay.get(core)) {
    if (!turn.isLeft()) {
      refuse({
        code: 'BUSY',
        detail: 'A backup or a drill is under way.',
        fix: 'Wait until it ends, or cancel it.',
      });
    }
    await turn.over;
  }
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  underWay.set(core, { isLeft: () => signal?.aborted ?? false, over });
  return () => {
    underWay.delete(core);
    end();
  };
}

/** A name beside the books that says when it was taken, to the millisecond: what was left before it keeps its own. */
function newName(core: Core): string {
  const name = basename(core.file, extname(core.file));
  const at = new Date(core.now()).toISOString().replace(/[-:]/g, '');
  return join(dirname(core.file), `${name}-backup-${at}.tollkeeper`);
}

async function lastBackup(core: Core): Promise<string> {
  const runs = await core.reader.read('runs', { kinds: ['backup'], limit: 1 });
  const [last] = runs;
  if (last) return readCopyRun(last.detail).file;
  return refuse({
    code: 'STATE_FORBIDS',
    detail: 'No backup of these books is known.',
    fix: 'Make one first, or name a file.',
  });
}

const NOT_YET = { ok: null, file: null, bytes: null, block: null, tookMs: null, problem: null, finishedMs: null };
const NOT_PROVEN = 'The copy does not prove; it was left for you to look at.';

type Step = Readonly<{
  done: boolean;
  phase: 'proving-backup' | 'copying' | 'proving-copy';
  at: number;
  total: number;
}>;
type Outcome = Readonly<{ ok: boolean; block: number; of: CopyRun }>;

const stepView = ({ done, phase, at, total }: Step, now: Partial<typeof NOT_YET> | Ended) => {
  const view = { done, phase, at: String(at), total: String(total) };
  return { ...view, ...NOT_YET, ...now };
};

type Ended = ReturnType<typeof endView>;
function endView({ ok, block, of }: Outcome, finishedMs: number) {
  const { file, bytes, tookMs, problem } = of;
  return { ok, file, bytes: String(bytes), block: String(block), tookMs, problem, finishedMs };
}

type Copied = Step & Readonly<{ report: Outcome | null }>;

/** A copy as the core tells it, with its report in the words of the books. */
async function* backupOf(core: Core, file: string, signal: AbortSignal | undefined): AsyncGenerator<Copied> {
  for await (const { report, ...step } of core.copies.backup(file, signal)) {
    if (report === null) yield { ...step, report };
    else {
      const { bytes, block, verified: ok } = report;
      const of = { file, bytes, tookMs: Math.round(report.tookMs), problem: ok ? null : NOT_PROVEN };
      yield { ...step, report: { ok, block, of } };
    }
  }
}

async function* drillOf(core: Core, file: string, signal: AbortSignal | undefined): AsyncGenerator<Copied> {
  for await (const { report, ...step } of core.copies.drill(file, signal)) {
    if (report === null) yield { ...step, report };
    else {
      const { ok, block, ...of } = report;
      yield { ...step, report: { ok, block, of: { ...of, file } } };
    }
  }
}

/** Steps as they come; what comes of them is noted before it is told. Nothing is taken before somebody listens. */
async function* told(
  core: Core,
  { kind, steps, signal }: Readonly<{ kind: CopyKind; steps: AsyncIterable<Copied>; signal: AbortSignal | undefined }>,
) {
  try {
    const release = await takeTurn(core, signal);
    try {
      for await (const step of steps) {
        const { report } = step;
        if (report !== null) await noteRun(core, { kind, ...report });
        yield stepView(step, report === null ? {} : endView(report, core.now()));
      }
    } finally {
      release();
    }
  } catch (error) {
    // A stream fails after its command was answered, where nothing else turns refusals into errors of the contract.
    throw error instanceof RefusalError ? asError(error.refusal) : error;
  }
}

/** A path as it was named, beside the books where it is relative. */
const placed = (core: Core, file: string): string => resolve(dirname(core.file), file);

export const backups = {
  list: os.backups.list.handler(async ({ input, context: { core } }) => {
    const rows = await core.reader.read('runs', { ...input, kinds: ['backup', 'drill'] });
    const items = rows.map(({ kind: named, atMs, ok, block, detail }) => {
      const kind: CopyKind = named === 'drill' ? 'drill' : 'backup';
      const { file, bytes, tookMs, problem } = readCopyRun(detail);
      const of = { file, bytes: bytes === null ? null : String(bytes), tookMs, problem };
      return { kind, atMs, ok, block: String(block), ...of };
    });
    return { items };
  }),
  make: os.backups.make.handler(({ input, context: { core }, signal }) => {
    const file = placed(core, input.file ?? newName(core));
    return told(core, { kind: 'backup', steps: backupOf(core, file, signal), signal });
  }),
  drill: os.backups.drill.handler(async ({ input, context: { core }, signal }) => {
    const file = placed(core, input.file ?? (await lastBackup(core)));
    return told(core, { kind: 'drill', steps: drillOf(core, file, signal), signal });
  }),
};
