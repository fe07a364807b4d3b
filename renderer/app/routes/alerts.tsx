/** The addresses of the Alerts screen: its parts, and the drawers over them. */
import { createRoute } from '@tanstack/react-router';
import { AlertDrawer } from '../../screens/alerts/alert.tsx';
import { AlertsScreen } from '../../screens/alerts/alerts.tsx';
import { DeliveryDrawer } from '../../screens/alerts/delivery.tsx';
import { NewRuleDrawer, RuleDrawer } from '../../screens/alerts/rule.tsx';
import { ALERT_PARTS, WAYS } from '../../screens/alerts/tabs.ts';
import type { AlertPart, Way } from '../../screens/alerts/tabs.ts';
import { WebhookDrawer } from '../../screens/alerts/webhook.tsx';
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
  component: AlertsScreen,
  validateSearch: (search: Record<string, unknown>): AlertsSearch => ({
    pane: oneOf(search['pane'], ALERT_PARTS),
    way: oneOf(search['way'], WAYS),
    channel: textOf(search['channel']),
  }),
});
const index = createRoute({ getParentRoute: () => screen, path: '/' });
const alert = createRoute({ getParentRoute: () => screen, path: '$alert', component: AlertDrawer });
const newRule = createRoute({ getParentRoute: () => screen, path: 'rules/new', component: NewRuleDrawer });
const rule = createRoute({ getParentRoute: () => screen, path: 'rules/$rule', component: RuleDrawer });
const webhook = createRoute({ getParentRoute: () => screen, path: 'webhooks/$webhook', component: WebhookDrawer });
const delivery = createRoute({ getParentRoute: () => screen, path: 'deliveries/$delivery', component: DeliveryDrawer });

export const alertRoutes = screen.addChildren([index, alert, newRule, rule, webhook, delivery]);
