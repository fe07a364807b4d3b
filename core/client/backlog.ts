/**
 * What was done while the gateway could not be reached, kept until it is booked: calls let through blind, as usage
 * events with ids of their own, and captures that got no answer. It is in memory: a server that must survive its own
 * crash or stop during an outage stores what `onChange` tells and gives it back with `restore`.
 */
import { isOutage, RateLimited } from './errors.ts';
import type { Captured, Hold, UsageEvent } from './client.ts';
import type { Problem, WireUsage } from './wire.ts';

/** One thing still to be booked; sending it twice books it once. */
export type Owed =
  | Readonly<{ kind: 'blind'; id: string; event: UsageEvent }>
  | Readonly<{ kind: 'capture'; id: string; holdId: string; captured: Captured }>;

/** What became of an entry: it is owed, it is booked, or the gateway refused it and a person must look. */
export type Change = Readonly<{ state: 'owed' | 'booked' | 'refused'; owed: Owed; problem?: Problem }>;

export type Backlog = {
  /** Takes one of `limit` places for a call let through blind; false when all are taken. */
  takePlace(limit: number): boolean;
  /** Gives a place back: the call came to nothing. */
  freePlace(): void;
  /** Keeps an entry and tries to book it soon. A blind call's place stays taken until then. */
  add(owed: Owed): void;
  /** Keeps entries of an earlier run. */
  restore(owed: readonly Owed[]): void;
  /** Tries to book everything now; gives how many entries remain. Never throws. */
  flush(): Promise<number>;
  pending(): readonly Owed[];
  /** Calls let through blind and not booked yet, running ones included. */
  blindCalls(): number;
  /** Told of every change, for storing and for alerts. */
  onChange: ((change: Change) => void) | null;
};

type Port = Readonly<{
  capture(holdId: string, captured: Captured): Promise<Hold>;
  recordUsage(events: readonly UsageEvent[]): Promise<WireUsage>;
}>;

const BATCH = 500;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;

export function createBacklog(port: Port): Backlog {
  const entries = new Map<string, Owed>();
  let places = 0;
  let flushing: Promise<number> | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let waitMs = FIRST_WAIT_MS;

  const tell = (change: Change) => backlog.onChange?.(change);
  const close = (owed: Owed, state: 'booked' | 'refused', problem?: Problem) => {
    if (!entries.delete(owed.id)) return;
    if (owed.kind === 'blind') places -= 1;
    tell({ state, owed, ...(problem === undefined ? {} : { problem }) });
  };
  const keep = (owed: Owed) => {
    entries.set(owed.id, owed);
    schedule();
  };
  const schedule = () => {
    if (timer !== null || entries.size === 0) return;
    timer = setTimeout(() => {
      timer = null;
      waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
      void backlog.flush();
    }, waitMs);
    // A server that is asked to stop should not wait for this; it calls flush itself.
    (timer as { unref?: () => void }).unref?.();
  };
  const book = async (): Promise<number> => {
    try {
      await bookAll([...entries.values()], port, close);
      waitMs = FIRST_WAIT_MS;
    } catch {
      // Still out of reach: all that is not booked stays owed, and is tried again after a longer wait.
    }
    schedule();
    return entries.size;
  };

  const backlog: Backlog = {
    takePlace(limit) {
      if (places >= limit) return false;
      places += 1;
      return true;
    },
    freePlace: () => {
      places -= 1;
    },
    add(owed) {
      keep(owed);
      tell({ state: 'owed', owed });
    },
    restore(restored) {
      for (const owed of restored) {
        if (owed.kind === 'blind' && !entries.has(owed.id)) places += 1;
        keep(owed);
      }
    },
    flush() {
      flushing ??= book().finally(() => {
        flushing = null;
      });
      return flushing;
    },
    pending: () => [...entries.values()],
    blindCalls: () => places,
    onChange: null,
  };
  return backlog;
}

type Close = (owed: Owed, state: 'booked' | 'refused', problem?: Problem) => void;

/** Books what it can and throws at the first sign of an outage. */
async function bookAll(all: readonly Owed[], port: Port, close: Close): Promise<void> {
  const blind = all.filter((owed) => owed.kind === 'blind');
  for (let from = 0; from < blind.length; from += BATCH) {
    const batch = blind.slice(from, from + BATCH);
    const { results } = await port.recordUsage(batch.map((owed) => owed.event));
    for (const { index, status, ...problem } of results) {
      const owed = batch[index];
      if (owed === undefined) continue;
      if (status === 'refused' || status === 'conflict') close(owed, 'refused', problem);
      else close(owed, 'booked');
    }
  }
  for (const owed of all) {
    if (owed.kind !== 'capture') continue;
    try {
      await port.capture(owed.holdId, owed.captured);
      close(owed, 'booked');
    } catch (error) {
      if (isOutage(error) || error instanceof RateLimited) throw error;
      close(owed, 'refused', { detail: error instanceof Error ? error.message : String(error) });
    }
  }
}
