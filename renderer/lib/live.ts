/**
 * Follows the workspace's changes and refreshes what they touch, at most four times a second, without ever reloading
 * the page.
 */
import type { InfiniteData, Query, QueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { isSessionClosed } from './failure.ts';
import { client, link, orpc } from './rpc.ts';
import type { Change } from './shapes.ts';

const REFRESH_EVERY_MS = 250;
const AGAIN_AFTER_MS = 1_000;
const SLEEP_GAP_MS = 20_000;
const PROBE_MS = 4_000;

type Noun = Exclude<keyof typeof orpc, 'key'>;
const EVERYTHING: readonly Noun[] = [
  'workspace',
  'customers',
  'keys',
  'credits',
  'holds',
  'usage',
  'unrated',
  'invoices',
  'ledger',
  'plans',
  'meters',
  'prices',
  'discounts',
  'rates',
  'operators',
  'reviews',
  'alerts',
  'webhooks',
  'mail',
];
const MONEY: readonly Noun[] = ['workspace', 'customers', 'credits', 'ledger'];

/** What a change may have altered on screen, by the noun its type begins with. */
const TOUCHES: Readonly<Record<string, readonly Noun[]>> = {
  usage: [...MONEY, 'usage', 'unrated'],
  event: [...MONEY, 'usage', 'unrated'],
  slice: [...MONEY, 'usage', 'holds'],
  hold: [...MONEY, 'holds'],
  grant: MONEY,
  credit: MONEY,
  invoice: [...MONEY, 'invoices'],
  period: [...MONEY, 'invoices'],
  customer: ['workspace', 'customers'],
  address: ['customers'],
  key: ['keys'],
  meter: ['workspace', 'meters'],
  alert: ['workspace', 'alerts', 'webhooks', 'mail'],
  notice: ['webhooks', 'mail'],
};

export function nounsTouched(type: string): readonly Noun[] {
  return TOUCHES[type.split('.')[0] ?? ''] ?? EVERYTHING;
}

/**
 * Lists with older pages open stay as they are: a person is reading there, and fetching every page again would be
 * waste.
 */
function isReadFurther(query: Query): boolean {
  const data = query.state.data as Partial<InfiniteData<unknown>> | undefined;
  return Array.isArray(data?.pages) && data.pages.length > 1;
}

/** Collects nouns and refreshes them together; never starts a refresh over one that runs. */
export class Refresher {
  #waiting = new Set<Noun>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #queries: QueryClient;

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  add(nouns: readonly Noun[]): void {
    for (const noun of nouns) this.#waiting.add(noun);
    this.#timer ??= setTimeout(() => this.#flush(), REFRESH_EVERY_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #flush(): void {
    this.#timer = undefined;
    const nouns = [...this.#waiting];
    this.#waiting.clear();
    for (const noun of nouns) {
      void this.#queries.invalidateQueries(
        { queryKey: orpc[noun].key(), predicate: (query) => !isReadFurther(query) },
        { cancelRefetch: false },
      );
    }
  }
}

type Follow = Readonly<{
  refresher: Refresher;
  signal: AbortSignal;
  /** The last sequence that was seen; outlives a lock, so that what came meanwhile is caught up as well. */
  last: { after: string | undefined };
  seen: (change: Change) => void;
  /** Told when the session ended, which the page would learn of only by asking something else. */
  onClosed: () => void;
}>;

/** Asks from the last sequence on, for ever: after a lost connection it catches up by asking again. */
async function follow({ refresher, signal, last, seen, onClosed }: Follow): Promise<void> {
  let generation = link.generation;
  while (!signal.aborted) {
    try {
      const { after } = last;
      const changes = await client.workspace.changes(after === undefined ? {} : { after }, { signal });
      // Without a sequence yet nothing can be caught up by asking, so a new connection refreshes everything once.
      if (after === undefined && link.generation > generation) refresher.add(EVERYTHING);
      generation = link.generation;
      for await (const change of changes) {
        last.after = change.sequence;
        refresher.add(nounsTouched(change.type));
        seen(change);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (isSessionClosed(error)) return onClosed();
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}

/** A laptop that slept may hold a dead socket for minutes; a probe finds out at once. */
function watchSleep(): () => void {
  let last = Date.now();
  const timer = setInterval(() => {
    const gap = Date.now() - last;
    last = Date.now();
    if (gap < SLEEP_GAP_MS) return;
    const probe = setTimeout(() => link.renew(), PROBE_MS);
    client.session.get({}).then(
      () => clearTimeout(probe),
      () => clearTimeout(probe),
    );
  }, 2_000);
  return () => clearInterval(timer);
}

/** Runs while the session is open; gives the instant of the last change seen. */
export function useLive(queries: QueryClient, open: boolean): number | null {
  const [lastMs, setLastMs] = useState<number | null>(null);
  const last = useRef<{ after: string | undefined }>({ after: undefined });
  useEffect(() => {
    if (!open) return undefined;
    const stop = new AbortController();
    const refresher = new Refresher(queries);
    const endWatch = watchSleep();
    void follow({
      refresher,
      signal: stop.signal,
      last: last.current,
      seen: (change) => setLastMs(change.recordedMs),
      onClosed: () => void queries.invalidateQueries({ queryKey: orpc.session.key() }),
    });
    return () => {
      stop.abort();
      refresher.stop();
      endWatch();
    };
  }, [queries, open]);
  return lastMs;
}
