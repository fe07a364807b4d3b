/** Cursor lists as tables take them: one array, and how to get more. */
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query';

export type Page<Item> = { items: Item[]; nextCursor: string | null };

export type List<Item> = Readonly<{
  rows: Item[] | undefined;
  error: unknown;
  retry: () => void;
  more: { load: () => void; busy: boolean } | undefined;
}>;

type Query<Item> = Pick<
  UseInfiniteQueryResult<InfiniteData<Page<Item>, string | undefined>>,
  'data' | 'error' | 'refetch' | 'hasNextPage' | 'fetchNextPage' | 'isFetchingNextPage'
>;

export function listOf<Item>(query: Query<Item>): List<Item> {
  return {
    rows: query.data?.pages.flatMap((page) => page.items),
    error: query.data === undefined ? query.error : null,
    retry: () => void query.refetch(),
    more: query.hasNextPage ? { load: () => void query.fetchNextPage(), busy: query.isFetchingNextPage } : undefined,
  };
}

/** The paging part of an infinite query, the same for every list of the contract. */
export const paging = {
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page: { nextCursor: string | null }): string | undefined => page.nextCursor ?? undefined,
};
