/** Rails that have no screen yet have their place all the same. */
import { createRoute } from '@tanstack/react-router';
import { ComingScreen } from '../../screens/coming/coming.tsx';
import { root } from '../root.tsx';

const vaults = createRoute({
  getParentRoute: () => root,
  path: 'vaults',
  component: () => <ComingScreen rail="vaults" />,
});
const sandboxes = createRoute({
  getParentRoute: () => root,
  path: 'sandboxes',
  component: () => <ComingScreen rail="sandboxes" />,
});
const settlement = createRoute({
  getParentRoute: () => root,
  path: 'settlement',
  component: () => <ComingScreen rail="settlement" />,
});
const signing = createRoute({
  getParentRoute: () => root,
  path: 'signing',
  component: () => <ComingScreen rail="signing" />,
});

export const comingRoutes = [vaults, sandboxes, settlement, signing] as const;
