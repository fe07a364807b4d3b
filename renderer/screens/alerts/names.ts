/** Names by id for sentences: customers, and the webhooks that notices go to. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { orpc } from '../../lib/rpc.ts';
import { useMay } from '../../lib/session.tsx';
import type { Names } from './words.ts';

/** As many as one page has; who is beyond it is shown by id. */
const MOST = 500;

export function useCustomerNames(): Names {
  const query = useQuery(orpc.customers.list.queryOptions({ input: { limit: MOST } }));
  return useMemo(
    () => new Map((query.data?.items ?? []).map(({ customer }) => [customer.id, customer.name])),
    [query.data],
  );
}

/** Empty for who may not see where notices go: rules then name them by id. */
export function useWebhookNames(): Names {
  const may = useMay('workspace:write');
  const query = useQuery(orpc.webhooks.list.queryOptions({ input: {}, enabled: may }));
  return useMemo(() => new Map((query.data?.items ?? []).map(({ id, name }) => [id, name])), [query.data]);
}
