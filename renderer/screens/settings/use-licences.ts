/** The list of licences, loaded when it is looked at: it is as large as the rest of the page. */
import { useQuery } from '@tanstack/react-query';

export function useLicences() {
  return useQuery({
    queryKey: ['licences'],
    queryFn: async () => (await import('virtual:licences')).licences,
    staleTime: Infinity,
  });
}
