/** Every long piece of work of this page in one list: where it is looked at, how far it is, and how it is ended. */
import { useSyncExternalStore } from 'react';
import { copyJob } from './copy-job.ts';
import { PHASES } from './copy-progress.ts';
import { bookJob, trialJob } from './import-job.ts';
import type { ImportAbout, ImportStep } from './import-job.ts';
import { leakJob } from './leak-job.ts';
import { groupDecimal } from './money.ts';
import { perMille } from './plot.ts';
import type { StreamJob, StreamState } from './stream-job.ts';
import { rateText, verifyJob } from './verify-job.ts';
import { whatIfJob } from './what-if-job.ts';

export type JobView = Readonly<{
  name: string;
  title: string;
  /** Where its result stands. */
  href: string;
  kind: 'running' | 'done' | 'cancelled' | 'failed';
  /** Null while nothing tells how much there is. */
  perMille: number | null;
  detail: string;
  cancel: () => void;
}>;

type Source = Readonly<{
  subscribe: (listener: () => void) => () => void;
  get: () => object;
  view: () => JobView | null;
}>;

type Told<Step, About> = Readonly<{
  title: (about: About) => string;
  href: (about: About) => string;
  /** How far a step is, and in words. */
  at: (step: Step) => Readonly<{ perMille: number | null; detail: string }>;
}>;

const END_WORDS = { done: 'Done', cancelled: 'Ended before its end', failed: 'Failed' } as const;

/** A stream job as the list shows it. */
function streamSource<Step extends { done: boolean }, About>(
  name: string,
  job: StreamJob<Step, About>,
  { title, href, at }: Told<Step, About>,
): Source {
  const seen = (state: Exclude<StreamState<Step, About>, { kind: 'idle' }>): JobView => {
    const told = state.step ? at(state.step) : { perMille: null, detail: 'Starting' };
    const detail = state.kind === 'running' ? told.detail : END_WORDS[state.kind];
    return {
      name,
      title: title(state.about),
      href: href(state.about),
      kind: state.kind,
      perMille: told.perMille,
      detail,
      cancel: () => job.cancel(),
    };
  };
  const view = (): JobView | null => {
    const state = job.get();
    return state.kind === 'idle' ? null : seen(state);
  };
  return { subscribe: job.subscribe, get: job.get, view };
}

function verifyView(): JobView | null {
  const state = verifyJob.get();
  if (state.kind === 'idle') return null;
  const base = { name: 'verify', title: 'Verify the books', href: '/ledger', cancel: () => verifyJob.cancel() };
  if (state.kind === 'failed') return { ...base, kind: 'failed', perMille: null, detail: END_WORDS.failed };
  const holds = state.progress.ok ? 'The books hold' : 'The books do not hold';
  const detail = state.kind === 'done' ? holds : rateText(state);
  return { ...base, kind: state.kind, perMille: state.perMille, detail };
}

function copyView(): JobView | null {
  const state = copyJob.get();
  if (state.kind === 'idle') return null;
  const title = state.what === 'backup' ? 'Back up' : 'Try the backup';
  const base = { name: 'copy', title, href: '/settings', cancel: () => copyJob.cancel() };
  if (state.kind === 'failed') return { ...base, kind: 'failed', perMille: null, detail: END_WORDS.failed };
  const { at, total, ok } = state.step;
  const share = perMille(BigInt(at), BigInt(total));
  if (state.kind === 'running') return { ...base, kind: 'running', perMille: share, detail: PHASES[state.step.phase] };
  return {
    ...base,
    kind: ok === false ? 'failed' : 'done',
    perMille: share,
    detail: ok === false ? END_WORDS.failed : END_WORDS.done,
  };
}

/** How far a file is, by the bytes of it that were read. */
const ofFile = ({ rows, bytesRead, totalBytes }: ImportStep) => ({
  perMille: perMille(BigInt(bytesRead), BigInt(totalBytes)),
  detail: `${groupDecimal(String(rows))} rows`,
});
const ofImport = (verb: string): Told<ImportStep, ImportAbout> => ({
  title: ({ order }) => `${verb} ${order.file.name}`,
  href: () => '/usage/import',
  at: ofFile,
});

const SOURCES: readonly Source[] = [
  { subscribe: verifyJob.subscribe, get: verifyJob.get, view: verifyView },
  streamSource('what-if', whatIfJob, {
    title: ({ words }) => `What if, ${words}`,
    href: (about) => about.href,
    at: ({ checked, total }) => ({
      perMille: perMille(BigInt(checked), BigInt(total)),
      detail: `${groupDecimal(checked)} of ${groupDecimal(total)} rows`,
    }),
  }),
  streamSource('leaks', leakJob, {
    title: ({ days }) => `Look for leaks in ${days} days`,
    href: () => '/leaks',
    at: ({ step, steps, checked }) => ({
      perMille: perMille(BigInt(step), BigInt(steps)),
      detail: `Check ${step} of ${steps}, ${groupDecimal(checked)} rows`,
    }),
  }),
  streamSource('trial', trialJob, ofImport('Try')),
  streamSource('import', bookJob, ofImport('Import')),
  { subscribe: copyJob.subscribe, get: copyJob.get, view: copyView },
];

/** The same list as long as no job moved, as React asks for it. */
let shown: readonly JobView[] = [];
let states: readonly object[] = [];

function views(): readonly JobView[] {
  const now = SOURCES.map(({ get }) => get());
  if (now.length === states.length && now.every((state, at) => state === states[at])) return shown;
  states = now;
  shown = SOURCES.flatMap(({ view }) => view() ?? []);
  return shown;
}

function subscribe(listener: () => void): () => void {
  const ends = SOURCES.map((source) => source.subscribe(listener));
  return () => {
    for (const end of ends) end();
  };
}

/** What runs and what ran, each with how it stands. */
export function useJobs(): readonly JobView[] {
  return useSyncExternalStore(subscribe, views);
}
