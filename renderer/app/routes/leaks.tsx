/** The addresses of the Leaks screen: the search with its findings, and the drawer of one. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { root } from '../root.tsx';

const screen = createRoute({
  getParentRoute: () => root,
  path: 'leaks',
  component: lazyRouteComponent(() => import('../../screens/leaks/leaks.tsx'), 'LeaksScreen'),
});
const index = createRoute({ getParentRoute: () => screen, path: '/' });
const finding = createRoute({
  getParentRoute: () => screen,
  path: '$finding',
  component: lazyRouteComponent(() => import('../../screens/leaks/finding.tsx'), 'FindingDrawer'),
});

export const leakRoutes = screen.addChildren([index, finding]);
