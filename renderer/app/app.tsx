/** The console: queries, session gate, router. What is wrong with the session is settled here, once for all screens. */
import { CSPProvider } from '@base-ui/react/csp-provider';
import { MutationCache, QueryCache, QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { isPassing, isSessionClosed } from '../lib/failure.ts';
import { orpc, useLinkState } from '../lib/rpc.ts';
import { SessionProvider } from '../lib/session.tsx';
import type { Session } from '../lib/shapes.ts';
import { Lock } from '../screens/session/lock.tsx';
import { SignIn } from '../screens/session/sign-in.tsx';
import { Unreachable } from '../screens/session/unreachable.tsx';
import { FRONT } from '../ui/front.ts';
import { usePlainSelection } from '../ui/copy.tsx';
import { ExactNote } from '../ui/exact.tsx';
import { Toasts } from '../ui/toast.tsx';
import css from './app.module.css';
import { router } from './router.tsx';

const sessionKey = orpc.session.get.queryKey({ input: {} });

function onError(error: unknown): void {
  if (isSessionClosed(error)) void queries.invalidateQueries({ queryKey: sessionKey });
}

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && isPassing(error),
      staleTime: 5_000,
      refetchOnWindowFocus: true,
      // The books are on this machine: they answer whether or not there is a network.
      networkMode: 'always',
    },
    mutations: { retry: false, networkMode: 'always' },
  },
});

function Gate() {
  const session = useQuery(orpc.session.get.queryOptions({ input: {}, staleTime: 60_000 }));
  const link = useLinkState();
  const data = session.data;
  const open = data !== undefined && data.operator !== null && !data.locked;
  const owner = useOwner(data);
  useEffect(() => {
    // Who is signed in may have changed while the core was away, as by its restart.
    if (link === 'open') void queries.invalidateQueries({ queryKey: sessionKey }, { cancelRefetch: false });
  }, [link]);
  usePlainSelection();
  if (!data)
    return session.isError || link === 'lost' ? <Unreachable retry={() => void session.refetch()} /> : <Starting />;
  return (
    <>
      {owner && (
        // A page that is locked or signed out keeps its forms, but shows and answers nothing.
        <div key={owner.operator?.id} className={css['behind']} inert={!open} data-hidden={open ? undefined : ''}>
          <SessionProvider session={open ? owner : { ...owner, locked: true }}>
            <RouterProvider router={router} />
          </SessionProvider>
          <div id={FRONT} />
        </div>
      )}
      {data.operator === null && <SignIn session={data} owner={owner?.operator?.id ?? null} />}
      {data.operator !== null && data.locked && <Lock session={data} name={data.operator.name} />}
    </>
  );
}

/** Whose page it is: who signed in last. What they typed is kept for them alone; for anybody else it begins anew. */
function useOwner(session: Session | undefined): Session | undefined {
  const [last, setLast] = useState<Session>();
  const isSomebody = session !== undefined && session.operator !== null;
  if (isSomebody && session !== last) setLast(session);
  return isSomebody ? session : last;
}

function Starting() {
  return (
    <p role="status" className={css['starting']}>
      Reading the workspace…
    </p>
  );
}

export function App() {
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <Gate />
        <ExactNote />
        <Toasts />
      </QueryClientProvider>
    </CSPProvider>
  );
}
