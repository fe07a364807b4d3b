/** The addresses of the Leaks screen: the search with its findings, and the drawer of one. */
import { createRoute } from '@tanstack/react-router';
import { FindingDrawer } from '../../screens/leaks/finding.tsx';
import { LeaksScreen } from '../../screens/leaks/leaks.tsx';
import { root } from '../root.tsx';

const screen = createRoute({ getParentRoute: () => root, path: 'leaks', component: LeaksScreen });
const index = createRoute({ getParentRoute: () => screen, path: '/' });
const finding = createRoute({ getParentRoute: () => screen, path: '$finding', component: FindingDrawer });

export const leakRoutes = screen.addChildren([index, finding]);
