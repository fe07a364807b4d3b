/**
 * The address of the Settings screen: one of its parts, and a licence over their list. A version has dots, so that a
 * door would take a path that ends with one for a file.
 */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { SETTINGS_PARTS } from '../../screens/settings/parts.ts';
import type { SettingsPart } from '../../screens/settings/parts.ts';
import { oneOf, root, textOf } from '../root.tsx';

type SettingsSearch = { section?: SettingsPart | undefined; find?: string | undefined; package?: string | undefined };
export const settingsRoutes = createRoute({
  getParentRoute: () => root,
  path: 'settings',
  component: lazyRouteComponent(() => import('../../screens/settings/settings.tsx'), 'SettingsScreen'),
  validateSearch: (search: Record<string, unknown>): SettingsSearch => ({
    section: oneOf(search['section'], SETTINGS_PARTS),
    find: textOf(search['find']),
    package: textOf(search['package']),
  }),
});
