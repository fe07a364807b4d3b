/** The addresses of the Credits screen. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ENDS, GRANT_STATES, GRANT_TABS, SOURCES } from '../../screens/credits/filters.ts';
import type { CreditsSearch } from '../../screens/credits/filters.ts';
import { oneOf, root, textOf } from '../root.tsx';

const credits = createRoute({
  getParentRoute: () => root,
  path: 'credits',
  component: lazyRouteComponent(() => import('../../screens/credits/credits.tsx'), 'CreditsScreen'),
  validateSearch: (search: Record<string, unknown>): CreditsSearch => ({
    standing: oneOf(search['standing'], GRANT_STATES),
    source: oneOf(search['source'], SOURCES),
    asset: textOf(search['asset']),
    ends: oneOf(search['ends'], ENDS),
    view: oneOf(search['view'], GRANT_TABS),
  }),
});
const creditsIndex = createRoute({ getParentRoute: () => credits, path: '/' });
const grant = createRoute({
  getParentRoute: () => credits,
  path: '$grant',
  component: lazyRouteComponent(() => import('../../screens/credits/grant.tsx'), 'GrantDrawer'),
});

export const creditsRoutes = credits.addChildren([creditsIndex, grant]);
