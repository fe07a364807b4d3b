/** Why is this line what it is? Asks the core to compute it again, and shows each step. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { amountLine } from '../../lib/money.ts';
import { orpc } from '../../lib/rpc.ts';
import type { InvoiceLine } from '../../lib/shapes.ts';
import { ErrorBox, Loading } from '../../ui/states.tsx';
import { Explained } from './explained.tsx';
import css from './invoices.module.css';

export function ExplainLine({ line, asset }: { line: InvoiceLine; asset: string }) {
  const box = useRef<HTMLElement>(null);
  const navigate = useNavigate();
  const query = useInfiniteQuery(
    orpc.invoices.explain.infiniteOptions({
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (page) => page.nextEventCursor ?? undefined,
      input: (cursor: string | undefined) => ({ id: line.id, limit: 25, cursor }),
    }),
  );
  const ready = query.data !== undefined;
  useEffect(() => {
    if (ready) box.current?.scrollIntoView({ block: 'nearest' });
  }, [ready]);
  return (
    <section ref={box} className={css['explain']} aria-label={`Why ${line.description}`}>
      {query.isError && !query.data && (
        <ErrorBox error={query.error} money="Nothing was charged or changed." retry={() => void query.refetch()} />
      )}
      {!query.data && !query.isError && <Loading label="Computing every step again" rows={5} />}
      {query.data && (
        <Explained
          title={`Why ${amountLine(BigInt(line.amountMinor), asset)}?`}
          pages={query.data.pages}
          onEvent={({ source, id }) => void navigate({ to: '/usage/event/$source/$id', params: { source, id } })}
          more={
            query.hasNextPage ? { load: () => void query.fetchNextPage(), busy: query.isFetchingNextPage } : undefined
          }
        />
      )}
    </section>
  );
}
