/** The address of the import wizard: a page of its own, whose file and system stand in it. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import type { System } from '../../lib/import-job.ts';
import { oneOf, root, textOf } from '../root.tsx';

const SYSTEMS: readonly System[] = ['openmeter', 'lago', 'stripe', 'credits-service', 'invoice-service'];

type ImportSearch = {
  from?: System | undefined;
  upload?: string | undefined;
  name?: string | undefined;
  path?: string | undefined;
};
export const usageImportRoute = createRoute({
  getParentRoute: () => root,
  path: 'usage/import',
  component: lazyRouteComponent(() => import('../../screens/usage/import.tsx'), 'ImportScreen'),
  validateSearch: (search: Record<string, unknown>): ImportSearch => ({
    from: oneOf(search['from'], SYSTEMS),
    upload: textOf(search['upload']),
    name: textOf(search['name']),
    path: textOf(search['path']),
  }),
});
