/** The addresses of the Alerts screen: its parts, and the drawers over them. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { ALERT_PARTS, WAYS } from '../../screens/alerts/tabs.ts';
import type { AlertPart, Way } from '../../screens/alerts/tabs.ts';
import { oneOf, root, textOf } from '../root.tsx';

type AlertsSearch = {
  pane?: AlertPart | undefined;
  /** Of the delivery log: by mail, or to one webhook. */
  way?: Way | undefined;
  channel?: string | undefined;
};
const screen = createRoute({
  getParentRoute: () => root,
  path: 'alerts',
  component: lazyRouteComponent(() => import('../../screens/alerts/alerts.tsx'), 'AlertsScreen'),
  validateSearch: (search: Record<string, unknown>): AlertsSearch => ({
    pane: oneOf(search['pane'], ALERT_PARTS),
    way: oneOf(search['way'], WAYS),
    channel: textOf(search['channel']),
  }),
});
const index = createRoute({ getParentRoute: () => screen, path: '/' });
const alert = createRoute({
  getParentRoute: () => screen,
  path: '$alert',
  component: lazyRouteComponent(() => import('../../screens/alerts/alert.tsx'), 'AlertDrawer'),
});
const newRule = createRoute({
  getParentRoute: () => screen,
  path: 'rules/new',
  component: lazyRouteComponent(() => import('../../screens/alerts/rule.tsx'), 'NewRuleDrawer'),
});
const rule = createRoute({
  getParentRoute: () => screen,
  path: 'rules/$rule',
  component: lazyRouteComponent(() => import('../../screens/alerts/rule.tsx'), 'RuleDrawer'),
});
const webhook = createRoute({
  getParentRoute: () => screen,
  path: 'webhooks/$webhook',
  component: lazyRouteComponent(() => import('../../screens/alerts/webhook.tsx'), 'WebhookDrawer'),
});
const delivery = createRoute({
  getParentRoute: () => screen,
  path: 'deliveries/$delivery',
  component: lazyRouteComponent(() => import('../../screens/alerts/delivery.tsx'), 'DeliveryDrawer'),
});

export const alertRoutes = screen.addChildren([index, alert, newRule, rule, webhook, delivery]);
