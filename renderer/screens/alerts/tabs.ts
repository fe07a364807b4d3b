/** The parts of the Alerts screen, as they stand in its address. */
export const ALERT_PARTS = ['past', 'rules', 'webhooks', 'mail', 'deliveries'] as const;
export type AlertPart = (typeof ALERT_PARTS)[number];

/** By which way a notice went: posted to a webhook unless it is said. */
export const WAYS = ['mail'] as const;
export type Way = (typeof WAYS)[number];
