/** Links of the form `tollkeeper://open/invoices/inv_…` from other programs: hostile text until it has been read. */

const LONGEST = 512;
const SCREENS: ReadonlySet<string> = new Set([
  'customers',
  'usage',
  'tiers',
  'credits',
  'vaults',
  'sandboxes',
  'invoices',
  'ledger',
  'settlement',
  'alerts',
  'leaks',
  'deployments',
  'signing',
  'settings',
]);
const PATH = /^\/([a-z]+)((?:\/[A-Za-z0-9_-]{1,64}){0,4})$/;
const SEARCH = /^(?:\?[a-z]{1,24}=[A-Za-z0-9_.-]{1,64}(?:&[a-z]{1,24}=[A-Za-z0-9_.-]{1,64}){0,7})?$/i;

export const LINK_SCHEME = 'tollkeeper';

/**
 * The place in the console that a link means, as `/invoices/inv_1`, or null. A link shows a screen and does nothing
 * else, so the worst that a forged one does is to show another.
 */
export function placeOf(link: string): string | null {
  if (link.length > LONGEST) return null;
  const url = URL.parse(link);
  if (url === null || url.protocol !== `${LINK_SCHEME}:` || url.host !== 'open' || url.hash !== '') return null;
  if (url.username !== '' || url.password !== '') return null;
  if (url.pathname === '' || url.pathname === '/') return '/';
  const [, screen = ''] = PATH.exec(url.pathname) ?? [];
  return SCREENS.has(screen) && SEARCH.test(url.search) ? `${url.pathname}${url.search}` : null;
}

/** The place that the arguments of a second start name, or null: other arguments of a stranger are not read. */
export function placeIn(args: readonly string[]): string | null {
  const link = args.find((argument) => argument.startsWith(`${LINK_SCHEME}:`));
  return link === undefined ? null : placeOf(link);
}
