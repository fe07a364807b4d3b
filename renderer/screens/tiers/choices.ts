/** For whom a price or a discount can be, and in which assets. */
import { useQuery } from '@tanstack/react-query';
import { useCustomerNames } from '../../lib/customer-names.ts';
import { orpc } from '../../lib/rpc.ts';
import type { Plan } from '../../lib/shapes.ts';

/** `whom` is told as `plan KEY`, `customer ID`, or nothing for everyone. */
export function useChoices() {
  const plans = useQuery(orpc.plans.list.queryOptions({ input: {} }));
  const names = useCustomerNames();
  // What plans ask fees in comes first: most discounts are on that.
  const hasFee = (plan: Plan): boolean => plan.baseFeeMinor !== '0';
  const all = plans.data?.items ?? [];
  const assets = [...new Set([...all.filter(hasFee), ...all].map(({ asset }) => asset))];
  const whom = [
    { value: '', label: 'Everyone' },
    ...(plans.data?.items ?? []).map(({ key, name }) => ({ value: `plan ${key}`, label: `Plan ${name}` })),
    ...[...names].map(([id, name]) => ({ value: `customer ${id}`, label: name })),
  ];
  return { whom, assets: assets.length > 0 ? assets : ['USDC/6'] };
}
