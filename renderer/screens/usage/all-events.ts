/** All events as a list that is read where somebody looks: their sequences have no gaps, so each row has its place. */
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { FarPages } from '../../lib/far-pages.ts';
import { orpc } from '../../lib/rpc.ts';
import type { EventView } from '../../lib/shapes.ts';
import type { FarList } from '../../ui/table.tsx';

const NEWEST = 100;
/** As many as the contract gives at once. */
const A_READ = 500;

/** Rated and counted events stay so; the others wait for the poster, or for a person. */
const isFinal = ({ state }: EventView): boolean => state === 'rated' || state === 'counted';
const numberOf = ({ sequence }: EventView): number => Number.parseInt(sequence, 10);

export type AllEvents = Readonly<{
  list: FarList<EventView> | undefined;
  error: unknown;
  retry: () => void;
}>;

function usePages() {
  const queries = useQueryClient();
  const pages = useMemo(() => {
    // Through the queries, which settle what a closed session means; the pages keep what came.
    const load = async (before: number, limit: number) => {
      const input = { limit, beforeSequence: String(before) };
      const options = orpc.usage.list.queryOptions({ input, gcTime: 0, staleTime: 0, retry: false });
      return (await queries.fetchQuery(options)).items;
    };
    return { load, held: new FarPages<EventView>({ load, numberOf, isFinal }) };
  }, [queries]);
  useSyncExternalStore(pages.held.subscribe, () => pages.held.version);
  return pages;
}

export function useAllEvents(): AllEvents {
  const { load, held } = usePages();
  const head = useQuery(orpc.usage.list.queryOptions({ input: { limit: NEWEST }, placeholderData: keepPreviousData }));
  const newest = head.data?.items;
  const total = newest?.[0] ? numberOf(newest[0]) : 0;
  /** The list as long as it was when somebody scrolled into it: what comes in later must not push the rows away. */
  const [kept, setKept] = useState<number | null>(null);
  const count = kept ?? total;
  useEffect(() => {
    if (!newest) return;
    held.put(newest);
    held.refresh();
  }, [held, newest]);
  const onLook = useCallback(
    (first: number, end: number): void => {
      setKept((was) => (first === 0 ? null : (was ?? total)));
      held.look({ low: count - end + 1, high: count - first, count });
    },
    [held, count, total],
  );
  const read = useCallback(
    async (most: number): Promise<EventView[]> => {
      const rows: EventView[] = [];
      for (let before = count + 1; before > 1 && rows.length < most; before -= A_READ) {
        rows.push(...(await load(before, A_READ)));
      }
      return rows.slice(0, most);
    },
    [load, count],
  );
  const list: FarList<EventView> = {
    count,
    rowAt: (index) => held.rowAt(count - index),
    placeKey: (index) => String(count - index),
    isRead: (first, end) => held.holds(count - end + 1, count - first),
    onPass: (first, end) => held.look({ low: count - end + 1, high: count - first, count, isPassing: true }),
    onLook,
    read,
    newer: total - count,
    error: held.error,
    retry: held.retry,
  };
  return { list: newest && list, error: newest ? null : head.error, retry: () => void head.refetch() };
}
