/** What can be done from the palette, beside going to a screen. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { setTheme, setZone, useTheme, useZone } from '../lib/preferences.ts';
import { orpc } from '../lib/rpc.ts';
import { useMay } from '../lib/session.tsx';
import { verifyJob } from '../lib/verify-job.ts';

export type Command = Readonly<{ title: string; run: () => void }>;
type Go = (href: string) => void;

const THEMES = [
  ['light', 'Light theme'],
  ['dark', 'Dark theme'],
  ['system', 'Theme of the system'],
] as const;

/** Places that are more than a screen: an editor, a form, a page of its own. */
const PLACES = [
  ['New customer', '/customers/new', 'customers:write'],
  ['Make a quote', '/tiers/quote', 'prices:read'],
  ['Discounts', '/tiers?part=discounts', 'prices:read'],
  ['Rates between assets', '/tiers?part=rates', 'prices:read'],
  ['Time machine', '/ledger?books=then', 'books:read'],
  ['Unrated usage', '/usage?show=unrated', 'usage:read'],
  ['Usage over time', '/usage?show=charts', 'usage:read'],
  ['Import usage from a file', '/usage/import', 'usage:write'],
  ['Open a review bundle', '/invoices/review', 'invoices:read'],
  ['Credit that ends soon', '/credits?ends=soon', 'books:read'],
  ['Look for leaks', '/leaks', 'books:read'],
  ['Back up, and try the backup', '/settings', 'workspace:write'],
] as const;

export function useCommands(go: Go): readonly Command[] {
  const queries = useQueryClient();
  const theme = useTheme();
  const zone = useZone();
  const may = {
    'customers:write': useMay('customers:write'),
    'prices:read': useMay('prices:read'),
    'usage:read': useMay('usage:read'),
    'usage:write': useMay('usage:write'),
    'invoices:read': useMay('invoices:read'),
    'workspace:write': useMay('workspace:write'),
    'books:read': useMay('books:read'),
    'books:verify': useMay('books:verify'),
  };
  const lock = useMutation(
    orpc.session.lock.mutationOptions({
      onSuccess: (next) => queries.setQueryData(orpc.session.get.queryKey({ input: {} }), next),
    }),
  );
  const verify = (): void => {
    void verifyJob.run().then(() => queries.invalidateQueries({ queryKey: orpc.workspace.info.key() }));
  };
  return [
    ...PLACES.filter(([, , permission]) => may[permission]).map(([title, href]) => ({ title, run: () => go(href) })),
    ...(may['books:verify'] ? [{ title: 'Verify the books', run: verify }] : []),
    ...THEMES.filter(([name]) => name !== theme).map(([name, title]) => ({ title, run: () => setTheme(name) })),
    zone === 'utc'
      ? { title: 'Times in local time', run: () => setZone('local') }
      : { title: 'Times in UTC', run: () => setZone('utc') },
    { title: 'Lock this session', run: () => lock.mutate({}) },
  ];
}
