/**
 * Puts usage of requests that came in the same turn of the loop into common slices: one acceptance and one message to
 * the writer for up to 50 events. There is no timer: a turn that brings one request sends it at once.
 */
import type { AcceptResult, AcceptUsage, Answer, Command } from '#core/ledger/port.ts';
import { SLICE, sliceRoot } from './slices.ts';
import type { Commit } from './slices.ts';

type Waiting = { slice: AcceptUsage; resolve: (answers: Answer[]) => void; reject: (error: unknown) => void };

/** A commit that gathers slices; every other command goes straight on. */
export function createGatherer(commit: Commit): Commit {
  let waiting: Waiting[] = [];
  const flush = (): void => {
    const all = waiting;
    waiting = [];
    for (const group of grouped(all)) void send(group, commit);
  };
  return (commands: readonly Command[]) => {
    const [slice] = commands;
    const isAlone = commands.length !== 1 || slice?.type !== 'usage.accept' || slice.id.length > SLICE / 2;
    // Joined with others, what is to be taken whole would be taken in part.
    if (isAlone || slice.whole) return commit(commands);
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(flush);
      waiting.push({ slice, resolve, reject });
    });
  };
}

/** Consecutive slices of one actor, at most 50 events together. */
function grouped(all: readonly Waiting[]): Waiting[][] {
  const groups = new Map<string, { members: Waiting[]; size: number }>();
  const full: Waiting[][] = [];
  for (const one of all) {
    const { actor, id } = one.slice;
    let group = groups.get(actor);
    if (group && group.size + id.length > SLICE) {
      full.push(group.members);
      group = undefined;
    }
    if (!group) {
      group = { members: [], size: 0 };
      groups.set(actor, group);
    }
    group.members.push(one);
    group.size += id.length;
  }
  return [...full, ...[...groups.values()].map(({ members }) => members)];
}

async function send(members: readonly Waiting[], commit: Commit): Promise<void> {
  try {
    const [first] = members;
    const slice = members.length === 1 && first ? first.slice : joined(members.map((one) => one.slice));
    const [answer] = await commit([slice]);
    if (!answer?.ok || members.length === 1) {
      for (const { resolve } of members) resolve(answer ? [answer] : []);
      return;
    }
    const value = answer.value as AcceptResult;
    let from = 0;
    for (const { slice: own, resolve } of members) {
      const results = value.results.slice(from, from + own.id.length);
      from += own.id.length;
      resolve([{ ok: true, value: { ...value, results } }]);
    }
  } catch (error) {
    for (const { reject } of members) reject(error);
  }
}

function joined(slices: readonly AcceptUsage[]): AcceptUsage {
  const fingerprints = new Uint8Array(slices.reduce((sum, { id }) => sum + id.length, 0) * 32);
  let at = 0;
  for (const slice of slices) {
    fingerprints.set(slice.fingerprints, at);
    at += slice.fingerprints.length;
  }
  return {
    type: 'usage.accept',
    actor: slices[0]?.actor ?? '',
    source: slices.flatMap((one) => one.source),
    id: slices.flatMap((one) => one.id),
    subject: slices.flatMap((one) => one.subject),
    kind: slices.flatMap((one) => one.kind),
    meter: slices.flatMap((one) => one.meter),
    units: slices.flatMap((one) => one.units),
    occurredMs: slices.flatMap((one) => one.occurredMs),
    data: slices.flatMap((one) => one.data),
    fingerprints,
    root: sliceRoot(fingerprints),
  };
}
