/** Customers' names by id, for what names customers by id. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { orpc } from './rpc.ts';

/** As many as one page has; who is beyond it is shown by id. */
const MOST = 500;

export function useCustomerNames(): ReadonlyMap<string, string> {
  const query = useQuery(orpc.customers.list.queryOptions({ input: { limit: MOST } }));
  return useMemo(
    () => new Map((query.data?.items ?? []).map(({ customer }) => [customer.id, customer.name])),
    [query.data],
  );
}
